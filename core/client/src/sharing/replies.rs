//! What supporters replied to the owner.

use super::{ShareError, ShareId, SpaceId};
use crate::vault::Vault;
use daymark_core::{journal::Person, sharing::SharedText};
use daymark_wire::DocumentId;
use jiff::Timestamp;

/// A reply. Written by somebody else: escape it for a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedReply {
    /// Its document, by which it is named.
    pub id: DocumentId,
    /// The bond.
    pub bond: SpaceId,
    /// What the owner calls the supporter.
    pub name: Person,
    /// What it answers.
    pub share: ShareId,
    /// The entry that was shared; none where nothing here says which.
    pub entry: Option<DocumentId>,
    /// What it says.
    pub text: SharedText,
    /// When it came here, by this device's clock.
    pub received: Timestamp,
    /// Whether the owner would rather not see it.
    pub hidden: bool,
}

impl Vault {
    /// Every reply, hidden ones too, the newest first. Muted supporters' are in it.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn replies(&self) -> Result<Vec<ReceivedReply>, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// The reply whose id begins with these hexadecimal digits, or `@1` for the newest.
    ///
    /// # Errors
    /// [`ShareError::UnknownReply`], also where several begin like that; [`ShareError::Vault`].
    pub async fn find_reply(&self, name: &str) -> Result<ReceivedReply, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// Hides a reply on all of the owner's devices, or shows it again; false when it stands like that.
    ///
    /// # Errors
    /// [`ShareError::UnknownReply`], [`ShareError::Vault`].
    pub async fn hide_reply(&self, reply: DocumentId, hidden: bool) -> Result<bool, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// Deletes a reply: here at once, at the relay and on the supporter's devices as they hear of it.
    ///
    /// # Errors
    /// [`ShareError::UnknownReply`], [`ShareError::Vault`].
    pub async fn delete_reply(&self, reply: DocumentId) -> Result<(), ShareError> {
        Err(ShareError::NotBuilt)
    }
}
