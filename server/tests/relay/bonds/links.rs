//! Links of a bond: on which heads they rest, when they come, and what records wait for.

use super::*;
use crate::{
    couple::{Couple, HOLDS},
    person::{Device, Pen},
    world::World,
};
use daymark_wire::{
    Have, RecordKind, Seq,
    logs::Role,
    sync::{AppendOutcome, PushOutcome, RecordRefusal, SyncRequest},
};

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

/// A supporter's account could go on just before each time.
#[tokio::test]
async fn l3_what_an_owner_takes_back_waits_for_nothing_that_the_supporters_account_says() {
    let (owner, supporter) = (Role::Owner, Role::Supporter);
    for (by, meanwhile, forgets, expected) in [
        (owner, supporter, vec![document(1)], AppendOutcome::Appended),
        (owner, supporter, Vec::new(), AppendOutcome::NotNext),
        (owner, owner, vec![document(1)], AppendOutcome::NotNext),
        (supporter, owner, vec![document(1)], AppendOutcome::NotNext),
        (
            supporter,
            supporter,
            vec![document(1)],
            AppendOutcome::NotNext,
        ),
    ] {
        let world = World::open().await;
        let mut couple = Couple::active(&world).await;
        let before = couple.known(by);
        let epoch = couple.epoch(by, forgets, Have::new(), world.here());
        let person = match meanwhile {
            Role::Owner => &mut couple.owner,
            Role::Supporter => &mut couple.supporter,
        };
        let links = person.add(&Device::new(7));
        let request = couple.of(meanwhile).bringing(links);
        let client = world.client(couple.of(meanwhile));
        client.sync(&request).await.unwrap();
        let request = SyncRequest {
            known: before,
            append: vec![epoch],
            ..SyncRequest::default()
        };
        let reply = world.client(couple.of(by)).sync(&request).await.unwrap();
        assert_eq!(reply.append, expected, "{by:?}, {meanwhile:?}");
    }
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
            let accounts = [&couple.owner, &couple.supporter].map(|of| of.account.head());
            theirs.write_with(&couple.supporter, &tablet, b"by the tablet", |header| {
                header.kind = RecordKind::Version;
                header.space = space;
                header.epoch = epoch;
                header.heads = vec![accounts[0], accounts[1], couple.bond.head()];
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
