//! Making an account with its first vault.

use crate::{
    connection::{Invite, RelayAddress},
    system::SystemBytes,
    vault::{FirstContents, Vault, VaultError},
};
use daymark_core::{
    account::{AccountError, found},
    journal::{DeviceName, JournalError},
    keys::RecoveryPhrase,
    random::Random,
};
use std::path::Path;
use thiserror::Error;

/// What a new account begins with.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// What the person calls this device.
    pub device_name: String,
    /// The relay, if there is to be one from the start.
    pub relay: Option<(RelayAddress, Option<Invite>)>,
}

/// Why no account was made.
#[derive(Debug, Error)]
pub enum CreateError {
    /// The device's name is empty or too long.
    #[error(transparent)]
    Name(#[from] JournalError),
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
            Self::Name(_) => "bad-name",
            Self::Account(_) => "failed",
            Self::Vault(error) => error.code(),
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Name(_) => "A name like \"phone\" or \"kitchen laptop\" will do.",
            Self::Account(_) => "Try again; if it stays, the system's random source is damaged.",
            Self::Vault(error) => error.hint(),
        }
    }
}

/// Founds an account and makes its first vault, unlocked. Needs no network. Takes one Argon2id, about
/// 0.2 s. The phrase is to be shown once and then let go.
///
/// # Errors
/// [`CreateError`]; nothing was made.
pub async fn create(
    folder: &Path,
    passphrase: &str,
    account: NewAccount,
) -> Result<(Vault, RecoveryPhrase), CreateError> {
    let name = DeviceName::parse(&account.device_name)?;
    let home = account.relay.as_ref().map(|(address, _)| address.to_home());
    let random = Random::first(Box::new(SystemBytes::new())).map_err(VaultError::from)?;
    let founding = tokio::task::spawn_blocking(move || (found(home, &random), random));
    let (founded, random) = founding.await.map_err(VaultError::from)?;
    let founded = founded?;
    let contents = FirstContents {
        device: founded.device,
        wrapping: founded.wrapping,
        account_keys: founded.account_keys,
        epochs: vec![founded.epoch],
        logs: founded.logs,
    };
    let vault = Vault::create(folder, passphrase, contents, random).await?;
    if let Some((address, invite)) = &account.relay {
        vault.set_relay(address, invite.as_ref()).await?;
    }
    vault.set_device_name(vault.device(), &name).await?;
    Ok((vault, founded.phrase))
}
