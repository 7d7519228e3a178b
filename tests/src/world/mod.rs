//! A world of its own for a test: a real relay on a free port, real vaults in temporary folders, and a line
//! between them that can be cut.

mod circle;
mod clock;
mod device;
mod host;
mod household;
mod line;
mod prepared;
mod watching;

pub use circle::Circle;
pub(crate) use circle::{PreparedCircle, Second};
pub use clock::SetClock;
pub use device::{Device, PASSPHRASE, entry_at, note};
pub use host::{Files, Host};
pub use line::{Connection, Cost, Exchange, Fault, Line, Message};
pub use prepared::Prepared;
pub use watching::{TOO_LONG, Watching};

use daymark_client::connection::{Invite, RelayAddress};
use daymark_relay::{Clock, Registration};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A relay and the place for vaults. Dropped, it leaves nothing behind.
pub struct World {
    folder: TempDir,
    /// The relay that the devices use.
    pub relay: Host,
}

impl World {
    /// A relay that registers anybody, and no device yet.
    pub async fn new() -> Self {
        Self::with(Registration::Open, Clock::system()).await
    }

    /// A relay that registers as told, at the time that it is told.
    pub async fn with(registration: Registration, clock: Clock) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let relay = Host::start_in(folder.path().join("relay"), registration, clock).await;
        Self { folder, relay }
    }

    /// Another relay, with a key and a line of its own.
    pub async fn other_relay(&self) -> Host {
        let folder = self.folder.path().join("other relay");
        Host::start_in(folder, Registration::Open, Clock::system()).await
    }

    /// The relay's data folder.
    pub fn relay_folder(&self) -> &Path {
        self.relay.folder()
    }

    /// The line between all devices and the relay.
    pub const fn line(&self) -> &Line {
        self.relay.line()
    }

    /// Where devices reach the relay: through the line.
    pub fn relay_address(&self) -> RelayAddress {
        self.relay.relay_address()
    }

    /// A first device of a new account, registered at the relay.
    pub async fn first_device(&self, name: &str) -> Device {
        self.first_device_invited(name, None).await
    }

    /// The same with an operator's invite.
    pub async fn first_device_invited(&self, name: &str, invite: Option<Invite>) -> Device {
        let relay = Some((self.relay_address(), invite));
        let device = Device::found(&self.vault_folder(name), name, relay).await;
        device.sync().await;
        device
    }

    /// A first device of a new account without a relay.
    pub async fn offline_device(&self, name: &str) -> Device {
        Device::found(&self.vault_folder(name), name, None).await
    }

    /// Another device of the same account, let in by a trusted one.
    pub async fn pair(&self, trusted: &Device, name: &str) -> Device {
        trusted.pair(&self.vault_folder(name), name).await
    }

    /// Where a device's vault is.
    pub fn vault_folder(&self, name: &str) -> PathBuf {
        self.folder.path().join("vaults").join(name)
    }
}
