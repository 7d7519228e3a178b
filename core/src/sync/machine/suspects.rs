//! Chains that may have been forked (threats K3, K7): a relay refused what this device knows to follow. What
//! stands there instead is asked for, and if its device signed it, that is the proof.

use super::{Again, Machine};
use crate::sync::{Fault, Intake, intake::verify};
use daymark_wire::{ChainId, Hash, Record, Seq, record::Place, sync::RecordRefusal};
use std::collections::BTreeMap;

/// Places to be asked for, with the hash of the record known there.
#[derive(Debug, Default)]
pub(super) struct Suspects(BTreeMap<Place, Hash>);

impl Suspects {
    /// A relay refused this record, as it would where another stands.
    pub(super) fn refused(&mut self, record: &Record, why: RecordRefusal) {
        let place = record.place();
        let before = place.seq.0.checked_sub(1).filter(|seq| *seq > 0);
        match (why, before) {
            (RecordRefusal::Forked, _) => {
                self.0.insert(place, record.hash());
            }
            (RecordRefusal::NotNext, Some(before)) => {
                let seq = Seq(before);
                self.0
                    .insert(Place { seq, ..place }, record.claimed().previous);
            }
            _ => {}
        }
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
        let own = self.replica.own.chain;
        let of_own = suspects.0.keys().any(|place| place.chain == own);
        for record in records {
            let place = record.place();
            let another = suspects
                .0
                .get(&place)
                .is_some_and(|known| *known != record.hash());
            if !another || record.claimed().space != self.replica.space() {
                continue;
            }
            let Ok(proof) = verify(record.clone(), self.replica.logs.account()) else {
                continue;
            };
            if place.chain == self.replica.own.chain {
                // Another copy of this vault said it. What this one said goes on in a new chain.
                intake.faults.insert(Fault::VaultExistsTwice);
                self.renewal = self.renewal.max(Some(Again::Everything));
                continue;
            }
            self.replica.chains.freeze(place.chain);
            if place.chain.device == self.replica.device.id() {
                intake.faults.insert(Fault::VaultExistsTwice);
            }
            intake
                .faults
                .insert(Fault::ForkedChain { chain: place.chain });
            intake.forks.push(proof);
        }
        if of_own && self.renewal.is_none() {
            // It is only said. The records wait; nothing is signed on a relay's word.
            self.stop();
        }
    }
}
