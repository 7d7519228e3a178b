//! Looks at every operation of a change, once their number is known to be small: an operation that
//! Automerge never makes is refused here, because there it panics, prints, or leaves a document that
//! cannot be loaded.
//!
//! Operations are numbered from the change's first on. One that refers to another (its object, its
//! element, what it replaces) can only have known those with lower numbers.

use super::{
    columns::Columns,
    refusal::Malformed,
    runs::{Cells, Flags, Sums},
    walker::Walked,
};

const MAKE_MAP: u64 = 0;
const SET: u64 = 1;
const MAKE_LIST: u64 = 2;
const DELETE: u64 = 3;
const MAKE_TEXT: u64 = 4;
const INCREMENT: u64 = 5;
const MARK: u64 = 7;

const NULL_SHAPE: u64 = 0;
const SIGNED_TYPE: u64 = 4;

/// An object that operations of a change act on, and how; the document must hold one of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ObjectUse {
    /// The actor whose operation made it: 0 is the change's own, the others follow.
    pub(super) actor: usize,
    /// The number of that operation.
    pub(super) counter: u64,
    /// Whether it is used by keys, as a map, or by elements, as a list or text.
    pub(super) by_key: bool,
}

/// Checks each operation that the columns describe, and says which objects they act on.
pub(super) fn check(columns: &Columns<'_>, walked: &Walked) -> Result<Vec<ObjectUse>, Malformed> {
    let mut rows = Rows::new(columns, walked);
    let mut uses = Vec::new();
    for index in 0..walked.operations {
        let number = walked.start_op.checked_add(index);
        let used = rows.next(number.ok_or(Malformed::Reference)?)?;
        if used.is_some() && uses.last() != used.as_ref() {
            uses.extend(used);
        }
    }
    rows.finish()?;
    uses.sort_unstable();
    uses.dedup();
    Ok(uses)
}

/// Where an operation acts within its object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    InMap,
    Head,
    Element,
}

/// What is read of one operation.
struct Row {
    key: Key,
    insert: bool,
    action: u64,
    shape: u64,
    replaces: u64,
    expand: bool,
    named: bool,
}

impl Row {
    /// Whether Automerge makes such operations.
    fn makes_sense(&self) -> bool {
        let place = match self.key {
            Key::InMap => !self.insert,
            Key::Head => self.insert,
            Key::Element => self.insert || self.replaces > 0,
        };
        let fresh = !self.insert || self.replaces == 0;
        let unmarked = !self.expand && !self.named;
        let action = match self.action {
            MAKE_MAP | MAKE_LIST | MAKE_TEXT => unmarked && self.shape == NULL_SHAPE,
            SET => unmarked,
            DELETE => unmarked && self.shape == NULL_SHAPE && self.replaces > 0,
            INCREMENT => unmarked && self.shape & 0xf == SIGNED_TYPE && self.replaces > 0,
            MARK => self.insert && (self.named || self.shape == NULL_SHAPE),
            _ => false,
        };
        place && fresh && action && sound_shape(self.shape)
    }
}

/// Whether a value of this type may have this length (`length << 4 | type`).
fn sound_shape(shape: u64) -> bool {
    let length = shape >> 4;
    match shape & 0xf {
        0..=2 => length == 0,                        // null, false, true
        3 | 4 | 8 | 9 => (1..=10).contains(&length), // integers, counter, time
        5 => length == 8,                            // float
        6 | 7 => true,                               // text, bytes
        _ => false,
    }
}

/// All columns, read in step.
struct Rows<'a> {
    object_actor: Cells<'a, u64>,
    object_counter: Cells<'a, u64>,
    key_actor: Cells<'a, u64>,
    key_counter: Sums<'a>,
    key_text: Cells<'a, &'a str>,
    insert: Flags<'a>,
    action: Cells<'a, u64>,
    value_shape: Cells<'a, u64>,
    replaced: Cells<'a, u64>,
    replaced_actor: Cells<'a, u64>,
    replaced_counter: Sums<'a>,
    expand: Flags<'a>,
    mark_name: Cells<'a, &'a str>,
    actors: Actors<'a>,
}

impl<'a> Rows<'a> {
    fn new(columns: &Columns<'a>, walked: &'a Walked) -> Self {
        Self {
            object_actor: Cells::new(columns.object_actor),
            object_counter: Cells::new(columns.object_counter),
            key_actor: Cells::new(columns.key_actor),
            key_counter: Sums::new(columns.key_counter),
            key_text: Cells::new(columns.key_text),
            insert: Flags::new(columns.insert),
            action: Cells::new(columns.action),
            value_shape: Cells::new(columns.value_shape),
            replaced: Cells::new(columns.replaced),
            replaced_actor: Cells::new(columns.replaced_actor),
            replaced_counter: Sums::new(columns.replaced_counter),
            expand: Flags::new(columns.expand),
            mark_name: Cells::new(columns.mark_name),
            actors: Actors::new(walked),
        }
    }

    /// Checks one operation. Returns the object that it acts on, unless that is the root.
    fn next(&mut self, number: u64) -> Result<Option<ObjectUse>, Malformed> {
        let object = self.object(number)?;
        let row = Row {
            key: self.key(number)?,
            insert: self.insert.next()?,
            action: self.action.next()?.ok_or(Malformed::Counts)?,
            shape: self.value_shape.next()?.ok_or(Malformed::Counts)?,
            replaces: self.replaced(number)?,
            expand: self.expand.next()?,
            named: self.mark_name.next()?.is_some(),
        };
        let by_key = row.key == Key::InMap;
        let root_as_map = object.is_some() || by_key;
        if !row.makes_sense() || !root_as_map {
            return Err(Malformed::Operation);
        }
        Ok(object.map(|(actor, counter)| ObjectUse {
            actor,
            counter,
            by_key,
        }))
    }

    /// The operation that made the object; none made the root.
    fn object(&mut self, number: u64) -> Result<Option<(usize, u64)>, Malformed> {
        match (self.object_actor.next()?, self.object_counter.next()?) {
            (None, None) => Ok(None),
            (Some(actor), Some(counter)) => {
                self.actors.refer(actor, counter, number)?;
                let actor = usize::try_from(actor).map_err(|_| Malformed::Reference)?;
                Ok(Some((actor, counter)))
            }
            _ => Err(Malformed::Reference),
        }
    }

    fn key(&mut self, number: u64) -> Result<Key, Malformed> {
        let (actor, counter) = (self.key_actor.next()?, self.key_counter.next()?);
        match (actor, counter, self.key_text.next()?) {
            (None, None, Some(_)) => Ok(Key::InMap),
            (None, Some(0), None) => Ok(Key::Head),
            (Some(actor), Some(counter), None) => {
                self.actors.refer(actor, counter, number)?;
                Ok(Key::Element)
            }
            _ => Err(Malformed::Reference),
        }
    }

    /// How many operations this one replaces; they are in Lamport order, none twice.
    fn replaced(&mut self, number: u64) -> Result<u64, Malformed> {
        let count = self.replaced.next()?.ok_or(Malformed::Counts)?;
        let mut last = None;
        for _ in 0..count {
            let actor = self.replaced_actor.next()?.ok_or(Malformed::Counts)?;
            let counter = self.replaced_counter.next()?.ok_or(Malformed::Counts)?;
            let id = (counter, self.actors.refer(actor, counter, number)?);
            if last.is_some_and(|last| last >= id) {
                return Err(Malformed::Order);
            }
            last = Some(id);
        }
        Ok(count)
    }

    fn finish(self) -> Result<(), Malformed> {
        if self.actors.all_used() {
            Ok(())
        } else {
            Err(Malformed::Order)
        }
    }
}

/// The actors that operations name by number: 0 is the author, the others follow in ascending order.
struct Actors<'a> {
    named: Vec<(&'a [u8], bool)>,
}

impl<'a> Actors<'a> {
    fn new(walked: &'a Walked) -> Self {
        let author = (walked.actor.to_bytes(), true);
        let others = walked.others.iter().map(|actor| (actor.to_bytes(), false));
        Self {
            named: std::iter::once(author).chain(others).collect(),
        }
    }

    /// The actor of a referred operation, if that can come before the operation numbered `number`.
    fn refer(&mut self, actor: u64, counter: u64, number: u64) -> Result<&'a [u8], Malformed> {
        if counter == 0 || counter >= number {
            return Err(Malformed::Reference);
        }
        let actor = usize::try_from(actor).map_err(|_| Malformed::Reference)?;
        let (bytes, used) = self.named.get_mut(actor).ok_or(Malformed::Reference)?;
        *used = true;
        Ok(bytes)
    }

    fn all_used(&self) -> bool {
        self.named.iter().all(|(_, used)| *used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{
        refusal::Refusal,
        testing::{Built, repaired},
        walker::walk,
    };

    /// One operation on an element: `set` it, with the columns given.
    fn on_element(columns: &[(u64, &[u8])]) -> Built {
        let object = Built::set().with(0x01, &[0x7f, 0]).with(0x02, &[0x7f, 1]);
        let set = object.without(0x15).starting_at(5);
        columns.iter().fold(set, |built, (specification, column)| {
            built.with(*specification, column)
        })
    }

    fn refused(built: &Built, expected: Malformed) {
        let found = walk(&built.content()).unwrap_err();
        assert_eq!(found, Refusal::from(expected));
    }

    #[test]
    fn references_must_come_before() {
        let insert_after = |counter| {
            on_element(&[
                (0x11, &[0x7f, 0]),
                (0x13, &[0x7f, counter]),
                (0x34, &[0, 1]),
            ])
        };
        assert!(walk(&insert_after(4).content()).is_ok());
        refused(&insert_after(5), Malformed::Reference);
        refused(&insert_after(0), Malformed::Reference);
        refused(&insert_after(0x7f), Malformed::Reference);
        let unknown_actor = insert_after(4).with(0x11, &[0x7f, 1]);
        refused(&unknown_actor, Malformed::Reference);
        let own_object = Built::set().with(0x01, &[0x7f, 0]).with(0x02, &[0x7f, 1]);
        refused(&own_object, Malformed::Reference);
        refused(&Built::set().with(0x01, &[0x7f, 0]), Malformed::Reference);
    }

    #[test]
    fn k19_keys_that_make_automerge_print_are_refused() {
        refused(&Built::set().without(0x15), Malformed::Reference);
        refused(&Built::set().with(0x13, &[0x7f, 0]), Malformed::Reference);
        refused(
            &on_element(&[(0x13, &[0x7f, 3]), (0x34, &[0, 1])]),
            Malformed::Reference,
        );
        refused(
            &on_element(&[(0x11, &[0x7f, 0]), (0x34, &[0, 1])]),
            Malformed::Reference,
        );
    }

    #[test]
    fn operations_that_automerge_never_makes_are_refused() {
        let head = (0x13, &[0x7f, 0][..]);
        assert!(walk(&on_element(&[head, (0x34, &[0, 1])]).content()).is_ok());
        refused(&on_element(&[head]), Malformed::Operation);
        let at_root = on_element(&[head, (0x34, &[0, 1])])
            .without(0x01)
            .without(0x02);
        refused(&at_root, Malformed::Operation);
        refused(&Built::set().with(0x34, &[0, 1]), Malformed::Operation);
        for action in [DELETE, INCREMENT, 6, MARK, 8, 200] {
            let column = [vec![0x7f], crate::gate::testing::unsigned(action)].concat();
            refused(&Built::set().with(0x42, &column), Malformed::Operation);
        }
        let grows = Built::set().with(0x94, &[0, 1]);
        refused(&grows, Malformed::Operation);
        refused(
            &Built::set().with(0xa5, &[0x7f, 1, b'm']),
            Malformed::Operation,
        );
    }

    #[test]
    fn values_have_the_length_of_their_type() {
        for (shape, value) in [(0x10, &b"x"[..]), (0x12, b"x"), (0x15, b"x"), (0x1a, b"x")] {
            let built = Built::set().with(0x56, &[0x7f, shape]).with(0x57, value);
            refused(&built, Malformed::Operation);
        }
        refused(&Built::set().with(0x56, &[0x7f, 3]), Malformed::Operation);
        let text = Built::set().with(0x56, &[0x7f, 0x16]).with(0x57, b"x");
        assert!(walk(&text.content()).is_ok());
    }

    #[test]
    fn replaced_operations_are_in_order() {
        let replacing = |actors: &[u8], counters: &[u8]| {
            Built::set()
                .starting_at(5)
                .with(0x70, &[0x7f, 2])
                .with(0x71, actors)
                .with(0x73, counters)
        };
        let both_own = [2, 0];
        assert!(walk(&replacing(&both_own, &[0x7e, 3, 1]).content()).is_ok());
        refused(&replacing(&both_own, &[0x7e, 3, 0]), Malformed::Order);
        refused(&replacing(&both_own, &[0x7e, 3, 0x7f]), Malformed::Order);
        refused(&replacing(&both_own, &[0x7e, 3, 2]), Malformed::Reference);
        let other = replacing(&[0x7e, 0, 1], &[0x7e, 3, 0]).naming(&[[9; 16]]);
        assert!(walk(&other.content()).is_ok());
        let other_first = replacing(&[0x7e, 1, 0], &[0x7e, 3, 0]).naming(&[[9; 16]]);
        refused(&other_first, Malformed::Order);
    }

    #[test]
    fn what_the_gate_takes_here_automerge_reads() {
        let bytes = repaired(&Built::repeated(1000).content());
        assert!(automerge::Change::try_from(&bytes[..]).is_ok());
    }
}
