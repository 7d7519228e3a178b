//! Sharing what a preview showed, sharing it again, taking it back, and who sees what.

use super::{CopyNumber, Parts, Preview, ShareError, ShareId, SpaceId};
use crate::vault::Vault;
use daymark_core::journal::{Day, Person, Reason};
use daymark_wire::DocumentId;
use jiff::Timestamp;

/// What the person chooses besides the parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HowToShare {
    /// Why, for their own eyes.
    pub why: Option<Reason>,
    /// The last day on which the supporter has it.
    pub until: Option<Day>,
    /// Whether a changed entry is shared again without being asked.
    pub keep_updated: bool,
}

/// One entry that one supporter sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoSees {
    /// The share.
    pub share: ShareId,
    /// The entry.
    pub entry: DocumentId,
    /// The bond.
    pub bond: SpaceId,
    /// What this person calls the supporter.
    pub name: Person,
    /// The chosen parts; none where a later version chose parts that this one does not know.
    pub parts: Option<Parts>,
    /// Why, in the person's own words.
    pub why: Option<Reason>,
    /// Since when.
    pub since: Timestamp,
    /// The last day.
    pub until: Option<Day>,
    /// Whether it is kept up to date.
    pub keep_updated: bool,
    /// The newest copy.
    pub number: CopyNumber,
    /// Whether the newest copy waits here for the next sync.
    pub waiting: bool,
    /// Whether the entry reads otherwise by now than the newest copy; none where that cannot be told.
    pub differs: Option<bool>,
    /// Whether the supporter chose to say that they have seen it.
    pub seen: bool,
    /// Replies to it, but for hidden ones.
    pub replies: usize,
}

impl Vault {
    /// Shares what a preview showed, with everybody whom it names: the same bytes to each, in documents that say
    /// nothing of each other. Who had the entry before has this instead. Stored here and listed at once; sent with
    /// the next sync.
    ///
    /// # Errors
    /// [`ShareError::Passed`] for a last day that is over, [`ShareError::NotVerified`] and
    /// [`ShareError::NotActive`] where that changed since the preview, [`ShareError::TooOften`],
    /// [`ShareError::Vault`]. Nobody gets it then.
    pub async fn share(
        &self,
        preview: &Preview,
        how: &HowToShare,
    ) -> Result<Vec<ShareId>, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// Shares the same parts again as the entry reads now; false when it reads as they have it.
    ///
    /// # Errors
    /// As [`Self::preview`] and [`Self::share`].
    pub async fn share_again(&self, share: ShareId) -> Result<bool, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// Takes an entry back, from one supporter or from all. What waits here never leaves; what they have is
    /// deleted at the relay and wiped by their devices as these hear of it. Gives how many shares ended.
    ///
    /// # Errors
    /// [`ShareError::NotShared`], [`ShareError::Vault`].
    pub async fn unshare(
        &self,
        entry: DocumentId,
        bond: Option<SpaceId>,
    ) -> Result<usize, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// Who sees what, of one entry or of all; the newest first. What was taken back, has passed its last day or
    /// lies in a bond that is over is not in it.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn who_sees(&self, entry: Option<DocumentId>) -> Result<Vec<WhoSees>, ShareError> {
        Err(ShareError::NotBuilt)
    }
}
