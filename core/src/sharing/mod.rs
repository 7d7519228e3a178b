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

mod copy;
mod error;
mod id;
mod ledger;
mod parts;
mod people;
mod preferences;
mod reply;
mod text;
mod version;
mod words;

pub use copy::{
    ContentDigest, MAX_CONTENT_BYTES, SharedAnswer, SharedContent, SharedCopy, SharedWhen,
};
pub use error::SharingError;
pub use id::{CopyNumber, ShareId};
pub use ledger::{BondEntry, Closed, LedgerItem, LedgerPage, Made, Published, ShareEntry};
pub use parts::{Part, Parts};
pub use people::{Aliases, alias_says_name, folded_name, is_same_name};
pub use preferences::{Preferences, Topic};
pub use reply::{MAX_REPLY_BYTES, Reply};
pub use text::{SharedLine, SharedText};
pub use version::{MAX_VERSION_BYTES, Seen, Version, VersionError};

use crate::journal::Entry;

/// Whether the entry goes only to a supporter who was verified: what is marked sensitive (rule B2).
#[must_use]
pub const fn needs_verified(entry: &Entry) -> bool {
    entry.sensitive
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::entry_tests::full;

    #[test]
    fn what_is_sensitive_goes_to_verified_supporters_only() {
        let mut entry = full();
        assert!(needs_verified(&entry));
        entry.sensitive = false;
        assert!(!needs_verified(&entry));
    }
}
