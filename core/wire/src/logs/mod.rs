//! Logs: small lists of signed links in the clear, appended by compare-and-swap (PROTOCOL section 4).
//!
//! An *account log* says which devices a person has. A *journal log* and a *bond log* say which epochs a
//! space has and for whom. [`AccountState`], [`JournalState`], [`BondState`] fold links into what stands, the
//! same for clients and relay: whoever folds has checked every signature and rule.

mod account;
mod account_state;
mod bond;
mod bond_parts;
mod bond_state;
mod epoch_state;
mod hashes;
mod journal;
mod journal_state;
mod link;
#[cfg(test)]
mod tests;

pub use account::{
    AccountContent, AccountLink, Home, NewDevice, NewDeviceStatement, Reset, SpaceEpoch, SpaceHead,
    new_root_message,
};
pub use account_state::{AccountState, DeviceState};
pub use bond::{Accept, BondContent, BondLink, EndReason, Invite};
pub use bond_parts::{BondAccounts, BondStage, Role};
pub use bond_state::BondState;
pub use epoch_state::{BondEpoch, EpochState};
pub use journal::{
    Enter, EpochCommitment, EpochContent, JournalContent, JournalLink, MadeFor, Rekey,
};
pub use journal_state::JournalState;
pub use link::{Author, Content, Head, HeadHash, Link, LinkBody, LogKind, TravelLink};

use crate::{DecodeError, DeviceId, signing::BadSignature};
use thiserror::Error;

/// Why a link does not belong at the end of its log. The log is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LogError {
    /// The bytes are not a link.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Signed by someone else, or altered.
    #[error("a link's signature does not hold")]
    BadSignature,
    /// Its position or the hash before it is another: someone appended first, or a link is missing.
    #[error("a link does not follow the last one known")]
    NotNext,
    /// The log id that it names is another.
    #[error("a link belongs to another log")]
    OtherLog,
    /// Signed by a device that was not active, or by a key that may not say this.
    #[error("a link's author may not say this")]
    NotEntitled,
    /// It rests on account heads that are not on the account log (rule L3).
    #[error("a link rests on an account log that is not this one")]
    OtherHeads,
    /// A new device's own statement is not right: other keys, account, or nonce.
    #[error("a new device's statement about its keys does not hold")]
    BadStatement,
    /// The device is already in the log, or another has the same first half of its id (rule K3).
    #[error("device {0} cannot be added again")]
    DeviceTaken(DeviceId),
    /// No such active device.
    #[error("device {0} is not an active device of this account")]
    NoSuchDevice(DeviceId),
    /// More devices or links than the protocol allows.
    #[error("the account has as many active devices as it can")]
    TooManyDevices,
    /// The account log has as many links as it can have.
    #[error("the account log is full: after many links only root goes on, and not without end")]
    Full,
    /// The link's kind cannot stand here (a second genesis, an epoch number out of order …).
    #[error("a link of this kind cannot stand here: {0}")]
    OutOfPlace(&'static str),
    /// The epoch does not wrap for exactly those who are to open it (rule L4).
    #[error("an epoch wraps for others than those who are to open it")]
    WrongRecipients,
    /// The blob beside the link is missing or is not the one that the link names.
    #[error("the keys beside a link are missing or not the right ones")]
    WrongBlob,
}

impl From<BadSignature> for LogError {
    fn from(_: BadSignature) -> Self {
        Self::BadSignature
    }
}
