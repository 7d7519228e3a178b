//! Bonds: an owner and one supporter, who both agreed (rules B2 to B4).
//!
//! The bond log's own rules are in `daymark_wire::logs`; here is what the two people's devices do with it.
//! What is shared in a bond has a room of its own.
//!
//! ```text
//! owner                                         supporter
//! invite() ─► Invitation, past the relay ─────► consider(): what the relay shows is what was handed over
//!         ─► *invite* link, to the relay          ├─► Offer::accept() ─► *accept* and epoch 1
//!                                                 └─► Offer::decline()
//! Accepted::agree(): the answer's MAC holds
//!    └─► Agreed: from here on epochs are opened and begun
//! ```
//!
//! Events in, values out: the caller moves links, time and what is kept.

mod accepting;
mod account_log;
mod agreement;
mod epochs;
mod forks;
mod invitation;
mod inviting;
mod known;
mod logs;
mod number;
mod secret;
mod shown;
mod standing;
#[cfg(test)]
mod tests;

pub use accepting::{Acceptance, Offer, consider, leave};
pub use account_log::AccountLog;
pub use agreement::{Accepted, Agreed};
pub use epochs::{
    BegunEpoch, NewEpoch, begin_epoch, has_wraps, may_begin_epoch, needs_epoch, open_epoch,
    open_newest,
};
pub use forks::Forks;
pub use invitation::Invitation;
pub use inviting::{Invited, end, invite};
pub use logs::BondLogs;
pub(crate) use logs::log_of;
pub use number::Number;
pub use secret::InvitationSecret;
pub(crate) use shown::{Shown, accepted_by};
pub use standing::{Pause, Pin, Seen, Standing};

use crate::{
    account::LogFault,
    handed::Unreadable,
    keys::{CannotOpen, WrapError},
    random::NoRandomness,
};
use daymark_wire::logs::LogError;
use thiserror::Error;

/// Why something about a bond could not be done. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BondError {
    /// The text is something else.
    #[error("this is not an invitation")]
    NotAnInvitation,
    /// The text begins like an invitation, but some of it is missing or changed.
    #[error("the invitation is damaged: copy or scan it again, whole")]
    DamagedInvitation,
    /// Made by a version that came later.
    #[error("the invitation is from a newer version of Daymark: update this device first")]
    NewerInvitation,
    /// The owner holds their own invitation.
    #[error("this invitation is your own: it is for the person you want to invite")]
    OwnInvitation,
    /// The second from which on nobody can accept has come.
    #[error("the invitation has lapsed: ask for a new one")]
    LapsedInvitation,
    /// Somebody accepted, or the owner took it back.
    #[error("the invitation can no longer be accepted: ask for a new one")]
    UsedInvitation,
    /// The account has no home relay, so there is nowhere for a bond to live.
    #[error("this vault has no relay yet, and a bond lives at one")]
    NoHome,
    /// The account has its home at another relay than the bond (so far a bond needs them to be the same).
    #[error("the bond lives at another relay than this vault")]
    OtherRelay,
    /// What the relay showed breaks a rule: forged, altered, or not whole.
    #[error("the relay showed a history that is not right: {0}")]
    ForgedLogs(#[source] LogError),
    /// The account that the relay showed is not the one that invites.
    #[error("the relay showed another account than the one that invites")]
    OtherOwner,
    /// The owner's log lacks what the owner knew when inviting.
    #[error("the relay showed an older or another history than the person who invites knows")]
    OtherHistory,
    /// The bond that the relay showed is not the one of the invitation.
    #[error("the relay showed another bond than the one in the invitation")]
    OtherBond,
    /// The answer to the invitation was not made by somebody who holds it (threat A2), or what would show
    /// that is no longer here.
    #[error("the answer was not given by the person who holds the invitation")]
    NotAgreed,
    /// A link breaks a rule, or this device may not say it.
    #[error(transparent)]
    Log(#[from] LogError),
    /// No wrap here opens to the epoch's secret (state *locked out*, rule R6).
    #[error("this device cannot open the newest keys of the bond")]
    LockedOut,
    /// What was typed is not a number to compare.
    #[error(
        "a number to compare has {} digits, and this has {digits}",
        Number::DIGITS
    )]
    BadNumber {
        /// How many digits there were.
        digits: usize,
    },
    /// Something in a number to compare is neither a digit nor a space.
    #[error("a number to compare is made of digits and spaces only")]
    NotANumber,
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// A secret could not be wrapped.
    #[error(transparent)]
    Wrap(#[from] WrapError),
}

impl From<Unreadable> for BondError {
    fn from(why: Unreadable) -> Self {
        match why {
            Unreadable::Other => Self::NotAnInvitation,
            Unreadable::Damaged => Self::DamagedInvitation,
            Unreadable::Newer => Self::NewerInvitation,
        }
    }
}

impl From<CannotOpen> for BondError {
    fn from(_: CannotOpen) -> Self {
        Self::LockedOut
    }
}

impl From<LogFault> for BondError {
    /// For logs that are read whole.
    fn from(fault: LogFault) -> Self {
        match fault {
            LogFault::Broken { why, .. } => Self::ForgedLogs(why),
            LogFault::Forked { .. } | LogFault::Missing { .. } => Self::OtherHistory,
        }
    }
}
