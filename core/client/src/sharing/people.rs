//! People in entries, and what stands for their names in what is shared.

use super::ShareError;
use crate::vault::Vault;
use daymark_core::journal::{Alias, Person};
use std::collections::BTreeMap;

impl Vault {
    /// Everybody who occurs in an entry or has an alias.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn people(&self) -> Result<BTreeMap<Person, Option<Alias>>, ShareError> {
        Err(ShareError::NotBuilt)
    }

    /// Gives a person an alias, which stands for their name in everything shared from now on, or takes it away.
    /// False when it reads like that already.
    ///
    /// # Errors
    /// [`ShareError::Sharing`] for an alias that says the name, [`ShareError::Vault`].
    pub async fn set_alias(
        &self,
        person: &Person,
        alias: Option<&Alias>,
    ) -> Result<bool, ShareError> {
        Err(ShareError::NotBuilt)
    }
}
