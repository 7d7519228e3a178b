//! The Linux kernel's keyring of the user (keyrings(7)): in memory that is never swapped out, gone at a restart,
//! and it forgets by itself.

use super::KeyringError;
use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier};
use rustix::io::Errno;
use std::time::Duration;
use zeroize::Zeroizing;

/// More than any secret of ours, in bytes. A longer one is not ours.
const MAX_SECRET_BYTES: usize = 256;

pub(super) fn keep(name: &str, secret: &[u8], lasts: Duration) -> Result<(), KeyringError> {
    let key = ring()?.add_key(name, secret)?;
    // Zero would mean for ever.
    let seconds = usize::try_from(lasts.as_secs())
        .unwrap_or(usize::MAX)
        .max(1);
    key.set_timeout(seconds).map_err(|error| {
        // Rather none than one without an end.
        let _ = key.invalidate();
        error.into()
    })
}

pub(super) fn find(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
    let Some(key) = found(name)? else {
        return Ok(None);
    };
    let mut secret = Zeroizing::new(vec![0; MAX_SECRET_BYTES]);
    let Some(length) = there(key.read(&mut *secret))? else {
        return Ok(None);
    };
    if length > secret.len() {
        return Ok(None);
    }
    secret.truncate(length);
    Ok(Some(secret))
}

pub(super) fn forget(name: &str) -> Result<bool, KeyringError> {
    let Some(key) = found(name)? else {
        return Ok(false);
    };
    Ok(there(key.invalidate())?.is_some())
}

fn found(name: &str) -> Result<Option<Key>, KeyringError> {
    there(ring()?.search(name))
}

/// The user's keyring, linked to this process: a session that does not hold it, such as a service's, may use
/// its keys then too.
fn ring() -> Result<KeyRing, KeyringError> {
    let user = KeyRing::from_special_id(KeyRingIdentifier::User, true)?;
    let process = KeyRing::from_special_id(KeyRingIdentifier::Process, true)?;
    process.link_keyring(user)?;
    Ok(user)
}

/// None for a key that is not there, or not any more.
fn there<T>(result: Result<T, KeyError>) -> Result<Option<T>, KeyringError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl From<KeyError> for KeyringError {
    /// A kernel without keyrings, or a container that may not use them, refuses every call.
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::OperationNotSupported | KeyError::PermissionDenied => Self::Missing,
            KeyError::Unknown(number) if number == Errno::NOSYS.raw_os_error() => Self::Missing,
            other => Self::Refused(Box::new(other)),
        }
    }
}
