//! Who reads and writes in a bond: its two accounts, each what is theirs, and nobody else.

use super::*;
use crate::{couple::Couple, live::Live, person::Pen, world::World};
use daymark_relay::Registration;
use daymark_wire::{
    Have, RecordKind,
    logs::{LogKind, Role},
    sync::{AppendOutcome, PushOutcome, RecordRefusal, SpaceReply, SyncRequest},
};

#[tokio::test]
async fn both_sides_get_what_the_other_wrote_and_all_logs_that_it_rests_on() {
    let world = World::open().await;
    let couple = Couple::active(&world).await;
    let mut copy = Pen::new(&couple.owner.device, 1);
    let mut reply = Pen::new(&couple.supporter.device, 1);
    let copy = couple.write(&mut copy, Role::Owner, b"a shared copy");
    let reply = couple.write(&mut reply, Role::Supporter, b"a reply");
    for (role, record) in [(Role::Owner, &copy), (Role::Supporter, &reply)] {
        let pushed = couple.push(&world, role, vec![record.clone()]).await;
        assert_eq!(pushed.push, PushOutcome::Accepted);
    }
    let world = world.restart(Registration::Open).await;
    for (role, other) in [
        (Role::Owner, &couple.supporter),
        (Role::Supporter, &couple.owner),
    ] {
        let request = SyncRequest {
            known: Vec::new(),
            ..couple.request(role)
        };
        let answer = world.client(couple.of(role)).sync(&request).await.unwrap();
        assert_eq!(answer.spaces[0].records.len(), 2);
        let bond: Vec<_> = answer
            .links
            .iter()
            .filter(|link| link.kind == LogKind::Bond)
            .collect();
        assert_eq!(bond, couple.links.iter().collect::<Vec<_>>());
        let theirs = &other.links[0];
        assert!(answer.links.contains(theirs), "the other's account log");
        let journal = &other.links[1];
        assert!(!answer.links.contains(journal), "and not their journal's");
        let nothing_new = couple.request(role);
        let answer = world
            .client(couple.of(role))
            .sync(&nothing_new)
            .await
            .unwrap();
        assert!(answer.links.is_empty() && answer.behind.is_empty());
    }
}

#[tokio::test]
async fn j4_who_is_in_no_bond_gets_the_answer_of_one_that_is_not_there() {
    let world = World::open().await;
    let couple = Couple::active(&world).await;
    let mut pen = Pen::new(&couple.owner.device, 1);
    let copy = couple.write(&mut pen, Role::Owner, b"a shared copy");
    couple.push(&world, Role::Owner, vec![copy.clone()]).await;
    let stranger = world.person(3).await;
    let mut request = stranger.request();
    request.spaces = couple.request(Role::Owner).spaces;
    request.spaces[0].want = vec![copy.place()];
    request.spaces[0].push = vec![copy];
    let there = world.client(&stranger).sync(&request).await.unwrap();
    assert_eq!(there.spaces, [SpaceReply::empty(couple.space())]);

    let elsewhere = World::open().await;
    elsewhere.person(3).await;
    let mut absent = elsewhere.client(&stranger).sync(&request).await.unwrap();
    absent.generation = there.generation;
    assert_eq!(there.to_bytes(), absent.to_bytes());

    // Nor does an attempt to append to it tell.
    let mut couple = couple;
    let leave = couple.leave();
    for world in [&world, &elsewhere] {
        let request = stranger.bringing(vec![leave.clone()]);
        let reply = world.client(&stranger).sync(&request).await.unwrap();
        assert_eq!(reply.append, AppendOutcome::NotNext);
        assert!(reply.links.iter().all(|link| link.kind != LogKind::Bond));
    }
}

#[tokio::test]
async fn j1_a_supporter_writes_what_a_bond_takes_and_nothing_of_the_owners() {
    let world = World::open().await;
    let couple = Couple::active(&world).await;
    let mut pen = Pen::new(&couple.supporter.device, 1);
    let change = couple.write_with(&mut pen.clone(), Role::Supporter, b"?", |header| {
        header.kind = RecordKind::Change;
    });
    let answer = couple.push(&world, Role::Supporter, vec![change]).await;
    assert_eq!(why(&answer), RecordRefusal::WrongKind);
    // In the owner's name, and in the owner's journal.
    let mut forged = pen.clone();
    forged.chain.device = couple.owner.device.id;
    let forged = couple.write(&mut forged, Role::Supporter, b"as if the owner wrote it");
    let answer = couple.push(&world, Role::Supporter, vec![forged]).await;
    assert_eq!(why(&answer), RecordRefusal::BadSignature);
    let mut request = couple.request(Role::Supporter);
    request.spaces[0].space = couple.owner.space();
    let own = couple.write_with(&mut pen, Role::Supporter, b"in the journal", |header| {
        header.space = couple.owner.space();
    });
    request.spaces[0].push = vec![own];
    let reply = world
        .client(&couple.supporter)
        .sync(&request)
        .await
        .unwrap();
    assert_eq!(reply.spaces, [SpaceReply::empty(couple.owner.space())]);
}

#[tokio::test]
async fn j1_a_supporter_forgets_their_own_and_the_owner_also_replies() {
    let world = World::open().await;
    let mut couple = Couple::active(&world).await;
    let mut owners = Pen::new(&couple.owner.device, 1);
    owners.document = document(1);
    let mut theirs = Pen::new(&couple.supporter.device, 1);
    theirs.document = document(2);
    let copy = couple.write(
        &mut owners,
        Role::Owner,
        b"a shared copy, long enough to find",
    );
    let reply = couple.write(
        &mut theirs,
        Role::Supporter,
        b"a reply, long enough to find",
    );
    couple.push(&world, Role::Owner, vec![copy.clone()]).await;
    couple
        .push(&world, Role::Supporter, vec![reply.clone()])
        .await;
    let have = Have::from_iter([(owners.chain, owners.seq), (theirs.chain, theirs.seq)]);

    // What the supporter says of the owner's document goes for nothing.
    let epoch = couple.epoch(
        Role::Supporter,
        vec![document(1)],
        have.clone(),
        world.here(),
    );
    let appended = couple.bring(&world, Role::Supporter, vec![epoch]).await;
    assert_eq!(appended.append, AppendOutcome::Appended);
    let stands = couple.fetch(&world, Role::Supporter).await.records;
    assert!(stands.contains(&copy) && stands.contains(&reply));

    let both = vec![document(1), document(2)];
    let epoch = couple.epoch(Role::Owner, both, have, world.here());
    let appended = couple.bring(&world, Role::Owner, vec![epoch]).await;
    assert_eq!(appended.append, AppendOutcome::Appended);
    let gone = couple.fetch(&world, Role::Supporter).await;
    assert!(gone.records.iter().all(|record| record.body().is_none()));
    assert!(gone.want.is_empty(), "a stub that is explained is no hole");
    let again = couple.write(&mut theirs, Role::Supporter, b"after it was forgotten");
    let answer = couple.push(&world, Role::Supporter, vec![again]).await;
    assert_eq!(why(&answer), RecordRefusal::Forgotten);
    // At once, and nowhere in the files.
    let world = world.restart(Registration::Open).await;
    assert!(!world.database_holds(b"long enough to find"));
}

#[tokio::test]
async fn both_sides_hear_at_once_of_links_and_records() {
    let world = World::open().await;
    let mut couple = Couple::active(&world).await;
    let stranger = world.person(3).await;
    let mut owner = Live::open(&world.client(&couple.owner)).await;
    let mut supporter = Live::open(&world.client(&couple.supporter)).await;
    let mut nobody = Live::open(&world.client(&stranger)).await;
    owner.sync(1, couple.request(Role::Owner)).await;
    supporter.sync(1, couple.request(Role::Supporter)).await;
    let mut curious = stranger.request();
    curious.spaces.extend(couple.request(Role::Owner).spaces);
    nobody.sync(1, curious.clone()).await;

    let mut pen = Pen::new(&couple.owner.device, 1);
    let copy = couple.write(&mut pen, Role::Owner, b"a shared copy");
    couple.push(&world, Role::Owner, vec![copy.clone()]).await;
    for live in [&mut owner, &mut supporter] {
        let news = live.news().await;
        assert_eq!(news.space, Some(couple.space()));
        assert_eq!(news.records, std::slice::from_ref(&copy));
    }
    let leave = couple.leave();
    couple
        .bring(&world, Role::Supporter, vec![leave.clone()])
        .await;
    for live in [&mut owner, &mut supporter] {
        assert_eq!(live.news().await.links, std::slice::from_ref(&leave));
    }
    // The next that the stranger hears is an answer.
    nobody.sync(2, curious).await;
}
