//! The operating system's keyring: keeps small secrets for its user, outside the vault's folder.
//!
//! On Linux the kernel's own, which is memory and nothing else; on macOS the keychain, on Windows the
//! credential manager. The trait is there so that a program or a test can bring another place, or none.

#[cfg(target_os = "linux")]
mod kernel;
#[cfg(any(target_os = "macos", windows))]
mod native;

#[cfg(target_os = "linux")]
use kernel as system;
#[cfg(any(target_os = "macos", windows))]
use native as system;

use std::{error::Error, fmt, time::Duration};
use thiserror::Error;
use zeroize::Zeroizing;

/// A place that keeps secrets under names.
pub trait Keyring: fmt::Debug + Send + Sync {
    /// Keeps a secret, in the place of the one before. A place that can forget by itself does so after `lasts`.
    ///
    /// # Errors
    /// [`KeyringError`]: it is not kept.
    fn keep(&self, name: &str, secret: &[u8], lasts: Duration) -> Result<(), KeyringError>;

    /// What is kept under a name, if anything.
    ///
    /// # Errors
    /// [`KeyringError`].
    fn find(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError>;

    /// Forgets it; false when there was nothing.
    ///
    /// # Errors
    /// [`KeyringError`]: it may still be there.
    fn forget(&self, name: &str) -> Result<bool, KeyringError>;
}

/// Why a keyring did not do what it was asked.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// There is none.
    #[error("this system has no keyring that could keep the key")]
    Missing,
    /// It is there, and would not.
    #[error("the system's keyring could not be used")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
}

impl KeyringError {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "no-keyring",
            Self::Refused(_) => "keyring-refused",
        }
    }

    pub(crate) const fn hint(&self) -> &'static str {
        match self {
            Self::Missing => {
                "Everything else works: give the passphrase with each command, or a file that holds it with \
                 --passphrase-file."
            }
            Self::Refused(_) => {
                "See whether the keyring is unlocked and has room. Each command still takes the passphrase."
            }
        }
    }
}

/// The keyring of this system, for the user who runs the program.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemKeyring;

#[cfg(any(target_os = "linux", target_os = "macos", windows))]
impl Keyring for SystemKeyring {
    fn keep(&self, name: &str, secret: &[u8], lasts: Duration) -> Result<(), KeyringError> {
        system::keep(name, secret, lasts)
    }

    fn find(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
        system::find(name)
    }

    fn forget(&self, name: &str) -> Result<bool, KeyringError> {
        system::forget(name)
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
impl Keyring for SystemKeyring {
    fn keep(&self, _: &str, _: &[u8], _: Duration) -> Result<(), KeyringError> {
        Err(KeyringError::Missing)
    }

    fn find(&self, _: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
        Err(KeyringError::Missing)
    }

    fn forget(&self, _: &str) -> Result<bool, KeyringError> {
        Err(KeyringError::Missing)
    }
}
