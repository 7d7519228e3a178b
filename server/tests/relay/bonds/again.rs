//! What a relay lost of a bond, offered again (rule L6): by either side, in any order, though their accounts went on.

use crate::{
    couple::{Couple, HOLDS},
    person::{Device, Person},
    world::World,
};
use daymark_wire::{
    Generation, Have,
    logs::{EndReason, MadeFor, Role, TravelLink},
    sync::AppendOutcome,
};

/// A history of this relay that it has no more.
fn before(world: &World) -> MadeFor {
    MadeFor {
        generation: Generation::from_bytes([1; 16]),
        ..world.here()
    }
}

/// A bond that was agreed on in that history. Nothing of it is at the relay.
fn agreed(world: &World) -> Couple {
    let mut couple = Couple::offline(world, Person::new(1), Person::new(2), 1);
    couple.accept(before(world));
    couple
}

async fn registered(world: &World, person: &Person) {
    let request = person.registration(None);
    let reply = world.client(person).sync(&request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);
}

async fn brought(
    couple: &Couple,
    world: &World,
    by: Role,
    links: Vec<TravelLink>,
) -> AppendOutcome {
    couple.bring(world, by, links).await.append
}

fn is_refused(outcome: &AppendOutcome) -> bool {
    matches!(outcome, AppendOutcome::Refused { .. })
}

/// The two account logs, each longer by a device.
fn both_go_on(couple: &mut Couple, number: u16) {
    couple.owner.add(&Device::new(number));
    couple.supporter.add(&Device::new(number + 1));
}

#[tokio::test]
async fn l6_an_emptied_relay_takes_a_bond_once_both_accounts_are_there_in_any_order() {
    for first in [Role::Owner, Role::Supporter] {
        for ends in [Role::Owner, Role::Supporter] {
            let world = World::open().await;
            let mut couple = agreed(&world);
            both_go_on(&mut couple, 10);
            couple.epoch(Role::Owner, Vec::new(), Have::new(), before(&world));
            both_go_on(&mut couple, 20);
            match ends {
                Role::Owner => couple.end(EndReason::Chosen),
                Role::Supporter => couple.leave(),
            };
            both_go_on(&mut couple, 30);
            let second = match first {
                Role::Owner => Role::Supporter,
                Role::Supporter => Role::Owner,
            };
            // Nobody has kept keys.
            let links = couple.links.iter().cloned();
            let bare = links.map(|link| TravelLink { blob: None, ..link });
            let links: Vec<TravelLink> = bare.collect();

            registered(&world, couple.of(first)).await;
            let early = brought(&couple, &world, first, links.clone()).await;
            assert!(is_refused(&early), "the other account is not there");
            registered(&world, couple.of(second)).await;
            if second == Role::Supporter {
                // The invitation is the owner's to bring, at the next sync.
                let early = brought(&couple, &world, second, links.clone()).await;
                assert_eq!(early, AppendOutcome::NotNext);
            }
            for by in [Role::Owner, Role::Supporter] {
                let all = brought(&couple, &world, by, links.clone()).await;
                assert_eq!(all, AppendOutcome::Appended);
            }
        }
    }
}

#[tokio::test]
async fn l6_a_lost_end_is_taken_though_the_accounts_went_on_since() {
    for by in [Role::Owner, Role::Supporter] {
        let world = World::open().await;
        let mut couple = agreed(&world);
        for person in [&couple.owner, &couple.supporter] {
            registered(&world, person).await;
        }
        let links = couple.links.clone();
        let restored = brought(&couple, &world, Role::Owner, links).await;
        assert_eq!(restored, AppendOutcome::Appended);

        let lost = match by {
            Role::Owner => couple.end(EndReason::Chosen),
            Role::Supporter => couple.leave(),
        };
        both_go_on(&mut couple, 10);
        for person in [&couple.owner, &couple.supporter] {
            registered(&world, person).await;
        }
        // Either side has the link, and brings it.
        let other = match by {
            Role::Owner => Role::Supporter,
            Role::Supporter => Role::Owner,
        };
        let taken = brought(&couple, &world, other, vec![lost]).await;
        assert_eq!(taken, AppendOutcome::Appended);
    }
}

#[tokio::test]
async fn l6_a_lost_invitation_and_its_end_are_taken_from_the_owner() {
    let world = World::open().await;
    let mut couple = Couple::offline(&world, Person::new(1), Person::new(2), 1);
    let invite = couple.links.clone();
    couple.owner.add(&Device::new(10));
    let taken_back = couple.end(EndReason::Chosen);
    couple.owner.add(&Device::new(11));
    registered(&world, &couple.owner).await;
    for links in [invite, vec![taken_back]] {
        let taken = brought(&couple, &world, Role::Owner, links).await;
        assert_eq!(taken, AppendOutcome::Appended);
    }
}

#[tokio::test]
async fn l6_a_lost_accept_is_taken_from_the_supporter_within_its_time_and_from_the_owner_after_it()
{
    for by in [Role::Owner, Role::Supporter] {
        let world = World::open().await;
        let mut couple = agreed(&world);
        // Who lost the answer is told of the bond as of one that is not there: all of it is brought.
        let links = couple.links.clone();
        both_go_on(&mut couple, 10);
        for person in [&couple.owner, &couple.supporter] {
            registered(&world, person).await;
        }
        let invite = links[..1].to_vec();
        let taken = brought(&couple, &world, Role::Owner, invite).await;
        assert_eq!(taken, AppendOutcome::Appended);
        if by == Role::Owner {
            world.clock.set(world.clock.now() + HOLDS);
            let late = brought(&couple, &world, Role::Supporter, links.clone()).await;
            assert!(is_refused(&late));
        }
        let taken = brought(&couple, &world, by, links).await;
        assert_eq!(taken, AppendOutcome::Appended);
    }
}

#[tokio::test]
async fn j4_who_brings_the_invite_of_another_alone_is_told_the_same_whether_it_is_there() {
    let world = World::open().await;
    let couple = Couple::offline(&world, world.person(1).await, world.person(2).await, 1);
    let invite = || couple.links.clone();
    let absent = brought(&couple, &world, Role::Supporter, invite()).await;
    assert!(is_refused(&absent));
    let own = brought(&couple, &world, Role::Owner, invite()).await;
    assert_eq!(own, AppendOutcome::Appended);
    let there = brought(&couple, &world, Role::Supporter, invite()).await;
    assert_eq!(there, absent);
}

/// A device that the owner removed could invite in its name, with somebody's help who accepts.
#[tokio::test]
async fn a2_an_invitation_on_a_head_that_is_past_is_taken_from_its_owner_only() {
    let world = World::open().await;
    let mut couple = agreed(&world);
    let links = couple.links.clone();
    couple.owner.add(&Device::new(10));
    for person in [&couple.owner, &couple.supporter] {
        registered(&world, person).await;
    }
    let anothers = brought(&couple, &world, Role::Supporter, links.clone()).await;
    assert_eq!(anothers, AppendOutcome::NotNext);
    let own = brought(&couple, &world, Role::Owner, links).await;
    assert_eq!(own, AppendOutcome::Appended);
}

#[tokio::test]
async fn l3_a_link_of_the_present_history_rests_on_current_heads_still() {
    for by in [Role::Owner, Role::Supporter] {
        let world = World::open().await;
        let mut couple = Couple::active(&world).await;
        let late = match by {
            Role::Owner => couple.end(EndReason::Chosen),
            Role::Supporter => couple.leave(),
        };
        let own = match by {
            Role::Owner => &mut couple.owner,
            Role::Supporter => &mut couple.supporter,
        };
        own.add(&Device::new(10));
        registered(&world, couple.of(by)).await;
        let refused = brought(&couple, &world, by, vec![late]).await;
        assert_eq!(refused, AppendOutcome::NotNext);
    }
}

/// Else whoever has their account log go on each time keeps the other from ending the bond.
#[tokio::test]
async fn l3_an_end_need_not_know_what_the_other_account_says_since() {
    for by in [Role::Owner, Role::Supporter] {
        let world = World::open().await;
        let mut couple = Couple::active(&world).await;
        let (end, other) = match by {
            Role::Owner => (couple.end(EndReason::Chosen), Role::Supporter),
            Role::Supporter => (couple.leave(), Role::Owner),
        };
        let person = match other {
            Role::Owner => &mut couple.owner,
            Role::Supporter => &mut couple.supporter,
        };
        person.add(&Device::new(10));
        registered(&world, couple.of(other)).await;
        let taken = brought(&couple, &world, by, vec![end]).await;
        assert_eq!(taken, AppendOutcome::Appended);
    }
}
