//! K9, A6, E1, F1: records that the relay deletes, leaves out, doubles, shuffles, or shows to the wrong one.

use crate::stage::{Stage, found, opened, record};
use daymark_client::Fault;
use daymark_tests::hostile::{Asked, Honest};
use daymark_wire::{
    DeviceId, Record,
    logs::TravelLink,
    sync::{News, SyncReply},
};
use std::{
    slice,
    sync::{Arc, Mutex},
};

/// Alters the records that one device is shown.
fn shown_to(
    device: DeviceId,
    mut alter: impl FnMut(&mut Vec<Record>) + Send + 'static,
) -> impl FnMut(&Asked, &mut SyncReply) + Send + 'static {
    move |asked, reply| {
        if asked.device == device {
            for space in &mut reply.spaces {
                alter(&mut space.records);
            }
        }
    }
}

#[tokio::test]
async fn k9_a_stub_that_nothing_explains_is_withheld_and_asked_for_again() {
    let stage = Stage::set().await;
    let reader = stage.reader.vault.device();
    let (_, kept) = stage.sent("what the relay shows without its body").await;
    let before = stage.held().await.without_chains();
    stage.relay.alter(shown_to(reader, |records| {
        *records = std::mem::take(records)
            .into_iter()
            .map(Record::into_stub)
            .collect();
    }));
    let place = record(&kept).place();
    let withheld = Fault::Withheld {
        chain: place.chain,
        from: place.seq.0,
    };
    assert_eq!(stage.faults().await, slice::from_ref(&withheld));
    assert_eq!(stage.held().await.without_chains(), before);
    // It stays named, and each sync asks for the body.
    assert_eq!(stage.faults().await, [withheld]);
    let asked = stage
        .relay
        .exchanges_of(reader)
        .pop()
        .unwrap()
        .asked
        .request;
    assert_eq!(asked.spaces[0].want, [place]);
    stage.heals().await;
}

#[tokio::test]
async fn k9_a_body_that_the_relay_deleted_is_offered_by_another_device() {
    let stage = Stage::set().await;
    let writer = stage.writer.vault.device();
    let (_, mut kept) = stage.sent("what the relay deletes from its disk").await;
    let body = kept.body.take();
    let mut database = stage.relay.database().await;
    database.put(&kept).await;
    assert_eq!(stage.names().await, ["withheld"]);
    // The relay says what it lacks, as one that notices does; a device that has it brings it.
    let place = record(&kept).place();
    stage.relay.alter(move |asked, reply| {
        if asked.device == writer
            && asked
                .request
                .spaces
                .iter()
                .all(|space| space.push.is_empty())
        {
            reply.spaces[0].want.push(place);
        }
    });
    stage.writer.sync().await;
    let offered = database.records_of(writer).await;
    let offered = offered
        .into_iter()
        .find(|record| record.id == kept.id)
        .unwrap();
    assert_eq!(offered.body, body, "the relay has it again");
    stage.heals().await;
}

#[tokio::test]
async fn k9_bodies_that_are_missing_are_named_once_of_each_chain() {
    let stage = Stage::set().await;
    let mut database = stage.relay.database().await;
    let mut places = Vec::new();
    let mut whole = Vec::new();
    for n in 0..3 {
        let (_, mut kept) = stage.sent(&format!("line {n} of what is deleted")).await;
        whole.push(kept.clone());
        kept.body = None;
        database.put(&kept).await;
        places.push(record(&kept).place());
    }
    let first = Fault::Withheld {
        chain: places[0].chain,
        from: places[0].seq.0,
    };
    for _ in 0..2 {
        assert_eq!(stage.faults().await, slice::from_ref(&first));
    }
    for kept in &whole {
        database.put(kept).await;
    }
    stage.heals().await;
}

#[tokio::test]
async fn a6_records_out_of_order_are_taken_once_they_fit() {
    let stage = Stage::set().await;
    for n in 0..4 {
        stage.sent(&format!("line {n} of a shuffled page")).await;
    }
    let before = stage.held().await.without_chains();
    stage
        .relay
        .alter(shown_to(stage.reader.vault.device(), |records| {
            records.reverse()
        }));
    // The first of them, which now comes last, is taken; what came before it is named.
    assert_eq!(stage.names().await, ["withheld"]);
    assert_eq!(stage.held().await.views.len(), before.views.len() + 1);
    stage.heals().await;
    assert_eq!(stage.reader.texts().await.len(), 5);
}

#[tokio::test]
async fn a6_records_that_come_twice_are_there_once() {
    let stage = Stage::set().await;
    stage.sent("said once").await;
    stage
        .relay
        .alter(shown_to(stage.reader.vault.device(), |records| {
            *records = records
                .iter()
                .flat_map(|record| [record.clone(), record.clone()])
                .collect();
            records.extend(records.clone());
        }));
    assert_eq!(stage.faults().await, []);
    assert_eq!(stage.reader.texts().await.len(), 2);
    stage.heals().await;
}

#[tokio::test]
async fn a6_a_record_left_out_is_withheld_and_so_is_the_end_once_another_follows() {
    let stage = Stage::set().await;
    let reader = stage.reader.vault.device();
    let (_, first) = stage.sent("left out").await;
    stage.sent("shown").await;
    let before = stage.held().await;
    stage
        .relay
        .alter(shown_to(reader, |records| drop(records.remove(0))));
    let place = record(&first).place();
    let withheld = Fault::Withheld {
        chain: place.chain,
        from: place.seq.0,
    };
    assert_eq!(stage.faults().await, slice::from_ref(&withheld));
    assert_eq!(stage.held().await, before);
    // Cut at the end, nothing shows yet that there is more; the next record does.
    stage.relay.alter(shown_to(reader, Vec::clear));
    assert_eq!(stage.faults().await, []);
    stage.sent("shown after a cut").await;
    stage.relay.alter(shown_to(reader, |records| {
        *records = records.pop().into_iter().collect()
    }));
    assert_eq!(stage.faults().await, [withheld]);
    assert_eq!(stage.held().await, before);
    stage.heals().await;
}

#[tokio::test]
async fn a6_records_spliced_across_documents_chains_and_accounts_are_refused() {
    let stage = Stage::set().await;
    let reader = stage.reader.vault.device();
    let stranger = found(&stage.relay, "a stranger's lamp").await;
    stranger.write("what a stranger wrote").await;
    stranger.sync().await;
    let foreign = stage
        .relay
        .database()
        .await
        .records_of(stranger.vault.device())
        .await;
    let foreign: Vec<Record> = foreign.iter().map(record).collect();
    let (_, one) = stage.sent("the first of two that are crossed").await;
    let (_, two) = stage.sent("the second of two that are crossed").await;
    let before = stage.held().await;

    // Another account's records, whole and rightly signed.
    let shown = foreign.clone();
    stage
        .relay
        .alter(shown_to(reader, move |records| records.clone_from(&shown)));
    let faults = stage.faults().await;
    assert!(!faults.is_empty());
    for fault in faults {
        let Fault::BadRecord { place } = fault else {
            panic!("{fault:?}")
        };
        assert_eq!(place.chain.device, stranger.vault.device());
    }
    assert_eq!(stage.held().await, before);

    // One's header under the other's signature.
    let crossed = daymark_wire::Signed::from_parts(one.header.clone(), *opened(&two).signature());
    let crossed = Record::from_own_storage(crossed.unwrap(), one.body.clone());
    stage.relay.alter(shown_to(reader, move |records| {
        *records = vec![crossed.clone()]
    }));
    assert_eq!(
        stage.faults().await,
        [Fault::BadRecord {
            place: record(&one).place()
        }]
    );
    assert_eq!(stage.held().await, before);

    // One's header over the other's body: as if it were not there.
    let crossed = Record::from_own_storage(opened(&one), two.body.clone());
    stage.relay.alter(shown_to(reader, move |records| {
        *records = vec![crossed.clone()]
    }));
    assert_eq!(stage.names().await, ["withheld"]);
    assert_eq!(stage.held().await.without_chains(), before.without_chains());
    stage.heals().await;
    assert_eq!(stranger.texts().await, ["what a stranger wrote"]);
}

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

/// Waits for what a watching device tells, up to a time that no honest machine needs.
async fn told(
    events: &mut tokio::sync::mpsc::UnboundedReceiver<daymark_client::sync::WatchEvent>,
) -> daymark_client::sync::WatchEvent {
    let told = tokio::time::timeout(std::time::Duration::from_secs(30), events.recv()).await;
    told.expect("the device tells in time").expect("it watches")
}

#[tokio::test]
async fn a6_news_over_the_live_socket_are_held_to_the_same_rules() {
    let stage = Stage::set().await;
    let reader = stage.reader.vault.device();
    let (tell, mut events) = tokio::sync::mpsc::unbounded_channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let vault = stage.reader.vault.clone();
    let watching = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        vault
            .watch(stopped, |event| drop(tell.send(event)), &|_| ())
            .await
    });
    while told(&mut events).await != daymark_client::sync::WatchEvent::Connected {}
    let before = stage.held().await;

    // A record with one bit of its signature turned, as news.
    let (_, kept) = stage.sent("what comes as news").await;
    let daymark_client::sync::WatchEvent::Synced(honest) = told(&mut events).await else {
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
    let daymark_client::sync::WatchEvent::Synced(report) = told(&mut events).await else {
        panic!("the fault is told");
    };
    let bad = Fault::BadRecord {
        place: record(&kept).place(),
    };
    assert_eq!(report.faults, [bad.clone()].into());
    assert_eq!(stage.held().await, after_honest);
    drop(stop);
    watching.await.unwrap().unwrap();
    let status = stage.reader.vault.status().await.unwrap();
    assert_eq!(status.faults, [bad].into());
    stage.heals().await;
}
