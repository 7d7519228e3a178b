//! How many records a second a relay makes durable, beside SQLite alone with the same rows a commit.

use super::table::{Table, median};
use daymark_client::{
    connection::{Identity, Relay},
    system::{SystemBytes, SystemClock},
};
use daymark_core::{
    account::found,
    random::Random,
    sync::{Chains, OwnChain, Replica, Waiting},
};
use daymark_tests::world::World;
use daymark_wire::{
    DocumentId, Record,
    record::ExpiryDay,
    sync::{PushOutcome, SpaceRequest, SyncRequest},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Instant,
};

const DEVICES: usize = 16;
const BATCH: usize = 64;
const BATCHES: usize = 16;
/// Of a change, so that a record is about 1.5 KB.
const CONTENT: usize = 1_060;

/// A device with everything sealed and ready to send.
struct Sender {
    relay: Relay,
    known: SyncRequest,
    batches: Vec<Vec<Record>>,
}

pub(crate) async fn measure(table: &mut Table) {
    let mut rates = Vec::new();
    let mut size = 0;
    for _ in 0..3 {
        let world = World::new().await;
        let mut senders = Vec::new();
        for _ in 0..DEVICES {
            senders.push(sender(&world).await);
        }
        size = senders[0].batches[0][0].size();
        let begun = Instant::now();
        let sending = senders.into_iter().map(|sender| tokio::spawn(send(sender)));
        for sent in sending.collect::<Vec<_>>() {
            sent.await.expect("sent");
        }
        rates.push((DEVICES * BATCH * BATCHES) as f64 / begun.elapsed().as_secs_f64());
    }
    let rate = median(rates);
    let raw = median(vec![
        raw_rate(BATCH, size),
        raw_rate(BATCH, size),
        raw_rate(BATCH, size),
    ]);
    let raw_grouped = raw_rate(BATCH * DEVICES / 2, size);
    table.row(
        format!("records of {size} bytes made durable, batches of 64 from 16 devices"),
        format!("{rate:.0} /s ({:.0} % of raw)", rate / raw * 100.0),
        format!("60 % of raw SQLite: {raw:.0} /s at 64 a commit ({raw_grouped:.0} at 512)"),
        Some(rate >= raw * 0.6),
    );
}

async fn send(sender: Sender) {
    for batch in sender.batches {
        let mut request = sender.known.clone();
        request.spaces[0].push = batch;
        let reply = sender.relay.sync(&request).await.expect("a reply");
        assert_eq!(reply.spaces[0].push, PushOutcome::Accepted);
    }
}

async fn sender(world: &World) -> Sender {
    let random = Random::first(Box::new(SystemBytes::new())).expect("random bytes");
    let founded = found(None, &random).expect("an account");
    let device = Arc::new(founded.device);
    let identity = Identity {
        account: founded.logs.account().id(),
        device: Arc::clone(&device),
    };
    let own = OwnChain::first(device.id(), &random).expect("random bytes");
    let mut replica = Replica {
        logs: founded.logs.clone().into(),
        device,
        wrapping: founded.wrapping,
        account_keys: founded.account_keys,
        epochs: BTreeMap::from([founded.epoch]),
        chains: Chains::default(),
        own,
        holes: BTreeMap::new(),
        forgotten: BTreeSet::new(),
        generation: None,
        signed: None,
    };
    let change = |item: i64| Waiting {
        item,
        document: DocumentId::from_bytes(
            random.bytes(daymark_core::random::Purpose::Id).expect("id"),
        ),
        content: vec![7; CONTENT],
        expires: ExpiryDay::default(),
    };
    let waiting = (0..(BATCH * BATCHES) as i64).map(change).collect();
    let sealed = replica
        .seal(waiting, &BTreeMap::new(), false, &random)
        .expect("sealed");
    let relay = Relay::new(
        world.relay_address(),
        identity,
        Arc::new(SystemClock),
        Arc::new(random),
    )
    .expect("a connection");
    let logs = &replica.logs;
    let append = logs
        .known()
        .iter()
        .flat_map(|log| founded.logs.links_beyond(log.log, 0).to_vec())
        .collect();
    let registration = SyncRequest {
        known: logs.known(),
        append,
        ..SyncRequest::default()
    };
    relay.sync(&registration).await.expect("registered");
    let space = SpaceRequest {
        space: replica.space(),
        have: replica.chains.have(),
        want: Vec::new(),
        push: Vec::new(),
    };
    let known = SyncRequest {
        known: logs.known(),
        spaces: vec![space],
        ..SyncRequest::default()
    };
    let batches = sealed
        .records
        .chunks(BATCH)
        .map(<[Record]>::to_vec)
        .collect();
    Sender {
        relay,
        known,
        batches,
    }
}

/// Rows of this size into SQLite, WAL and FULL, one statement for a batch: what no relay can beat.
fn raw_rate(rows_a_commit: usize, size: usize) -> f64 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        runtime.block_on(async {
            use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite, sqlite::*};
            let mut connection = SqliteConnectOptions::new()
                .filename(folder.path().join("raw.sqlite"))
                .create_if_missing(true)
                .page_size(16_384)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .connect()
                .await
                .expect("a database");
            sqlx::query("CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB)")
                .execute(&mut connection)
                .await
                .expect("a table");
            let total = DEVICES * BATCH * BATCHES;
            let row = vec![7_u8; size];
            let begun = Instant::now();
            for _ in 0..total / rows_a_commit {
                let mut transaction = connection.begin().await.expect("begun");
                for _ in 0..rows_a_commit / BATCH {
                    let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO t (b) ");
                    query.push_values(0..BATCH, |mut values, _| {
                        values.push_bind(row.as_slice());
                    });
                    query
                        .build()
                        .execute(&mut *transaction)
                        .await
                        .expect("rows");
                }
                transaction.commit().await.expect("committed");
            }
            total as f64 / begun.elapsed().as_secs_f64()
        })
    })
}
