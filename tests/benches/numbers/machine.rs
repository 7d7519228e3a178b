//! What the numbers were measured on.

use super::table::median;
use std::{fs, time::Instant};

/// Processor, cores, memory.
pub(crate) fn describe() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| {
            rest.trim_start_matches([' ', '\t', ':'])
        });
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib: u64 = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0);
    format!("{model}, {cores} cores, {} GiB", kib / 1024 / 1024)
}

/// One small commit as vaults and relays make them: the median of many, in milliseconds.
pub(crate) fn commit_ms() -> f64 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        runtime.block_on(async {
            use sqlx::{ConnectOptions, sqlite::*};
            let mut connection = SqliteConnectOptions::new()
                .filename(folder.path().join("commits.sqlite"))
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .connect()
                .await
                .expect("a database");
            sqlx::query("CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB)")
                .execute(&mut connection)
                .await
                .expect("a table");
            let mut times = Vec::new();
            for _ in 0..200 {
                let begun = Instant::now();
                sqlx::query("INSERT INTO t (b) VALUES (?)")
                    .bind(vec![7_u8; 1500])
                    .execute(&mut connection)
                    .await
                    .expect("a row");
                times.push(begun.elapsed().as_secs_f64() * 1000.0);
            }
            median(times)
        })
    })
}
