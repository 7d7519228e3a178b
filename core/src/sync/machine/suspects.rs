//! Chains that may have been forked (threats K3, K7): a relay refused what this device knows to follow. What
//! stands there instead is asked for, and if its device signed it, that is the proof.

use super::{Again, Machine};
use crate::sync::{Fault, Intake, StoredRecord, intake::verify};
use daymark_wire::{ChainId, Hash, Record, Seq, record::Place, sync::RecordRefusal};
use std::collections::BTreeMap;

/// Places to be asked for, with the hash of the record known there; none at the beginning of a chain that may
/// say of this device's own that it ends.
#[derive(Debug, Default)]
pub(super) struct Suspects(BTreeMap<Place, Option<Hash>>);

impl Suspects {
    /// A relay refused this record, as it would where another stands.
    pub(super) fn refused(&mut self, record: &Record, why: RecordRefusal) {
        let place = record.place();
        let before = place.seq.0.checked_sub(1).filter(|seq| *seq > 0);
        match (why, before) {
            (RecordRefusal::Forked, _) => {
                self.0.insert(place, Some(record.hash()));
            }
            (RecordRefusal::NotNext, Some(before)) => {
                let seq = Seq(before);
                let known = record.claimed().previous;
                self.0.insert(Place { seq, ..place }, Some(known));
            }
            _ => {}
        }
    }

    /// A relay says that this device's own chain ends, as the first record of one of these says.
    pub(super) fn may_have_ended(&mut self, by: impl Iterator<Item = ChainId>) {
        let seq = Seq::FIRST;
        self.0.extend(by.map(|chain| (Place { chain, seq }, None)));
    }

    /// A chain ended: what stands in it is asked no more.
    pub(super) fn forget(&mut self, chain: ChainId) {
        self.0.retain(|place, _| place.chain != chain);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.0.keys().copied()
    }
}

impl Machine {
    /// Looks at what a relay shows at suspected places. They are asked for once.
    pub(super) fn look_at_suspects(&mut self, records: &[Record], intake: &mut Intake) {
        let suspects = std::mem::take(&mut self.suspects);
        for record in records {
            let Some(known) = suspects.0.get(&record.place()) else {
                continue;
            };
            let expected = *known == Some(record.hash());
            if expected || record.claimed().space != self.replica.space() {
                continue;
            }
            if let Ok(shown) = verify(record.clone(), &self.replica.logs) {
                self.look_at(shown, known.is_some(), intake);
            }
        }
        let own = self.replica.own.chain;
        let mut suspects = suspects.0.iter();
        let of_own = suspects.any(|(place, known)| place.chain == own || known.is_none());
        if of_own && self.renewal.is_none() {
            // It is only said. The records wait; nothing is signed on a relay's word.
            self.stop();
        }
    }

    /// A record that its device signed, where another is known, or at the beginning of a chain.
    fn look_at(&mut self, shown: StoredRecord, another: bool, intake: &mut Intake) {
        let own = self.replica.own.chain;
        let (chain, replaces) = (shown.place().chain, shown.header.get().replaces);
        let ends_own = chain.device == own.device
            && replaces.is_some_and(|replaces| replaces.incarnation == own.incarnation);
        if ends_own || (another && chain == own) {
            // Another copy of this vault said it. What this one said goes on in a new chain.
            intake.faults.insert(Fault::VaultExistsTwice);
            self.renewal = self.renewal.max(Some(Again::Everything));
        } else if another {
            self.replica.chains.freeze(chain);
            if chain.device == own.device {
                intake.faults.insert(Fault::VaultExistsTwice);
            }
            intake.faults.insert(Fault::ForkedChain { chain });
            intake.forks.push(shown);
        }
    }
}
