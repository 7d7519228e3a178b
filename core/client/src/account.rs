//! Making an account with its first vault.

use crate::{
    connection::{Invite, RelayAddress},
    system::SystemBytes,
    vault::{FirstContents, UnfinishedVault, Vault, VaultError},
};
use daymark_core::{
    account::{AccountError, found},
    journal::DeviceName,
    keys::RecoveryPhrase,
    random::Random,
};
use std::path::Path;
use thiserror::Error;

/// What a new account begins with.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// What the person calls this device.
    pub device_name: DeviceName,
    /// The relay, if there is to be one from the start.
    pub relay: Option<(RelayAddress, Option<Invite>)>,
}

/// Why no account was made.
#[derive(Debug, Error)]
pub enum CreateError {
    /// The keys could not be made.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The vault could not be made.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl CreateError {
    /// The stable code that scripts see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Account(_) => "failed",
            Self::Vault(error) => error.code(),
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Account(_) => "Try again; if it stays, the system's random source is damaged.",
            Self::Vault(error) => error.hint(),
        }
    }
}

/// An account just founded, and its first vault, whole and without a name. Now is the time to show the phrase, or
/// to keep it: a vault whose phrase nobody has must not come to be. Let go of, it leaves nothing behind; after a
/// crash the next [`begin`] sweeps it away.
#[derive(Debug)]
pub struct Beginning {
    vault: UnfinishedVault,
    phrase: RecoveryPhrase,
}

/// Founds an account and makes its first vault, beside its place until [`Beginning::finish`]. Needs no network.
/// Takes one Argon2id, about 0.2 s.
///
/// # Errors
/// [`CreateError`]; nothing was made.
pub async fn begin(
    folder: &Path,
    passphrase: &str,
    account: NewAccount,
) -> Result<Beginning, CreateError> {
    let home = account.relay.as_ref().map(|(address, _)| address.to_home());
    let random = Random::first(Box::new(SystemBytes::new())).map_err(VaultError::from)?;
    let founding = tokio::task::spawn_blocking(move || (found(home, &random), random));
    let (founded, random) = founding.await.map_err(VaultError::from)?;
    let founded = founded?;
    let phrase = founded.phrase.clone();
    let contents = FirstContents {
        name: Some(account.device_name),
        relay: account.relay,
        ..FirstContents::from(founded)
    };
    Ok(Beginning {
        vault: UnfinishedVault::make(folder, passphrase, contents, random).await?,
        phrase,
    })
}

impl Beginning {
    /// To be shown or kept before [`Self::finish`], and then let go.
    #[must_use]
    pub const fn phrase(&self) -> &RecoveryPhrase {
        &self.phrase
    }

    /// The person has the phrase: gives the vault its name, and leaves it unlocked.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn finish(self) -> Result<Vault, CreateError> {
        Ok(self.vault.finish().await?)
    }
}
