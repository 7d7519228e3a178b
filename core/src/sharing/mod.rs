//! What is shared with a supporter: a plain copy of chosen parts of an entry, and what comes back.
//!
//! An entry's document holds everything that was ever typed into it, so it never leaves the journal
//! (rule B1). [`SharedContent`] is built fresh from the entry as it reads now and the [`Parts`] that the
//! person chose, with [`Aliases`] in place of names; the preview shows this value, and this value is
//! sealed. Which entry it came from stands in the [`LedgerPage`], a page of the owner's own journal.
//!
//! ```text
//! Entry + Parts + Aliases ─► SharedContent ─► SharedCopy ─► Version ─► bytes of a `version` record
//!                             │ previewed, digest           Reply, Preferences, Seen: the same way back
//! ```

mod error;
mod parts;
mod people;
mod words;

pub use error::SharingError;
pub use parts::{Part, Parts};
pub use people::{Aliases, alias_says_name};
