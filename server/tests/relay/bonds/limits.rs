//! What ends in a bond, and what is bounded: days of expiry, the end, invitations, space.

use super::*;
use crate::{
    couple::{Couple, HOLDS},
    person::{Device, Pen},
    world::{START, World, settings},
};
use daymark_relay::{Clock, Registration, Relay};
use daymark_wire::{
    Have, limits,
    logs::{EndReason, LogKind, Role},
    record::ExpiryDay,
    sync::{AppendOutcome, PushOutcome, RecordRefusal, SpaceReply, SyncRequest},
};

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
    is_gone(world, &couple, b"long enough to find").await;
}

/// After a start, the relay no longer stores what has expired.
async fn is_gone(world: World, couple: &Couple, body: &[u8]) {
    assert!(world.database_holds(body));
    let world = world.restart(Registration::Open).await;
    for _ in 0..100 {
        if !world.database_holds(body) {
            return;
        }
        // The first round after the start does it.
        couple.fetch(&world, Role::Supporter).await;
    }
    panic!("it is stored still");
}

#[tokio::test]
async fn k12_a_body_that_comes_after_its_header_has_its_day_too() {
    let world = World::open().await;
    let couple = Couple::active(&world).await;
    let today = u32::try_from(world.clock.now() / DAY).unwrap();
    let mut pen = Pen::new(&couple.owner.device, 1);
    let body = b"until tomorrow, though it came late";
    let copy = couple.write_with(&mut pen, Role::Owner, body, |header| {
        header.expires = ExpiryDay(today + 1);
    });
    // The other side has the header still, after the relay lost both.
    let header = vec![copy.clone().into_stub()];
    for (by, record) in [(Role::Supporter, header), (Role::Owner, vec![copy])] {
        let pushed = couple.push(&world, by, record).await;
        assert_eq!(pushed.push, PushOutcome::Accepted, "{by:?}");
    }
    world.clock.set((u64::from(today) + 1) * DAY);
    is_gone(world, &couple, body).await;
}

#[tokio::test]
async fn b6_of_what_a_supporter_writes_nothing_has_a_last_day() {
    let world = World::open().await;
    let couple = Couple::active(&world).await;
    let tomorrow = u32::try_from(world.clock.now() / DAY).unwrap() + 1;
    let mut pen = Pen::new(&couple.supporter.device, 1);
    let write = |pen: &mut Pen, day| {
        couple.write_with(pen, Role::Supporter, b"a reply", |header| {
            header.expires = ExpiryDay(day);
        })
    };
    let until = write(&mut pen.clone(), tomorrow);
    for record in [until.clone(), until.into_stub()] {
        let answer = couple.push(&world, Role::Supporter, vec![record]).await;
        assert_eq!(why(&answer), RecordRefusal::WrongKind);
    }
    let lasts = write(&mut pen, 0);
    let answer = couple.push(&world, Role::Supporter, vec![lasts]).await;
    assert_eq!(answer.push, PushOutcome::Accepted);
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

#[tokio::test]
async fn i3_each_log_has_a_minute_of_its_own_and_all_else_of_a_request_is_judged() {
    let world = World::open().await;
    let mut couple = Couple::active(&world).await;
    for _ in 0..limits::MAX_LINKS_PER_MINUTE {
        let epoch = couple.epoch(Role::Owner, Vec::new(), Have::new(), world.here());
        let reply = couple.bring(&world, Role::Owner, vec![epoch]).await;
        assert_eq!(reply.append, AppendOutcome::Appended);
    }
    let known = couple.known(Role::Owner);
    let (bond, links) = (couple.bond.clone(), couple.links.clone());
    let epoch = couple.epoch(Role::Owner, Vec::new(), Have::new(), world.here());
    let mut pen = Pen::new(&couple.owner.device, 1);
    let record = pen.write(&couple.owner, &couple.owner.device, b"of the journal");
    let held_up = SyncRequest {
        known: known.clone(),
        append: vec![epoch.clone()],
        ..couple.owner.pushing(vec![record])
    };
    let reply = world.client(&couple.owner).sync(&held_up).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::NotNow);
    assert_eq!(reply.spaces[0].push, PushOutcome::Accepted);
    (couple.bond, couple.links) = (bond, links);

    // The other side's minute, and that of this device's journal, are others.
    let theirs = couple.epoch(Role::Supporter, Vec::new(), Have::new(), world.here());
    let reply = couple.bring(&world, Role::Supporter, vec![theirs]).await;
    assert_eq!(reply.append, AppendOutcome::Appended);
    let rekey = couple.owner.rekey();
    let request = couple.owner.bringing(vec![rekey]);
    let reply = world.client(&couple.owner).sync(&request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);

    world.clock.set(world.clock.now() + 60);
    let epoch = couple.epoch(Role::Owner, Vec::new(), Have::new(), world.here());
    let reply = couple.bring(&world, Role::Owner, vec![epoch]).await;
    assert_eq!(reply.append, AppendOutcome::Appended);
}

/// Each invitation is a log of its own, which nothing else would bound.
#[tokio::test]
async fn i3_invitations_count_with_the_links_of_the_account() {
    let world = World::open().await;
    let mut owner = world.person(1).await;
    for n in 0..=limits::MAX_LINKS_PER_MINUTE {
        let number = u8::try_from(n).unwrap();
        let couple = Couple::offline(&world, owner, crate::person::Person::new(2), number);
        let links = couple.links.clone();
        let reply = couple.bring(&world, Role::Owner, links).await;
        let expected = match n {
            limits::MAX_LINKS_PER_MINUTE => AppendOutcome::NotNow,
            _ => AppendOutcome::Appended,
        };
        assert_eq!(reply.append, expected);
        owner = couple.owner;
    }
}

/// A side that always appends just before the other would keep them from ending the bond.
#[tokio::test]
async fn l3_whose_link_came_too_late_has_a_turn() {
    let world = World::open().await;
    let mut couple = Couple::active(&world).await;
    let before = (couple.bond.clone(), couple.links.clone());
    let late = couple.end(EndReason::Chosen);
    (couple.bond, couple.links) = before;
    let first = couple.epoch(Role::Supporter, Vec::new(), Have::new(), world.here());
    let reply = couple.bring(&world, Role::Supporter, vec![first]).await;
    assert_eq!(reply.append, AppendOutcome::Appended);
    let reply = couple.bring(&world, Role::Owner, vec![late]).await;
    assert_eq!(reply.append, AppendOutcome::NotNext);

    let before = (couple.bond.clone(), couple.links.clone());
    let second = couple.epoch(Role::Supporter, Vec::new(), Have::new(), world.here());
    let reply = couple.bring(&world, Role::Supporter, vec![second]).await;
    assert_eq!(reply.append, AppendOutcome::NotNow);
    (couple.bond, couple.links) = before;
    let end = couple.end(EndReason::Chosen);
    let reply = couple.bring(&world, Role::Owner, vec![end]).await;
    assert_eq!(reply.append, AppendOutcome::Appended);
}

/// It does not matter who brings a link.
#[tokio::test]
async fn i3_links_count_for_the_device_that_signed_them() {
    let world = World::open().await;
    let mut couple = Couple::active(&world).await;
    // The answer to the invitation was theirs, too.
    world.clock.set(world.clock.now() + 60);
    for n in 0..=limits::MAX_LINKS_PER_MINUTE {
        let epoch = couple.epoch(Role::Supporter, Vec::new(), Have::new(), world.here());
        let reply = couple.bring(&world, Role::Owner, vec![epoch]).await;
        let expected = match n {
            limits::MAX_LINKS_PER_MINUTE => AppendOutcome::NotNow,
            _ => AppendOutcome::Appended,
        };
        assert_eq!(reply.append, expected);
    }
}
