//! The keychain of macOS and the credential manager of Windows. Neither forgets by itself: the time is part
//! of what is kept.

use super::KeyringError;
use keyring_core::{Entry, Error, api::CredentialStoreApi};
use std::{collections::HashMap, time::Duration};
use zeroize::Zeroizing;

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(windows)]
use windows_native_keyring_store::Store;

/// What the system shows as the program that keeps it.
const SERVICE: &str = "daymark";

/// Until the user logs out, where a system can say so.
#[cfg(windows)]
const UNTIL_LOGOUT: &[(&str, &str)] = &[("persistence", "Session")];
#[cfg(target_os = "macos")]
const UNTIL_LOGOUT: &[(&str, &str)] = &[];

pub(super) fn keep(name: &str, secret: &[u8], _lasts: Duration) -> Result<(), KeyringError> {
    Ok(entry(name)?.set_secret(secret)?)
}

pub(super) fn find(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
    match entry(name)?.get_secret() {
        Ok(secret) => Ok(Some(Zeroizing::new(secret))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn forget(name: &str) -> Result<bool, KeyringError> {
    match entry(name)?.delete_credential() {
        Ok(()) => Ok(true),
        Err(Error::NoEntry) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn entry(name: &str) -> Result<Entry, KeyringError> {
    let lasts: HashMap<&str, &str> = UNTIL_LOGOUT.iter().copied().collect();
    Ok(Store::new()?.build(SERVICE, name, Some(&lasts))?)
}

impl From<Error> for KeyringError {
    /// The library's own errors may carry what was kept; those of the system do not.
    fn from(error: Error) -> Self {
        match error {
            Error::PlatformFailure(why) | Error::NoStorageAccess(why) => Self::Refused(why),
            _ => Self::Missing,
        }
    }
}
