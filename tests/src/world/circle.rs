//! An owner and two supporters who agreed.

use super::{Device, Prepared, World};
use daymark_client::sharing::{SpaceId, Standing};
use daymark_core::journal::Person;
use daymark_relay::Registration;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

/// What the devices are called, and what the owner calls the supporters.
const NAMES: [&str; 3] = ["owner", "supporter", "another supporter"];

/// One device each, in step.
#[derive(Debug)]
pub struct Circle {
    /// Who shares.
    pub owner: Device,
    /// With whom.
    pub supporters: [Device; 2],
    /// Each supporter's bond with the owner, in the same order.
    pub bonds: [SpaceId; 2],
}

/// A circle as it lies on disk, with other devices of its people after the first three.
#[derive(Debug)]
pub(crate) struct PreparedCircle {
    pub(crate) files: Prepared,
    bonds: [SpaceId; 2],
}

/// Whose second device belongs to a circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Second {
    Nobodys,
    Owners,
    Supporters,
}

static ALONE: OnceCell<PreparedCircle> = OnceCell::const_new();
static WITH_OWNERS: OnceCell<PreparedCircle> = OnceCell::const_new();
static WITH_SUPPORTERS: OnceCell<PreparedCircle> = OnceCell::const_new();

impl PreparedCircle {
    /// Everybody agrees, once in a program.
    pub(crate) async fn with(second: Second) -> &'static Self {
        let kept = match second {
            Second::Nobodys => &ALONE,
            Second::Owners => &WITH_OWNERS,
            Second::Supporters => &WITH_SUPPORTERS,
        };
        kept.get_or_init(|| Self::agree(second)).await
    }

    async fn agree(second: Second) -> Self {
        let mut world = World::new().await;
        let owner = world.first_device(NAMES[0]).await;
        // Who comes with an invitation alone gets a supporter's room, not an owner's.
        world.relay.register(Registration::Invite).await;
        let (one, first_bond) = world.join_circle(&owner, NAMES[1]).await;
        let (other, second_bond) = world.join_circle(&owner, NAMES[2]).await;
        let phone = match second {
            Second::Nobodys => None,
            Second::Owners => Some(world.pair(&owner, "phone").await),
            Second::Supporters => Some(world.pair(&one, "phone").await),
        };
        let devices = [owner, one, other].into_iter().chain(phone);
        Self {
            files: Prepared::of(world, devices).await,
            bonds: [first_bond, second_bond],
        }
    }

    /// The circle of its devices, and the second device where there is one.
    pub(crate) fn circle(&self, devices: Vec<Device>) -> (Circle, Option<Device>) {
        let mut devices = devices.into_iter();
        let mut next = || devices.next().expect("three devices");
        let circle = Circle {
            owner: next(),
            supporters: [next(), next()],
            bonds: self.bonds,
        };
        (circle, devices.next())
    }
}

impl World {
    /// Somebody accepts an owner's invitation, and both know.
    pub async fn join_circle(&self, owner: &Device, name: &str) -> (Device, SpaceId) {
        let supporter = self.offline_device(name).await;
        let (called, lapses) = (
            Person::parse(name).expect("a name"),
            Timestamp::now() + SignedDuration::from_hours(24),
        );
        let invited = owner.vault.invite(&called, None, lapses).await;
        let invitation = invited.expect("an invitation");
        owner.sync().await;
        let text = invitation.to_string();
        let considered = supporter.vault.consider(&text).await;
        let owners_name = Person::parse(NAMES[0]).expect("a name");
        let accepted = considered.expect("it is open").accept(&owners_name).await;
        accepted.expect("the relay takes it");
        owner.sync().await;
        let bonds = owner.vault.supporters().await.expect("a list");
        let agreed = |one: &&daymark_client::sharing::Supporter| one.bond == invitation.bond();
        let bond = bonds.iter().find(agreed).expect("it is listed");
        assert_eq!(bond.standing, Standing::Active);
        (supporter, invitation.bond())
    }
}
