//! Devices that are prepared once in a program. Founding an account and pairing stretch a passphrase several times;
//! whatever is not about that begins with a copy of vaults that were made once.

use super::{Device, Files, Host, World};
use daymark_client::{connection::RelayAddress, vault::Vault};
use daymark_core::keys::{RecoveryPhrase, VaultKey};
use daymark_relay::{Clock, Registration};
use std::path::{Path, PathBuf};

/// A relay and vaults as they lie on disk, with everybody in step.
#[derive(Debug)]
pub struct Prepared {
    relay: Files,
    vaults: Vec<Kept>,
}

/// One device's vault, and what opens it.
#[derive(Debug)]
struct Kept {
    name: String,
    files: Files,
    key: VaultKey,
    phrase: Option<RecoveryPhrase>,
    /// Whether it uses the relay.
    has_relay: bool,
}

impl Prepared {
    /// Puts a world away, with these devices of it.
    pub async fn of(mut world: World, devices: impl IntoIterator<Item = Device>) -> Self {
        let devices: Vec<Device> = devices.into_iter().collect();
        let mut at_relay = Vec::new();
        for device in &devices {
            let relay = device.vault.relay().await.expect("its relay");
            at_relay.push(relay.is_some());
        }
        // Twice: each hears of what the last one did.
        for _ in 0..2 {
            for (device, _) in devices.iter().zip(&at_relay).filter(|(_, at)| **at) {
                device.sync().await;
            }
        }
        world.relay.stop().await;
        let mut vaults = Vec::new();
        for (device, has_relay) in devices.into_iter().zip(at_relay) {
            let (key, folder) = (device.vault.key(), device.vault.folder().to_owned());
            device.vault.close().await;
            vaults.push(Kept {
                name: device.name,
                files: Files::of(&folder),
                key,
                phrase: device.phrase,
                has_relay,
            });
        }
        Self {
            relay: Files::of(world.relay_folder()),
            vaults,
        }
    }

    /// A world of its own with a copy of each device, in the order in which they were given.
    pub async fn world(&self, clock: Clock) -> (World, Vec<Device>) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let at = folder.path().join("relay");
        self.put_relay(&at);
        let relay = Host::start_in(at, Registration::Open, clock).await;
        let world = World { folder, relay };
        let address = world.relay_address();
        let devices = self.open(|name| world.vault_folder(name), &address).await;
        (world, devices)
    }

    /// Puts the relay's files into a folder where none is yet.
    pub(crate) fn put_relay(&self, folder: &Path) {
        self.relay.put(folder);
    }

    /// Puts the vaults where they are to be and opens them, to be used with the relay where it is now.
    pub(crate) async fn open(
        &self,
        folder_of: impl Fn(&str) -> PathBuf,
        relay: &RelayAddress,
    ) -> Vec<Device> {
        let mut devices = Vec::new();
        for kept in &self.vaults {
            let folder = folder_of(&kept.name);
            kept.files.put(&folder);
            let locked = Vault::open(&folder).await.expect("a vault");
            let unlocked = locked.unlock_with_key(kept.key.clone()).await;
            let vault = unlocked.expect("its key");
            if kept.has_relay {
                vault.set_relay(relay, None).await.expect("the same relay");
            }
            devices.push(Device {
                name: kept.name.clone(),
                vault,
                phrase: kept.phrase.clone(),
            });
        }
        devices
    }
}
