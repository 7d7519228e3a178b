//! Records of a bond become documents: opened with their keys, decoded within bounds, each side's own kinds only
//! (rules B5, B6, threat J5).

use super::{ShareError, SpaceId, bond::Bonds, receiving::last_day, taking_in::TakenIn};
use crate::vault::{RecordRow, RecordState, StoredVersion, Writing};
use daymark_core::{
    keys::{DocumentKey, EpochSecret},
    seal::{self, BodyKey},
    sharing::{Version, VersionError},
    sync::KnownKey,
};
use daymark_wire::{
    DeviceId, DocumentId, EpochId, Header, Record, RecordKind, Verified,
    logs::Role,
    record::{ExpiryDay, header_hash},
};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Records read in one transaction at a time.
const READ_AT_ONCE: usize = 256;

/// What became of one record.
enum Read {
    Taken(Box<StoredVersion>, Option<(DocumentId, KnownKey)>),
    /// Its key has not come yet.
    Waiting,
    Refused,
}

/// What the records of a bond are opened with.
struct Opening<'a> {
    bonds: &'a Bonds,
    bond: SpaceId,
    epochs: BTreeMap<EpochId, EpochSecret>,
    keys: Vec<(DocumentId, KnownKey)>,
}

impl Writing {
    /// Reads what was received of a bond and not read yet, and learns which of this device's own documents a relay
    /// took.
    pub(super) async fn take_in_versions(
        &mut self,
        bond: SpaceId,
        bonds: &Bonds,
        device: DeviceId,
        taken: &mut TakenIn,
    ) -> Result<(), ShareError> {
        self.learn_hashes(bond, device).await?;
        loop {
            let records = self.versions_to_read(bond, READ_AT_ONCE).await?;
            if records.is_empty() {
                return Ok(());
            }
            let opening = Opening {
                bonds,
                bond,
                epochs: self.epochs_of(bond).await?,
                keys: self.every_key_of(bond).await?,
            };
            let mut settled: Vec<(RecordRow, RecordState)> = Vec::with_capacity(records.len());
            for (row, record) in records {
                let state = match opening.read(record) {
                    Read::Waiting => RecordState::Waiting,
                    Read::Refused => {
                        taken.refused += 1;
                        RecordState::Quarantined
                    }
                    Read::Taken(version, key) => {
                        self.put_version(&version).await?;
                        self.put_keys(bond, key.as_slice()).await?;
                        taken.received += 1;
                        RecordState::Merged
                    }
                };
                settled.push((row, state));
            }
            self.settle_records(settled.into_iter()).await?;
        }
    }
}

impl Opening<'_> {
    fn read(&self, record: Record) -> Read {
        let (header, body) = record.into_parts();
        let header = Verified::from_own_storage(header);
        let (Some(body), RecordKind::Version) = (body, header.get().kind) else {
            return Read::Refused;
        };
        let Some((key, introduced)) = self.key(&header) else {
            return Read::Waiting;
        };
        let Some(author) = self.author(header.get()) else {
            return Read::Refused;
        };
        let Ok(content) = seal::open(&header, &body, BodyKey::Document(&key)) else {
            return Read::Refused;
        };
        let content = Zeroizing::new(content);
        let expires = header.get().expires;
        if !is_readable(&content, author) || !may_expire(expires, author) {
            return Read::Refused;
        }
        let document = header.get().document;
        let known = KnownKey {
            epoch: header.get().epoch,
            key,
        };
        let version = StoredVersion {
            bond: self.bond,
            document,
            author,
            expires,
            hash: Some(header_hash(header.signed())),
            since: self.bonds.now.ms,
            content,
        };
        Read::Taken(Box::new(version), introduced.then_some((document, known)))
    }

    /// The document's key, and whether this record brought it.
    fn key(&self, header: &Verified<Header>) -> Option<(DocumentKey, bool)> {
        let header = header.get();
        let mut known = self.keys.iter().filter(|(document, known)| {
            *document == header.document && known.key.id() == header.key
        });
        if let Some((_, known)) = known.next() {
            return Some((known.key.clone(), false));
        }
        let epoch = self.epochs.get(&header.epoch)?;
        let wrapped = header.introduces.as_ref()?;
        let key = epoch.unwrap_key(header.document, header.key, wrapped);
        key.ok().map(|key| (key, true))
    }

    fn author(&self, header: &Header) -> Option<Role> {
        let logs = self.bonds.all.get(&self.bond)?.logs.as_ref()?;
        let accounts = logs.accounts(&self.bonds.own);
        accounts.device(header.chain.device).map(|(role, _)| role)
    }
}

/// Whether its author may say that it expires then: a supporter nothing, as a reply is its owner's to keep; an owner on
/// a last day that a person can be told.
fn may_expire(expires: ExpiryDay, author: Role) -> bool {
    expires == ExpiryDay::default() || author == Role::Owner && last_day(expires).is_some()
}

/// What each side may write; of a kind that comes with a later version it is not known yet.
fn is_readable(content: &[u8], author: Role) -> bool {
    match Version::from_bytes(content) {
        Ok(version) => version.writer() == author,
        Err(VersionError::Later { .. }) => true,
        Err(VersionError::TooLong { .. } | VersionError::Malformed) => false,
    }
}
