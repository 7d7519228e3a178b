//! Sync: carries out what core's sync machine asks for, with the vault and a relay.
//!
//! The third room on an entry's way. Nothing here decides what is asked, sealed or believed; it loads,
//! sends, stores and merges, one step after the other, and whatever breaks in between is done again by the
//! next sync.

mod again;
mod bonds;
mod cores;
mod driver;
mod error;
mod held_up;
mod merge;
mod notes;
mod offering;
mod once;
mod relay;
mod replica;
mod rewrap;
mod signed;
mod status;
mod storing;
mod watch;

pub use error::SyncError;
pub use once::SyncReport;
pub use status::{DeviceStatus, LastSync, Status, Trouble};
pub use watch::WatchEvent;

pub(crate) use driver::{Driver, Line};
pub(crate) use replica::journal_logs;

/// How far a sync has come; handed to the caller's callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Records that the relay took so far.
    Sent(usize),
    /// Records fetched, verified and stored so far.
    Received(usize),
    /// Records merged into documents so far, and how many are to be.
    Merged {
        /// So far.
        done: usize,
        /// Altogether, as far as known.
        of: usize,
    },
}

/// A callback for [`Progress`].
pub type OnProgress<'a> = &'a (dyn Fn(Progress) + Send + Sync);
