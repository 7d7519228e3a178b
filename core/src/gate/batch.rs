//! The records of one call: which may follow now, and what became of each.
//!
//! Records wait for one another by the hash of the change that is missing, so a shuffled batch is lined
//! up in one pass. When one of those lined up turns out to harm the document, the next round judges all
//! that are open anew: whatever was refused or known only because of it has another chance.

use super::{
    Offered, Outcome, Settled,
    apply::Candidate,
    ledger::{Ledger, Standing},
    record::{self, Prepared},
};
use automerge::{Automerge, ChangeHash};
use std::collections::{HashMap, VecDeque};

/// The records of one call and what is known of each so far.
pub(super) struct Batch {
    places: Vec<Place>,
}

enum Place {
    /// Well formed, and with this outcome unless another round finds that it may follow.
    Open(Vec<Prepared>, Outcome),
    /// Applied, malformed, or found to harm the document: settled for good.
    Closed(Outcome),
}

impl Batch {
    pub(super) fn read(offered: &[Offered]) -> Self {
        let read = |offered| match record::prepare(offered) {
            Ok(changes) => Place::Open(changes, Outcome::AlreadyKnown),
            Err(refusal) => Place::Closed(Outcome::Refused(refusal)),
        };
        Self {
            places: offered.iter().map(read).collect(),
        }
    }

    /// Finds the records that may follow now, in an order in which each may follow those before, and
    /// notes of the others whether they are known, wait, or are refused.
    pub(super) fn line_up(&mut self, document: &Automerge) -> Vec<usize> {
        let mut ledger = Ledger::of(document);
        let mut ready = Vec::new();
        let mut waiting: HashMap<ChangeHash, Vec<usize>> = HashMap::new();
        let mut queue: VecDeque<usize> = (0..self.places.len()).collect();
        while let Some(index) = queue.pop_front() {
            let Some(place) = self.places.get_mut(index) else {
                continue;
            };
            let Place::Open(changes, outcome) = place else {
                continue;
            };
            match ledger.enter(changes) {
                Standing::Ready => {
                    ready.push(index);
                    let came = changes
                        .iter()
                        .filter_map(|change| waiting.remove(&change.hash));
                    queue.extend(came.flatten());
                }
                Standing::Known => *outcome = Outcome::AlreadyKnown,
                Standing::Needs(hash) => {
                    *outcome = Outcome::Waiting(hash);
                    waiting.entry(hash).or_default().push(index);
                }
                Standing::Refused(refusal) => *outcome = Outcome::Refused(refusal),
            }
        }
        ready
    }

    pub(super) fn candidates<'a>(
        &'a self,
        offered: &'a [Offered],
        ready: &[usize],
    ) -> Vec<Candidate<'a>> {
        let candidate = |index: &usize| match (self.places.get(*index), offered.get(*index)) {
            (Some(Place::Open(changes, _)), Some(offered)) => Some(Candidate { offered, changes }),
            _ => None,
        };
        ready.iter().filter_map(candidate).collect()
    }

    pub(super) fn settle(&mut self, indexes: &[usize], outcome: Outcome) {
        for index in indexes {
            if let Some(place) = self.places.get_mut(*index) {
                *place = Place::Closed(outcome);
            }
        }
    }

    pub(super) fn hand_back(self, offered: Vec<Offered>) -> Vec<Settled> {
        let outcomes = self.places.into_iter().map(|place| match place {
            Place::Open(_, outcome) | Place::Closed(outcome) => outcome,
        });
        offered
            .into_iter()
            .zip(outcomes)
            .map(|(offered, outcome)| Settled { offered, outcome })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{
        Admission, admit,
        refusal::Refusal,
        testing::{Built, document, offered, put},
    };
    use automerge::{ROOT, ReadDoc};

    fn outcomes(admission: &Admission) -> Vec<Outcome> {
        admission
            .settled
            .iter()
            .map(|settled| settled.outcome)
            .collect()
    }

    /// Five records of device 1 and the document that they make.
    fn five() -> (Automerge, Vec<Offered>) {
        let mut made = document(1);
        let records = (0..5)
            .map(|value| offered(1, put(&mut made, "k", value).raw_bytes()))
            .collect();
        (made, records)
    }

    /// Removes a key that the replaced operation never set: sound alone, harmful to the document.
    fn harmful(first: ChangeHash) -> Built {
        Built::set()
            .in_place(2)
            .starting_at(2)
            .depending_on(&[first.0])
            .with(0x15, &[0x7f, 1, b'z'])
            .with(0x42, &[0x7f, 3])
            .with(0x70, &[0x7f, 1])
            .with(0x71, &[0x7f, 0])
            .with(0x73, &[0x7f, 1])
    }

    #[test]
    fn a_shuffled_batch_is_applied_whole() {
        let (made, mut records) = five();
        records.reverse();
        let admission = admit(&document(2), records.clone());
        assert_eq!(outcomes(&admission), [Outcome::Applied; 5]);
        let admitted = admission.admitted.unwrap();
        assert_eq!(admitted.document.get_heads(), made.get_heads());
        assert_eq!(admitted.document.get_actor(), document(2).get_actor());
        let again = admit(&admitted.document, records);
        assert_eq!(outcomes(&again), [Outcome::AlreadyKnown; 5]);
        assert!(again.admitted.is_none());
        let loaded = crate::gate::load(&admitted.saved).unwrap();
        assert_eq!(loaded.get_heads(), made.get_heads());
    }

    #[test]
    fn one_record_twice_is_applied_once() {
        let (_, records) = five();
        let twice = vec![records[0].clone(), records[0].clone()];
        let admission = admit(&document(2), twice);
        let expected = [Outcome::Applied, Outcome::AlreadyKnown];
        assert_eq!(outcomes(&admission), expected);
    }

    #[test]
    fn k6_what_lacks_a_dependency_waits_whole_and_comes_later() {
        let (made, mut records) = five();
        let missing = records.remove(1);
        let admission = admit(&document(2), records.clone());
        let found = outcomes(&admission);
        assert_eq!(found[0], Outcome::Applied);
        let waiting = |outcome: &Outcome| matches!(outcome, Outcome::Waiting(_));
        assert!(found[1..].iter().all(waiting), "{found:?}");
        let mut again: Vec<_> = admission.settled.into_iter().map(|s| s.offered).collect();
        assert_eq!(again, records);
        again.push(missing);
        let admitted = admit(&admission.admitted.unwrap().document, again).admitted;
        assert_eq!(admitted.unwrap().document.get_heads(), made.get_heads());
    }

    #[test]
    fn records_of_several_changes_may_interlock() {
        let (made, records) = five();
        let join = |parts: &[usize]| {
            let bytes: Vec<_> = parts.iter().map(|part| &records[*part].bytes[..]).collect();
            offered(1, &bytes.concat())
        };
        let batch = vec![join(&[3, 4]), join(&[0, 1]), join(&[1, 2])];
        let admission = admit(&document(2), batch);
        assert_eq!(outcomes(&admission), [Outcome::Applied; 3]);
        let heads = admission.admitted.unwrap().document.get_heads();
        assert_eq!(heads, made.get_heads());
        let disordered = admit(&document(2), vec![join(&[1, 0])]);
        assert!(matches!(outcomes(&disordered)[0], Outcome::Waiting(_)));
    }

    #[test]
    fn the_culprit_alone_is_refused_and_the_rest_applied() {
        let mut made = document(1);
        let first = put(&mut made, "k", 1);
        let mut others = made.clone();
        let mut records = vec![offered(1, first.raw_bytes())];
        for number in 2..7 {
            others.set_actor(crate::gate::testing::actor(number, 0));
            let change = put(&mut others, "n", number.into());
            records.push(offered(number, change.raw_bytes()));
        }
        records.insert(3, harmful(first.hash()).offered());
        let admission = admit(&document(9), records);
        let found = outcomes(&admission);
        assert!(matches!(
            found[3],
            Outcome::Refused(Refusal::Damaging | Refusal::Inapplicable)
        ));
        assert_eq!(found.iter().filter(|o| **o == Outcome::Applied).count(), 6);
        let admitted = admission.admitted.unwrap();
        assert_eq!(admitted.document.get_heads(), others.get_heads());
        assert!(admitted.document.get(ROOT, "k").unwrap().is_some());
    }

    #[test]
    fn what_depends_on_a_refused_record_waits() {
        let mut made = document(1);
        let first = put(&mut made, "k", 1);
        let harm = harmful(first.hash()).offered();
        let hash = record::prepare(&harm).unwrap()[0].hash;
        let follows = Built::set()
            .in_place(3)
            .starting_at(3)
            .depending_on(&[hash.0]);
        let batch = vec![follows.offered(), harm, offered(1, first.raw_bytes())];
        let found = outcomes(&admit(&document(2), batch));
        assert_eq!(found[0], Outcome::Waiting(hash));
        assert!(matches!(found[1], Outcome::Refused(_)));
        assert_eq!(found[2], Outcome::Applied);
    }
}
