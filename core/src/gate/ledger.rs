//! What a document knows of its changes, and whether a record may follow.
//!
//! The rules are made so that the outcome does not depend on the order in which records arrive, as far
//! as that can be: a change rests on its actor's previous one *directly* (Automerge always writes it so),
//! hence one that skips a place is refused whether or not the place is filled later.

use super::{record::Prepared, refusal::Refusal};
use automerge::{ActorId, Automerge, ChangeHash};
use daymark_wire::limits::MAX_OPERATIONS_PER_DOCUMENT;
use std::collections::HashMap;

/// The changes of a document, and of records that were lined up to follow.
pub(super) struct Ledger {
    /// Number of the last operation up to each change.
    last_operations: HashMap<ChangeHash, u64>,
    tips: HashMap<ActorId, Tip>,
    operations: u64,
}

/// An actor's newest change.
#[derive(Clone, Copy)]
struct Tip {
    seq: u64,
    hash: ChangeHash,
}

/// Whether a record, or one change, may follow now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It follows what is there; from now on it counts as there.
    Ready,
    /// It is there already.
    Known,
    /// This change must come first.
    Needs(ChangeHash),
    /// It may never follow.
    Refused(Refusal),
}

/// A change that was entered, and what stood there before.
struct Entered {
    hash: ChangeHash,
    actor: ActorId,
    tip: Option<Tip>,
    operations: u64,
}

impl Ledger {
    /// Reads a document's changes.
    pub(super) fn of(document: &Automerge) -> Self {
        let mut ledger = Self {
            last_operations: HashMap::new(),
            tips: HashMap::new(),
            operations: 0,
        };
        for change in document.get_changes_meta(&[]) {
            let operations = (change.max_op + 1).saturating_sub(change.start_op);
            ledger.operations = ledger.operations.saturating_add(operations);
            ledger.last_operations.insert(change.hash, change.max_op);
            let tip = Tip {
                seq: change.seq,
                hash: change.hash,
            };
            let newest = ledger.tips.entry(change.actor.into_owned()).or_insert(tip);
            if newest.seq < tip.seq {
                *newest = tip;
            }
        }
        ledger
    }

    /// Enters all changes of a record, in its order, or none.
    pub(super) fn enter(&mut self, record: &[Prepared]) -> Standing {
        let mut entered = Vec::new();
        for change in record {
            match self.judge(change) {
                Standing::Known => {}
                Standing::Ready => entered.push(self.insert(change)),
                refused_or_early => {
                    self.undo(entered);
                    return refused_or_early;
                }
            }
        }
        if entered.is_empty() {
            Standing::Known
        } else {
            Standing::Ready
        }
    }

    fn judge(&self, change: &Prepared) -> Standing {
        if self.last_operations.contains_key(&change.hash) {
            return Standing::Known;
        }
        let mut newest = 0;
        for dependency in &change.walked.dependencies {
            match self.last_operations.get(dependency) {
                Some(last) => newest = newest.max(*last),
                None => return Standing::Needs(*dependency),
            }
        }
        match self.rules(change, newest) {
            Ok(()) => Standing::Ready,
            Err(refusal) => Standing::Refused(refusal),
        }
    }

    /// The rules for a change whose dependencies are all there; `newest` is the highest number among
    /// their operations.
    fn rules(&self, change: &Prepared, newest: u64) -> Result<(), Refusal> {
        let walked = &change.walked;
        let in_sequence = match self.tips.get(&walked.actor) {
            None => walked.seq == 1,
            Some(tip) => {
                Some(walked.seq) == tip.seq.checked_add(1)
                    && walked.dependencies.contains(&tip.hash)
            }
        };
        if !in_sequence {
            return Err(Refusal::Sequence);
        }
        if Some(walked.start_op) != newest.checked_add(1) {
            return Err(Refusal::StartOp);
        }
        if !walked
            .others
            .iter()
            .all(|actor| self.tips.contains_key(actor))
        {
            return Err(Refusal::UnknownActor);
        }
        if self.operations.saturating_add(walked.operations) > MAX_OPERATIONS_PER_DOCUMENT {
            return Err(Refusal::DocumentFull);
        }
        Ok(())
    }

    fn insert(&mut self, change: &Prepared) -> Entered {
        let walked = &change.walked;
        let last = walked
            .start_op
            .saturating_sub(1)
            .saturating_add(walked.operations);
        self.last_operations.insert(change.hash, last);
        let tip = Tip {
            seq: walked.seq,
            hash: change.hash,
        };
        let entered = Entered {
            hash: change.hash,
            actor: walked.actor.clone(),
            tip: self.tips.insert(walked.actor.clone(), tip),
            operations: self.operations,
        };
        self.operations = self.operations.saturating_add(walked.operations);
        entered
    }

    fn undo(&mut self, entered: Vec<Entered>) {
        for change in entered.into_iter().rev() {
            self.last_operations.remove(&change.hash);
            self.operations = change.operations;
            match change.tip {
                Some(tip) => self.tips.insert(change.actor, tip),
                None => self.tips.remove(&change.actor),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{
        record::prepare,
        testing::{self, Built, document, offered, put},
    };

    fn built(built: &Built) -> Vec<Prepared> {
        prepare(&built.offered()).unwrap()
    }

    /// A document of device 1 with one change, and that change's hash.
    fn started() -> (Automerge, [u8; 32]) {
        let mut document = document(1);
        let hash = put(&mut document, "k", 1).hash();
        (document, hash.0)
    }

    #[test]
    fn an_honest_change_follows_once() {
        let (mut document, _) = started();
        let mut ledger = Ledger::of(&document);
        let next = put(&mut document, "k", 2);
        let record = prepare(&offered(1, next.raw_bytes())).unwrap();
        assert_eq!(ledger.enter(&record), Standing::Ready);
        assert_eq!(ledger.enter(&record), Standing::Known);
        assert_eq!(Ledger::of(&document).enter(&record), Standing::Known);
    }

    #[test]
    fn k4_a_forged_sequence_is_refused() {
        let (document, first) = started();
        let standing = |seq, dependencies: &[[u8; 32]]| {
            let start_op = dependencies.len() as u64 + 1;
            let forged = Built::set().in_place(seq).starting_at(start_op);
            Ledger::of(&document).enter(&built(&forged.depending_on(dependencies)))
        };
        let refused = Standing::Refused(Refusal::Sequence);
        assert_eq!(standing(2, &[first]), Standing::Ready);
        assert_eq!(standing(3, &[first]), refused);
        assert_eq!(standing(1, &[first]), refused);
        assert_eq!(standing(u64::MAX, &[first]), refused);
        assert_eq!(
            standing(2, &[]),
            refused,
            "not built on its own last change"
        );
        assert_eq!(
            standing(1, &[]),
            refused,
            "a second change in the first place"
        );
    }

    #[test]
    fn k5_lamport_poison_is_refused() {
        let (document, first) = started();
        for start_op in [0, 1, 3, u64::from(u32::MAX), i64::MAX as u64, u64::MAX] {
            let poison = Built::set().in_place(2).starting_at(start_op);
            let record = prepare(&poison.depending_on(&[first]).offered()).unwrap();
            let standing = Ledger::of(&document).enter(&record);
            assert_eq!(standing, Standing::Refused(Refusal::StartOp), "{start_op}");
        }
    }

    #[test]
    fn k6_a_missing_dependency_is_named() {
        let (document, first) = started();
        let absent = [7; 32];
        let waits = Built::set().in_place(2).starting_at(2);
        let waits = waits.depending_on(&[absent.min(first), absent.max(first)]);
        let standing = Ledger::of(&document).enter(&built(&waits));
        assert_eq!(standing, Standing::Needs(ChangeHash(absent)));
    }

    #[test]
    fn k4_an_actor_that_wrote_nothing_here_is_not_referred_to() {
        let (document, first) = started();
        let refers = Built::set()
            .in_place(2)
            .starting_at(2)
            .depending_on(&[first])
            .naming(&[[9; 16]])
            .with(0x70, &[0x7f, 1])
            .with(0x71, &[0x7f, 1])
            .with(0x73, &[0x7f, 1]);
        let standing = Ledger::of(&document).enter(&built(&refers));
        assert_eq!(standing, Standing::Refused(Refusal::UnknownActor));
    }

    #[test]
    fn k10_a_document_takes_no_more_operations_than_allowed() {
        let mut ledger = Ledger::of(&Automerge::new());
        let mut last: Vec<[u8; 32]> = Vec::new();
        for seq in 1..=4 {
            let large = Built::repeated(300_000)
                .in_place(seq)
                .starting_at((seq - 1) * 300_000 + 1)
                .depending_on(&last);
            let record = built(&large);
            last = vec![record[0].hash.0];
            let expected = match seq {
                4 => Standing::Refused(Refusal::DocumentFull),
                _ => Standing::Ready,
            };
            assert_eq!(ledger.enter(&record), expected);
        }
    }

    #[test]
    fn a_record_is_entered_whole_or_not_at_all() {
        let mut ledger = Ledger::of(&Automerge::new());
        let good = testing::repaired(&Built::set().content());
        let bad = testing::repaired(&Built::set().in_place(5).content());
        let both = prepare(&offered(1, &[&good[..], &bad].concat())).unwrap();
        let refused = Standing::Refused(Refusal::Sequence);
        assert_eq!(ledger.enter(&both), refused);
        assert_eq!(ledger.enter(&built(&Built::set())), Standing::Ready);
        assert_eq!(ledger.enter(&both), refused);
        assert_eq!(ledger.enter(&built(&Built::set())), Standing::Known);
    }
}
