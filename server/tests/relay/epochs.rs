//! What epochs do to records: cuts, keys, forgets; and chains that go on for others (rules L6, L8, R7, R8, F1).

use crate::{
    person::{Device, Pen},
    records::{fetch, push, refusal},
    world::{World, pushed},
};
use daymark_wire::{
    DocumentId, EpochId, Have, Seq, limits,
    record::Replaces,
    sync::{AppendOutcome, PushOutcome, RecordRefusal, SyncRequest},
};

#[tokio::test]
async fn i2_after_a_removal_nothing_is_taken_until_there_is_an_epoch() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let tablet = Device::new(2);
    let mut theirs = Pen::new(&tablet, 1);
    let mut links = person.add(&tablet);
    let written = theirs.write_many(&person, &tablet, 4);
    world
        .client(&person)
        .sync(&person.bringing(links))
        .await
        .unwrap();
    assert_eq!(
        push(&world, &person, written.clone()).await.push,
        PushOutcome::Accepted
    );

    links = vec![person.revoke(&tablet)];
    world
        .client(&person)
        .sync(&person.bringing(links))
        .await
        .unwrap();
    let mut own = Pen::new(&person.device, 1);
    let mut request = person.pushing(own.clone().write_many(&person, &person.device, 1));
    request.spaces[0].have = theirs.have();
    let reply = world.client(&person).sync(&request).await.unwrap();
    assert_eq!(pushed(&reply), &PushOutcome::Stale);

    // The cut: two of the removed device's records stand.
    let known = person.known();
    let cut = Have::from_iter([(theirs.chain, Seq(2))]);
    let epoch = person.epoch(cut, Some(world.here()));
    let mut request = SyncRequest {
        known,
        ..person.appending(vec![epoch])
    };
    let mine = own.write_many(&person, &person.device, 1);
    request.spaces[0].push = mine.clone();
    let reply = world.client(&person).sync(&request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);
    assert_eq!(pushed(&reply), &PushOutcome::Accepted);
    let mut stands = fetch(&world, &person).await.records;
    stands.sort_by_key(|record| record.place().chain != theirs.chain);
    assert_eq!(stands, [&written[..2], &mine[..]].concat());

    // Beyond the cut nothing comes back, whoever offers it, and in no new chain either.
    let (place, why) = refusal(&world, &person, written[2..].to_vec()).await;
    assert_eq!((place.seq, why), (Seq(3), RecordRefusal::NotAMember));
    let late = Pen::new(&tablet, 2).write_many(&person, &tablet, 1);
    let (_, why) = refusal(&world, &person, late).await;
    assert_eq!(why, RecordRefusal::NotAMember);
    let world = world.restart(daymark_relay::Registration::Open).await;
    assert_eq!(fetch(&world, &person).await.records.len(), 3);
}

#[tokio::test]
async fn l6_beyond_the_newest_epochs_have_only_its_keys_will_do() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    let old = pen.write_many(&person, &person.device, 3);
    // Three are known to the epoch, two of them came before it.
    push(&world, &person, old[..2].to_vec()).await;
    let mut late = pen.clone();
    let beyond = late.write_many(&person, &person.device, 1);
    let known = person.known();
    let epoch = person.epoch(pen.have(), Some(world.here()));
    let request = SyncRequest {
        known,
        ..person.appending(vec![epoch])
    };
    world.client(&person).sync(&request).await.unwrap();
    let (place, why) = refusal(&world, &person, [&old[2..], &beyond[..]].concat()).await;
    assert_eq!((place.seq, why), (Seq(4), RecordRefusal::OldEpoch));
    assert_eq!(fetch(&world, &person).await.records, old);
    let unknown = pen
        .clone()
        .write_with(&person, &person.device, b"?", |header| {
            header.epoch = EpochId::from_bytes([1; 16]);
        });
    let (_, why) = refusal(&world, &person, vec![unknown]).await;
    assert_eq!(why, RecordRefusal::OldEpoch);
    let new = pen.write_many(&person, &person.device, 1);
    assert_eq!(push(&world, &person, new).await.push, PushOutcome::Accepted);
}

#[tokio::test]
async fn f1_a_forgotten_document_is_withheld_at_once_and_deleted_after_three_days() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    let gone = DocumentId::from_bytes([0xf0; 16]);
    let stays = pen.write(&person, &person.device, b"stays");
    pen.document = gone;
    let goes = pen.write(&person, &person.device, b"goes, this text too");
    push(&world, &person, vec![stays.clone(), goes.clone()]).await;
    let known = person.known();
    let epoch = person.epoch_that_forgets(vec![gone], pen.have(), Some(world.here()));
    let request = SyncRequest {
        known,
        ..person.appending(vec![epoch])
    };
    world.client(&person).sync(&request).await.unwrap();

    let expected = [stays.clone(), goes.clone().into_stub()];
    let fetched = fetch(&world, &person).await;
    assert_eq!(fetched.records, expected);
    assert!(
        fetched.want.is_empty(),
        "a stub that is explained is no hole"
    );
    let again = pen
        .clone()
        .write(&person, &person.device, b"after it was forgotten");
    let (_, why) = refusal(&world, &person, vec![again]).await;
    assert_eq!(why, RecordRefusal::Forgotten);

    world.clock.set(world.clock.now() + 72 * 60 * 60);
    let world = world.restart(daymark_relay::Registration::Open).await;
    let mut request = person.request();
    request.spaces[0].want = vec![goes.place()];
    for body in ["goes, this text too", "stays"] {
        let mut there = world.database_holds(body.as_bytes());
        if body != "stays" {
            // The first round after the start does it.
            for _ in 0..100 {
                if !there {
                    break;
                }
                world.client(&person).sync(&request).await.unwrap();
                there = world.database_holds(body.as_bytes());
            }
        }
        assert_eq!(there, body == "stays", "{body}");
    }
}

#[tokio::test]
async fn r7_chains_are_replaced_end_there_and_are_bounded() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut old = Pen::new(&person.device, 1);
    let records = old.write_many(&person, &person.device, 3);
    push(&world, &person, records[..2].to_vec()).await;
    let mut new = Pen::new(&person.device, 2);
    new.replaces = Some(Replaces {
        incarnation: old.chain.incarnation,
        last: Seq(2),
    });
    let first = new.write_many(&person, &person.device, 1);
    assert_eq!(
        push(&world, &person, first).await.push,
        PushOutcome::Accepted
    );
    let (_, why) = refusal(&world, &person, records[2..].to_vec()).await;
    assert_eq!(why, RecordRefusal::NotNext);

    let most = u16::try_from(limits::MAX_LIVE_INCARNATIONS).unwrap();
    for n in 3..most + 2 {
        let one = Pen::new(&person.device, n).write_many(&person, &person.device, 1);
        assert_eq!(push(&world, &person, one).await.push, PushOutcome::Accepted);
    }
    let more = Pen::new(&person.device, 99).write_many(&person, &person.device, 1);
    let (_, why) = refusal(&world, &person, more).await;
    assert_eq!(why, RecordRefusal::TooManyChains);
    let mut instead = Pen::new(&person.device, 99);
    instead.replaces = Some(Replaces {
        incarnation: new.chain.incarnation,
        last: Seq(1),
    });
    let instead = instead.write_many(&person, &person.device, 1);
    assert_eq!(
        push(&world, &person, instead).await.push,
        PushOutcome::Accepted
    );
}

#[tokio::test]
async fn l1_a_chain_that_another_goes_on_for_may_come_after_it() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut old = Pen::new(&person.device, 1);
    let records = old.write_many(&person, &person.device, 3);
    let mut new = Pen::new(&person.device, 0);
    new.replaces = Some(Replaces {
        incarnation: old.chain.incarnation,
        last: Seq(2),
    });
    let first = new.write_many(&person, &person.device, 1);
    push(&world, &person, first).await;
    let world = world.restart(daymark_relay::Registration::Open).await;
    let (place, why) = refusal(&world, &person, records).await;
    assert_eq!((place.seq, why), (Seq(3), RecordRefusal::NotNext));
}
