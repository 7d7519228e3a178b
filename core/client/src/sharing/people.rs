//! People in entries, and what stands for their names in what is shared.

use super::ShareError;
use crate::vault::Vault;
use daymark_core::{
    journal::{Alias, Person},
    sharing::LedgerItem,
};
use std::collections::BTreeMap;

impl Vault {
    /// Everybody who occurs in an entry or has an alias.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn people(&self) -> Result<BTreeMap<Person, Option<Alias>>, ShareError> {
        let views = self.views().await?;
        let named = views.iter().flat_map(|view| view.entry.people.iter());
        let mut people: BTreeMap<_, _> = named.map(|person| (person.clone(), None)).collect();
        let aliases = self.reading().await?.ledger().await?.people();
        people.extend(
            aliases
                .into_iter()
                .map(|(person, alias)| (person, Some(alias))),
        );
        Ok(people)
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
        let mut writing = self.writing().await?;
        let mut ledger = writing.ledger().await?;
        let item = LedgerItem::Alias(person.clone(), alias.cloned());
        let changed = self.put_ledger(&mut writing, &mut ledger, &[item]).await?;
        writing.commit().await?;
        Ok(changed)
    }
}
