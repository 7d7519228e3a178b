//! The supporter's way in: what an invitation means, and the answer to it.

use super::{ShareError, SpaceId};
use crate::vault::Vault;
use daymark_core::journal::{OwnerName, Person};
use jiff::Timestamp;

/// An invitation that was checked against what its relay shows, to be shown to a person before they answer.
#[derive(Debug, Clone)]
pub struct Considered {
    vault: Vault,
    lapses: Timestamp,
}

impl Vault {
    /// Reads an invitation and asks its relay for it. Nothing is stored, and the relay learns only that somebody
    /// looked.
    ///
    /// # Errors
    /// [`ShareError::Bond`] for a text that is none, one that lapsed, one's own, one of another relay than this
    /// vault's; [`ShareError::NoInvitation`]; [`ShareError::Relay`].
    pub async fn consider(&self, text: &str) -> Result<Considered, ShareError> {
        Err(ShareError::NotBuilt)
    }
}

impl Considered {
    /// The bond.
    #[must_use]
    pub const fn bond(&self) -> SpaceId {
        SpaceId::from_bytes([0; 16])
    }

    /// How the one who invites wants to be shown. Nothing vouches for it but who handed the invitation over.
    #[must_use]
    pub fn owner_name(&self) -> Option<OwnerName> {
        None
    }

    /// Until when it can be accepted.
    #[must_use]
    pub const fn lapses(&self) -> Timestamp {
        self.lapses
    }

    /// The relay's address. It learns that these two accounts have a bond, and never what is shared.
    #[must_use]
    pub fn relay(&self) -> &str {
        ""
    }

    /// Whether accepting makes that relay this journal's own: it has none yet.
    #[must_use]
    pub const fn becomes_home(&self) -> bool {
        false
    }

    /// Accepts; `name` is what this person calls the one who invites. The answer is stored before it is sent.
    ///
    /// # Errors
    /// [`ShareError::NameTaken`]; [`ShareError::NoInvitation`] when somebody else was first;
    /// [`ShareError::Undecided`] when the next sync will bring it again; [`ShareError::Relay`].
    pub async fn accept(&self, name: &Person) -> Result<(), ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// Declines. The one who invites hears of it with their next sync; nothing is kept here.
    ///
    /// # Errors
    /// [`ShareError::NoInvitation`], [`ShareError::Relay`].
    pub async fn decline(&self) -> Result<(), ShareError> {
        Err(ShareError::NotBuilt)
    }
}
