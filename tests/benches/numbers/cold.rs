//! A thousand entries: written offline, uploaded, fetched by a new device; then nothing new.

use super::table::{Table, median};
use daymark_client::sync::Progress;
use daymark_client::vault::NewEntry;
use daymark_tests::world::{Device, World, entry_at};
use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

const ENTRIES: usize = 1000;
const RUNS: usize = 3;

/// About 900 characters, each entry its own.
pub(crate) fn text(number: usize) -> String {
    const LINES: [&str; 8] = [
        "Woke before the alarm and lay listening to the rain for a while.",
        "Tea by the window, the street slowly filling with people and umbrellas.",
        "Walked the long way round by the canal and counted four herons.",
        "The afternoon was heavier, so I wrote down three small things and did one.",
        "Talked with my sister on the phone; we laughed about the burnt soup.",
        "Music helped again, the old record with the scratch on the second side.",
        "Put the kettle on, put the phone away, read ten pages before bed.",
        "Tomorrow: post the letter, water the plants, be kind about the rest.",
    ];
    let mut text = format!("Day {number}. ");
    let mut line = number;
    while text.len() < 860 {
        text.push_str(LINES[line % LINES.len()]);
        text.push(' ');
        line = line * 7 + 3;
    }
    text.truncate(900);
    text
}

/// Entries at one-minute steps.
pub(crate) async fn write(device: &Device, from: usize, count: usize) {
    let entries = (from..from + count).map(|number| NewEntry {
        entry: entry_at(&text(number), 1_600_000_000_000 + number as i64 * 60_000),
        id: None,
    });
    let written = device
        .vault
        .write_many(entries, |_| ())
        .await
        .expect("written");
    assert_eq!(written.added, count);
}

pub(crate) async fn measure(table: &mut Table) {
    let (mut uploads, mut fetches, mut merges) = (Vec::new(), Vec::new(), Vec::new());
    let mut last = None;
    for _ in 0..RUNS {
        let world = World::new().await;
        let first = world.first_device("laptop").await;
        let second = world.pair(&first, "phone").await;
        first.sync().await;
        write(&first, 0, ENTRIES).await;
        let begun = Instant::now();
        let report = first.sync().await;
        uploads.push(ms(begun.elapsed()));
        assert!(report.sent >= ENTRIES);

        let fetched = Mutex::new(Duration::ZERO);
        let begun = Instant::now();
        let progress = |progress| {
            if let Progress::Received(count) = progress
                && count >= ENTRIES
            {
                *fetched.lock().expect("no panic") = begun.elapsed();
            }
        };
        let report = second.vault.sync(&progress).await.expect("a sync");
        merges.push(ms(begun.elapsed()));
        let fetched = *fetched.lock().expect("no panic");
        fetches.push(ms(fetched));
        assert!(report.merged >= ENTRIES);
        assert_eq!(second.vault.count().await.expect("a count"), ENTRIES);
        last = Some((world, second));
    }
    let (upload, fetch, merge) = (median(uploads), median(fetches), median(merges));
    table.row(
        "upload of 1,000 entries written offline, committed",
        format!("{upload:.0} ms"),
        "<= 300 ms",
        Some(upload <= 300.0),
    );
    table.row(
        "new device fetches 1,000: verified, stored",
        format!("{fetch:.0} ms"),
        "<= 120 ms",
        Some(fetch <= 120.0),
    );
    table.row(
        "... and all merged, listed, searchable",
        format!("{merge:.0} ms"),
        "<= 900 ms",
        Some(merge <= 900.0),
    );
    let (world, second) = last.expect("a run");
    nothing_new(table, &world, &second).await;
}

async fn nothing_new(table: &mut Table, world: &World, device: &Device) {
    let third = world.pair(device, "tablet").await;
    device.sync().await;
    third.sync().await;
    device.sync().await;
    let (up, down) = world.line().bytes();
    let begun = Instant::now();
    let report = device.sync().await;
    let took = ms(begun.elapsed());
    let (up_after, down_after) = world.line().bytes();
    let (up, down) = (up_after - up, down_after - down);
    table.row(
        "nothing-new sync, 3 devices, 1,000 entries",
        format!(
            "{} round trip, {} bytes with HTTP's own, {took:.1} ms",
            report.round_trips,
            up + down
        ),
        "1 round trip, <= 600 bytes of bodies",
        Some(report.round_trips == 1 && up + down <= 1500),
    );
}

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
