//! Shares that are kept up to date: shared again, where their entry reads otherwise by now.

use super::{
    Role, ShareError, ShareId, SharedContent, SpaceId, Standing,
    bond::{Bond, Bonds},
    publishing::{newest, newest_here, take_back_waiting},
    versions::Versions,
};
use crate::vault::{Reading, Vault, VaultError, Writing};
use daymark_core::{
    journal::Entry,
    sharing::{LedgerItem, Made, ShareEntry, needs_verified},
};
use daymark_wire::DocumentId;
use std::collections::BTreeSet;

/// What there is of an entry that is shared.
pub(super) enum Found {
    Reads(Box<Entry>),
    /// It was hidden or forgotten.
    Gone,
    /// Nothing of it opens on this device: what it says by now, and whether it is sensitive, is not known.
    Unreadable,
}

/// What was found of what waits in a bond.
pub(crate) struct Updated {
    /// Whether something goes otherwise than it waited.
    pub(crate) updated: bool,
    /// Documents that are not to be sealed now.
    pub(crate) held: BTreeSet<DocumentId>,
    /// Whether the bond stands, by the ledger too: else nothing of it is sealed.
    pub(crate) is_active: bool,
}

impl Vault {
    /// When a bond is about to be sealed, or when what was sealed is about to leave: what waits of a share that is kept
    /// up to date goes as its entry reads now. A word that was deleted meanwhile never leaves (threat K1). Not before:
    /// what came for the journal may say otherwise of the share.
    pub(crate) async fn update_what_waits_in(
        &self,
        writing: &mut Writing,
        bond: SpaceId,
    ) -> Result<Updated, ShareError> {
        let mut bonds = Bonds::load_one(writing, bond).await?;
        let taken_back = self.take_back_over(writing, &mut bonds, bond).await?;
        let updated = self.keep_updated(writing, &mut bonds, bond).await?;
        let held = self.held_back(writing, &bonds, bond).await?;
        let unsealed = self.unseal(writing, &mut bonds, bond, &held).await?;
        Ok(Updated {
            updated: taken_back + updated + unsealed > 0,
            held: self.held_back(writing, &bonds, bond).await?,
            is_active: bonds.standing(bonds.bond(bond)?) == Standing::Active,
        })
    }

    /// Takes back what waits here of shares that another device of this person ended, and what keeping a share up to date made that is not kept so any more; gives of how many.
    async fn take_back_over(
        &self,
        writing: &mut Writing,
        bonds: &mut Bonds,
        id: SpaceId,
    ) -> Result<usize, ShareError> {
        let (mut taken_back, mut items) = (0, Vec::new());
        for (share, mut entry) in bonds.ledger.shares_with(id) {
            if entry.ended.is_some() {
                taken_back += usize::from(take_back_waiting(writing, &entry).await?);
                continue;
            }
            let mut over = entry.copies.clone();
            over.retain(|_, copy| !entry.lets_go(copy));
            let over = over.into_keys().collect();
            if take_back_for_good(writing, &mut entry, &over).await? {
                items.push(LedgerItem::Share(share, entry));
            }
        }
        self.put_ledger(writing, &mut bonds.ledger, &items).await?;
        Ok(taken_back + items.len())
    }

    /// Of what waits, the copies that may not leave as things stand: what is sensitive, where their supporter is
    /// verified no more (rule B2), what is kept up to date and says another thing than its entry does (threat K1), and
    /// that of which the last day is over, by a clock that may be wrong (threat K12).
    async fn held_back(
        &self,
        reading: &mut Reading,
        bonds: &Bonds,
        id: SpaceId,
    ) -> Result<BTreeSet<DocumentId>, ShareError> {
        let waiting = reading.waiting_documents(id).await?;
        let is_verified = bonds.is_verified(bonds.bond(id)?);
        let mut held = BTreeSet::new();
        for share in bonds.ledger.shares_with(id).into_values() {
            let mut copies = share.copies.clone();
            copies.retain(|document, _| waiting.contains(document));
            if copies.is_empty() {
                continue;
            }
            if !share.is_open(bonds.now.day()) {
                held.extend(copies.into_keys());
                continue;
            }
            match self.found(share.entry).await? {
                Found::Reads(entry) if is_verified || !needs_verified(&entry) => {
                    let now = || content_now(bonds, &share, &entry).map(|now| now.digest());
                    let now = share.keep_updated.then(now);
                    copies.retain(|_, copy| now.is_some_and(|now| now != Some(copy.digest)));
                }
                Found::Gone if !share.keep_updated => copies.clear(),
                Found::Unreadable if is_verified => copies.clear(),
                Found::Reads(_) | Found::Gone | Found::Unreadable => {}
            }
            held.extend(copies.into_keys());
        }
        Ok(held)
    }

    /// What is held back and was sealed before leaves as a stub, as no relay has acknowledged it, whether or not it
    /// stands. What stood waits anew, unsealed; gives of how many shares.
    async fn unseal(
        &self,
        writing: &mut Writing,
        bonds: &mut Bonds,
        id: SpaceId,
        held: &BTreeSet<DocumentId>,
    ) -> Result<usize, ShareError> {
        if held.is_empty() {
            return Ok(0);
        }
        let mut sealed = writing.documents_on_the_way(id).await?;
        sealed.retain(|document| held.contains(document));
        if sealed.is_empty() {
            return Ok(0);
        }
        let versions = Versions::load(writing, bonds, id, bonds.bond(id)?).await?;
        let mut items = Vec::new();
        for (share, mut entry) in bonds.ledger.shares_with(id) {
            let before = entry.copies.clone();
            if !take_back_for_good(writing, &mut entry, &sealed).await? {
                continue;
            }
            let stood = versions.copies.get(&share);
            let stood = stood.filter(|(standing, _)| sealed.contains(&standing.document));
            if let Some((standing, copy)) = stood
                && let Some(published) = before.get(&standing.document)
                && entry.next_number().is_some()
            {
                let said = (&copy.content, published.made);
                self.publish(writing, &mut entry, share, said, bonds.now)
                    .await?;
            }
            items.push(LedgerItem::Share(share, entry));
        }
        self.put_ledger(writing, &mut bonds.ledger, &items).await?;
        Ok(items.len())
    }

    /// Shares again what is kept up to date and reads otherwise by now, and what has another last day than its share;
    /// gives how much it was.
    pub(super) async fn keep_updated(
        &self,
        writing: &mut Writing,
        bonds: &mut Bonds,
        id: SpaceId,
    ) -> Result<usize, ShareError> {
        let bond = bonds.bond(id)?;
        if bond.entry.role != Role::Owner || bonds.standing(bond) != Standing::Active {
            return Ok(0);
        }
        let versions = Versions::load(writing, bonds, id, bond).await?;
        let mut items = Vec::new();
        for (share, mut entry) in bonds.ledger.shares_with(id) {
            let renewed = self.renewed(bonds, bond, share, &entry, &versions);
            let Some(content) = renewed.await? else {
                continue;
            };
            let made = if entry.keep_updated {
                Made::ByItself
            } else {
                Made::ByPerson
            };
            self.publish(writing, &mut entry, share, (&content, made), bonds.now)
                .await?;
            items.push(LedgerItem::Share(share, entry));
        }
        self.put_ledger(writing, &mut bonds.ledger, &items).await?;
        Ok(items.len())
    }

    /// What a share should say in another copy; none where they have it like that, or it must not go.
    async fn renewed(
        &self,
        bonds: &Bonds,
        bond: &Bond,
        id: ShareId,
        share: &ShareEntry,
        versions: &Versions,
    ) -> Result<Option<SharedContent>, ShareError> {
        // Shared so often that no number is left: what they have stays until it is taken back.
        if !bonds.is_open(share) || share.next_number().is_none() {
            return Ok(None);
        }
        // Of which each copy is forgotten, another device took back: only a person shares it anew (threat J3).
        let here = newest_here(share, versions);
        let Some((document, has)) = here.or_else(|| newest(share, versions)) else {
            return Ok(None);
        };
        let content = if share.keep_updated {
            self.reads_now(bonds, bond, share).await?
        } else if !share.lets_go(&has) && !versions.has_left(document) {
            None
        } else {
            let copy = versions.copies.get(&id);
            let copy = copy.filter(|(standing, _)| standing.document == document);
            copy.map(|(_, copy)| copy.content.clone())
        };
        let is_had = |content: &SharedContent| {
            content.digest() == has.digest && has.expires == share.expires()
        };
        Ok(content.filter(|content| !is_had(content)))
    }

    /// What a share that is kept up to date should say now; none where it must not go.
    async fn reads_now(
        &self,
        bonds: &Bonds,
        bond: &Bond,
        share: &ShareEntry,
    ) -> Result<Option<SharedContent>, ShareError> {
        let Found::Reads(entry) = self.found(share.entry).await? else {
            return Ok(None);
        };
        if needs_verified(&entry) && !bonds.is_verified(bond) {
            return Ok(None);
        }
        // Where nothing is left in the chosen parts, what they have stays until it is taken back.
        Ok(content_now(bonds, share, &entry))
    }

    /// One entry that does not open holds up no other.
    pub(super) async fn found(&self, id: DocumentId) -> Result<Found, ShareError> {
        match self.read(id).await {
            Ok(view) => Ok(Found::Reads(Box::new(view.entry))),
            Err(VaultError::NotFound) => Ok(Found::Gone),
            Err(VaultError::Damaged { .. } | VaultError::DocumentDamaged(_)) => {
                Ok(Found::Unreadable)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What a share would say as its entry reads now; none where nothing of that is left.
fn content_now(bonds: &Bonds, share: &ShareEntry, entry: &Entry) -> Option<SharedContent> {
    SharedContent::from_entry(entry, share.parts.as_ref()?, &bonds.ledger.aliases()).ok()
}

/// Takes back those of these copies of a share that wait here, and notes that for all devices of this person: each has
/// them forgotten. Gives whether there were any.
async fn take_back_for_good(
    writing: &mut Writing,
    share: &mut ShareEntry,
    documents: &BTreeSet<DocumentId>,
) -> Result<bool, ShareError> {
    let mut waited = false;
    for (document, copy) in &mut share.copies {
        if documents.contains(document)
            && writing
                .take_back_version(share.bond, Role::Owner, *document)
                .await?
        {
            copy.made = Made::TakenBack;
            waited = true;
        }
    }
    Ok(waited)
}
