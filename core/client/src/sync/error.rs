//! What can go wrong with a sync. Work is kept in every case, and the next sync goes on.

use crate::{connection::RelayError, vault::VaultError};
use daymark_core::{random::NoRandomness, sync::SealingError};
use thiserror::Error;

/// Why a sync did not end well.
#[derive(Debug, Error)]
pub enum SyncError {
    /// No relay is set.
    #[error("no relay is set")]
    NoRelay,
    /// Another program syncs this vault just now, perhaps as long as it runs.
    #[error("another program keeps this journal in step already")]
    Running,
    /// The relay could not be used.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// The vault could not be used.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The relay's quota for this account is used up.
    #[error("the relay has no more room for this account")]
    Quota,
    /// The relay refuses what this device sends.
    #[error("the relay does not take what this device sends")]
    NotTaken,
    /// Something could not be sealed.
    #[error("what waits could not be sealed: {0}")]
    Sealing(#[from] SealingError),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The machine of this sync went ahead of what could be stored: it is loaded anew.
    #[error("the sync begins anew")]
    MachineGone,
    /// A part of this program failed; what is stored is as it was.
    #[error("a part of the program failed")]
    Failed,
}

impl SyncError {
    /// The stable code that scripts see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoRelay => "no-relay",
            Self::Running => "busy",
            Self::Relay(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::Quota => "quota-exceeded",
            Self::NotTaken => "not-taken",
            Self::Sealing(_) => "not-sealed",
            Self::Random(_) => "no-randomness",
            Self::MachineGone | Self::Failed => "failed",
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NoRelay => "Set one, if you want this journal on other devices too.",
            Self::Running => {
                "It sends and fetches by itself. To do that here instead, end it first."
            }
            Self::Relay(error) => error.hint(),
            Self::Vault(error) => error.hint(),
            Self::Quota => "Ask the relay's operator for more room; what you write is kept here.",
            Self::NotTaken => "What you write is kept here. Look at the status for the reason.",
            Self::Sealing(_) => "What you write is kept here; sync again.",
            Self::Random(_) => "Restart the device; if it stays, its system is damaged.",
            Self::MachineGone | Self::Failed => {
                "Nothing was lost. Sync again; if it stays, please report it."
            }
        }
    }
}
