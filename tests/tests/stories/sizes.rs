//! What sizes show, and what a sync costs when there is nothing to do.

use crate::support::all_sync;
use daymark_tests::world::World;
use std::collections::BTreeSet;

/// Salt, commitment and authentication tag around the padded content.
const AROUND: usize = 16 + 32 + 16;

/// The lengths that Padmé allows from 256 bytes to 1 MiB (PROTOCOL R2), by the paper's own words: with
/// e = floor(log2 length), only the first floor(log2 e) + 1 bits after the leading one may be set.
fn allowed() -> BTreeSet<usize> {
    let is_allowed = |length: &usize| {
        let exponent = length.ilog2();
        let kept = exponent.ilog2() + 1;
        length.trailing_zeros() >= exponent.saturating_sub(kept)
    };
    (256..=1 << 20)
        .filter(is_allowed)
        .map(|length| length + AROUND)
        .collect()
}

#[tokio::test]
async fn k15_bodies_at_the_relay_have_only_sizes_of_the_allowed_set() {
    let (world, [phone, laptop]) = World::of_two().await;
    for length in [
        0, 1, 60, 150, 151, 255, 256, 300, 700, 1500, 4000, 9000, 40_000, 200_000,
    ] {
        let id = phone.write(&"wörd ".repeat(length / 5)).await;
        phone.sync().await;
        phone.edit(id, &format!("{}!", phone.text(id).await)).await;
    }
    all_sync(&[&phone, &laptop]).await;
    let mut database = world.relay.database().await;
    let sizes: Vec<i64> = sqlx::query_scalar("SELECT length(body) FROM records")
        .fetch_all(&mut database)
        .await
        .unwrap();
    let sizes: Vec<usize> = sizes
        .into_iter()
        .map(|size| size.try_into().unwrap())
        .collect();
    let allowed = allowed();
    assert!(sizes.len() > 28, "{}", sizes.len());
    for size in &sizes {
        assert!(allowed.contains(size), "{size}");
    }
    let different: BTreeSet<_> = sizes.iter().collect();
    assert!(different.len() > 5, "{different:?}");
    // And the set is coarse: few sizes stand for all lengths.
    assert!(allowed.len() < 300, "{}", allowed.len());
}

#[tokio::test]
async fn a_sync_with_nothing_new_is_one_round_trip_and_few_bytes() {
    let (world, [phone, laptop, tablet]) = World::of_three().await;
    let devices = [&phone, &laptop, &tablet];
    for number in 0..30 {
        devices[number % 3].write(&format!("entry {number}")).await;
    }
    all_sync(&devices).await;
    for device in devices {
        let before = world.line().exchanges().len();
        let report = device.sync().await;
        assert_eq!(
            (report.round_trips, report.sent, report.received),
            (1, 0, 0)
        );
        let exchanges = world.line().exchanges().split_off(before);
        let [exchange] = exchanges.as_slice() else {
            panic!("{} requests", exchanges.len());
        };
        let answer = exchange.answer.as_ref().unwrap();
        let bodies = exchange.question.body.len() + answer.body.len();
        assert!(bodies <= 600, "{bodies} bytes");
        assert!(bodies > 100, "they were not counted: {bodies}");
    }
}

#[tokio::test]
async fn a_sync_with_nothing_new_costs_the_same_whatever_is_stored() {
    let (world, [phone, laptop]) = World::of_two().await;
    let mut costs = Vec::new();
    for round in 0..2 {
        for number in 0..(1 + 200 * round) {
            phone
                .write(&format!("{round}/{number}: {}", "words ".repeat(50)))
                .await;
        }
        all_sync(&[&phone, &laptop]).await;
        let before = world.line().bytes();
        laptop.sync().await;
        let after = world.line().bytes();
        costs.push(after.0 - before.0 + after.1 - before.1);
    }
    // Numbers of places grow by a few digits.
    assert!(costs[1] < costs[0] + 32, "{costs:?}");
}

/// Of one entry, in characters.
const TEXT: usize = 900;

/// A text of its own for each number.
fn text(number: usize) -> String {
    let line = format!("Day {number}. Walked the long way round by the canal and counted herons. ");
    line.repeat(TEXT).chars().take(TEXT).collect()
}

/// How much the relay's database grows with so many entries, as a multiple of their text.
async fn growth(entries: usize, a_sync: usize) -> f64 {
    let (mut world, [phone, _]) = World::of_two().await;
    let before = stored(&mut world).await;
    for number in 1..=entries {
        phone.write(&text(number)).await;
        if number % a_sync == 0 {
            phone.sync().await;
        }
    }
    assert_eq!(phone.vault.unsent().await.unwrap(), 0);
    (stored(&mut world).await - before) as f64 / (entries * TEXT) as f64
}

/// Bytes of the relay's database as it leaves it: its log has one size, whatever passes through it.
async fn stored(world: &mut World) -> u64 {
    world.relay.stop().await;
    let database = world.relay_folder().join("relay.sqlite");
    let size = std::fs::metadata(database).unwrap().len();
    world.relay.start().await;
    size
}

#[tokio::test]
async fn an_entry_takes_little_more_at_the_relay_than_its_padded_text() {
    // With a sync for each entry fewer say as much.
    for (entries, a_sync, most) in [(200, 1, 1.8), (400, 100, 1.75)] {
        let growth = growth(entries, a_sync).await;
        println!("{a_sync} a sync: {growth:.3} x the text");
        assert!(growth > 1.5, "it was not counted: {growth}");
        assert!(growth <= most, "{growth} with {a_sync} a sync");
    }
}
