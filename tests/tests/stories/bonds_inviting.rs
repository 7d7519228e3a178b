//! Inviting while something else goes on.

use crate::support::couple::{in_a_week, person, standing};
use daymark_client::{
    sharing::Standing,
    system::{Clock as _, SystemClock},
};
use daymark_relay::{Clock, Registration};
use daymark_tests::world::World;
use std::collections::BTreeSet;

#[tokio::test]
async fn an_invitation_holds_though_the_account_went_on_before_it_was_brought() {
    let world = World::new().await;
    let owner = world.first_device("owner").await;
    let supporter = world.offline_device("supporter").await;
    let other = world.pair(&owner, "laptop").await;
    let name = person("a supporter");
    let invited = owner.vault.invite(&name, None, in_a_week()).await.unwrap();
    // The account log goes on: another device lets one in, and the inviting one has not synced.
    world.pair(&other, "tablet").await;
    let synced = owner.sync().await;
    assert!(synced.faults.is_empty(), "{:?}", synced.faults);
    let considered = supporter.vault.consider(&invited.to_string()).await;
    let considered = considered.unwrap();
    considered.accept(&person("the owner")).await.unwrap();
    for device in [&owner, &other] {
        let synced = device.sync().await;
        assert!(synced.faults.is_empty(), "{:?}", synced.faults);
        assert_eq!(standing(device, invited.bond()).await, Standing::Active);
    }
}

/// An owner is shown the account logs of all their supporters, with that of whoever comes next among them.
#[tokio::test]
async fn the_seventeenth_supporter_is_agreed_with_as_the_first_was() {
    // A device invites a few people a minute (rule L11): the relay's clock goes on, and is never off by two minutes.
    let begins = SystemClock.now_ms() / 1000 - 90;
    let clock = Clock::standing_at(begins);
    let world = World::with(Registration::Open, clock.clone()).await;
    let owner = world.first_device("owner").await;
    let mut bonds = BTreeSet::new();
    for number in 1..=17 {
        clock.set(begins + 60 * (number / 5));
        let name = format!("supporter {number}");
        let (_, bond) = world.join_circle(&owner, &name).await;
        bonds.insert(bond);
    }
    assert_eq!(bonds.len(), 17, "each was agreed on");
}
