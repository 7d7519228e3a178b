//! An owner and two supporters who agreed. They begin as copies of vaults that agreed once: founding an account
//! stretches a passphrase, and tests that are not about agreeing need not wait for it.

use super::{Device, Files, World};
use daymark_client::{
    connection::RelayAddress,
    sharing::{SpaceId, Standing},
    vault::Vault,
};
use daymark_core::{journal::Person, keys::VaultKey};
use daymark_relay::Registration;
use jiff::{SignedDuration, Timestamp};
use std::path::{Path, PathBuf};
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

/// A circle as it lies on disk.
pub(crate) struct Prepared {
    relay: Files,
    vaults: Vec<(Files, VaultKey)>,
    bonds: [SpaceId; 2],
}

static CIRCLE: OnceCell<Prepared> = OnceCell::const_new();

impl Prepared {
    /// Everybody agrees, once in a program.
    pub(crate) async fn circle() -> &'static Self {
        CIRCLE.get_or_init(Self::agree).await
    }

    async fn agree() -> Self {
        let mut world = World::new().await;
        let owner = world.first_device(NAMES[0]).await;
        // Who comes with an invitation alone gets a supporter's room, not an owner's.
        world.relay.register(Registration::Invite).await;
        let (one, first) = world.join_circle(&owner, NAMES[1]).await;
        let (other, second) = world.join_circle(&owner, NAMES[2]).await;
        // Twice: each hears of what the last one did.
        for device in [&owner, &one, &other].repeat(2) {
            device.sync().await;
        }
        world.relay.stop().await;
        let mut vaults = Vec::new();
        for device in [owner, one, other] {
            let key = device.vault.key();
            device.vault.close().await;
            vaults.push((Files::of(&world.vault_folder(&device.name)), key));
        }
        Self {
            relay: Files::of(world.relay_folder()),
            vaults,
            bonds: [first, second],
        }
    }

    /// Puts the relay's files into a folder where none is yet.
    pub(crate) fn put_relay(&self, folder: &Path) {
        self.relay.put(folder);
    }

    /// Puts the vaults where they are to be and opens them, to be used with that relay.
    pub(crate) async fn open(
        &self,
        folder_of: impl Fn(&str) -> PathBuf,
        relay: RelayAddress,
    ) -> Circle {
        let mut devices = Vec::new();
        for ((files, key), name) in self.vaults.iter().zip(NAMES) {
            let folder = folder_of(name);
            files.put(&folder);
            let locked = Vault::open(&folder).await.expect("a vault");
            let vault = locked.unlock_with_key(key.clone()).await.expect("its key");
            vault.set_relay(&relay, None).await.expect("the same relay");
            devices.push(Device {
                name: name.to_owned(),
                vault,
                phrase: None,
            });
        }
        let mut devices = devices.into_iter();
        let mut next = || devices.next().expect("three devices");
        Circle {
            owner: next(),
            supporters: [next(), next()],
            bonds: self.bonds,
        }
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
