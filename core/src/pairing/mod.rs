//! Pairing: a trusted device lets a new one in (rule Q2), through a mailbox at a relay that learns nothing.
//!
//! The trusted device shows a link; the new one takes it. Only that way round: nothing here lets a trusted
//! device take a link that somebody else made (threat H1).
//!
//! ```text
//! new ([`Newcomer`], then [`Joining`])              trusted ([`Trusted`])
//!                                                   shows the link
//! keys made and stored
//!            ── 0  Hello: request, commitment ──►
//!            ◄── 0  Reply: nonce ──
//!            ── 1  Reveal: nonce ──►
//! shows the code                                    shows the code; the person says yes
//!                                                   appends *add* and *enter*
//!            ◄── 1  Welcome: log heads ──
//! fetches the logs, checks them, opens the epoch
//! ```
//!
//! Events in, effects out: the caller moves messages, time and links. Whatever goes wrong has one name in
//! [`PairingError`]; the pairing is over then, and nothing was added.

mod channel;
mod derive;
mod joined;
mod joining;
mod link;
mod message;
mod newcomer;
mod trusted;

pub use derive::Code;
pub use joined::Joined;
pub use joining::{Joining, JoiningEffect, JoiningEnding, JoiningEvent};
pub use link::PairingLink;
pub use newcomer::Newcomer;
pub use trusted::{Insider, Trusted, TrustedEffect, TrustedEnding, TrustedEvent};

use crate::{account::AccountError, random::NoRandomness};
use daymark_wire::logs::LogError;
use thiserror::Error;

/// Why a pairing came to nothing. Nothing was added to the account, unless a variant says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PairingError {
    /// The text is something else.
    #[error("this is not a pairing link")]
    NotALink,
    /// The text begins like a link, but some of it is missing or changed.
    #[error("the pairing link is damaged: copy or scan it again, whole")]
    DamagedLink,
    /// Made by a version that came later.
    #[error("the pairing link is from a newer version of Daymark: update this device first")]
    NewerLink,
    /// Its two minutes are over.
    #[error("the pairing link has expired: let the other device show a new one")]
    ExpiredLink,
    /// Another device took the link first (threat H1): whoever it is must be refused there.
    #[error("this link was used already, perhaps by another device")]
    LinkTaken,
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// A message that was not sealed under the link's secret, or was altered on the way.
    #[error("a pairing message was altered on the way")]
    Altered,
    /// A message is missing, or another came in the place of one already heard.
    #[error("a pairing message is missing or was replaced")]
    OutOfOrder,
    /// A message that was sealed rightly, but is not the next one to be said.
    #[error("the other device said something that does not belong here")]
    Unexpected,
    /// A second device says hello: the link is in other hands too.
    #[error("a second device tried to use this link: somebody else may have seen it")]
    SecondHello,
    /// The new device's name is empty, too long, or would upset a screen.
    #[error("the new device's name cannot be shown")]
    BadName,
    /// The new device revealed another nonce than it had committed to.
    #[error("the other device does not stand by what it committed to")]
    BrokenCommitment,
    /// The links that let the device in could not be made, or its request does not hold.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The relay did not take the links.
    #[error("the relay did not let the new device in")]
    NotAppended,
    /// The logs that the relay shows break a rule: forged, or with swapped wraps (threat A1).
    #[error("the relay showed a history of the account that is not right: {0}")]
    ForgedLogs(#[source] LogError),
    /// The logs are of another account than the link's.
    #[error("the relay showed another account than the one in the link")]
    OtherAccount,
    /// The logs lack what the trusted device knew: an older state, or another history.
    #[error("the relay showed an older or another history than the trusted device knows")]
    OtherHistory,
    /// This device is not, or no longer, in the account. It may be a moment too early.
    #[error("this device has not been let in")]
    NotLetIn,
    /// This device is in the account, with other keys than its own.
    #[error("the account names other keys for this device than its own")]
    OtherKeys,
    /// The newest epoch, or the account's keys beside it, do not open (state *locked out*, rule R6).
    #[error("this device was let in but cannot open the newest keys of the journal")]
    LockedOut,
}

#[cfg(test)]
mod tests;
