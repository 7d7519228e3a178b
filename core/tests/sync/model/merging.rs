//! Turning stored records into documents, as a client does after a sync.

use super::{Disk, Store, disk::SavedDocument, store::State};
use daymark_core::{
    merge::{
        Base, ChangeRecord, Job, LearnedKey, Settled, SpaceContent, What, merge, open_space_record,
    },
    sync::{Fault, KnownKey, Replica},
};
use daymark_wire::{DocumentId, Record, Verified, record::Place};
use std::collections::BTreeMap;

impl Disk {
    /// One transaction: everything received becomes part of documents, as far as it can.
    pub(crate) fn merge(&mut self) {
        let mut bonds = std::mem::take(&mut self.bonds);
        for bond in bonds.values_mut() {
            bond.merge(self);
        }
        self.bonds = bonds;
        let replica = self.replica();
        self.take_space_records(&replica);
        let mut keyring = self.keyring();
        let mut jobs: BTreeMap<DocumentId, Vec<ChangeRecord>> = BTreeMap::new();
        let mut learned = Vec::new();
        for kept in self.records.values() {
            if matches!(kept.state, State::Received | State::Waiting) {
                let header = kept.record.claimed();
                learned.extend(keyring.learn(header, &self.epochs));
                let records = jobs.entry(header.document).or_default();
                records.extend(change(&kept.record));
            }
        }
        self.learn(learned);
        jobs.remove(&DocumentId::ZERO);
        for (document, records) in jobs {
            let job = Job {
                document,
                what: What::Entry,
                base: self
                    .documents
                    .get(&document)
                    .map(|saved| Base::Saved(saved.bytes.clone())),
                records,
                own: Vec::new(),
            };
            let merged = merge(job, &keyring).unwrap();
            if let Some(changed) = merged.changed {
                let saved = SavedDocument {
                    bytes: changed.saved,
                    view: changed.view.unwrap(),
                };
                self.documents.insert(document, saved);
            }
            for (place, settled) in merged.settled {
                self.settle(place, settled);
            }
        }
    }
}

impl Store {
    fn settle(&mut self, place: Place, settled: Settled) {
        let state = match settled {
            Settled::Merged => State::Merged,
            Settled::Waiting => State::Waiting,
            Settled::Quarantined(_) => {
                self.faults.insert(Fault::Quarantined { place });
                State::Quarantined
            }
        };
        self.records.get_mut(&place).unwrap().state = state;
    }

    pub(super) fn take_space_records(&mut self, replica: &Replica) {
        let mut keyring = self.keyring();
        let mut learned = Vec::new();
        for kept in self.records.values_mut() {
            let header = kept.record.claimed().clone();
            let open = matches!(kept.state, State::Received | State::Waiting);
            if !open || !header.kind.is_of_the_space() {
                continue;
            }
            let Some(record) = change(&kept.record) else {
                continue;
            };
            kept.state = match open_space_record(&record.header, &record.body, &self.epochs) {
                Ok(SpaceContent::Keys(keys)) => {
                    let all = keyring.learn_all(&keys, header.epoch, &self.epochs);
                    learned.extend(all.new);
                    let wrapped = all.wrapped.iter();
                    self.wrapped
                        .extend(wrapped.map(|(document, key)| (header.epoch, *document, *key)));
                    State::Merged
                }
                Ok(SpaceContent::Checkpoint(checkpoint)) => {
                    self.faults.extend(replica.compare(&checkpoint));
                    State::Merged
                }
                Err(_) if !self.epochs.contains_key(&header.epoch) => State::Waiting,
                Err(_) => State::Quarantined,
            };
        }
        self.learn(learned);
    }

    pub(super) fn learn(&mut self, learned: Vec<LearnedKey>) {
        self.keys.extend(learned.into_iter().map(|learned| {
            let known = KnownKey {
                epoch: learned.epoch,
                key: learned.key,
            };
            (learned.document, known)
        }));
    }
}

pub(super) fn change(record: &Record) -> Option<ChangeRecord> {
    let (header, body) = record.clone().into_parts();
    Some(ChangeRecord {
        header: Verified::from_own_storage(header),
        body: body?,
    })
}
