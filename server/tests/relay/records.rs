//! Pushing and fetching records (rules L6, L7, R4, R5, R7, S1, S2).

use crate::{
    person::{Device, Pen, Person},
    world::{World, pushed},
};
use daymark_wire::{
    Have, Record, RecordKind, Seq, Signed, limits,
    record::Place,
    sync::{AppendOutcome, PushOutcome, RecordRefusal, SpaceReply, SyncRequest},
};

/// Pushes and gives the space's reply.
pub(crate) async fn push(world: &World, person: &Person, records: Vec<Record>) -> SpaceReply {
    let reply = world.client(person).sync(&person.pushing(records)).await;
    reply.unwrap().spaces.remove(0)
}

pub(crate) async fn refusal(
    world: &World,
    person: &Person,
    records: Vec<Record>,
) -> (Place, RecordRefusal) {
    match push(world, person, records).await.push {
        PushOutcome::Refused { place, why } => (place, why),
        other => panic!("{other:?}"),
    }
}

/// All that the relay has for somebody who has nothing.
pub(crate) async fn fetch(world: &World, person: &Person) -> SpaceReply {
    let reply = world.client(person).sync(&person.request()).await;
    reply.unwrap().spaces.remove(0)
}

#[tokio::test]
async fn what_one_device_pushes_another_fetches_as_it_was() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut pens = [Pen::new(&person.device, 1), Pen::new(&person.device, 2)];
    let mut records = pens[0].write_many(&person, &person.device, 20);
    records.extend(pens[1].write_many(&person, &person.device, 3));
    let reply = push(&world, &person, records.clone()).await;
    assert_eq!(reply.push, PushOutcome::Accepted);
    assert!(
        reply.records.is_empty(),
        "what was brought is not sent back"
    );
    let fetched = fetch(&world, &person).await;
    assert_eq!(fetched.records, records);
    assert!(!fetched.more && fetched.want.is_empty() && fetched.behind.is_empty());

    let mut request = person.request();
    request.spaces[0].have = Have::from_iter([(pens[0].chain, Seq(18))]);
    let reply = world.client(&person).sync(&request).await.unwrap();
    assert_eq!(reply.spaces[0].records, records[18..]);
}

#[tokio::test]
async fn e1_a_push_that_comes_again_changes_nothing() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    let records = pen.write_many(&person, &person.device, 5);
    for again in [&records[..3], &records[..], &records[..2], &records[1..]] {
        let reply = push(&world, &person, again.to_vec()).await;
        assert_eq!(reply.push, PushOutcome::Accepted);
    }
    assert_eq!(fetch(&world, &person).await.records, records);
}

#[tokio::test]
async fn what_the_relay_lacks_is_asked_for() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    let records = pen.write_many(&person, &person.device, 5);
    push(&world, &person, records[..2].to_vec()).await;
    let mut request = person.request();
    request.spaces[0].have = pen.have();
    let reply = world.client(&person).sync(&request).await.unwrap();
    let behind = Have::from_iter([(pen.chain, Seq(2))]);
    assert_eq!(reply.spaces[0].behind, behind);
    assert!(reply.spaces[0].records.is_empty());
}

#[tokio::test]
async fn records_are_taken_only_by_who_knows_the_newest_links() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let old = Person::new(1);
    let mut pen = Pen::new(&old.device, 1);
    let records = pen.write_many(&old, &old.device, 1);
    let links = person.add(&Device::new(2));
    let request = SyncRequest {
        known: old.known(),
        ..person.appending(links)
    };
    world.client(&person).sync(&request).await.unwrap();
    let reply = world.client(&old).sync(&old.pushing(records.clone())).await;
    let reply = reply.unwrap();
    assert_eq!(pushed(&reply), &PushOutcome::HeadsNotCurrent);
    assert_eq!(reply.links.len(), 2);
    assert_eq!(
        push(&world, &person, records).await.push,
        PushOutcome::Accepted
    );
}

#[tokio::test]
async fn a_request_may_append_and_push_at_once() {
    let world = World::open().await;
    let mut person = Person::new(1);
    let mut pen = Pen::new(&person.device, 1);
    let mut request = person.registration(None);
    request.spaces[0].push = pen.write_many(&person, &person.device, 2);
    let reply = world.client(&person).sync(&request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);
    assert_eq!(pushed(&reply), &PushOutcome::Accepted);

    let known = person.known();
    let tablet = Device::new(2);
    let links = person.add(&tablet);
    let mut other = Pen::new(&tablet, 1);
    let mut request = SyncRequest {
        known,
        ..person.appending(links)
    };
    request.spaces[0].push = other.write_many(&person, &tablet, 2);
    let reply = world.client(&person).sync(&request).await.unwrap();
    assert_eq!(pushed(&reply), &PushOutcome::Accepted);
}

#[tokio::test]
async fn a9_records_that_no_device_signed_are_refused_and_what_is_before_them_is_kept() {
    let world = World::open().await;
    let person = world.person(1).await;
    let stranger = Device::new(9);
    let mut pen = Pen::new(&stranger, 1);
    let unknown = pen.write_many(&person, &stranger, 1);
    let (_, why) = refusal(&world, &person, unknown).await;
    assert_eq!(why, RecordRefusal::NotAMember);

    let mut pen = Pen::new(&person.device, 1);
    let mut records = pen.write_many(&person, &person.device, 2);
    // Signed by the stranger, in the device's name.
    records.push(pen.write(&person, &stranger, b"forged"));
    let (place, why) = refusal(&world, &person, records.clone()).await;
    assert_eq!((place.seq, why), (Seq(3), RecordRefusal::BadSignature));
    assert_eq!(fetch(&world, &person).await.records, records[..2]);
}

#[tokio::test]
async fn a7_a_record_of_another_space_is_refused() {
    let world = World::open().await;
    let (person, other) = (world.person(1).await, world.person(2).await);
    let mut pen = Pen::new(&person.device, 1);
    let record = pen.write(&other, &person.device, b"elsewhere");
    let (_, why) = refusal(&world, &person, vec![record]).await;
    assert_eq!(why, RecordRefusal::NotAMember);
    let reply = world.client(&other).sync(&person.request()).await.unwrap();
    assert_eq!(reply.spaces[0], SpaceReply::empty(person.space()));
    assert!(reply.links.iter().all(|link| !person.links.contains(link)));
}

#[tokio::test]
async fn r3_a_version_belongs_to_bonds() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    let record = pen.write_with(&person, &person.device, b"copy", |header| {
        header.kind = RecordKind::Version;
    });
    let (_, why) = refusal(&world, &person, vec![record]).await;
    assert_eq!(why, RecordRefusal::WrongKind);
}

#[tokio::test]
async fn k7_another_record_at_a_taken_place_is_a_fork_and_a_gap_is_not_next() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    let mut copy = pen.clone();
    let records = pen.write_many(&person, &person.device, 3);
    push(&world, &person, records.clone()).await;
    let other = copy.write(&person, &person.device, b"another");
    let (place, why) = refusal(&world, &person, vec![other]).await;
    assert_eq!((place.seq, why), (Seq(1), RecordRefusal::Forked));
    pen.write(&person, &person.device, b"lost");
    let gap = pen.write(&person, &person.device, b"after it");
    let (place, why) = refusal(&world, &person, vec![gap]).await;
    assert_eq!((place.seq, why), (Seq(5), RecordRefusal::NotNext));
    assert_eq!(fetch(&world, &person).await.records, records);
}

#[tokio::test]
async fn r5_a_hole_is_asked_for_filled_by_the_right_body_and_shown() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    let records = pen.write_many(&person, &person.device, 3);
    let mut offered = records.clone();
    offered[1] = offered[1].clone().into_stub();
    let reply = push(&world, &person, offered.clone()).await;
    assert_eq!(reply.push, PushOutcome::Accepted);
    assert_eq!(reply.want, [records[1].place()]);

    let world = world.restart(daymark_relay::Registration::Open).await;
    let fetched = fetch(&world, &person).await;
    assert_eq!(fetched.records, offered);
    assert_eq!(fetched.want, [records[1].place()]);

    let reply = push(&world, &person, vec![records[1].clone()]).await;
    assert_eq!(
        (reply.push, reply.want),
        (PushOutcome::Accepted, Vec::new())
    );
    let mut request = person.request();
    request.spaces[0].have = pen.have();
    request.spaces[0].want = vec![
        records[1].place(),
        Place {
            seq: Seq(9),
            ..records[1].place()
        },
    ];
    let reply = world.client(&person).sync(&request).await.unwrap();
    assert_eq!(reply.spaces[0].records, records[1..2]);
}

/// A device brings all that is wanted of it in one push, also where other records lie between.
#[tokio::test]
async fn r5_several_holes_of_a_chain_are_filled_at_once_and_every_run_is_checked() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    let records = pen.write_many(&person, &person.device, 6);
    let holes = [1, 3, 4];
    let mut offered = records.clone();
    for hole in holes {
        offered[hole] = offered[hole].clone().into_stub();
    }
    push(&world, &person, offered).await;
    let wanted = holes.map(|hole| records[hole].clone());
    for altered in 0..wanted.len() {
        let mut wanted = wanted.clone();
        let (header, body) = wanted[altered].clone().into_parts();
        let another = *records[0].header().signature();
        let header = Signed::from_parts(header.bytes().to_vec(), another).unwrap();
        wanted[altered] = Record::new(header, body).unwrap();
        // A signature is part of what the next record names, so that the run may end there.
        let why = refusal(&world, &person, wanted.to_vec()).await.1;
        assert!(matches!(
            why,
            RecordRefusal::BadSignature | RecordRefusal::NotNext
        ));
    }
    let reply = push(&world, &person, wanted.to_vec()).await;
    assert_eq!(
        (reply.push, reply.want),
        (PushOutcome::Accepted, Vec::new())
    );
    assert_eq!(fetch(&world, &person).await.records, records);
}

#[tokio::test]
async fn l3_a_long_fetch_comes_in_parts() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    let body = vec![7; limits::MAX_RECORD_BYTES - 2048];
    let mut sent = Vec::new();
    for _ in 0..6 {
        let record = pen.write(&person, &person.device, &body);
        assert_eq!(
            push(&world, &person, vec![record.clone()]).await.push,
            PushOutcome::Accepted
        );
        sent.push(record);
    }
    let mut request = person.request();
    let mut got = Vec::new();
    loop {
        let reply = world.client(&person).sync(&request).await.unwrap();
        let space = &reply.spaces[0];
        let bytes: usize = space.records.iter().map(Record::size).sum();
        assert!(bytes <= limits::MAX_REPLY_RECORD_BYTES);
        got.extend(space.records.clone());
        let last = got.last().unwrap().place();
        request.spaces[0].have.set(last.chain, last.seq);
        if !space.more {
            break;
        }
    }
    assert_eq!(got, sent);
}

#[tokio::test]
async fn nothing_new_is_one_round_trip_and_a_few_hundred_bytes() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    push(
        &world,
        &person,
        pen.write_many(&person, &person.device, 100),
    )
    .await;
    let mut request = person.request();
    request.spaces[0].have = pen.have();
    let reply = world.client(&person).sync(&request).await.unwrap();
    let bytes = request.to_bytes().len() + reply.to_bytes().len();
    assert!(bytes <= 300, "{bytes} bytes with one chain");
}
