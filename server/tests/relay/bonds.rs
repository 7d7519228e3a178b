//! Bonds at the relay: who agrees to what, who reads and writes, and what is left afterwards.

use crate::{
    couple::{Couple, HOLDS},
    live::Live,
    person::{Device, Pen},
    world::{START, World, settings},
};
use daymark_relay::{Clock, Registration, Relay};
use daymark_wire::{
    DocumentId, Have, RecordKind, Seq,
    logs::{EndReason, LogKind, Role},
    record::ExpiryDay,
    sync::{AppendOutcome, PushOutcome, RecordRefusal, SpaceReply, SyncRequest},
};

const DAY: u64 = 24 * 60 * 60;

fn document(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

fn why(reply: &SpaceReply) -> RecordRefusal {
    match &reply.push {
        PushOutcome::Refused { why, .. } => *why,
        other => panic!("{other:?}"),
    }
}

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
async fn l3_bond_links_rest_on_current_heads_of_both_accounts() {
    let world = World::open().await;
    let mut couple = Couple::active(&world).await;
    let old = couple.supporter.account.clone();
    let tablet = Device::new(7);
    let links = couple.supporter.add(&tablet);
    let request = couple.supporter.bringing(links);
    world
        .client(&couple.supporter)
        .sync(&request)
        .await
        .unwrap();
    let new = std::mem::replace(&mut couple.supporter.account, old);
    let before = (couple.bond.clone(), couple.links.clone());
    let stale = couple.epoch(Role::Owner, Vec::new(), Have::new(), world.here());
    let refused = couple.bring(&world, Role::Owner, vec![stale]).await;
    assert_eq!(refused.append, AppendOutcome::NotNext);
    // With what came in between it is appended.
    (couple.bond, couple.links) = before;
    couple.supporter.account = new;
    let fresh = couple.epoch(Role::Owner, Vec::new(), Have::new(), world.here());
    let appended = couple.bring(&world, Role::Owner, vec![fresh]).await;
    assert_eq!(appended.append, AppendOutcome::Appended);
}

#[tokio::test]
async fn l4_an_epoch_that_lacks_what_was_received_is_not_next() {
    let world = World::open().await;
    let mut couple = Couple::active(&world).await;
    let mut pen = Pen::new(&couple.supporter.device, 1);
    let reply = couple.write(&mut pen, Role::Supporter, b"a reply");
    couple.push(&world, Role::Supporter, vec![reply]).await;
    let epoch = couple.epoch(Role::Owner, Vec::new(), Have::new(), world.here());
    let refused = couple.bring(&world, Role::Owner, vec![epoch]).await;
    assert_eq!(refused.append, AppendOutcome::NotNext);
}

#[tokio::test]
async fn records_wait_for_current_heads_and_for_an_epoch_after_a_removal() {
    let world = World::open().await;
    let mut couple = Couple::active(&world).await;
    let tablet = Device::new(7);
    let mut theirs = Pen::new(&tablet, 1);
    let links = couple.supporter.add(&tablet);
    let request = couple.supporter.bringing(links);
    world
        .client(&couple.supporter)
        .sync(&request)
        .await
        .unwrap();
    let late: Vec<_> = (0..2)
        .map(|_| {
            let space = couple.space();
            let epoch = couple.bond.newest_epoch().unwrap().id;
            theirs.write_with(&couple.supporter, &tablet, b"by the tablet", |header| {
                header.kind = RecordKind::Version;
                header.space = space;
                header.epoch = epoch;
            })
        })
        .collect();
    let pushed = couple.push(&world, Role::Supporter, late.clone()).await;
    assert_eq!(pushed.push, PushOutcome::Accepted);

    let mut pen = Pen::new(&couple.owner.device, 1);
    let copy = couple.write(&mut pen, Role::Owner, b"a shared copy");
    let before = couple.request(Role::Owner).known;
    let links = vec![couple.supporter.revoke(&tablet)];
    let request = couple.supporter.bringing(links);
    world
        .client(&couple.supporter)
        .sync(&request)
        .await
        .unwrap();
    let mut request = couple.request(Role::Owner);
    request.spaces[0].push = vec![copy.clone()];
    let behind = SyncRequest {
        known: before,
        ..request.clone()
    };
    let client = world.client(&couple.owner);
    let reply = client.sync(&behind).await.unwrap();
    assert_eq!(reply.spaces[0].push, PushOutcome::HeadsNotCurrent);
    assert_eq!(reply.links.len(), 1, "the removal");
    let reply = client.sync(&request).await.unwrap();
    assert_eq!(reply.spaces[0].push, PushOutcome::Stale);

    let cut = Have::from_iter([(theirs.chain, Seq(1))]);
    let epoch = couple.epoch(Role::Owner, Vec::new(), cut, world.here());
    let reply = couple.bring(&world, Role::Owner, vec![epoch]).await;
    assert_eq!(reply.append, AppendOutcome::Appended);
    assert_eq!(reply.spaces[0].records, late[..1]);
    let answer = couple
        .push(&world, Role::Supporter, late[1..].to_vec())
        .await;
    assert_eq!(why(&answer), RecordRefusal::NotAMember);
}

#[tokio::test]
async fn k12_a_version_has_its_day_by_the_relays_clock() {
    let world = World::open().await;
    let couple = Couple::active(&world).await;
    let today = u32::try_from(world.clock.now() / DAY).unwrap();
    let mut pen = Pen::new(&couple.owner.device, 1);
    let write = |pen: &mut Pen, body: &[u8], days: u32| {
        couple.write_with(pen, Role::Owner, body, |header| {
            header.expires = ExpiryDay(today + days);
        })
    };
    let copy = write(&mut pen, b"until tomorrow, long enough to find", 1);
    let pushed = couple.push(&world, Role::Owner, vec![copy.clone()]).await;
    assert_eq!(pushed.push, PushOutcome::Accepted);
    let shown = couple.fetch(&world, Role::Supporter).await;
    assert_eq!(shown.records, std::slice::from_ref(&copy));
    let late = write(&mut pen.clone(), b"its day is over", 0);
    let answer = couple.push(&world, Role::Owner, vec![late]).await;
    assert_eq!(why(&answer), RecordRefusal::WrongKind);

    world.clock.set((u64::from(today) + 1) * DAY);
    let withheld = couple.fetch(&world, Role::Supporter).await;
    assert_eq!(withheld.records, [copy.clone().into_stub()]);
    assert!(withheld.want.is_empty());
    let again = couple.push(&world, Role::Owner, vec![copy]).await;
    assert_eq!(again.push, PushOutcome::Accepted, "it is there already");
    let withheld = couple.fetch(&world, Role::Supporter).await;
    assert!(withheld.records[0].body().is_none());
    let world = world.restart(Registration::Open).await;
    for _ in 0..100 {
        if !world.database_holds(b"long enough to find") {
            return;
        }
        // The first round after the start does it.
        couple.fetch(&world, Role::Supporter).await;
    }
    panic!("it is stored still");
}

#[tokio::test]
async fn j3_after_the_end_the_log_is_readable_and_the_rest_is_gone() {
    for by in [Role::Owner, Role::Supporter] {
        let world = World::open().await;
        let mut couple = Couple::active(&world).await;
        let mut pen = Pen::new(&couple.owner.device, 1);
        let copy = couple.write(&mut pen, Role::Owner, b"a shared copy, long enough to find");
        couple.push(&world, Role::Owner, vec![copy]).await;
        let next = couple.write(&mut pen, Role::Owner, b"one more");
        let links = couple.links.len();
        let end = match by {
            Role::Owner => couple.end(EndReason::Chosen),
            Role::Supporter => couple.leave(),
        };
        let reply = couple.bring(&world, by, vec![end]).await;
        assert_eq!(reply.append, AppendOutcome::Appended);
        let pushed = couple.push(&world, Role::Owner, vec![next]).await;
        assert_eq!(pushed, SpaceReply::empty(couple.space()));

        // A device that comes later is not the other side's business any more.
        let tablet = couple.owner.add(&Device::new(7));
        let request = couple.owner.bringing(tablet.clone());
        world.client(&couple.owner).sync(&request).await.unwrap();
        let world = world.restart(Registration::Open).await;
        for role in [Role::Owner, Role::Supporter] {
            let request = SyncRequest {
                known: Vec::new(),
                ..couple.request(role)
            };
            let answer = world.client(couple.of(role)).sync(&request).await.unwrap();
            assert_eq!(answer.spaces, [SpaceReply::empty(couple.space())]);
            let bond: Vec<_> = answer
                .links
                .iter()
                .filter(|link| link.kind == LogKind::Bond)
                .collect();
            assert_eq!(bond.len(), links + 1);
            assert!(bond.iter().all(|link| link.blob.is_none()), "no keys");
            assert_eq!(answer.links.contains(&tablet[0]), role == Role::Owner);
        }
        assert!(!world.database_holds(b"long enough to find"));
        assert!(!world.database_holds(b"wraps of the bond's epoch"));
    }
}

#[tokio::test]
async fn an_accept_comes_with_its_epoch_in_time_and_once() {
    let world = World::open().await;
    let (owner, supporter) = (world.person(1).await, world.person(2).await);
    let mut couple = Couple::invited(&world, owner, supporter).await;
    let (bond, links) = (couple.bond.clone(), couple.links.clone());
    let both = couple.accept(world.here());
    let alone = couple
        .bring(&world, Role::Supporter, both[..1].to_vec())
        .await;
    assert!(matches!(
        alone.append,
        AppendOutcome::Refused { index: 0, .. }
    ));
    world.clock.set(world.clock.now() + HOLDS);
    let late = couple.bring(&world, Role::Supporter, both.clone()).await;
    assert!(matches!(
        late.append,
        AppendOutcome::Refused { index: 0, .. }
    ));
    world.clock.set(world.clock.now() - 1);
    let mut second = Couple {
        supporter: world.person(3).await,
        owner: couple.owner,
        bond,
        links,
        token: couple.token,
    };
    couple.owner = crate::person::Person::new(1);
    couple.token = second.token.clone();
    let reply = couple.bring(&world, Role::Supporter, both.clone()).await;
    assert_eq!(reply.append, AppendOutcome::Appended);
    let again = couple.bring(&world, Role::Supporter, both).await;
    assert_eq!(again.append, AppendOutcome::Appended, "it stood already");
    let theirs = second.accept(world.here());
    let used = second.bring(&world, Role::Supporter, theirs).await;
    assert!(matches!(
        used.append,
        AppendOutcome::Refused { index: 0, .. }
    ));
}

#[tokio::test]
async fn j5_open_invitations_are_bounded() {
    const MOST: u8 = 16;
    let world = World::open().await;
    let mut owner = world.person(1).await;
    let mut invites = Vec::new();
    for n in 0..=MOST {
        let couple = Couple::offline(&world, owner, crate::person::Person::new(2), n);
        invites.extend(couple.links);
        owner = couple.owner;
    }
    let mut request = owner.bringing(invites.clone());
    let client = world.client(&owner);
    let reply = client.sync(&request).await.unwrap();
    assert!(matches!(reply.append, AppendOutcome::Refused { .. }));
    request.append.pop();
    let reply = client.sync(&request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);
    // Those that lapsed do not count.
    world.clock.set(world.clock.now() + HOLDS);
    let couple = Couple::offline(&world, owner, crate::person::Person::new(2), 99);
    let reply = couple
        .bring(&world, Role::Owner, couple.links.clone())
        .await;
    assert_eq!(reply.append, AppendOutcome::Appended);
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

#[tokio::test]
async fn l3_an_account_keeps_what_it_may_and_forgetting_makes_room() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::standing_at(START);
    let mut settings = settings(&folder, &clock, Registration::Open);
    settings.quota = 1_000_000;
    let relay = Relay::start(settings).await.unwrap();
    let world = World {
        relay,
        clock,
        folder,
    };
    let mut couple = Couple::active(&world).await;
    let mut pen = Pen::new(&couple.owner.device, 1);
    pen.document = document(1);
    let first = couple.write(&mut pen, Role::Owner, &[7; 600_000]);
    let answer = couple.push(&world, Role::Owner, vec![first.clone()]).await;
    assert_eq!(answer.push, PushOutcome::Accepted);
    let have = Have::from_iter([(pen.chain, pen.seq)]);
    let mut full = pen.clone();
    full.document = document(2);
    let second = couple.write(&mut full, Role::Owner, &[8; 600_000]);
    let answer = couple.push(&world, Role::Owner, vec![second]).await;
    assert_eq!(answer.push, PushOutcome::QuotaExceeded);
    assert_eq!(answer.records, std::slice::from_ref(&first));
    // The other side has room of its own, and what is there already needs none.
    let mut theirs = Pen::new(&couple.supporter.device, 1);
    let reply = couple.write(&mut theirs, Role::Supporter, &[9; 600_000]);
    for (role, record) in [(Role::Supporter, &reply), (Role::Owner, &first)] {
        let answer = couple.push(&world, role, vec![record.clone()]).await;
        assert_eq!(answer.push, PushOutcome::Accepted);
    }
    let have = Have::from_iter(have.iter().chain([(theirs.chain, theirs.seq)]));
    let epoch = couple.epoch(Role::Owner, vec![document(1)], have, world.here());
    let reply = couple.bring(&world, Role::Owner, vec![epoch]).await;
    assert_eq!(reply.append, AppendOutcome::Appended);
    pen.document = document(2);
    let second = couple.write(&mut pen, Role::Owner, &[8; 600_000]);
    let answer = couple.push(&world, Role::Owner, vec![second]).await;
    assert_eq!(answer.push, PushOutcome::Accepted);
}
