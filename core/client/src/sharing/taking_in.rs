//! After a sync: what bonds brought is checked, read and shown, and what is over is wiped.
//!
//! Whatever stops it, the next one goes on: each bond is taken in by one transaction, and nothing here rests on
//! having been done before.

use super::{
    Role, ShareError, SharedContent, SpaceId, Standing,
    bond::{Bond, Bonds},
    publishing::current,
    versions::Versions,
};
use crate::vault::{BondNotes, Reading, Vault, VaultError, Writing};
use daymark_core::{
    bonds::Pin,
    journal::Entry,
    sharing::{BondEntry, LedgerItem, ShareEntry, needs_verified},
    sync::Wishes,
};
use daymark_wire::{
    DocumentId,
    logs::{BondStage, EndReason},
};
use std::collections::BTreeSet;

/// What was taken in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TakenIn {
    /// Documents that are new here.
    pub(crate) received: usize,
    /// Documents that were kept apart: malformed, or not theirs to write.
    pub(crate) refused: usize,
    /// Shares that were published again, since they are kept up to date.
    pub(crate) published: usize,
    /// Whether something waits now for another sync.
    pub(crate) waits: bool,
}

impl Vault {
    /// Takes in what the last sync brought of all bonds. Where it changed something that has to be said, it waits
    /// for another sync then.
    ///
    /// # Errors
    /// [`ShareError::Vault`]; what was done before it stays done.
    pub(crate) async fn take_in_bonds(&self) -> Result<TakenIn, ShareError> {
        let mut taken = TakenIn::default();
        let ids: Vec<_> = {
            let mut reading = self.reading().await?;
            reading.ledger().await?.bonds().into_keys().collect()
        };
        let mut wiped = false;
        for id in ids {
            let mut writing = self.writing().await?;
            self.check_answer(&mut writing, id).await?;
            note_outcome(&mut writing, id).await?;
            writing.take_in_keys(id).await?;
            writing
                .take_in_versions(id, self.device(), &mut taken)
                .await?;
            wiped |= self.wipe_what_is_gone(&mut writing, id).await?;
            self.keep_updated(&mut writing, id, &mut taken).await?;
            let bonds = Bonds::load(&mut writing).await?;
            let wishes = bonds.wishes(&mut writing, id).await?;
            taken.waits |= wishes != Wishes::default() || writing.has_waiting_in(id).await?;
            writing.commit().await?;
        }
        if wiped {
            self.clean().await?;
        }
        Ok(taken)
    }

    /// The owner's device checks who answered (threat A2), and lets the secret go.
    async fn check_answer(&self, writing: &mut Writing, id: SpaceId) -> Result<(), ShareError> {
        let mut bonds = Bonds::load(writing).await?;
        let bond = bonds.bond(id)?;
        let (Some(logs), Some(secret)) = (&bond.logs, &bond.entry.secret) else {
            return Ok(());
        };
        if bond.has_ended() && logs.accepted().is_none() {
            return self.drop_secret_of(writing, &mut bonds, id).await;
        }
        let Some(agreed) = logs
            .accepted()
            .and_then(|accepted| accepted.agree(secret).ok())
        else {
            return Ok(());
        };
        let entry = BondEntry {
            secret: None,
            accept: Some(agreed.accept()),
            since: Some(bonds.now.timestamp()),
            pin: logs.other().map(Pin::first),
            ..bond.entry.clone()
        };
        let item = LedgerItem::Bond(id, entry);
        self.put_ledger(writing, &mut bonds.ledger, &[item]).await?;
        Ok(())
    }

    async fn drop_secret_of(
        &self,
        writing: &mut Writing,
        bonds: &mut Bonds,
        id: SpaceId,
    ) -> Result<(), ShareError> {
        let entry = BondEntry {
            secret: None,
            ..bonds.bond(id)?.entry.clone()
        };
        let item = LedgerItem::Bond(id, entry);
        self.put_ledger(writing, &mut bonds.ledger, &[item]).await?;
        Ok(())
    }

    /// Destroys what was forgotten, has passed its last day, or lies in a bond that is over (rule B5).
    async fn wipe_what_is_gone(
        &self,
        writing: &mut Writing,
        id: SpaceId,
    ) -> Result<bool, ShareError> {
        let mut bonds = Bonds::load(writing).await?;
        let bond = bonds.bond(id)?;
        if bond.has_ended() {
            return wipe_whole(writing, id, bond).await;
        }
        let mut gone = BTreeSet::new();
        for stored in writing.versions_of(id).await? {
            let forgotten = bond.forgotten(stored.author);
            if forgotten.contains(&stored.document) || bonds.now.is_gone(stored.expires) {
                gone.insert(stored.document);
            }
        }
        for document in &gone {
            writing.wipe_document(id, *document).await?;
        }
        let forgotten: BTreeSet<_> = &bond.forgotten(Role::Owner) | &gone;
        let mut notes = bond.notes.clone();
        notes
            .forget
            .retain(|document| !bond.forgotten(Role::Supporter).contains(document));
        if notes.forget != bond.notes.forget {
            writing.put_bond_notes(id, &notes).await?;
        }
        let mut items = Vec::new();
        for (share, mut entry) in bonds.ledger.shares_with(id) {
            let before = entry.copies.len();
            entry
                .copies
                .retain(|document, _| !forgotten.contains(document));
            if entry.copies.len() < before {
                items.push(LedgerItem::Share(share, entry));
            }
        }
        self.put_ledger(writing, &mut bonds.ledger, &items).await?;
        Ok(!gone.is_empty())
    }

    /// Shares again what is kept up to date and reads otherwise by now.
    async fn keep_updated(
        &self,
        writing: &mut Writing,
        id: SpaceId,
        taken: &mut TakenIn,
    ) -> Result<(), ShareError> {
        let mut bonds = Bonds::load(writing).await?;
        let bond = bonds.bond(id)?;
        if bond.entry.role != Role::Owner || bonds.standing(bond) != Standing::Active {
            return Ok(());
        }
        let versions = Versions::load(writing, &bonds, id, bond).await?;
        let mut items = Vec::new();
        for (share, mut entry) in bonds.ledger.shares_with(id) {
            let Some(content) = self.renewed(&bonds, bond, &entry, &versions).await? else {
                continue;
            };
            self.publish(writing, &mut entry, share, &content, bonds.now)
                .await?;
            items.push(LedgerItem::Share(share, entry));
            taken.published += 1;
        }
        self.put_ledger(writing, &mut bonds.ledger, &items).await?;
        Ok(())
    }

    /// What a share that is kept up to date should say now; none where it says that, or must not go.
    async fn renewed(
        &self,
        bonds: &Bonds,
        bond: &Bond,
        share: &ShareEntry,
        versions: &Versions,
    ) -> Result<Option<SharedContent>, ShareError> {
        let (true, true, Some(parts)) = (share.keep_updated, bonds.is_open(share), &share.parts)
        else {
            return Ok(None);
        };
        let Some(entry) = self.entry(share.entry).await? else {
            return Ok(None);
        };
        if needs_verified(&entry) && !bonds.is_verified(bond) {
            return Ok(None);
        }
        // Where nothing is left in the chosen parts, what they have stays until it is taken back.
        let content = SharedContent::from_entry(&entry, parts, &bonds.ledger.aliases()).ok();
        let has = current(share, versions).map(|(_, copy)| copy.digest);
        Ok(content.filter(|content| Some(content.digest()) != has))
    }

    /// An entry that is shown; none where it was hidden or forgotten.
    async fn entry(&self, id: DocumentId) -> Result<Option<Entry>, ShareError> {
        match self.read(id).await {
            Ok(view) => Ok(Some(view.entry)),
            Err(VaultError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// A no that holds, and an invitation that lapsed, are noted as what the owner's next link says.
async fn note_outcome(writing: &mut Writing, id: SpaceId) -> Result<(), ShareError> {
    let bonds = Bonds::load(writing).await?;
    let bond = bonds.bond(id)?;
    let stage = bond.logs.as_ref().map(|logs| logs.state().stage());
    if bond.entry.role != Role::Owner
        || bond.notes.end.is_some()
        || stage != Some(BondStage::Invited)
    {
        return Ok(());
    }
    let declined = bond.notes.declined.zip(bond.entry.secret.as_ref());
    let end = if declined.is_some_and(|(no, secret)| secret.has_declined(id, &no)) {
        EndReason::Declined
    } else if bonds.logged(bond) == Standing::Lapsed {
        EndReason::Lapsed
    } else {
        return Ok(());
    };
    let notes = BondNotes {
        end: Some(end),
        ..bond.notes.clone()
    };
    Ok(writing.put_bond_notes(id, &notes).await?)
}

async fn wipe_whole(writing: &mut Writing, id: SpaceId, bond: &Bond) -> Result<bool, ShareError> {
    if bond.notes.wiped {
        return Ok(false);
    }
    writing.wipe_bond(id).await?;
    let notes = BondNotes {
        wiped: true,
        ..BondNotes::default()
    };
    writing.put_bond_notes(id, &notes).await?;
    Ok(true)
}

impl Bonds {
    /// What the next sync is to say in a bond.
    pub(super) async fn wishes(
        &self,
        reading: &mut Reading,
        id: SpaceId,
    ) -> Result<Wishes, ShareError> {
        let bond = self.bond(id)?;
        if bond.has_ended() {
            return Ok(Wishes::default());
        }
        let versions = Versions::load(reading, self, id, bond).await?;
        let mut forget = bond.notes.forget.clone();
        if bond.entry.role == Role::Owner {
            for share in self.ledger.shares_with(id).values() {
                forget.extend(self.superseded(share, &versions));
            }
        } else if versions.newest_preferences_delivered() {
            forget.extend(&versions.older_preferences);
        }
        let own = bond.forgotten(bond.entry.role);
        forget.retain(|document| !own.contains(document));
        let unsealed = reading.versions_waiting(id, usize::MAX).await?;
        for version in unsealed {
            forget.remove(&version.document);
        }
        Ok(Wishes {
            end: bond.notes.end,
            forget,
        })
    }

    /// The copies that the supporter is not to have any more. One that another copy replaces stays until the relay
    /// has that one.
    fn superseded(&self, share: &ShareEntry, versions: &Versions) -> Vec<DocumentId> {
        if share.ended.is_some() {
            return share.copies.keys().copied().collect();
        }
        let Some((newest, _)) = current(share, versions) else {
            return Vec::new();
        };
        if !versions.delivered.contains_key(&newest) {
            return Vec::new();
        }
        let others = share.copies.keys().copied();
        others.filter(|document| *document != newest).collect()
    }
}
