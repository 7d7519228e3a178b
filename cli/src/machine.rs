//! What a command uses of the machine beside its streams: the clock and the keyring.

use crate::keyring::{Keyring, KeyringError, SystemKeyring};
use daymark_client::{
    system::{Clock, SystemClock},
    vault::{KeptKey, LockedVault, Vault, VaultError},
};
use std::{
    path::{Path, absolute},
    sync::Arc,
    time::Duration,
};

/// Who keeps a vault's key at hand, and the clock that its time is measured by.
#[derive(Debug, Clone)]
pub struct Machine {
    clock: Arc<dyn Clock>,
    keyring: Arc<dyn Keyring>,
}

impl Default for Machine {
    /// The operating system's clock and keyring.
    fn default() -> Self {
        Self::new(SystemClock, SystemKeyring)
    }
}

impl Machine {
    /// Another clock or keyring.
    #[must_use]
    pub fn new(clock: impl Clock + 'static, keyring: impl Keyring + 'static) -> Self {
        Self {
            clock: Arc::new(clock),
            keyring: Arc::new(keyring),
        }
    }

    /// Opens a vault with the key at hand. One that does not open it, or whose time is over, is forgotten. A
    /// keyring that cannot be read is as if it were empty.
    pub(crate) async fn unlock(&self, locked: &LockedVault) -> Result<Option<Vault>, VaultError> {
        let name = name(locked.folder());
        let Ok(Some(kept)) = self.keyring.find(&name) else {
            return Ok(None);
        };
        let unlocked = match KeptKey::from_bytes(&kept) {
            Some(kept) => locked.unlock_with_kept(&kept, self.clock.now_ms()).await,
            None => Err(VaultError::WrongPassphrase),
        };
        match unlocked {
            Err(VaultError::WrongPassphrase) => {
                // It opens nothing: where it stays, it is asked again and opens nothing again.
                let _ = self.keyring.forget(&name);
                Ok(None)
            }
            unlocked => unlocked.map(Some),
        }
    }

    /// Keeps a vault's key at hand; until when, in milliseconds since 1970.
    pub(crate) fn keep(&self, vault: &Vault, lasts: Duration) -> Result<u64, KeyringError> {
        let kept = vault.kept_key(self.clock.now_ms(), lasts);
        let name = name(vault.folder());
        self.keyring.keep(&name, &kept.to_bytes(), lasts)?;
        Ok(kept.until_ms())
    }

    /// Until when a vault's key is at hand, in milliseconds since 1970.
    pub(crate) fn kept_until(&self, folder: &Path) -> Result<Option<u64>, KeyringError> {
        let kept = self.keyring.find(&name(folder))?;
        let kept = kept.and_then(|bytes| KeptKey::from_bytes(&bytes));
        let good = kept.filter(|kept| kept.is_good_at(self.clock.now_ms()));
        Ok(good.map(|kept| kept.until_ms()))
    }

    /// Forgets a vault's key; false when none was at hand.
    pub(crate) fn forget(&self, folder: &Path) -> Result<bool, KeyringError> {
        self.keyring.forget(&name(folder))
    }
}

/// A vault's name in the keyring: where it is. Whether the key there is this vault's own, the vault itself
/// shows: it opens with no other.
fn name(folder: &Path) -> String {
    let place = folder.canonicalize().or_else(|_| absolute(folder));
    let place = place.unwrap_or_else(|_| folder.to_owned());
    format!("daymark:{}", place.display())
}
