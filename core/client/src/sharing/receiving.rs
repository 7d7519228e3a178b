//! What was shared with this person: reading, replying, saying that it was seen.

use super::{CopyNumber, ShareError, ShareId, SharedContent, SpaceId, Topic};
use crate::vault::Vault;
use daymark_core::journal::{Day, Person};
use jiff::Timestamp;
use std::{collections::BTreeSet, num::NonZeroUsize, str::FromStr};

/// Something that was shared with this person, as it reads now. Written by somebody else: escape it for a
/// terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// By which it is named.
    pub share: ShareId,
    /// The bond.
    pub bond: SpaceId,
    /// What this person calls the one who shares.
    pub name: Person,
    /// Which copy it is, from 1.
    pub number: CopyNumber,
    /// What it says.
    pub content: SharedContent,
    /// When it came here, by this device's clock.
    pub received: Timestamp,
    /// The last day on which it is here.
    pub until: Option<Day>,
    /// What this person replied, oldest first.
    pub replies: Vec<String>,
    /// Whether this person chose to say that they have seen it.
    pub seen: bool,
}

/// How a person names something that was shared with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SharedName {
    /// `@1` is the newest, `@2` the one before.
    Newest(NonZeroUsize),
    /// The first digits of its id, in hexadecimal; 32 are all.
    Id(String),
}

impl FromStr for SharedName {
    type Err = ShareError;

    /// Reads `@n` or digits; anything else names nothing.
    fn from_str(text: &str) -> Result<Self, ShareError> {
        let text = text.trim();
        if let Some(place) = text.strip_prefix('@') {
            return place
                .parse()
                .map(Self::Newest)
                .map_err(|_| ShareError::UnknownShared);
        }
        let digits = text.chars().all(|c| c.is_ascii_hexdigit());
        if text.is_empty() || text.len() > 32 || !digits {
            return Err(ShareError::UnknownShared);
        }
        Ok(Self::Id(text.to_ascii_lowercase()))
    }
}

impl Vault {
    /// Everything that was shared with this person and is still theirs, the newest first.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn shared(&self) -> Result<Vec<Shared>, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// The one that a person means.
    ///
    /// # Errors
    /// [`ShareError::UnknownShared`], [`ShareError::AmbiguousShared`], [`ShareError::Vault`].
    pub async fn find_shared(&self, name: &SharedName) -> Result<Shared, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// Replies. It carries no time; the one who shared it has it after the next sync.
    ///
    /// # Errors
    /// [`ShareError::Sharing`] for an empty or too long text, [`ShareError::UnknownShared`],
    /// [`ShareError::NotActive`], [`ShareError::Vault`].
    pub async fn reply(&self, share: ShareId, text: &str) -> Result<(), ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// Says that it was seen, by choice; false when that was said already.
    ///
    /// # Errors
    /// As [`Self::reply`].
    pub async fn acknowledge(&self, share: ShareId) -> Result<bool, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// The topics that this person would rather not receive in a bond, as they last said.
    ///
    /// # Errors
    /// [`ShareError::UnknownSupporter`], [`ShareError::OtherSide`], [`ShareError::Vault`].
    pub async fn preferences(&self, bond: SpaceId) -> Result<BTreeSet<Topic>, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// Says which topics this person would rather not receive, all of them anew; false when they said so already.
    ///
    /// # Errors
    /// [`ShareError::Sharing`] for too many, [`ShareError::OtherSide`], [`ShareError::NotActive`],
    /// [`ShareError::Vault`].
    pub async fn prefer(&self, bond: SpaceId, not: BTreeSet<Topic>) -> Result<bool, ShareError> {
        Err(ShareError::NotBuilt)
    }
}
