//! With whom this vault has a bond, on either side, and how each stands.

use super::{Role, ShareError, SpaceId, Standing};
use crate::vault::Vault;
use daymark_core::journal::Person;
use jiff::Timestamp;

/// A bond with one other person, as this vault knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supporter {
    /// The bond.
    pub bond: SpaceId,
    /// What this person calls the other.
    pub name: Person,
    /// Which side this person is on: an owner shares, a supporter receives.
    pub role: Role,
    /// How the bond stands.
    pub standing: Standing,
    /// Whether an end that was asked for here waits for the next sync.
    pub ending: bool,
    /// Whether the two compared their number, and it still holds.
    pub verified: bool,
    /// Whether the person would rather not be told of news.
    pub muted: bool,
    /// Since when the two agree.
    pub since: Option<Timestamp>,
    /// Until when the invitation can be accepted, while nobody did.
    pub open_until: Option<Timestamp>,
    /// What there is.
    pub counts: Counts,
}

/// How much there is in a bond.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries that are shared: with them, or with this person.
    pub shared: usize,
    /// Replies.
    pub replies: usize,
    /// What waits here for the next sync.
    pub waiting: usize,
}

impl Vault {
    /// Every bond, on either side, also those that ended; by name.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn supporters(&self) -> Result<Vec<Supporter>, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// The bond that a person means: the whole name in any case, else how it begins. Of several with one name
    /// the one that is not over.
    ///
    /// # Errors
    /// [`ShareError::UnknownSupporter`], [`ShareError::AmbiguousSupporter`] with the names there are,
    /// [`ShareError::Vault`].
    pub async fn find_supporter(&self, name: &str) -> Result<Supporter, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// Mutes or unmutes; false when it stands like that already.
    ///
    /// # Errors
    /// [`ShareError::UnknownSupporter`], [`ShareError::Vault`].
    pub async fn mute(&self, bond: SpaceId, muted: bool) -> Result<bool, ShareError> {
        Err(ShareError::NotBuilt)
    }
}
