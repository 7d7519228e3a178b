//! E1, F1, A6: records that are shown again, in any order, doubled, or over the live socket.

use super::shown_to;
use crate::stage::{Stage, record};
use daymark_client::{Fault, sync::WatchEvent};
use daymark_tests::{hostile::Honest, world::Watching};
use daymark_wire::{Record, logs::TravelLink, sync::News};
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn e1_a_device_that_is_shown_its_own_records_takes_nothing_twice() {
    let stage = Stage::set().await;
    let (reader, writer) = (stage.reader.vault.device(), stage.writer.vault.device());
    stage.reader.write("the reader writes, too").await;
    stage.reader.sync().await;
    let own = stage.relay.database().await.records_of(reader).await;
    let own: Vec<Record> = own.iter().map(record).collect();
    assert!(!own.is_empty());
    let before = stage.held().await;
    stage
        .relay
        .alter(shown_to(reader, move |records| records.extend(own.clone())));
    assert_eq!(stage.faults().await, []);
    assert_eq!(stage.held().await, before);
    // It goes on in the same chain, and writes nothing again.
    stage.reader.write("and writes on").await;
    stage.reader.sync().await;
    let chains: Vec<_> = stage.relay.database().await.records_of(reader).await;
    assert!(chains.iter().all(|record| record.chain == chains[0].chain));
    stage.heals().await;
    assert_eq!(stage.writer.texts().await.len(), 3);
    assert_ne!(reader, writer);
}

/// Everything that a relay ever showed.
#[derive(Default)]
struct Recording {
    records: Vec<Record>,
    links: Vec<TravelLink>,
}

#[tokio::test]
async fn e1_all_old_traffic_shown_again_changes_nothing_also_after_a_reinstallation() {
    let stage = Stage::set().await;
    let recorded = Arc::new(Mutex::new(Recording::default()));
    let recording = Arc::clone(&recorded);
    stage.relay.alter(move |_, reply| {
        let mut recording = recording.lock().unwrap();
        recording.links.extend(reply.links.clone());
        recording
            .records
            .extend(reply.spaces.iter().flat_map(|space| space.records.clone()));
    });
    stage
        .writer
        .edit(stage.entry, "the kingfisher came back this evening")
        .await;
    stage.writer.sync().await;
    stage.reader.sync().await;
    let folder = stage.relay.vault_folder("reinstalled");
    let again = stage.writer.pair(&folder, "reader's pocket, again").await;
    let old = {
        let recording = recorded.lock().unwrap();
        assert!(!recording.records.is_empty() && !recording.links.is_empty());
        (recording.records.clone(), recording.links.clone())
    };
    let before = Honest::of(&again.vault).await;
    let replayed = old.clone();
    stage.relay.alter(move |_, reply| {
        reply.links = replayed.1.clone();
        for space in &mut reply.spaces {
            space.records.splice(0..0, replayed.0.clone());
        }
    });
    assert_eq!(again.sync().await.faults, [].into());
    assert_eq!(Honest::of(&again.vault).await, before);
    stage.writer.sync().await;
    assert_eq!(stage.faults().await, []);
    stage.heals().await;
}

#[tokio::test]
async fn f1_any_order_doubles_and_losses_end_in_one_state() {
    let stage = Stage::set().await;
    for seed in 1..4_u64 {
        let mut dice = seed;
        let mut roll = move |sides: usize| {
            // Knuth's linear congruential generator: the same in every run.
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(dice >> 33).unwrap() % sides
        };
        stage.relay.alter(move |_, reply| {
            for space in &mut reply.spaces {
                let records = &mut space.records;
                for at in (1..records.len()).rev() {
                    records.swap(at, roll(at + 1));
                }
                records.retain(|_| roll(4) > 0);
                let twice = records.clone();
                records.extend(twice.into_iter().filter(|_| roll(3) == 0));
            }
        });
        for round in 0..4 {
            stage.writer.write(&format!("writer {seed} {round}")).await;
            stage.reader.write(&format!("reader {seed} {round}")).await;
            let text = format!("the kingfisher, {seed} and {round}");
            stage.writer.edit(stage.entry, &text).await;
            stage.writer.sync().await;
            stage.reader.sync().await;
        }
    }
    stage.heals().await;
    assert_eq!(stage.reader.texts().await.len(), 1 + 3 * 4 * 2);
    assert_eq!(
        stage.reader.text(stage.entry).await,
        stage.writer.text(stage.entry).await
    );
}

#[tokio::test]
async fn a6_news_over_the_live_socket_are_held_to_the_same_rules() {
    let stage = Stage::set().await;
    let reader = stage.reader.vault.device();
    let mut watching = Watching::connected(&stage.reader).await;
    let before = stage.held().await;

    // A record with one bit of its signature turned, as news.
    let (_, kept) = stage.sent("what comes as news").await;
    let WatchEvent::Synced(honest) = watching.event().await else {
        panic!("the honest record comes first");
    };
    assert_eq!((honest.received, honest.faults.len()), (1, 0));
    let mut altered = kept.clone();
    altered.signature[3] ^= 4;
    let news = News {
        links: Vec::new(),
        space: Some(stage.reader.vault.journal()),
        records: vec![record(&altered), record(&kept)],
    };
    let after_honest = stage.held().await;
    assert_ne!(after_honest, before);
    stage.relay.tell(reader, news);
    let WatchEvent::Synced(report) = watching.event().await else {
        panic!("the fault is told");
    };
    let bad = Fault::BadRecord {
        place: record(&kept).place(),
    };
    assert_eq!(report.faults, [bad.clone()].into());
    assert_eq!(stage.held().await, after_honest);
    watching.stop().await;
    let status = stage.reader.vault.status().await.unwrap();
    assert_eq!(status.faults, [bad].into());
    stage.heals().await;
}
