//! Devices of one account that are paired already. Pairing stretches a passphrase several times; stories
//! that are not about it begin with a copy of vaults that were paired once.

use super::{Device, Files, Host, SetClock, World};
use daymark_client::vault::Vault;
use daymark_core::keys::VaultKey;
use daymark_relay::{Clock, Registration};
use std::sync::Arc;
use tokio::sync::OnceCell;

const NAMES: [&str; 3] = ["phone", "laptop", "tablet"];

/// Vaults and relay as they lie on disk when everyone is paired and has synced.
struct Household {
    relay: Files,
    vaults: Vec<(Files, VaultKey)>,
}

static TWO: OnceCell<Household> = OnceCell::const_new();
static THREE: OnceCell<Household> = OnceCell::const_new();

impl World {
    /// A relay with a phone and a laptop of one account, in step and without an entry.
    pub async fn of_two() -> (Self, [Device; 2]) {
        let household = TWO.get_or_init(|| Household::pair(2)).await;
        let (world, devices) = household.copy(Clock::system()).await;
        (world, devices.try_into().expect("two"))
    }

    /// The same with a tablet.
    pub async fn of_three() -> (Self, [Device; 3]) {
        let household = THREE.get_or_init(|| Household::pair(3)).await;
        let (world, devices) = household.copy(Clock::system()).await;
        (world, devices.try_into().expect("three"))
    }

    /// The phone and the laptop with a relay whose clock is another.
    pub async fn of_two_at(clock: Clock) -> (Self, [Device; 2]) {
        let household = TWO.get_or_init(|| Household::pair(2)).await;
        let (world, devices) = household.copy(clock).await;
        (world, devices.try_into().expect("two"))
    }
}

impl Household {
    async fn pair(count: usize) -> Self {
        let mut world = World::new().await;
        let mut devices = vec![world.first_device(NAMES[0]).await];
        for name in &NAMES[1..count] {
            let paired = world.pair(&devices[0], name).await;
            devices.push(paired);
        }
        // Twice: each hears of the last one's name and of what it has seen.
        for device in devices.iter().chain(&devices) {
            device.sync().await;
        }
        world.relay.stop().await;
        let mut vaults = Vec::new();
        for device in devices {
            let key = device.vault.key();
            device.vault.close().await;
            vaults.push((Files::of(&world.vault_folder(&device.name)), key));
        }
        Self {
            relay: Files::of(world.relay_folder()),
            vaults,
        }
    }

    async fn copy(&self, clock: Clock) -> (World, Vec<Device>) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        self.relay.put(&folder.path().join("relay"));
        let at = folder.path().join("relay");
        let relay = Host::start_in(at, Registration::Open, clock).await;
        let world = World { folder, relay };
        let mut devices = Vec::new();
        for ((files, key), name) in self.vaults.iter().zip(NAMES) {
            let place = world.vault_folder(name);
            files.put(&place);
            let locked = Vault::open(&place).await.expect("a vault");
            let vault = locked.unlock_with_key(key.clone()).await.expect("its key");
            let address = world.relay_address();
            vault.set_relay(&address, None).await.expect("the line");
            devices.push(Device {
                name: name.to_owned(),
                vault,
                phrase: None,
            });
        }
        (world, devices)
    }
}

impl Device {
    /// Closes the vault and opens it again, as a program does that is started anew.
    pub async fn reopen(self) -> Self {
        let folder = self.vault.folder().to_owned();
        let key = self.vault.key();
        self.vault.close().await;
        Self::open_with_key(&folder, &self.name, key).await
    }

    /// The same by another clock.
    pub async fn reopen_by(self, clock: &SetClock) -> Self {
        let folder = self.vault.folder().to_owned();
        let key = self.vault.key();
        self.vault.close().await;
        let locked = Vault::open(&folder).await.expect("a vault");
        let locked = locked.with_clock(Arc::new(clock.clone()));
        let vault = locked.unlock_with_key(key).await.expect("its key");
        Self {
            name: self.name,
            vault,
            phrase: None,
        }
    }

    /// A second opening of the same vault, as another program has it.
    pub async fn open_again(&self) -> Self {
        Self::open_with_key(self.vault.folder(), &self.name, self.vault.key()).await
    }

    /// Opens a vault without its passphrase.
    pub async fn open_with_key(folder: &std::path::Path, name: &str, key: VaultKey) -> Self {
        let locked = Vault::open(folder).await.expect("a vault");
        let vault = locked.unlock_with_key(key).await.expect("its key");
        Self {
            name: name.to_owned(),
            vault,
            phrase: None,
        }
    }
}
