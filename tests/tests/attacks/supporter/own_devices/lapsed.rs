//! K12: what one wrong clock of one device makes of an invitation, for good and for all devices (ADR 0028).

use super::super::{invite, person, side_of};
use crate::stage::found;
use daymark_client::sharing::Standing;
use daymark_tests::{
    hostile::HostileRelay,
    world::{Device, SetClock},
};

#[tokio::test]
async fn k12_a_clock_that_was_ahead_for_one_sync_ends_no_invitation() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let tablet = owner.pair(&relay.vault_folder("tablet"), "tablet").await;
    owner.sync().await;
    let invitation = invite(&owner).await;
    // A tablet wakes up with an empty battery, in another year, and is put right.
    let clock = SetClock::default();
    clock.put_ahead(400);
    let tablet = tablet.by_clock(&clock).await;
    for _ in 0..2 {
        tablet.vault.sync(&|_| ()).await.unwrap();
    }
    clock.put_ahead(0);
    tablet.sync().await;
    owner.sync().await;
    let stands = side_of(&owner, invitation.bond()).await.unwrap().standing;
    let considered = meant.vault.consider(&invitation.to_string()).await;
    let accepted = match considered {
        Ok(considered) => considered.accept(&person("the owner")).await,
        Err(error) => Err(error),
    };
    owner.sync().await;
    let then = side_of(&owner, invitation.bond()).await.unwrap().standing;
    assert_eq!(
        then,
        Standing::Active,
        "it is open for thirteen days more: {stands:?} after the tablet's sync; accepting says {accepted:?}"
    );
}
