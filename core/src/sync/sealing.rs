//! Sealing at upload: what waits in the outbox becomes records of this device's chain (rule R7).

use super::{Checkpoint, OwnChain, Replica, RewrappedKey, RewrappedKeys};
use crate::{
    gate,
    keys::{DocumentKey, EpochSecret},
    random::{NoRandomness, Random},
    seal::{self, BodyKey, SealError},
};
use daymark_wire::{
    DocumentId, EpochId, Hash, Header, KeyId, Record, RecordKind, Seq, Suite, record::ExpiryDay,
};
use std::collections::BTreeMap;
use thiserror::Error;

/// Changes of one document share a record up to this size, so that an evening's edits of one entry are not
/// hundreds of headers; below a record's limit, so that a large single change still fits.
const SHARED_BODY_BYTES: usize = 64 * 1024;

/// Content that waits in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its number in the outbox.
    pub item: i64,
    /// The document.
    pub document: DocumentId,
    /// In a journal one raw Automerge change, in a bond one version.
    pub content: Vec<u8>,
    /// From when on it is deleted; none in a journal.
    pub expires: ExpiryDay,
}

/// Keys that one `keys` record wraps again: each is about 90 bytes, so a record is far below its limit.
const KEYS_PER_RECORD: usize = 4096;

/// A document key that this device holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    /// The epoch under which a record introduced it. Zero for a key that came wrapped again: it may be known
    /// to devices removed since, so nothing more is ever sealed with it.
    pub epoch: EpochId,
    /// The key.
    pub key: DocumentKey,
}

/// One outbox item and the place it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedItem {
    /// Its number in the outbox.
    pub item: i64,
    /// Its place in [`Sealed::own`]'s chain.
    pub seq: Seq,
}

/// What sealing made: stored in one transaction before any of it is sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The records, in order of their places.
    pub records: Vec<Record>,
    /// Where each outbox item went.
    pub items: Vec<SealedItem>,
    /// Document keys made for it, with the epoch that introduces them.
    pub keys: Vec<(DocumentId, KnownKey)>,
    /// This device's chain afterwards.
    pub own: OwnChain,
}

/// Nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealingError {
    /// The newest epoch cannot be opened here, or the space needs a new one.
    #[error("there are no keys to seal with")]
    NoEpoch,
    /// A record could not be made.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

impl Replica {
    /// Seals what waits, under the newest epoch. `keys` holds the newest key of each document that has one.
    /// What is of forgotten documents is passed over: it waits for the person (rule F6). So is what has expired.
    ///
    /// # Errors
    /// [`SealingError`]; no place was used.
    pub fn seal(
        &mut self,
        waiting: Vec<Waiting>,
        keys: &BTreeMap<DocumentId, KnownKey>,
        checkpoint: bool,
        random: &Random,
    ) -> Result<Sealed, SealingError> {
        let (mut sealing, mut sealed) = self.begin_sealing(random)?;
        let mut known = keys.clone();
        let is_due = |waiting: &Waiting| {
            let forgotten = self.forgotten.contains(&waiting.document)
                || self.logs.is_to_be_forgotten(waiting.document);
            !forgotten && !self.logs.is_expired(waiting.expires)
        };
        let waiting = waiting.into_iter().filter(is_due).collect();
        for group in grouped(waiting, self.logs.content_kind()) {
            sealing.seal_group(group, &mut known, &mut sealed)?;
        }
        if checkpoint {
            let record = sealing.seal_checkpoint()?;
            sealed.records.push(record);
        }
        sealed.own = sealing.own;
        self.own = sealed.own;
        Ok(sealed)
    }

    /// Wraps document keys again under the newest epoch, in `keys` records (rules F2, R3). Those of forgotten
    /// documents are left out.
    ///
    /// # Errors
    /// [`SealingError`]; no place was used.
    pub fn wrap_keys(
        &mut self,
        keys: &[(DocumentId, DocumentKey)],
        random: &Random,
    ) -> Result<Sealed, SealingError> {
        let (mut sealing, mut sealed) = self.begin_sealing(random)?;
        let kept: Vec<_> = keys
            .iter()
            .filter(|(document, _)| !self.forgotten.contains(document))
            .collect();
        for chunk in kept.chunks(KEYS_PER_RECORD) {
            let record = sealing.seal_keys(chunk)?;
            sealed.records.push(record);
        }
        sealed.own = sealing.own;
        self.own = sealed.own;
        Ok(sealed)
    }

    fn begin_sealing<'a>(
        &'a self,
        random: &'a Random,
    ) -> Result<(Sealing<'a>, Sealed), SealingError> {
        let (epoch, secret) = self
            .newest_epoch()
            .filter(|_| self.logs.takes_content())
            .ok_or(SealingError::NoEpoch)?;
        let sealing = Sealing {
            replica: self,
            epoch,
            secret: secret.clone(),
            own: self.own,
            random,
        };
        let sealed = Sealed {
            records: Vec::new(),
            items: Vec::new(),
            keys: Vec::new(),
            own: self.own,
        };
        Ok((sealing, sealed))
    }
}

/// What goes into one record: changes of one document, or one version.
struct Group {
    document: DocumentId,
    items: Vec<i64>,
    content: Vec<u8>,
    expires: ExpiryDay,
}

/// Puts changes of the same document together, in their order, where each rests on the one before alone.
/// Versions stay each by itself.
fn grouped(waiting: Vec<Waiting>, kind: RecordKind) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut newest: BTreeMap<DocumentId, usize> = BTreeMap::new();
    for change in waiting {
        let open = newest
            .get(&change.document)
            .and_then(|index| groups.get_mut(*index))
            .filter(|_| kind == RecordKind::Change)
            .filter(|group| group.content.len() + change.content.len() <= SHARED_BODY_BYTES)
            .filter(|group| gate::goes_on(&group.content, &change.content));
        if let Some(group) = open {
            group.items.push(change.item);
            group.content.extend(change.content);
        } else {
            newest.insert(change.document, groups.len());
            groups.push(Group {
                document: change.document,
                items: vec![change.item],
                content: change.content,
                expires: change.expires,
            });
        }
    }
    groups
}

struct Sealing<'a> {
    replica: &'a Replica,
    epoch: EpochId,
    secret: EpochSecret,
    own: OwnChain,
    random: &'a Random,
}

impl Sealing<'_> {
    fn seal_group(
        &mut self,
        group: Group,
        known: &mut BTreeMap<DocumentId, KnownKey>,
        sealed: &mut Sealed,
    ) -> Result<(), SealingError> {
        let document = group.document;
        let current = known
            .get(&document)
            .filter(|known| known.epoch == self.epoch);
        let (key, introduces) = match current {
            Some(known) => (known.key.clone(), None),
            None => {
                let key = DocumentKey::generate(self.random)?;
                let wrapped = self.secret.wrap_key(document, &key);
                let new = KnownKey {
                    epoch: self.epoch,
                    key: key.clone(),
                };
                known.insert(document, new.clone());
                sealed.keys.push((document, new));
                (key, Some(wrapped))
            }
        };
        let header = Header {
            document,
            key: key.id(),
            introduces,
            expires: group.expires,
            ..self.next_header(self.replica.logs.content_kind())
        };
        let record = self.finish(header, &group.content, BodyKey::Document(&key))?;
        let seq = self.own.seq;
        sealed
            .items
            .extend(group.items.into_iter().map(|item| SealedItem { item, seq }));
        sealed.records.push(record);
        Ok(())
    }

    fn seal_checkpoint(&mut self) -> Result<Record, SealingError> {
        let forgotten_up_to = self
            .replica
            .logs
            .newest_epoch()
            .map_or(0, |epoch| epoch.number);
        let checkpoint = Checkpoint {
            have: self.replica.have(),
            heads: self.replica.logs.heads(),
            forgotten_up_to,
        };
        let key = self.secret.space_key(RecordKind::Checkpoint);
        let header = self.next_header(RecordKind::Checkpoint);
        self.finish(header, &checkpoint.to_bytes(), BodyKey::Space(&key))
    }

    fn seal_keys(&mut self, keys: &[&(DocumentId, DocumentKey)]) -> Result<Record, SealingError> {
        let wrap = |(document, key): &(DocumentId, DocumentKey)| RewrappedKey {
            document: *document,
            key: key.id(),
            wrapped: self.secret.wrap_key(*document, key),
        };
        let content = RewrappedKeys {
            keys: keys.iter().map(|key| wrap(key)).collect(),
        };
        let key = self.secret.space_key(RecordKind::Keys);
        let header = self.next_header(RecordKind::Keys);
        self.finish(header, &content.to_bytes(), BodyKey::Space(&key))
    }

    fn next_header(&self, kind: RecordKind) -> Header {
        Header {
            suite: Suite::One,
            kind,
            space: self.replica.space(),
            document: DocumentId::ZERO,
            chain: self.own.chain,
            seq: Seq(self.own.seq.0 + 1),
            previous: self.own.hash,
            epoch: self.epoch,
            heads: self.replica.logs.heads(),
            expires: ExpiryDay(0),
            key: KeyId::ZERO,
            introduces: None,
            replaces: self.own.replaces.filter(|_| self.own.seq < Seq::FIRST),
            body_length: 0,
            body_hash: Hash::ZERO,
        }
    }

    fn finish(
        &mut self,
        header: Header,
        content: &[u8],
        key: BodyKey<'_>,
    ) -> Result<Record, SealingError> {
        let record = seal::seal(header, content, key, &self.replica.device, self.random)?;
        self.own.seq = record.place().seq;
        self.own.hash = record.hash();
        Ok(record)
    }
}
