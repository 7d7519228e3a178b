//! What a relay that forgets nothing keeps, and what somebody's keys open of it.

use super::{Database, HostileRelay, StolenDevice, honest, rows};
use crate::holds;
use daymark_client::vault::Vault;
use daymark_core::{
    keys::{AccountKeys, DocumentKey, EpochSecret, WrappingKey},
    merge::{SpaceContent, open_space_record},
    seal::{self, BodyKey},
    secret::Secret,
};
use daymark_wire::{
    DocumentId, EpochId, Header, KeyId, Record, SpaceId, Verified, cbor, limits,
    logs::{BondContent, EpochContent, JournalContent, LogKind, TravelLink},
    wrapping::Wraps,
};
use sqlx::Row as _;
use std::collections::BTreeMap;

/// Records and links, each once.
#[derive(Default, Clone)]
pub struct Hoard {
    records: BTreeMap<[u8; 32], Record>,
    links: BTreeMap<Vec<u8>, TravelLink>,
}

/// Every key that one person's vaults held at some moment.
#[derive(Default, Clone)]
pub struct SeenKeys {
    wrapping: Vec<WrappingKey>,
    epochs: BTreeMap<EpochId, EpochSecret>,
    documents: BTreeMap<KeyId, DocumentKey>,
}

/// What keys open of a hoard.
#[derive(Default)]
pub struct Opened {
    /// Each record that opens.
    pub records: Vec<OpenedRecord>,
    /// Bytes of all that was tried: headers, bodies, links and what lies beside them.
    pub searched: usize,
}

/// A record that opened.
pub struct OpenedRecord {
    /// Its header.
    pub header: Header,
    /// What it says.
    pub content: Vec<u8>,
}

impl Hoard {
    /// What the real relay keeps now.
    pub async fn of_relay(relay: &HostileRelay) -> Self {
        let mut hoard = Self::default();
        hoard.keep_database(&mut relay.database().await).await;
        hoard
    }

    /// Everything that was ever brought to a relay, whatever it was told to delete.
    pub async fn of_everything(relay: &HostileRelay) -> Self {
        let mut hoard = Self::of_relay(relay).await;
        for exchange in relay.exchanges() {
            let request = exchange.asked.request;
            hoard.keep_links(request.append);
            for space in request.spaces {
                hoard.keep_records(space.push);
            }
        }
        hoard
    }

    /// What a vault keeps, with the records that it did not open.
    pub async fn of_vault(vault: &Vault) -> Self {
        let mut hoard = Self::default();
        let mut file = honest::open(vault).await;
        let select = "SELECT header, signature, body FROM records";
        let found = sqlx::query(select).fetch_all(&mut file).await;
        for row in found.expect("records") {
            let signature: &[u8] = row.get(1);
            let signature = signature.try_into().expect("64 bytes");
            let signature = daymark_wire::Signature::from_bytes(signature);
            let header = daymark_wire::Signed::from_parts(row.get(0), signature);
            let record = Record::from_own_storage(header.expect("a header"), row.get(2));
            hoard.keep_records([record]);
        }
        let links = super::stolen::links(vault, &mut file).await;
        hoard.keep_links(links.into_iter().map(|(_, link)| link));
        hoard
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.keep_records(other.records.into_values());
        self.keep_links(other.links.into_values());
        self
    }

    /// Only records with these bytes in their header's space.
    #[must_use]
    pub fn of_space(mut self, space: SpaceId) -> Self {
        self.records
            .retain(|_, record| record.claimed().space == space);
        self
    }

    /// The records.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// The links.
    pub fn links(&self) -> impl Iterator<Item = &TravelLink> {
        self.links.values()
    }

    /// Keeps records; one with a body rather than its stub.
    pub fn keep_records(&mut self, records: impl IntoIterator<Item = Record>) {
        for record in records {
            let kept = self.records.entry(*record.hash().as_bytes());
            let kept = kept.or_insert_with(|| record.clone());
            if kept.body().is_none() {
                *kept = record;
            }
        }
    }

    /// Keeps links; one with what lies beside it rather than without.
    pub fn keep_links(&mut self, links: impl IntoIterator<Item = TravelLink>) {
        for link in links {
            let kept = self.links.entry(link.bytes.clone());
            let kept = kept.or_insert_with(|| link.clone());
            if kept.blob.is_none() {
                *kept = link;
            }
        }
    }

    async fn keep_database(&mut self, database: &mut Database) {
        let records = database.records().await;
        self.keep_records(records.iter().map(super::StoredRecord::to_record));
        self.keep_links(database.links().await);
    }

    fn bytes(&self) -> usize {
        let link = |link: &TravelLink| link.bytes.len() + link.blob.as_ref().map_or(0, Vec::len);
        self.records().map(Record::size).sum::<usize>() + self.links().map(link).sum::<usize>()
    }
}

impl SeenKeys {
    /// Every key that a vault holds now.
    pub async fn of(vault: &Vault) -> Self {
        let stolen = StolenDevice::of(vault).await;
        let mut keys = Self::default();
        keys.wrapping.push(stolen.replica.wrapping.clone());
        keys.wrapping
            .extend(stolen.replica.account_keys.wrapping.iter().cloned());
        keys.epochs = stolen.replica.epochs;
        for row in rows(vault).await {
            if row.table == "keys" {
                let secret = Secret::from_slice(&row.content).expect("32 bytes");
                let key = DocumentKey::from_secret(secret);
                keys.documents.insert(key.id(), key);
            }
        }
        keys
    }

    /// These too.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.wrapping.extend(other.wrapping);
        self.epochs.extend(other.epochs);
        self.documents.extend(other.documents);
        self
    }

    /// Opens whatever can be opened, by any of the keys and by all that these open in turn.
    #[must_use]
    pub fn open(mut self, hoard: &Hoard) -> Opened {
        for link in hoard.links() {
            self.try_wraps(link);
        }
        for record in hoard.records() {
            self.try_wrapped_keys(record);
        }
        let mut opened = Opened {
            searched: hoard.bytes(),
            ..Opened::default()
        };
        for record in hoard.records() {
            opened.records.extend(self.open_record(record));
        }
        opened
    }

    fn try_wraps(&mut self, link: &TravelLink) {
        let Some((space, epoch)) = epoch_of(link) else {
            return;
        };
        let Some(blob) = &link.blob else { return };
        let Ok(wraps) = cbor::exactly::<Wraps>("wraps", blob, limits::MAX_BLOB_BYTES) else {
            return;
        };
        let id = link.hash().epoch_id();
        for wrap in &wraps.wraps {
            for key in &self.wrapping {
                if let Ok(secret) = EpochSecret::unwrap(wrap, space, &epoch.commitment, key) {
                    self.epochs.insert(id, secret);
                }
            }
        }
        if let Some(keys) = self.account_keys(id, space, &wraps.shared) {
            self.wrapping.extend(keys.wrapping);
        }
    }

    fn account_keys(&self, id: EpochId, space: SpaceId, sealed: &[u8]) -> Option<AccountKeys> {
        self.epochs.get(&id)?.open_account(space, sealed).ok()
    }

    /// Tries every epoch, not only the one that the header names.
    fn try_wrapped_keys(&mut self, record: &Record) {
        let header = record.claimed();
        let mut wrapped: Vec<(DocumentId, KeyId, _)> = Vec::new();
        wrapped.extend(
            header
                .introduces
                .map(|wrapped| (header.document, header.key, wrapped)),
        );
        let verified = Verified::from_own_storage(record.header().clone());
        let body = record.body().unwrap_or_default();
        if let Ok(SpaceContent::Keys(keys)) = open_space_record(&verified, body, &self.epochs) {
            let keys = keys.keys.into_iter();
            wrapped.extend(keys.map(|key| (key.document, key.key, key.wrapped)));
        }
        for (document, id, wrapped) in &wrapped {
            let opens = |epoch: &EpochSecret| epoch.unwrap_key(*document, *id, wrapped).ok();
            if let Some(key) = self.epochs.values().find_map(opens) {
                self.documents.insert(*id, key);
            }
        }
    }

    fn open_record(&self, record: &Record) -> Option<OpenedRecord> {
        let header = Verified::from_own_storage(record.header().clone());
        let body = record.body()?;
        let by_key = |key: &DocumentKey| seal::open(&header, body, BodyKey::Document(key)).ok();
        let by_epoch = |epoch: &EpochSecret| {
            let key = epoch.space_key(header.get().kind);
            seal::open(&header, body, BodyKey::Space(&key)).ok()
        };
        let mut keys = self.documents.values();
        let content = keys.find_map(by_key);
        let content = content.or_else(|| self.epochs.values().find_map(by_epoch))?;
        Some(OpenedRecord {
            header: record.claimed().clone(),
            content,
        })
    }
}

impl Opened {
    /// Whether these bytes stand in anything that opened.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        let mut records = self.records.iter();
        records.any(|record| holds(&record.content, bytes))
    }
}

fn epoch_of(link: &TravelLink) -> Option<(SpaceId, EpochContent)> {
    match link.kind {
        LogKind::Bond => {
            let link = link.open::<BondContent>().ok()?;
            let BondContent::Epoch(epoch) = &link.claimed().content else {
                return None;
            };
            Some((link.log_id().into(), epoch.clone()))
        }
        LogKind::Journal => {
            let link = link.open::<JournalContent>().ok()?;
            let JournalContent::Epoch(epoch) = &link.claimed().content else {
                return None;
            };
            Some((link.log_id().into(), epoch.clone()))
        }
        LogKind::Account => None,
    }
}
