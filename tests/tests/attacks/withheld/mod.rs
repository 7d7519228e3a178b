//! K9, A6, E1, F1: records that the relay deletes, leaves out, doubles, shuffles, or shows to the wrong one.

mod again;

use crate::stage::{Stage, found, opened, record};
use daymark_client::Fault;
use daymark_tests::hostile::Asked;
use daymark_wire::{DeviceId, Record, sync::SyncReply};
use std::slice;

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
