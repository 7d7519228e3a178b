//! What a vault has on disk. Each method is one transaction: a crash comes between two, never within one.

use daymark_core::{
    account::Logs,
    journal::View,
    keys::{AccountKeys, DeviceKey, EpochSecret, WrappingKey},
    merge::Keyring,
    seal::{self, BodyKey},
    secret::Secret,
    sync::{
        ChainHead, ChainState, Fault, Intake, KnownKey, OwnChain, Replica, Sealed, StoredRecord,
        Waiting,
    },
};
use daymark_wire::{
    ChainId, DeviceId, DocumentId, EpochId, Generation, KeyId, Record, RecordKind, Seq, Verified,
    logs::TravelLink,
    record::{ExpiryDay, Place},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Received,
    Merged,
    Waiting,
    Quarantined,
    Sealed,
    Hole,
    Stub,
}

/// A record as stored.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) record: Record,
    pub(crate) state: State,
}

/// A change that no relay has acknowledged, and the record that it was sealed into.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) document: DocumentId,
    pub(crate) change: Vec<u8>,
    pub(crate) place: Option<Place>,
}

/// A saved document and its view.
#[derive(Debug, Clone)]
pub(crate) struct SavedDocument {
    pub(crate) bytes: Vec<u8>,
    pub(crate) view: View,
}

/// See the module.
#[derive(Clone)]
pub(crate) struct Disk {
    pub(crate) device_seed: Secret<32>,
    pub(crate) wrapping: WrappingKey,
    pub(crate) account_keys: AccountKeys,
    pub(crate) logs: Logs,
    pub(crate) epochs: BTreeMap<EpochId, EpochSecret>,
    pub(crate) keys: Vec<(DocumentId, KnownKey)>,
    pub(crate) wrapped: BTreeSet<(EpochId, DocumentId, KeyId)>,
    pub(crate) chains: BTreeMap<ChainId, ChainHead>,
    pub(crate) own: OwnChain,
    pub(crate) records: BTreeMap<Place, Kept>,
    pub(crate) outbox: BTreeMap<i64, Outgoing>,
    pub(crate) documents: BTreeMap<DocumentId, SavedDocument>,
    pub(crate) generation: Option<Generation>,
    pub(crate) proofs: Vec<StoredRecord>,
    /// Every fault since the last time somebody looked.
    pub(crate) faults: BTreeSet<Fault>,
}

impl Disk {
    pub(crate) fn device(&self) -> DeviceId {
        DeviceKey::from_seed(self.device_seed.clone()).id()
    }

    pub(crate) fn replica(&self) -> Replica {
        let logs = self.logs.clone();
        let forgets = logs.journal().epochs().iter();
        let forgotten = forgets.flat_map(|epoch| epoch.forgets.clone()).collect();
        let holes = self
            .records
            .iter()
            .filter(|(_, kept)| kept.state == State::Hole);
        Replica {
            device: Arc::new(DeviceKey::from_seed(self.device_seed.clone())),
            wrapping: self.wrapping.clone(),
            account_keys: self.account_keys.clone(),
            epochs: self.epochs.clone(),
            chains: self.chains.iter().map(|(id, head)| (*id, *head)).collect(),
            own: self.own,
            holes: holes
                .map(|(place, kept)| (*place, kept.record.hash()))
                .collect(),
            forgotten,
            generation: self.generation,
            logs: logs.into(),
        }
    }

    pub(crate) fn put_intake(&mut self, intake: &Intake, forgotten: &BTreeSet<DocumentId>) {
        let links: Vec<_> = intake
            .links
            .iter()
            .map(|(_, _, link)| link.clone())
            .collect();
        assert_eq!(
            self.logs.take(&links).fault,
            None,
            "stored links fold again"
        );
        for epoch in intake.older_epochs.iter().chain(&intake.epoch) {
            self.epochs.insert(epoch.id, epoch.secret.clone());
        }
        if let Some(keys) = intake
            .epoch
            .as_ref()
            .and_then(|epoch| epoch.account_keys.clone())
        {
            self.account_keys = keys;
        }
        if let Some(place) = intake.acknowledged {
            self.acknowledge(place);
        }
        for stored in &intake.records {
            let record = record_of(stored);
            let head = head_of(&record);
            self.chains.insert(record.place().chain, head);
            let state = match record.body() {
                Some(_) => State::Received,
                None if forgotten.contains(&record.claimed().document) => State::Stub,
                None => State::Hole,
            };
            let before = self.records.insert(record.place(), Kept { record, state });
            assert!(before.is_none(), "a place was given twice");
        }
        for stored in &intake.filled {
            let record = record_of(stored);
            let kept = self.records.get_mut(&record.place()).unwrap();
            assert_eq!(
                (kept.state, kept.record.hash()),
                (State::Hole, record.hash())
            );
            kept.state = State::Received;
            kept.record = record;
        }
        for fault in &intake.faults {
            if let Fault::ForkedChain { chain } = fault
                && let Some(head) = self.chains.get_mut(chain)
            {
                head.state = ChainState::Frozen;
            }
        }
        self.generation = intake.generation.or(self.generation);
        self.proofs.extend(intake.forks.iter().cloned());
        self.faults.extend(intake.faults.iter().cloned());
    }

    fn acknowledge(&mut self, up_to: Place) {
        let first = Place {
            seq: Seq::FIRST,
            ..up_to
        };
        for (place, kept) in self.records.range_mut(first..=up_to) {
            if kept.state != State::Sealed {
                continue;
            }
            kept.state = match kept.record.claimed().kind {
                RecordKind::Keys => State::Received,
                _ => State::Merged,
            };
            self.outbox
                .retain(|_, outgoing| outgoing.place != Some(*place));
        }
        let head = head_of(&self.records[&up_to].record);
        self.chains.insert(up_to.chain, head);
    }

    pub(crate) fn put_sealed(&mut self, sealed: &Sealed) {
        for record in &sealed.records {
            let kept = Kept {
                record: record.clone(),
                state: State::Sealed,
            };
            let before = self.records.insert(record.place(), kept);
            assert!(before.is_none(), "a place was signed twice");
        }
        for item in &sealed.items {
            let chain = sealed.own.chain;
            let place = Place {
                chain,
                seq: item.seq,
            };
            self.outbox.get_mut(&item.item).unwrap().place = Some(place);
        }
        self.keys.extend(sealed.keys.iter().cloned());
        self.own = sealed.own;
    }

    pub(crate) fn renew(&mut self, own: OwnChain, after: Seq) {
        let ended = self.own.chain;
        self.records.retain(|_, kept| kept.state != State::Sealed);
        for outgoing in self.outbox.values_mut() {
            outgoing.place = None;
        }
        let again = self.changes_beyond(ended, after);
        let mut next = self.outbox.keys().next().copied().unwrap_or(0);
        for (document, change) in again.into_iter().rev() {
            next -= 1;
            let place = None;
            self.outbox.insert(
                next,
                Outgoing {
                    document,
                    change,
                    place,
                },
            );
        }
        let waiting: BTreeSet<_> = self.outbox.values().map(|change| change.document).collect();
        for (document, known) in &mut self.keys {
            if waiting.contains(document) {
                known.epoch = EpochId::ZERO;
            }
        }
        self.own = own;
    }

    fn changes_beyond(&self, chain: ChainId, after: Seq) -> Vec<(DocumentId, Vec<u8>)> {
        let keyring = self.keyring();
        let in_chain = self.records.iter().filter(|(place, kept)| {
            place.chain == chain
                && place.seq > after
                && kept.record.claimed().kind == RecordKind::Change
        });
        in_chain
            .filter_map(|(_, kept)| {
                let (header, body) = kept.record.clone().into_parts();
                let header = Verified::from_own_storage(header);
                let document = header.get().document;
                let key = keyring.get(document, header.get().key)?;
                let change = seal::open(&header, &body?, BodyKey::Document(key)).ok()?;
                Some((document, change))
            })
            .collect()
    }

    pub(crate) fn keyring(&self) -> Keyring {
        let mut keyring = Keyring::default();
        for (document, known) in &self.keys {
            keyring.insert(*document, known.key.clone());
        }
        keyring
    }

    /// Drops what lies beside links.
    pub(crate) fn forget_blobs(&mut self) {
        let known = self.logs.known();
        let links = known
            .iter()
            .flat_map(|known| self.logs.links_beyond(known.log, 0).to_vec());
        let bare: Vec<_> = links
            .map(|link| TravelLink { blob: None, ..link })
            .collect();
        self.logs = Logs::fold(&bare).unwrap();
    }

    pub(crate) fn waiting(&self) -> Vec<Waiting> {
        let waiting = self
            .outbox
            .iter()
            .filter(|(_, change)| change.place.is_none());
        waiting
            .map(|(item, outgoing)| Waiting {
                item: *item,
                document: outgoing.document,
                content: outgoing.change.clone(),
                expires: ExpiryDay::default(),
            })
            .collect()
    }

    pub(crate) fn put_change(&mut self, document: DocumentId, change: Vec<u8>) {
        let next = self.outbox.keys().last().map_or(1, |last| last + 1);
        let place = None;
        self.outbox.insert(
            next,
            Outgoing {
                document,
                change,
                place,
            },
        );
    }

    /// Stored records of a chain beyond a place.
    pub(crate) fn beyond(&self, chain: ChainId, after: Seq, limit: usize) -> Vec<Record> {
        let in_chain = self
            .records
            .iter()
            .filter(|(place, _)| place.chain == chain);
        in_chain
            .filter(|(place, _)| place.seq > after)
            .map(|(_, kept)| kept.record.clone())
            .take(limit)
            .collect()
    }

    pub(crate) fn at(&self, places: &[Place]) -> Vec<Record> {
        let found = places.iter().filter_map(|place| self.records.get(place));
        let records = found.map(|kept| kept.record.clone());
        records.filter(|record| record.body().is_some()).collect()
    }
}

fn record_of(stored: &StoredRecord) -> Record {
    Record::new(stored.header.signed().clone(), stored.body.clone()).unwrap()
}

fn head_of(record: &Record) -> ChainHead {
    ChainHead {
        seq: record.place().seq,
        hash: record.hash(),
        state: ChainState::Live,
    }
}
