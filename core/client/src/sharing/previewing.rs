//! What would be shared, exactly, before it is.

use super::{ContentDigest, Parts, ShareError, SharedContent, SpaceId, Topic};
use crate::vault::Vault;
use daymark_core::journal::{Person, Prompt};
use daymark_wire::DocumentId;
use std::collections::BTreeSet;

/// What would be shared. [`Vault::share`] seals this very value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The entry.
    pub entry: DocumentId,
    /// The parts that were chosen.
    pub parts: Parts,
    /// What a supporter will read.
    pub content: SharedContent,
    /// Questions that were chosen and have no answer.
    pub unanswered: Vec<Prompt>,
    /// Words that begin with a name and go on: aliases stand for whole words only.
    pub longer_words: BTreeSet<String>,
    /// With whom.
    pub receivers: Vec<Receiver>,
}

/// One supporter who would receive it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// The bond.
    pub bond: SpaceId,
    /// What this person calls them.
    pub name: Person,
    /// Topics that they would rather not receive, and the entry touches: a gentle warning.
    pub rather_not: Vec<Topic>,
    /// Whether they have it already: then this replaces what they have.
    pub again: bool,
    /// Whether what they have reads exactly like this.
    pub same: bool,
}

impl Preview {
    /// What its bytes hash to.
    #[must_use]
    pub fn digest(&self) -> ContentDigest {
        self.content.digest()
    }

    /// Its length in bytes, before it is sealed and padded.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.content.to_bytes().len()
    }
}

impl Vault {
    /// What these supporters would receive of an entry as it reads now.
    ///
    /// # Errors
    /// [`ShareError::NotVerified`] for a sensitive entry, [`ShareError::NotActive`], [`ShareError::OtherSide`],
    /// [`ShareError::Sharing`] where nothing is in the chosen parts, [`ShareError::Vault`].
    pub async fn preview(
        &self,
        entry: DocumentId,
        parts: &Parts,
        bonds: &[SpaceId],
    ) -> Result<Preview, ShareError> {
        Err(ShareError::NotBuilt)
    }
}
