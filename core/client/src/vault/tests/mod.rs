//! The half of the vault that a sync uses. What apps see is tested in `core/client/tests`.

mod cleaning;
mod intake;
mod merging;
mod offering;
mod opened;
mod outbox;
mod times;

use super::{Merged, Reading, Vault, Writing};
use crate::system::SystemBytes;
use daymark_core::{
    account::found,
    journal::{Actor, ChangeBytes, Entry, EntryDocument, Text, View, When},
    keys::{DeviceKey, DocumentKey, VaultKey},
    random::{Purpose, Random},
    seal::{self, BodyKey},
    sync::{Intake, OwnChain, StoredRecord},
};
use daymark_wire::{
    DocumentId, EpochId, Hash, Header, Record, RecordKind, Seq, SpaceId, Suite, record::ExpiryDay,
};
use std::collections::BTreeSet;
use tempfile::TempDir;

/// A vault whose passphrase is `pass`, in a folder that must be kept.
async fn vault() -> (TempDir, Vault) {
    let folder = TempDir::new().unwrap();
    let random = Random::first(Box::new(SystemBytes::new())).unwrap();
    let founded = found(None, &random).unwrap();
    let vault = Vault::create(folder.path(), "pass", founded.into(), random)
        .await
        .unwrap();
    (folder, vault)
}

async fn open_again(folder: &TempDir, key: VaultKey) -> Vault {
    let locked = Vault::open(folder.path()).await.unwrap();
    locked.unlock_with_key(key).await.unwrap()
}

impl Vault {
    async fn save_intake(&self, intake: &Intake, forgotten: &BTreeSet<DocumentId>) {
        let of_forgotten = intake
            .records
            .iter()
            .filter(|record| forgotten.contains(&record.header.get().document));
        let gone = of_forgotten.map(StoredRecord::place).collect();
        let mut writing = self.writing().await.unwrap();
        writing
            .put_intake(self.journal(), intake, &gone)
            .await
            .unwrap();
        writing.commit().await.unwrap();
    }

    /// Gives the documents that were written meanwhile.
    async fn save_merged(&self, merged: Vec<Merged>) -> BTreeSet<DocumentId> {
        let mut writing = self.writing().await.unwrap();
        let overtaken = writing.put_merged(merged).await.unwrap();
        writing.commit().await.unwrap();
        overtaken
    }
}

fn note(text: &str) -> Entry {
    let mut entry = Entry::new(When::parse("2021-03-04T21:10Z", None).unwrap().0);
    entry.text = Text::parse(text).unwrap();
    entry
}

/// Another device of the same journal, that seals what it is told to.
struct OtherDevice {
    key: DeviceKey,
    space: SpaceId,
    chain: OwnChain,
    document_key: DocumentKey,
    random: Random,
}

impl OtherDevice {
    fn of(vault: &Vault) -> Self {
        let random = Random::first(Box::new(SystemBytes::new())).unwrap();
        let key = DeviceKey::generate(&random).unwrap();
        Self {
            chain: OwnChain::first(key.id(), &random).unwrap(),
            document_key: DocumentKey::generate(&random).unwrap(),
            key,
            space: vault.journal(),
            random,
        }
    }

    /// The next record of its chain.
    fn seal(&mut self, document: DocumentId, content: &[u8]) -> Record {
        let header = Header {
            suite: Suite::One,
            kind: RecordKind::Change,
            space: self.space,
            document,
            chain: self.chain.chain,
            seq: Seq(self.chain.seq.0 + 1),
            previous: self.chain.hash,
            epoch: EpochId::from_bytes([1; 16]),
            heads: Vec::new(),
            expires: ExpiryDay(0),
            key: self.document_key.id(),
            introduces: None,
            replaces: None,
            body_length: 0,
            body_hash: Hash::ZERO,
        };
        let key = BodyKey::Document(&self.document_key);
        let record = seal::seal(header, content, key, &self.key, &self.random).unwrap();
        self.chain.seq = record.place().seq;
        self.chain.hash = record.hash();
        record
    }

    /// A record as an intake holds it.
    fn stored(&self, record: Record) -> StoredRecord {
        let (header, body) = record.into_parts();
        let header = header.verify(&self.key.verifying_key()).unwrap();
        StoredRecord { header, body }
    }

    /// A new entry's document, view and change.
    fn entry(&self, text: &str) -> (DocumentId, Vec<u8>, View, ChangeBytes) {
        let id = DocumentId::from_bytes(self.random.bytes(Purpose::Id).unwrap());
        let actor = Actor::new(self.key.id(), self.random.bytes(Purpose::Id).unwrap());
        let (document, change) = EntryDocument::create(actor, &note(text)).unwrap();
        (id, document.save(), document.view(id), change)
    }
}

impl Reading {
    /// How many rows of a table are a space's; `bodies` are those of its records.
    pub(crate) async fn count_of(&mut self, table: &'static str, space: SpaceId) -> i64 {
        let query = match table {
            "versions" => "SELECT count(*) FROM versions WHERE bond = ?",
            "keys" => "SELECT count(*) FROM keys WHERE space = ?",
            "epochs" => "SELECT count(*) FROM epochs WHERE space = ?",
            "outbox" => "SELECT count(*) FROM outbox WHERE space = ?",
            "bodies" => {
                "SELECT count(r.body) FROM records r JOIN chains c ON c.id = r.chain WHERE c.space = ?"
            }
            other => panic!("no table {other}"),
        };
        let count = sqlx::query_scalar(query).bind(space.as_bytes().as_slice());
        count.fetch_one(self.connection()).await.unwrap()
    }

    /// A document of a bond as it lies in its row.
    pub(crate) async fn any_sealed_version(&mut self, bond: SpaceId) -> Vec<u8> {
        let sealed = sqlx::query_scalar("SELECT sealed FROM versions WHERE bond = ?");
        let sealed = sealed.bind(bond.as_bytes().as_slice());
        sealed.fetch_one(self.connection()).await.unwrap()
    }
}

impl Writing {
    /// The last day of everything in a bond that has one was long ago.
    pub(crate) async fn expire_all(&mut self, bond: SpaceId) {
        sqlx::query("UPDATE versions SET expires = 1 WHERE bond = ? AND expires > 0")
            .bind(bond.as_bytes().as_slice())
            .execute(self.connection())
            .await
            .unwrap();
    }
}

/// An intake in which only some things are.
fn intake(fill: impl FnOnce(&mut Intake)) -> Intake {
    let mut intake = Intake::default();
    fill(&mut intake);
    intake
}
