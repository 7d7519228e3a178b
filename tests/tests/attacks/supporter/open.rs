//! What attacks on an invitation begin with: an owner who invited somebody, at a hostile relay.

use super::invite;
use daymark_client::sharing::Invitation;
use daymark_core::account::move_home;
use daymark_tests::{
    hostile::{HostileRelay, StolenDevice},
    world::{Device, Prepared, World},
};
use daymark_wire::sync::{AppendOutcome, SyncRequest};
use tokio::sync::OnceCell;

/// People at a hostile relay who agreed on nothing yet.
pub(super) struct Open {
    pub(super) relay: HostileRelay,
    /// Who invites.
    pub(super) owner: Device,
    /// Who is meant, without a relay so far.
    pub(super) meant: Device,
    /// Somebody else who is at that relay.
    pub(super) stranger: Device,
    /// The owner's to whoever is meant. The relay has it.
    pub(super) invitation: Invitation,
}

static ALONE: OnceCell<Prepared> = OnceCell::const_new();
static WITH_PHONE: OnceCell<Prepared> = OnceCell::const_new();

impl Open {
    pub(super) async fn set() -> Self {
        let prepared = ALONE.get_or_init(|| Self::prepare(false)).await;
        let (relay, devices) = HostileRelay::with(prepared).await;
        let devices = devices.try_into().unwrap();
        Self::invite(relay, devices).await
    }

    /// The same, where the owner has a phone too. Both their devices know of the invitation.
    pub(super) async fn with_phone() -> (Self, Device) {
        let prepared = WITH_PHONE.get_or_init(|| Self::prepare(true)).await;
        let (relay, mut devices) = HostileRelay::with(prepared).await;
        let phone = devices.pop().unwrap();
        let devices = devices.try_into().unwrap();
        let open = Self::invite(relay, devices).await;
        for _ in 0..2 {
            phone.sync().await;
        }
        (open, phone)
    }

    async fn invite(relay: HostileRelay, [owner, meant, stranger]: [Device; 3]) -> Self {
        says_where_it_is(&relay, &owner).await;
        Self {
            invitation: invite(&owner).await,
            relay,
            owner,
            meant,
            stranger,
        }
    }

    async fn prepare(with_phone: bool) -> Prepared {
        let world = World::new().await;
        let owner = world.first_device("owner").await;
        let meant = world.offline_device("meant").await;
        let stranger = world.first_device("stranger").await;
        let mut devices = vec![owner, meant, stranger];
        if with_phone {
            let phone = world.pair(&devices[0], "phone").await;
            devices.push(phone);
        }
        Prepared::of(world, devices).await
    }
}

/// The account says where its relay is now: an invitation names the address in its log, and no device says by itself
/// that the same relay is somewhere else.
async fn says_where_it_is(relay: &HostileRelay, owner: &Device) {
    let hand = StolenDevice::of(&owner.vault).await;
    let moved = move_home(hand.logs(), relay.address().to_home(), &hand.device);
    let request = SyncRequest {
        append: vec![moved.unwrap()],
        ..hand.push(Vec::new())
    };
    let reply = hand.connect(relay.address()).sync(&request).await;
    assert_eq!(reply.unwrap().append, AppendOutcome::Appended);
    owner.sync().await;
}
