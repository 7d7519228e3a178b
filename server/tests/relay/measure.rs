//! Measurements, not tests: `cargo test --release -p daymark-relay --test relay -- --ignored --nocapture measure`.

use crate::{
    crash::Process,
    live::Live,
    person::{Pen, Person},
    world::World,
};
use daymark_wire::{
    Have, Seq,
    sync::{PushOutcome, SyncReply},
};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const DEVICES: u16 = 16;
const BATCH: usize = 64;
const BATCHES: usize = 10;
const ROUNDS: u16 = 7;
/// With its header and signature a record is about 1.5 KB.
const BODY: usize = 1232;
const HEADER: usize = 213;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn measure_accepted_records() {
    let commits = Commits::count();
    let world = World::open().await;
    let mut people = Vec::new();
    for n in 0..DEVICES {
        people.push(world.person(n).await);
    }
    let file = world.folder.path().join("raw.sqlite");
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let requests: Vec<_> = people
            .iter()
            .map(|person| requests(&world, person, round))
            .collect();
        let before = commits.load(Ordering::Relaxed);
        let start = Instant::now();
        let tasks: Vec<_> = requests
            .into_iter()
            .map(|own| tokio::spawn(push_all(world.relay.address(), own)))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let total = usize::from(DEVICES) * BATCH * BATCHES;
        let relay = rate(total, start);
        let rows = total / (commits.load(Ordering::Relaxed) - before);
        let raw = raw(&file, rows).await;
        println!("{rows} rows a commit: relay {relay:.0}, raw SQLite {raw:.0} rows/s");
        ratios.push(relay / raw);
    }
    ratios.sort_by(f64::total_cmp);
    let median = 100. * ratios[ratios.len() / 2];
    println!(
        "batches of {BATCH} from {DEVICES} devices: relay at {median:.0} % of raw SQLite, median"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn measure_fetch_and_single_push() {
    let world = World::open().await;
    let person = world.person(1).await;
    let client = world.client(&person);
    let mut pen = Pen::new(&person.device, 1);
    let mut times = Vec::new();
    for _ in 0..1000 {
        let record = pen.write(&person, &person.device, &[7; BODY]);
        let mut request = person.pushing(vec![record]);
        request.spaces[0].have = pen.have();
        let start = Instant::now();
        client.sync(&request).await.unwrap();
        times.push(start.elapsed());
    }
    times.sort();
    println!(
        "one record, pushed and committed, a connection each: p50 {:?}, p95 {:?}",
        times[500], times[950]
    );
    for _ in 0..5 {
        let start = Instant::now();
        let reply = client.sync(&person.request()).await.unwrap();
        assert_eq!(reply.spaces[0].records.len(), 1000);
        println!("1,000 records fetched and read: {:?}", start.elapsed());
    }
    let mut request = person.request();
    request.spaces[0].have = pen.have();
    let start = Instant::now();
    for _ in 0..1000 {
        client.sync(&request).await.unwrap();
    }
    println!(
        "nothing new, a connection each: {:?}",
        start.elapsed() / 1000
    );
}

#[tokio::test]
#[ignore = "a measurement"]
async fn measure_memory() {
    const ACCOUNTS: u16 = 1000;
    const SOCKETS: usize = 900;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let relay = Process::serve(&data, "info");
    println!("empty: {} KiB", relay.memory());
    let mut people = Vec::new();
    for n in 0..ACCOUNTS {
        let person = Person::new(n);
        let mut request = person.registration(None);
        let mut pen = Pen::new(&person.device, 1);
        request.spaces[0].push = (0..10)
            .map(|_| pen.write(&person, &person.device, &[7; BODY]))
            .collect();
        request.spaces[0].have = pen.have();
        relay.client(&person).sync(&request).await.unwrap();
        people.push(person);
    }
    println!("{ACCOUNTS} accounts registered: {} KiB", relay.memory());
    drop(relay);
    let relay = Process::serve(&data, "info");
    println!(
        "{ACCOUNTS} accounts stored, started: {} KiB",
        relay.memory()
    );
    for person in &people {
        let mut request = person.request();
        request.spaces[0].have = Have::new();
        relay.client(person).sync(&request).await.unwrap();
    }
    let idle = relay.memory();
    println!("… each synced once: {idle} KiB");
    let mut sockets = Vec::new();
    for person in people.iter().cycle().take(SOCKETS) {
        let mut live = Live::open(&relay.client(person)).await;
        let mut request = person.request();
        let last = (Pen::new(&person.device, 1).chain, Seq(10));
        request.spaces[0].have = Have::from_iter([last]);
        live.sync(1, request).await;
        sockets.push(live);
    }
    let live = relay.memory();
    println!(
        "{SOCKETS} live sockets: {live} KiB, {} bytes each",
        (live - idle) * 1024 / SOCKETS
    );
}

/// One device's pushes, signed and ready to send.
fn requests(world: &World, person: &Person, round: u16) -> Vec<Vec<u8>> {
    let mut pen = Pen::new(&person.device, round);
    let last = Seq(u64::try_from(BATCH * BATCHES).unwrap());
    let before: Vec<_> = (0..round)
        .map(|round| (Pen::new(&person.device, round).chain, last))
        .collect();
    let batches = (0..BATCHES).map(|_| {
        let records = (0..BATCH).map(|_| pen.write(person, &person.device, &[7; BODY]));
        let mut request = person.pushing(records.collect());
        request.spaces[0].have = pen.have().iter().chain(before.iter().copied()).collect();
        let body = request.to_bytes();
        let header = world.client(person).sign("POST", "/v1/sync", &body).to_header();
        let head = format!(
            "POST /v1/sync HTTP/1.1\r\nhost: relay\r\nauthorization: {header}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        [head.into_bytes(), body].concat()
    });
    batches.collect()
}

/// Counts the relay's commits by what it logs.
struct Commits(Arc<AtomicUsize>);

impl Commits {
    fn count() -> Arc<AtomicUsize> {
        let count = Arc::new(AtomicUsize::new(0));
        tracing::subscriber::set_global_default(Self(Arc::clone(&count))).unwrap();
        count
    }
}

impl tracing::Subscriber for Commits {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "daymark_relay::writer"
    }

    fn event(&self, _: &tracing::Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::Id {
        tracing::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::Id, _: &tracing::Id) {}
    fn enter(&self, _: &tracing::Id) {}
    fn exit(&self, _: &tracing::Id) {}
}

fn rate(count: usize, since: Instant) -> f64 {
    count as f64 / since.elapsed().as_secs_f64()
}

async fn push_all(address: SocketAddr, requests: Vec<Vec<u8>>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for request in requests {
        stream.write_all(&request).await.unwrap();
        let reply = SyncReply::from_bytes(&answer(&mut stream).await).unwrap();
        assert_eq!(reply.spaces[0].push, PushOutcome::Accepted);
    }
}

/// Reads one answer of a connection that stays open.
async fn answer(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
        let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let text = std::str::from_utf8(&bytes[..head]).unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        let length = text.split("content-length: ").nth(1).unwrap();
        let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
        if bytes.len() == head + 4 + length {
            return bytes.split_off(head + 4);
        }
    }
}

/// The same rows, with nothing but SQLite.
async fn raw(file: &Path, commit: usize) -> f64 {
    let _ = std::fs::remove_file(file);
    let mut connection = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .page_size(16 * 1024)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
        .connect()
        .await
        .unwrap();
    sqlx::query(
        "CREATE TABLE records (id INTEGER PRIMARY KEY, chain INTEGER NOT NULL, seq INTEGER NOT NULL,
         header BLOB NOT NULL, signature BLOB NOT NULL, body BLOB, UNIQUE (chain, seq)) STRICT",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    let total = i64::try_from(usize::from(DEVICES) * BATCH * BATCHES).unwrap();
    let start = Instant::now();
    let mut seq = 0;
    while seq < total {
        run(&mut connection, "BEGIN IMMEDIATE").await;
        let mut left = commit;
        while left > 0 {
            let rows = left.min(128);
            let values = vec!["(?, ?, ?, ?, ?)"; rows].join(", ");
            let insert = format!(
                "INSERT INTO records (chain, seq, header, signature, body) VALUES {values}"
            );
            let mut insert = sqlx::query(AssertSqlSafe(insert));
            for _ in 0..rows {
                seq += 1;
                insert = insert
                    .bind(seq % 16)
                    .bind(seq)
                    .bind(vec![1; HEADER])
                    .bind(vec![2; 64])
                    .bind(vec![3; BODY]);
            }
            insert.execute(&mut connection).await.unwrap();
            left -= rows;
        }
        run(&mut connection, "COMMIT").await;
    }
    let rate = rate(usize::try_from(seq).unwrap(), start);
    connection.close().await.unwrap();
    rate
}

async fn run(connection: &mut SqliteConnection, statement: &'static str) {
    sqlx::query(statement).execute(connection).await.unwrap();
}
