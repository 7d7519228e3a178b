//! The ledger: what is shared, with whom, why and until when, and the aliases of people. A page of the
//! person's own journal, so every device of theirs has it and nobody else.
//!
//! Flat keys in one map (ADR 0006), each with a plain value, of which the last written wins:
//!
//! ```text
//! bond/ID/role, name, secret, accept, since, root, verified, muted, hidden/DOCUMENT, forget/DOCUMENT, looked_at/LINK,
//!         closed, closed_at, ended
//! share/ID/entry, bond, terms, why, since, copy/DOCUMENT, forgotten/DOCUMENT, ended
//! alias/NAME
//! ```
//!
//! So two devices that change different things both keep them, and what a later version wrote at keys of
//! its own, or in another form, is passed over and kept. *Ended* and *closed* are final: a share that one device took
//! back, or a bond that it ended, is ended, whatever another did with it meanwhile. The *terms* of a share are one
//! value, and where several devices wrote some at once, all of them count: see `share`.

mod bond;
mod fields;
mod share;

pub use bond::{BondEntry, Closed};
pub use share::{Made, Published, ShareEntry};

use super::{Aliases, ShareId, SharingError, alias_says_name, is_same_name};
use crate::journal::{Actor, Alias, ChangeBytes, JournalError, Page, Person};
use automerge::{
    Automerge, AutomergeError, ObjId, ReadDoc,
    transaction::{CommitOptions, Transactable, Transaction},
};
use daymark_wire::{DocumentId, SpaceId};
use fields::{Field, Fields, Found, Laid};
use std::{collections::BTreeMap, fmt, str::FromStr};

const BOND: &str = "bond/";
const SHARE: &str = "share/";
const ALIAS: &str = "alias/";

/// One thing to write into the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerItem {
    /// A bond, as it should read. Begin from what the page has: what differs is written.
    Bond(SpaceId, BondEntry),
    /// A share, as it should read. Begin from what the page has: what differs is written.
    Share(ShareId, ShareEntry),
    /// A person's alias, or none any more.
    Alias(Person, Option<Alias>),
}

/// The ledger.
#[derive(Clone)]
pub struct LedgerPage {
    document: Automerge,
}

impl LedgerPage {
    /// The page before anything is shared.
    ///
    /// # Errors
    /// [`JournalError::Document`].
    pub fn start() -> Result<Self, JournalError> {
        Page::Ledger.start().map(Self::from_automerge)
    }

    /// A page that was loaded, or came back from the gate.
    #[must_use]
    pub const fn from_automerge(document: Automerge) -> Self {
        Self { document }
    }

    /// The document itself, for the gate.
    #[must_use]
    pub const fn automerge(&self) -> &Automerge {
        &self.document
    }

    /// The document itself, without a copy, for the gate.
    #[must_use]
    pub fn into_automerge(self) -> Automerge {
        self.document
    }

    /// The whole document with its history, uncompressed.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        self.document.save_nocompress()
    }

    /// Every bond.
    #[must_use]
    pub fn bonds(&self) -> BTreeMap<SpaceId, BondEntry> {
        self.read(BOND)
    }

    /// One bond.
    #[must_use]
    pub fn bond(&self, id: SpaceId) -> Option<BondEntry> {
        BondEntry::read(&self.fields(&format!("{BOND}{id}/")))
    }

    /// Every share, ended ones too.
    #[must_use]
    pub fn shares(&self) -> BTreeMap<ShareId, ShareEntry> {
        self.read(SHARE)
    }

    /// One share.
    #[must_use]
    pub fn share(&self, id: ShareId) -> Option<ShareEntry> {
        ShareEntry::read(&self.fields(&format!("{SHARE}{id}/")))
    }

    /// With whom an entry is, or was, shared.
    #[must_use]
    pub fn shares_of(&self, entry: DocumentId) -> BTreeMap<ShareId, ShareEntry> {
        let mut shares = self.shares();
        shares.retain(|_, share| share.entry == entry);
        shares
    }

    /// What is, or was, shared in a bond.
    #[must_use]
    pub fn shares_with(&self, bond: SpaceId) -> BTreeMap<ShareId, ShareEntry> {
        let mut shares = self.shares();
        shares.retain(|_, share| share.bond == bond);
        shares
    }

    /// People and their aliases.
    #[must_use]
    pub fn people(&self) -> BTreeMap<Person, Alias> {
        let aliases = self.under(ALIAS).into_iter();
        let read = aliases.filter_map(|(name, found)| match found.standing()? {
            Field::Text(alias) => Some((Person::mend(&name)?, Alias::mend(alias)?)),
            _ => None,
        });
        read.collect()
    }

    /// The aliases, ready to be put in place of names.
    #[must_use]
    pub fn aliases(&self) -> Aliases {
        Aliases::new(self.people())
    }

    /// Writes all items as one change; `None` when everything reads like that already. On an error the page
    /// is as it was.
    ///
    /// # Errors
    /// [`SharingError::AliasSaysName`]; [`JournalError::Document`].
    pub fn write(
        &mut self,
        actor: Actor,
        items: &[LedgerItem],
    ) -> Result<Option<ChangeBytes>, SharingError> {
        let mut puts = BTreeMap::new();
        for item in items {
            match item {
                LedgerItem::Bond(id, bond) => {
                    self.differing(&mut puts, &format!("{BOND}{id}/"), bond)
                }
                LedgerItem::Share(id, share) => {
                    self.differing(&mut puts, &format!("{SHARE}{id}/"), share);
                }
                LedgerItem::Alias(person, alias) => {
                    self.alias(&mut puts, person, alias.as_ref())?;
                }
            }
        }
        Ok(self.commit(actor, puts)?)
    }

    /// What has to be put, or deleted, for a typed value to read as it should.
    fn differing<T: Laid>(&self, puts: &mut Puts, prefix: &str, wanted: &T) {
        let wanted = wanted.laid();
        let before = T::read(&self.fields(prefix)).map(|before| before.laid());
        let before = before.unwrap_or_default();
        for (name, field) in wanted.iter() {
            if before.get(name) != Some(field) {
                puts.insert(format!("{prefix}{name}"), Some(field.clone()));
            }
        }
        for (name, _) in before.iter() {
            let is_final = [share::ENDED, bond::CLOSED, bond::CLOSED_AT].contains(&name);
            if wanted.get(name).is_none() && !is_final {
                puts.insert(format!("{prefix}{name}"), None);
            }
        }
    }

    /// A name stands once, in whatever case it was written.
    fn alias(
        &self,
        puts: &mut Puts,
        person: &Person,
        alias: Option<&Alias>,
    ) -> Result<(), SharingError> {
        if alias.is_some_and(|alias| alias_says_name(person, alias)) {
            return Err(SharingError::AliasSaysName);
        }
        for known in self.people().into_keys() {
            if is_same_name(&known, person) {
                puts.insert(format!("{ALIAS}{known}"), None);
            }
        }
        if let Some(alias) = alias {
            let field = Field::Text(alias.to_string());
            puts.insert(format!("{ALIAS}{person}"), Some(field));
        }
        Ok(())
    }

    fn commit(&mut self, actor: Actor, puts: Puts) -> Result<Option<ChangeBytes>, JournalError> {
        let map = Page::Ledger
            .map(&self.document)
            .ok_or(JournalError::Document)?;
        self.document.set_actor(actor.to_automerge());
        let mut transaction = self.document.transaction();
        // Leaving here drops the transaction, which takes back what was written so far.
        puts.into_iter()
            .try_for_each(|(key, field)| put(&mut transaction, &map, &key, field))
            .map_err(|_| JournalError::Document)?;
        let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(0));
        hash.map(|hash| ChangeBytes::of(&self.document, &hash))
            .transpose()
    }

    /// Every typed value of one sort.
    fn read<I: FromStr + Ord, T: Laid>(&self, sort: &str) -> BTreeMap<I, T> {
        let mut all: BTreeMap<I, Fields> = BTreeMap::new();
        for (key, found) in self.under(sort) {
            if let Some((id, name)) = key.split_once('/')
                && let Ok(id) = id.parse()
            {
                let fields = all.entry(id).or_default();
                fields.put_found(name.to_owned(), found);
            }
        }
        let read = all.into_iter();
        read.filter_map(|(id, fields)| Some((id, T::read(&fields)?)))
            .collect()
    }

    fn fields(&self, prefix: &str) -> Fields {
        let mut fields = Fields::default();
        for (name, found) in self.under(prefix) {
            fields.put_found(name, found);
        }
        fields
    }

    /// What stands at keys that begin like this, by the rest of the key.
    fn under(&self, prefix: &str) -> Vec<(String, Found)> {
        let Some(map) = Page::Ledger.map(&self.document) else {
            return Vec::new();
        };
        let from = self.document.map_range(&map, prefix.to_owned()..);
        from.map_while(|item| {
            let name = item.key.strip_prefix(prefix)?.to_owned();
            let found = if item.conflict {
                let all = self.document.get_all(&map, item.key.as_ref());
                Found::new(all.into_iter().flatten().map(|(value, _)| value))
            } else {
                Found::new([item.value.into_value()])
            };
            Some((name, found))
        })
        .collect()
    }
}

/// Shows nothing: names and secrets lie in it.
impl fmt::Debug for LedgerPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LedgerPage([redacted])")
    }
}

/// What is to be put at keys, or deleted there.
type Puts = BTreeMap<String, Option<Field>>;

fn put(
    transaction: &mut Transaction<'_>,
    map: &ObjId,
    key: &str,
    field: Option<Field>,
) -> Result<(), AutomergeError> {
    match field {
        Some(field) => {
            let wanted = field.into_scalar();
            let found = transaction.get(map, key)?;
            if found.is_some_and(|(value, _)| value.as_scalar() == Some(&wanted)) {
                return Ok(());
            }
            transaction.put(map, key, wanted)
        }
        None => transaction.delete(map, key),
    }
}

#[cfg(test)]
mod tests;
