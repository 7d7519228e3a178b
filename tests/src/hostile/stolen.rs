//! A device in the hands of a thief who knows its passphrase: every key that its vault holds.

use super::honest;
use daymark_client::{
    connection::{Identity, Relay, RelayAddress},
    system::{Clock, SystemBytes, SystemClock},
    vault::Vault,
};
use daymark_core::{
    account::Logs,
    keys::{AccountKeys, DeviceKey, EpochSecret, WrappingKey},
    random::Random,
    secret::Secret,
    sync::{ChainHead, ChainState, Chains, KnownKey, OwnChain, Replica, Waiting},
};
use daymark_wire::{
    AccountId, ChainId, DocumentId, EpochId, Have, LogId, Record, SpaceId,
    logs::TravelLink,
    record::ExpiryDay,
    sync::{SpaceRequest, SyncReply, SyncRequest},
};
use minicbor::{Decode, bytes::ByteArray};
use sqlx::{Row, SqliteConnection};
use std::{collections::BTreeMap, sync::Arc};

/// What is in the vault's row named `identity`.
#[derive(Decode)]
struct Stolen {
    #[n(0)]
    account: AccountId,
    #[n(1)]
    space: SpaceId,
    #[n(2)]
    seed: ByteArray<32>,
}

/// A thief's copy of a device.
pub struct StolenDevice {
    /// Whose account.
    pub account: AccountId,
    /// Its journal.
    pub space: SpaceId,
    /// The device's signing key.
    pub device: Arc<DeviceKey>,
    /// Everything about the journal but its documents, with a chain of the thief's own.
    pub replica: Replica,
    /// Where the thief's randomness comes from.
    pub random: Arc<Random>,
    /// The time that the thief's requests name.
    pub clock: Arc<dyn Clock>,
    keys: BTreeMap<DocumentId, KnownKey>,
}

impl StolenDevice {
    /// The logs of the journal, as the device knows them.
    ///
    /// # Panics
    /// Never: it is a journal's replica.
    pub fn logs(&self) -> &Logs {
        self.replica.logs.as_journal().expect("a journal")
    }

    /// Copies every key out of an unlocked vault.
    pub async fn of(vault: &Vault) -> Self {
        let mut file = honest::open(vault).await;
        let identity = secret(vault, &mut file, "identity").await;
        let stolen: Stolen = minicbor::decode(&identity).expect("an identity");
        let seed = |bytes: &[u8]| Secret::from_slice(bytes).expect("32 bytes");
        let device = Arc::new(DeviceKey::from_seed(seed(stolen.seed.as_slice())));
        let wrapping = secret(vault, &mut file, "wrapping").await;
        let keys = secret(vault, &mut file, "account keys").await;
        let known = links(vault, &mut file).await;
        let logs = Logs::fold(&of_journal(&known, stolen.account, stolen.space)).expect("logs");
        let random = Random::first(Box::new(SystemBytes::new())).expect("randomness");
        let own = OwnChain::first(device.id(), &random).expect("randomness");
        let replica = Replica {
            logs: logs.into(),
            device: Arc::clone(&device),
            wrapping: WrappingKey::from_seed(seed(&wrapping)),
            account_keys: AccountKeys::from_bytes(&keys).expect("the account's keys"),
            epochs: epochs(vault, &mut file).await,
            chains: Chains::default(),
            own,
            holes: BTreeMap::new(),
            forgotten: std::collections::BTreeSet::default(),
            generation: None,
            signed: None,
        };
        Self {
            account: stolen.account,
            space: stolen.space,
            device,
            replica,
            random: Arc::new(random),
            clock: Arc::new(SystemClock),
            keys: BTreeMap::new(),
        }
    }

    /// Goes on with a chain that the device itself wrote, from this record on.
    pub fn go_on_after(&mut self, last: &Record) {
        self.replica.own = OwnChain {
            chain: last.place().chain,
            seq: last.place().seq,
            hash: last.hash(),
            replaces: None,
        };
    }

    /// Seals any bytes as a change of a document, signed as the device would sign it.
    pub fn seal(&mut self, document: DocumentId, change: &[u8]) -> Record {
        let waiting = vec![Waiting {
            item: 1,
            document,
            content: change.to_vec(),
            expires: ExpiryDay::default(),
        }];
        let sealed = self
            .replica
            .seal(waiting, &self.keys, false, &self.random)
            .expect("sealed");
        self.keys.extend(sealed.keys);
        sealed.records.into_iter().next().expect("one record")
    }

    /// Begins another chain of the device.
    pub fn begin_chain(&mut self) {
        let own = OwnChain::first(self.device.id(), &self.random);
        self.replica.own = own.expect("randomness");
    }

    /// Wraps every key made for what was sealed so far again, as is done after an epoch began.
    pub fn wrap_keys(&mut self) -> Record {
        let keys = self.keys.iter();
        let keys: Vec<_> = keys.map(|(id, known)| (*id, known.key.clone())).collect();
        let sealed = self.replica.wrap_keys(&keys, &self.random);
        let records = sealed.expect("sealed").records;
        records.into_iter().next().expect("one record")
    }

    /// A connection with the device's key.
    pub fn connect(&self, relay: RelayAddress) -> Relay {
        let identity = Identity {
            account: self.account,
            device: Arc::clone(&self.device),
        };
        let clock = Arc::clone(&self.clock);
        Relay::new(relay, identity, clock, Arc::clone(&self.random)).expect("a connection")
    }

    /// A request that brings records and asks for nothing.
    pub fn push(&self, records: Vec<Record>) -> SyncRequest {
        SyncRequest {
            known: self.replica.logs.known(),
            append: Vec::new(),
            spaces: vec![SpaceRequest {
                space: self.space,
                have: Have::new(),
                want: Vec::new(),
                push: records,
            }],
            invite: None,
        }
    }

    /// Brings records to a relay as the device would.
    pub async fn bring(&self, relay: RelayAddress, records: Vec<Record>) -> SyncReply {
        let request = self.push(records);
        self.connect(relay)
            .sync(&request)
            .await
            .expect("the relay answers")
    }

    /// Everything that the relay shows this device of the journal.
    pub async fn fetch(&self, relay: RelayAddress) -> Vec<Record> {
        let reply = self.bring(relay, Vec::new()).await;
        reply
            .spaces
            .into_iter()
            .flat_map(|space| space.records)
            .collect()
    }

    /// What the thief knows of a chain after this record.
    pub fn note(&mut self, record: &Record) {
        let head = ChainHead {
            seq: record.place().seq,
            hash: record.hash(),
            state: ChainState::Live,
        };
        self.replica.chains.set(record.place().chain, head);
    }

    /// The chain that the thief writes.
    pub const fn chain(&self) -> ChainId {
        self.replica.own.chain
    }
}

async fn secret(vault: &Vault, file: &mut SqliteConnection, name: &'static str) -> Vec<u8> {
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM secrets WHERE name = ?")
        .bind(name)
        .fetch_one(file)
        .await
        .expect("a secret");
    vault
        .key()
        .open_row("secrets", name.as_bytes(), &sealed)
        .expect("it opens")
}

/// The links of the journal's own two logs, of all that the vault knows.
fn of_journal(
    known: &[(LogId, TravelLink)],
    account: AccountId,
    space: SpaceId,
) -> Vec<TravelLink> {
    let own = [LogId::from(account), LogId::from(space)];
    let of_journal = known.iter().filter(|(log, _)| own.contains(log));
    of_journal.map(|(_, link)| link.clone()).collect()
}

pub(super) async fn links(vault: &Vault, file: &mut SqliteConnection) -> Vec<(LogId, TravelLink)> {
    let rows = sqlx::query("SELECT log, position, sealed FROM links ORDER BY log, position")
        .fetch_all(file)
        .await
        .expect("links");
    let open = |row: &sqlx::sqlite::SqliteRow| {
        let position: i64 = row.get(1);
        let id = [row.get::<&[u8], _>(0), &position.to_be_bytes()].concat();
        let content = vault
            .key()
            .open_row("links", &id, row.get(2))
            .expect("it opens");
        let log = LogId::try_from(row.get::<&[u8], _>(0)).expect("16 bytes");
        (log, minicbor::decode(&content).expect("a link"))
    };
    rows.iter().map(open).collect()
}

async fn epochs(vault: &Vault, file: &mut SqliteConnection) -> BTreeMap<EpochId, EpochSecret> {
    let rows = sqlx::query("SELECT id, sealed FROM epochs")
        .fetch_all(file)
        .await
        .expect("epochs");
    let open = |row: &sqlx::sqlite::SqliteRow| {
        let id = EpochId::try_from(row.get::<&[u8], _>(0)).expect("16 bytes");
        let content = vault.key().open_row("epochs", id.as_bytes(), row.get(1));
        let secret = Secret::from_slice(&content.expect("it opens")).expect("32 bytes");
        (id, EpochSecret::from_secret(secret))
    };
    rows.iter().map(open).collect()
}
