//! The number that the two people compare.

use super::{Number, ShareError, SpaceId};
use crate::vault::Vault;

impl Vault {
    /// The number of a bond, the same on both sides exactly when both see the same keys.
    ///
    /// # Errors
    /// [`ShareError::NotActive`] while nobody has accepted, or after the end; [`ShareError::Vault`].
    pub async fn number(&self, bond: SpaceId) -> Result<Number, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// The person compared this number with the other. Ends a pause for new keys.
    ///
    /// # Errors
    /// [`ShareError::OtherNumber`] when it is not the one here: nothing is noted then. As [`Self::number`].
    pub async fn verify(&self, bond: SpaceId, compared: &Number) -> Result<(), ShareError> {
        Err(ShareError::NotBuilt)
    }
}
