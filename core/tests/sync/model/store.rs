//! What a vault keeps of one space. Each method is one transaction: a crash comes between two, never within one.

use daymark_core::{
    keys::EpochSecret,
    merge::Keyring,
    seal::{self, BodyKey},
    sync::{
        ChainHead, ChainState, Fault, Intake, KnownKey, OwnChain, Replica, Sealed, SpaceLogs,
        StoredRecord, Waiting,
    },
};
use daymark_wire::{
    ChainId, DocumentId, EpochId, Generation, Hash, KeyId, Record, RecordKind, Seq, Verified,
    logs::TravelLink,
    record::{ExpiryDay, Place},
};
use std::collections::{BTreeMap, BTreeSet};

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

/// Content that no relay has acknowledged, and the record that it was sealed into.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) document: DocumentId,
    pub(crate) content: Vec<u8>,
    pub(crate) place: Option<Place>,
}

/// See the module.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) epochs: BTreeMap<EpochId, EpochSecret>,
    pub(crate) keys: Vec<(DocumentId, KnownKey)>,
    pub(crate) wrapped: BTreeSet<(EpochId, DocumentId, KeyId)>,
    pub(crate) chains: BTreeMap<ChainId, ChainHead>,
    pub(crate) own: OwnChain,
    pub(crate) records: BTreeMap<Place, Kept>,
    pub(crate) outbox: BTreeMap<i64, Outgoing>,
    pub(crate) generation: Option<Generation>,
    /// The link signed last, until something is known to stand at its place.
    pub(crate) signed: Option<TravelLink>,
    pub(crate) proofs: Vec<StoredRecord>,
    /// Every fault since the last time somebody looked.
    pub(crate) faults: BTreeSet<Fault>,
}

impl Store {
    pub(crate) fn new(own: OwnChain) -> Self {
        Self {
            epochs: BTreeMap::new(),
            keys: Vec::new(),
            wrapped: BTreeSet::new(),
            chains: BTreeMap::new(),
            own,
            records: BTreeMap::new(),
            outbox: BTreeMap::new(),
            generation: None,
            signed: None,
            proofs: Vec::new(),
            faults: BTreeSet::new(),
        }
    }

    /// A link that explains why a body is missing may come after the record.
    pub(super) fn explain_holes(&mut self, logs: &SpaceLogs) {
        for kept in self.records.values_mut() {
            if kept.state == State::Hole && logs.explains_stub(kept.record.claimed()) {
                kept.state = State::Stub;
            }
        }
    }

    /// Bodies that are missing.
    pub(crate) fn holes(&self) -> BTreeMap<Place, Hash> {
        let holes = self
            .records
            .iter()
            .filter(|(_, kept)| kept.state == State::Hole);
        holes
            .map(|(place, kept)| (*place, kept.record.hash()))
            .collect()
    }

    /// Everything of an intake but its links and the account's keys.
    pub(crate) fn put_intake(&mut self, intake: &Intake, replica: &Replica) {
        self.explain_holes(&replica.logs);
        let holes = &replica.holes;
        for epoch in intake.older_epochs.iter().chain(&intake.epoch) {
            self.epochs.insert(epoch.id, epoch.secret.clone());
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
                None if holes.contains_key(&record.place()) => State::Hole,
                None => State::Stub,
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
        self.signed.take_if(|_| replica.signed.is_none());
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
        let again = self.content_beyond(ended, after);
        let mut next = self.outbox.keys().next().copied().unwrap_or(0);
        for (document, content) in again.into_iter().rev() {
            next -= 1;
            let place = None;
            self.outbox.insert(
                next,
                Outgoing {
                    document,
                    content,
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

    fn content_beyond(&self, chain: ChainId, after: Seq) -> Vec<(DocumentId, Vec<u8>)> {
        let keyring = self.keyring();
        let in_chain = self.records.iter().filter(|(place, kept)| {
            place.chain == chain
                && place.seq > after
                && !kept.record.claimed().kind.is_of_the_space()
        });
        in_chain
            .filter_map(|(_, kept)| {
                let (header, body) = kept.record.clone().into_parts();
                let header = Verified::from_own_storage(header);
                let document = header.get().document;
                let key = keyring.get(document, header.get().key)?;
                let content = seal::open(&header, &body?, BodyKey::Document(key)).ok()?;
                Some((document, content))
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

    pub(crate) fn waiting(&self) -> Vec<Waiting> {
        let waiting = self
            .outbox
            .iter()
            .filter(|(_, change)| change.place.is_none());
        waiting
            .map(|(item, outgoing)| Waiting {
                item: *item,
                document: outgoing.document,
                content: outgoing.content.clone(),
                expires: ExpiryDay::default(),
            })
            .collect()
    }

    pub(crate) fn put_content(&mut self, document: DocumentId, content: Vec<u8>) {
        let next = self.outbox.keys().last().map_or(1, |last| last + 1);
        let place = None;
        self.outbox.insert(
            next,
            Outgoing {
                document,
                content,
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
