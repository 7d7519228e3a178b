//! How long things take and how much room: `cargo test --release -p daymark-client --lib times -- --ignored --nocapture`.

use super::{OtherDevice, intake, vault};
use crate::vault::{Merged, NewEntry, SecretName, Vault};
use daymark_core::{
    journal::{Entry, Query, Text, Title, When},
    keys::VaultKey,
};
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    time::{Duration, Instant},
};

const ENTRIES: usize = 10_000;

/// About 900 characters, each entry's own.
fn entry(number: usize) -> Entry {
    let minute = format!(
        "2021-{:02}-{:02}T{:02}:{:02}Z",
        1 + number / 840 % 12,
        1 + number % 28,
        number / 60 % 24,
        number % 60
    );
    let mut entry = Entry::new(When::parse(&minute, None).unwrap().0);
    entry.title = Title::parse(&format!("Day {number}")).unwrap();
    let words = [
        "bus", "sister", "garden", "letter", "quiet", "rain", "walk", "tea", "choir", "sleep",
    ];
    let mut text = String::new();
    for place in 0..150 {
        text.push_str(words[(number * 31 + place * place) % words.len()]);
        text.push(' ');
    }
    text.push_str(&format!("number{number}"));
    entry.text = Text::parse(text).unwrap();
    entry
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn times() {
    let (folder, vault) = vault().await;
    let key = vault.key();
    let began = Instant::now();
    let locked = Vault::open(folder.path()).await.unwrap();
    locked.unlock("pass").await.unwrap();
    say("open, unlock with the passphrase", began.elapsed());

    let mut commits = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        vault.set_secret(SecretName::Relay, b"small").await.unwrap();
        commits.push(began.elapsed());
    }
    say("a small change, committed", median(commits));

    let began = Instant::now();
    let new = (0..ENTRIES).map(|number| NewEntry {
        entry: entry(number),
        id: None,
    });
    vault.write_many(new, |_| ()).await.unwrap();
    say("write 10,000 entries", began.elapsed());
    vault.clean().await.unwrap();
    let size = fs::metadata(folder.path().join("vault.sqlite"))
        .unwrap()
        .len();
    let text: usize = (0..ENTRIES)
        .map(|number| entry(number).text.as_str().len())
        .sum();
    println!(
        "{:<50} {:.2} x text",
        "vault with its outbox",
        size as f64 / text as f64
    );
    vault.clone().close().await;

    let query = Query::new().words("number7777 garden");
    let mut searches = Vec::new();
    let mut adds = Vec::new();
    let mut closes = Vec::new();
    for number in 0..15 {
        let began = Instant::now();
        let vault = open(folder.path(), &key).await;
        assert_eq!(vault.search(&query).await.unwrap().len(), 1);
        searches.push(began.elapsed());
        drop(vault);

        let began = Instant::now();
        let vault = open(folder.path(), &key).await;
        vault.write(&entry(ENTRIES + number), None).await.unwrap();
        adds.push(began.elapsed());
        vault.close().await;
        closes.push(began.elapsed());
    }
    say("open with key, search 10,000", median(searches));
    say("open with key, add one", median(adds));
    say("open with key, add one, close", median(closes));

    let vault = open(folder.path(), &key).await;
    vault.views().await.unwrap();
    let (mut again, mut wrote, mut after) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..50 {
        let began = Instant::now();
        vault.search(&query).await.unwrap();
        again.push(began.elapsed());
        let began = Instant::now();
        let id = vault.write(&entry(number), None).await.unwrap();
        wrote.push(began.elapsed());
        let began = Instant::now();
        assert!(
            vault
                .views()
                .await
                .unwrap()
                .iter()
                .any(|view| view.id == id)
        );
        after.push(began.elapsed());
    }
    say("search again, views in memory", median(again));
    say("write one, vault open", median(wrote));
    say("list after writing one", median(after));
    sync_times(&vault).await;
}

async fn sync_times(vault: &Vault) {
    let mut other = OtherDevice::of(vault);
    let (mut received, mut merged) = (Vec::new(), Vec::new());
    for _ in 0..1000 {
        let text = entry(1).text;
        let (document, saved, view, change) = other.entry(text.as_str());
        let record = other.seal(document, change.as_bytes());
        received.push(other.stored(record));
        merged.push(Merged {
            document,
            from: None,
            saved: Some(saved),
            view: Some(view),
            open: None,
            keys: Vec::new(),
            records: Vec::new(),
        });
    }
    let size: usize = received
        .iter()
        .map(|record| record.body.as_ref().unwrap().len())
        .sum();
    println!("{:<50} {} bytes", "body of a record", size / 1000);
    let began = Instant::now();
    let new = intake(|new| new.records = received);
    vault.save_intake(&new, &BTreeSet::new()).await;
    say("store 1,000 records received", began.elapsed());
    let began = Instant::now();
    let to_merge = vault
        .reading()
        .await
        .unwrap()
        .records_to_merge(usize::MAX)
        .await
        .unwrap();
    assert_eq!(to_merge.len(), 1000);
    say("load 1,000 records to merge", began.elapsed());
    let rows: Vec<_> = to_merge.values().flatten().map(|(row, _)| *row).collect();
    for (one, row) in merged.iter_mut().zip(rows) {
        one.records.push((row, crate::vault::RecordState::Merged));
    }
    let began = Instant::now();
    vault.save_merged(merged).await;
    say("save 1,000 merged documents", began.elapsed());
}

async fn open(folder: &Path, key: &VaultKey) -> Vault {
    let locked = Vault::open(folder).await.unwrap();
    locked.unlock_with_key(key.clone()).await.unwrap()
}

fn say(what: &str, time: Duration) {
    println!("{what:<50} {:.2} ms", time.as_secs_f64() * 1000.0);
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
