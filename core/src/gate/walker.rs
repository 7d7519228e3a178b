//! Reads one change's content before Automerge sees a byte of it: who, on what, from which number on, and
//! how much its columns would expand to. Then, when that is known to be little, every operation.
//!
//! Content: `dependencies ‖ actor ‖ seq ‖ first operation ‖ time ‖ message ‖ other actors ‖ columns`
//! (Automerge storage format, "change chunks"); Automerge may append more bytes, Daymark never does.

use super::{
    columns::Columns,
    reader::Reader,
    refusal::{Malformed, Refusal},
    rows::{self, ObjectUse},
    tally::{self, Tally},
};
use automerge::{ActorId, ChangeHash};
use daymark_wire::limits::{MAX_OPERATIONS_PER_CHANGE, MAX_RECORD_BYTES};

/// Length of the actors that Daymark makes: half a device id and 8 random bytes (rule R8).
pub(super) const ACTOR_BYTES: usize = 16;

/// Keys and mark names of one change, each as often as operations use it. Automerge copies them.
const MAX_EXPANDED_NAME_BYTES: u64 = 32 * MAX_RECORD_BYTES as u64;

/// What a change says of itself, in a form that the rules can judge.
#[derive(Debug, Clone)]
pub(super) struct Walked {
    /// The changes that it was made upon; ascending.
    pub(super) dependencies: Vec<ChangeHash>,
    /// Who made it.
    pub(super) actor: ActorId,
    /// Its place among that actor's changes, from 1.
    pub(super) seq: u64,
    /// The number of its first operation.
    pub(super) start_op: u64,
    /// Whose operations it refers to, besides its own; ascending.
    pub(super) others: Vec<ActorId>,
    /// How many operations it holds.
    pub(super) operations: u64,
    /// The objects, besides the root, that they act on.
    pub(super) uses: Vec<ObjectUse>,
}

/// Reads the content of one change chunk.
pub(super) fn walk(content: &[u8]) -> Result<Walked, Refusal> {
    let mut reader = Reader::new(content);
    let dependencies = dependencies(&mut reader)?;
    let actor = ActorId::from(reader.array::<{ ACTOR_BYTES + 1 }>().and_then(unprefixed)?);
    let seq = reader.unsigned()?;
    let start_op = reader.unsigned()?;
    let (time, message) = (reader.signed()?, reader.unsigned()?);
    if time != 0 || message != 0 {
        return Err(Refusal::Annotated);
    }
    let others = others(&mut reader, &actor)?;
    let columns = Columns::read(&mut reader)?;
    if !reader.is_empty() {
        return Err(Refusal::Annotated);
    }
    let operations = count(&columns)?;
    let mut walked = Walked {
        dependencies,
        actor,
        seq,
        start_op,
        others,
        operations,
        uses: Vec::new(),
    };
    walked.uses = rows::check(&columns, &walked)?;
    Ok(walked)
}

fn dependencies(reader: &mut Reader<'_>) -> Result<Vec<ChangeHash>, Malformed> {
    let mut left = reader.unsigned()?;
    let mut found = Vec::new();
    while left > 0 {
        let hash = ChangeHash(reader.array()?);
        if found.last().is_some_and(|last| *last >= hash) {
            return Err(Malformed::Order);
        }
        found.push(hash);
        left -= 1;
    }
    Ok(found)
}

/// The other actors: ascending, none twice, the author not among them.
fn others(reader: &mut Reader<'_>, author: &ActorId) -> Result<Vec<ActorId>, Malformed> {
    let mut left = reader.unsigned()?;
    let mut found: Vec<ActorId> = Vec::new();
    while left > 0 {
        let actor = ActorId::from(reader.prefixed()?);
        if actor == *author || found.last().is_some_and(|last| *last >= actor) {
            return Err(Malformed::Order);
        }
        found.push(actor);
        left -= 1;
    }
    Ok(found)
}

/// How many operations the columns describe, if they agree and it is not too many. A change without any
/// says nothing, and would not count against the document's cap.
fn count(columns: &Columns<'_>) -> Result<u64, Refusal> {
    let actions = tally::full::<u64>(columns.action, |_| 0)?;
    let shapes = tally::full::<u64>(columns.value_shape, value_length)?;
    let replaced = tally::full::<u64>(columns.replaced, |replaced| replaced)?;
    let operations = actions.cells;
    if operations > MAX_OPERATIONS_PER_CHANGE || replaced.weight > MAX_OPERATIONS_PER_CHANGE {
        return Err(Refusal::TooManyOperations);
    }
    let insert = tally::flags(columns.insert)?;
    let agree = [shapes, replaced, insert]
        .iter()
        .all(|tally| tally.cells == operations);
    let values = u64::try_from(columns.value.len());
    if !agree || values != Ok(shapes.weight) {
        return Err(Malformed::Counts.into());
    }
    if operations == 0 {
        return Err(Malformed::Operation.into());
    }
    count_optional(columns, operations)?;
    count_replaced(columns, replaced.weight)?;
    Ok(operations)
}

/// Columns that are left out when they would say nothing.
fn count_optional(columns: &Columns<'_>, operations: u64) -> Result<(), Refusal> {
    let name = |name: &str| u64::try_from(name.len()).unwrap_or(u64::MAX);
    let number = |column| tally::sparse::<u64>(column, |_| 0);
    let distance = |column| tally::sparse::<i64>(column, |_| 0);
    let expand = present(columns.expand, tally::flags)?;
    let keys = present(columns.key_text, |column| tally::sparse(column, name))?;
    let names = present(columns.mark_name, |column| tally::sparse(column, name))?;
    let tallies = [
        expand,
        keys,
        names,
        present(columns.key_counter, distance)?,
        present(columns.key_actor, number)?,
        present(columns.object_actor, number)?,
        present(columns.object_counter, number)?,
    ];
    let agree = tallies
        .iter()
        .flatten()
        .all(|tally| tally.cells == operations);
    let grows = expand.is_none_or(|tally| tally.weight > 0);
    if !agree || !grows {
        return Err(Malformed::Counts.into());
    }
    let copied = [keys, names].map(|tally| tally.map_or(0, |tally| tally.weight));
    if copied.into_iter().fold(0, u64::saturating_add) > MAX_EXPANDED_NAME_BYTES {
        return Err(Refusal::TooManyOperations);
    }
    Ok(())
}

/// Counts a column with `tally` unless it was left out.
fn present<'a>(
    column: &'a [u8],
    tally: impl Fn(&'a [u8]) -> Result<Tally, Refusal>,
) -> Result<Option<Tally>, Refusal> {
    match column {
        [] => Ok(None),
        _ => tally(column).map(Some),
    }
}

/// The two columns that name replaced operations hold one cell for each of them.
fn count_replaced(columns: &Columns<'_>, replaced: u64) -> Result<(), Refusal> {
    let actors = tally::full::<u64>(columns.replaced_actor, |_| 0)?;
    let counters = tally::full::<i64>(columns.replaced_counter, |_| 0)?;
    if actors.cells != replaced || counters.cells != replaced {
        return Err(Malformed::Counts.into());
    }
    Ok(())
}

/// A value's shape is `length << 4 | type`.
fn value_length(shape: u64) -> u64 {
    shape >> 4
}

/// An actor's bytes without the length before them, which can only be [`ACTOR_BYTES`].
fn unprefixed(bytes: [u8; ACTOR_BYTES + 1]) -> Result<[u8; ACTOR_BYTES], Malformed> {
    match bytes.split_first_chunk() {
        Some(([length], actor)) if usize::from(*length) == ACTOR_BYTES => {
            actor.try_into().map_err(|_| Malformed::Number)
        }
        _ => Err(Malformed::Number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::testing::{self, Built, content, honest_change, repaired};
    use std::time::{Duration, Instant};

    const TEN_MILLION: u64 = 10_000_000;

    fn refusal(built: &Built) -> Refusal {
        walk(&built.content()).unwrap_err()
    }

    #[test]
    fn an_honest_change_is_read_as_automerge_reads_it() {
        let change = honest_change(1, "a few words, żółć, 日記");
        let walked = walk(&content(change.raw_bytes())).unwrap();
        assert_eq!(walked.operations, change.len() as u64);
        assert_eq!(walked.start_op, change.start_op().get());
        assert_eq!((walked.seq, &walked.actor), (1, change.actor_id()));
        assert!(walked.dependencies.is_empty() && walked.others.is_empty());
    }

    #[test]
    fn bytes_built_by_hand_are_what_automerge_reads() {
        let bytes = repaired(&Built::set().content());
        assert!(walk(&Built::set().content()).is_ok());
        assert_eq!(automerge::Change::try_from(&bytes[..]).unwrap().len(), 1);
    }

    #[test]
    fn k10_a_change_of_69_bytes_with_ten_million_operations_is_refused_unexpanded() {
        let bomb = Built::repeated(TEN_MILLION);
        let bytes = repaired(&bomb.content());
        assert!(bytes.len() <= 80, "{}", bytes.len());
        let start = Instant::now();
        assert_eq!(refusal(&bomb), Refusal::TooManyOperations);
        assert!(start.elapsed() < Duration::from_millis(100));
        assert!(walk(&Built::repeated(1000).content()).is_ok());
    }

    #[test]
    fn k10_a_column_that_alone_expands_is_refused() {
        for column in [0x34, 0x42, 0x56, 0x70, 0x15] {
            let long = Built::repeated(TEN_MILLION);
            let bomb = Built::repeated(10).with(column, long.column(column).unwrap());
            let found = refusal(&bomb);
            let refusals = [Refusal::TooManyOperations, Malformed::Counts.into()];
            assert!(refusals.contains(&found), "{column:#x}: {found:?}");
        }
    }

    #[test]
    fn k10_replaced_operations_are_counted_too() {
        let bomb = Built::repeated(1000).with(0x70, &Built::repeat(1000, 1_000_000));
        assert_eq!(refusal(&bomb), Refusal::TooManyOperations);
        let overflow = Built::repeated(1000).with(0x70, &Built::repeat(1000, u64::MAX));
        assert_eq!(refusal(&overflow), Refusal::TooManyOperations);
    }

    #[test]
    fn k10_a_long_key_repeated_many_times_is_refused() {
        let key = vec![b'k'; 1000];
        let run = [
            &testing::signed(300_000)[..],
            &testing::unsigned(1000),
            &key,
        ]
        .concat();
        let bomb = Built::repeated(300_000).with(0x15, &run);
        assert_eq!(refusal(&bomb), Refusal::TooManyOperations);
    }

    #[test]
    fn columns_must_agree() {
        let counts = Refusal::from(Malformed::Counts);
        let more = Built::repeat(4, 0);
        assert_eq!(refusal(&Built::repeated(3).with(0x56, &more)), counts);
        assert_eq!(refusal(&Built::repeated(3).with(0x70, &more)), counts);
        assert_eq!(refusal(&Built::repeated(3).with(0x34, &[4])), counts);
        assert_eq!(refusal(&Built::repeated(3).with(0x11, &more)), counts);
        assert_eq!(refusal(&Built::set().with(0x94, &[1])), counts);
        assert_eq!(refusal(&Built::set().with(0x57, b"x")), counts);
        assert_eq!(refusal(&Built::set().with(0x71, &[0x7f, 0])), counts);
        assert_eq!(refusal(&Built::set().without(0x42)), counts);
    }

    #[test]
    fn a_change_says_something() {
        let columns = [0x15, 0x34, 0x42, 0x56, 0x70];
        let empty = columns.into_iter().fold(Built::set(), Built::without);
        assert_eq!(refusal(&empty), Malformed::Operation.into());
    }

    #[test]
    fn lists_are_ascending() {
        let order = Refusal::from(Malformed::Order);
        let twice = Built::set().depending_on(&[[1; 32], [1; 32]]);
        assert_eq!(refusal(&twice), order);
        let falling = Built::set().depending_on(&[[2; 32], [1; 32]]);
        assert_eq!(refusal(&falling), order);
        let unused = Built::set().naming(&[[9; 16]]);
        assert_eq!(refusal(&unused), order);
        let itself = Built::set().naming(&[Built::AUTHOR]);
        assert_eq!(refusal(&itself), order);
    }
}
