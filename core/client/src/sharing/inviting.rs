//! Inviting somebody, and ending a bond: the owner's way in, and the way out on either side.

use super::{Invitation, ShareError, SpaceId};
use crate::vault::Vault;
use daymark_core::journal::{OwnerName, Person};
use jiff::Timestamp;

impl Vault {
    /// Invites somebody whom this person calls `name`; `shown_as` is how they want to be shown to them. What is
    /// given is to be handed over past the relay, and is shown once. It can be accepted after the next sync.
    ///
    /// # Errors
    /// [`ShareError::NameTaken`]; [`ShareError::Passed`]; [`ShareError::Bond`] where the journal was never synced
    /// with a relay (`BondError::NoHome`); [`ShareError::Vault`].
    pub async fn invite(
        &self,
        name: &Person,
        shown_as: Option<&OwnerName>,
        expires: Timestamp,
    ) -> Result<Invitation, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// The owner ends a bond, or takes an invitation back. Nothing of it is shown or sent from now on; the other
    /// side hears of it with the next sync.
    ///
    /// # Errors
    /// [`ShareError::OtherSide`], [`ShareError::NotActive`] where it is over already, [`ShareError::Vault`].
    pub async fn end_bond(&self, bond: SpaceId) -> Result<(), ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// The supporter leaves. What was shared with them is gone from here at once.
    ///
    /// # Errors
    /// As [`Self::end_bond`].
    pub async fn leave_bond(&self, bond: SpaceId) -> Result<(), ShareError> {
        Err(ShareError::NotBuilt)
    }
}
