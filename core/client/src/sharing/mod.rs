//! Sharing: what a person shares with a supporter, and what a supporter receives.
//!
//! Everything here works on the vault alone, but for an invitation that is considered: what has to reach the other
//! person is stored first, shown at once, and carried out by the next sync.
//!
//! ```text
//! owner                                             supporter
//! invite ─► Invitation, past the relay ───────────► consider ─► Considered ─► accept | decline
//! preview ─► Preview ─► share ─► outbox ─► (sync) ─► shared, reply, acknowledge ─► outbox ─► (sync) ─► replies
//! unshare, end                                      leave
//! ```
//!
//! What is shared, with whom and why stands in the ledger, a page of the owner's journal
//! (`daymark_core::sharing`); what two people agreed on in the bond's log (`daymark_core::bonds`).

mod agreeing;
mod answering;
mod bond;
mod considering;
mod error;
mod inviting;
mod keeping;
mod ledger;
mod own_replies;
mod people;
mod previewing;
mod publishing;
mod reading_keys;
mod reading_versions;
mod receiving;
mod replies;
mod status;
mod supporters;
mod syncing;
mod taking_in;
#[cfg(test)]
mod tests;
mod updating;
mod versions;
mod wiping;
mod wishes;
mod with_whom;

pub use considering::Considered;
pub use daymark_core::{
    bonds::{BondError, Invitation, Number, Pause, Standing},
    sharing::{
        ContentDigest, CopyNumber, MAX_REPLY_BYTES, Part, Parts, ShareId, SharedAnswer,
        SharedContent, SharedLine, SharedText, SharedWhen, SharingError, Topic, is_same_name,
    },
};
pub use daymark_wire::{SpaceId, logs::Role};
pub use error::ShareError;
pub use keeping::{unheard_title, unsent_title};
pub use own_replies::OwnReply;
pub use previewing::{Preview, Receiver};
pub use publishing::{HowToShare, WhoSees};
pub use receiving::{Shared, SharedName};
pub use replies::{ReceivedReply, ReplyId};
pub use status::{BondFault, BondStatus};
pub use supporters::{Counts, Supporter};
pub(crate) use updating::Updated;
pub use with_whom::SharedWith;
