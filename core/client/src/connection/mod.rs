//! The connection to one relay: signed requests over HTTP, live news over a WebSocket.
//!
//! Nothing here decides anything about the journal: requests go out as core made them, replies come back
//! decoded, and an answer that the pinned relay did not sign is an error.

mod address;
mod error;
mod http;
mod invitations;
mod live;
mod tls;

pub use address::RelayAddress;
pub use daymark_wire::invite::Invite;
pub use error::RelayError;
pub use http::{Capabilities, Identity, Relay, capabilities, mailbox_as_new};
pub use invitations::{answer_invitation, invitation};
pub use live::LiveSocket;
