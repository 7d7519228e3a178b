//! People in entries, and what stands for their names in what is shared.

use super::{ShareError, SharedContent, bond::Bonds, updating::Found};
use crate::vault::Vault;
use daymark_core::{
    journal::{Alias, Person},
    sharing::{Aliases, LedgerItem, is_same_name},
};
use std::collections::{BTreeMap, BTreeSet};

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

    /// The alias of a person, with the name as it was written when the alias was given: case and the way of writing
    /// accents do not matter.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn alias_of(&self, person: &Person) -> Result<Option<(Person, Alias)>, ShareError> {
        let aliases = self.reading().await?.ledger().await?.people();
        let mut aliases = aliases.into_iter();
        Ok(aliases.find(|(known, _)| is_same_name(known, person)))
    }

    /// Whether an alias says the name of somebody else who has one: it is put in as it stands, and would be shared.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn says_a_name(&self, alias: &Alias) -> Result<bool, ShareError> {
        let aliases = self.reading().await?.ledger().await?.aliases();
        Ok(aliases.says_a_name(alias.as_str()))
    }

    /// Whom it reaches if a person has this alias from now on, or none: the supporters for whom something is kept up to
    /// date that reads otherwise then. They get it anew with the next sync.
    ///
    /// # Errors
    /// As [`Self::set_alias`].
    pub async fn alias_reaches(
        &self,
        person: &Person,
        alias: Option<&Alias>,
    ) -> Result<BTreeSet<Person>, ShareError> {
        let mut reading = self.reading().await?;
        let bonds = Bonds::load(&mut reading).await?;
        let mut wanted = bonds.ledger.clone();
        let item = LedgerItem::Alias(person.clone(), alias.cloned());
        wanted.write(self.actor(reading.ledger_id().await?)?, &[item])?;
        drop(reading);
        let (before, after) = (bonds.ledger.aliases(), wanted.aliases());
        let mut reached = BTreeSet::new();
        for share in bonds.ledger.shares().into_values() {
            let (true, true, Some(parts)) =
                (share.keep_updated, bonds.is_open(&share), &share.parts)
            else {
                continue;
            };
            let Found::Reads(entry) = self.found(share.entry).await? else {
                continue;
            };
            let reads = |aliases: &Aliases| {
                let content = SharedContent::from_entry(&entry, parts, aliases).ok();
                content.map(|content| content.digest())
            };
            if let Ok(bond) = bonds.check_receiver(share.bond, &entry)
                && reads(&before) != reads(&after)
            {
                reached.insert(bond.entry.name.clone());
            }
        }
        Ok(reached)
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
