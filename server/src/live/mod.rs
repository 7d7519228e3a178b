//! Live sockets: what one device brings is shown to the others at once (rule S3).
//!
//! ```text
//! writer ─► Hub ─► (per account, a short bounded queue) ─► one task a socket ─► RelayFrame::News
//! ```
//!
//! A socket that falls behind is closed; its client syncs again and misses nothing, as the relay keeps no
//! cursor for it.

mod hub;
mod news;
mod socket;

pub(crate) use hub::{Hub, Origin, Subscription};
pub(crate) use news::{News, NewsOf};
pub(crate) use socket::serve;
