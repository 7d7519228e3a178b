//! Why a pairing came to nothing.

use crate::{connection::RelayError, sync::SyncError, vault::VaultError};
use daymark_core::{journal::JournalError, pairing::PairingError, random::NoRandomness};
use thiserror::Error;

/// Why a pairing came to nothing. Nothing was added to the account, unless a variant says otherwise.
#[derive(Debug, Error)]
pub enum PairError {
    /// The pairing itself went wrong.
    #[error(transparent)]
    Pairing(#[from] PairingError),
    /// The person said no, here or there.
    #[error("the pairing was refused")]
    Refused,
    /// The new device was let in, and no relay has shown whether it took that: the next sync brings the same again.
    /// The only variant after which the device may yet be added.
    #[error("the relay has not shown whether it let the new device in")]
    Undecided,
    /// Two minutes went by.
    #[error("the pairing's two minutes are over")]
    Expired,
    /// The relay could not be used.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// The sync before or after it did not work.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// The vault could not be made or used.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The device's name is empty or too long.
    #[error(transparent)]
    Name(#[from] JournalError),
}

impl From<NoRandomness> for PairError {
    fn from(error: NoRandomness) -> Self {
        Self::Pairing(PairingError::Random(error))
    }
}

impl PairError {
    /// The stable code that scripts see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Pairing(error) => pairing_code(error),
            Self::Refused => "pairing-refused",
            Self::Undecided => "pairing-undecided",
            Self::Expired => "pairing-expired",
            Self::Relay(error) => error.code(),
            Self::Sync(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::Name(_) => "bad-name",
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Pairing(PairingError::NotALink) => {
                "Copy or scan the whole link that the other device shows."
            }
            Self::Pairing(PairingError::DamagedLink) => {
                "If it stays, let the other device show a new one."
            }
            Self::Pairing(PairingError::NewerLink) => "Update this program, then try again.",
            Self::Pairing(PairingError::SecondHello) => {
                "Start again with a new link, and show it to nobody else."
            }
            Self::Pairing(PairingError::LinkTaken) => {
                "A link works once: let the other device show a new one. If nobody of yours used it, say no there first."
            }
            Self::Pairing(
                PairingError::ForgedLogs(_)
                | PairingError::OtherAccount
                | PairingError::OtherHistory
                | PairingError::OtherKeys,
            ) => "Do not go on with this relay before you have spoken with its operator.",
            Self::Pairing(PairingError::NotLetIn) => {
                "Run the same command with the same link again in a moment."
            }
            Self::Undecided => {
                "Sync, and look at the list of devices. Once the new one stands there, run the same command with the same link on it."
            }
            Self::Pairing(_) | Self::Expired => "Start again with a new link.",
            Self::Refused => "Nothing was added. Start again with a new link if you meant to.",
            Self::Relay(error) => error.hint(),
            Self::Sync(error) => error.hint(),
            Self::Vault(error) => error.hint(),
            Self::Name(_) => "A name like \"phone\" or \"kitchen laptop\" will do.",
        }
    }
}

const fn pairing_code(error: &PairingError) -> &'static str {
    match error {
        PairingError::NotALink | PairingError::DamagedLink => "bad-link",
        PairingError::NewerLink => "newer-version",
        PairingError::ExpiredLink => "pairing-expired",
        PairingError::LinkTaken | PairingError::SecondHello => "link-taken",
        PairingError::ForgedLogs(_)
        | PairingError::OtherAccount
        | PairingError::OtherHistory
        | PairingError::OtherKeys => "forged-view",
        PairingError::LockedOut => "locked-out",
        PairingError::NotLetIn => "not-let-in",
        PairingError::BadName => "bad-name",
        _ => "pairing-failed",
    }
}
