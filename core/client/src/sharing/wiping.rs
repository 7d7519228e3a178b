//! Destroying what is not to be here any more (rule B5): what was forgotten, what has passed its last day, what lies
//! in a bond that is over.

use super::{
    Role, ShareError, SpaceId,
    bond::{Bond, Bonds, Now},
};
use crate::vault::{BondNotes, Vault, Writing};
use daymark_core::sharing::LedgerItem;
use daymark_wire::{DocumentId, logs::EndReason};

impl Vault {
    /// Destroys what has passed its last day by this device's clock, whether or not there is a relay. What stops it
    /// stops nobody: what is over is not shown, and whoever looks next wipes it.
    pub(crate) async fn wipe_what_has_passed(&self) {
        self.wipe_passed().await.ok();
    }

    async fn wipe_passed(&self) -> Result<(), ShareError> {
        let mut reading = self.reading().await?;
        let today = Now::of(&reading).expiry_day();
        let passed = reading.bonds_with_passed(today).await?;
        let unclean = reading.is_unclean().await?;
        drop(reading);
        for id in &passed {
            let mut writing = self.writing().await?;
            let mut bonds = Bonds::load_one(&mut writing, *id).await?;
            self.wipe_what_is_gone(&mut writing, &mut bonds, *id)
                .await?;
            writing.commit().await?;
        }
        if unclean || !passed.is_empty() {
            self.clean_if_due().await?;
        }
        Ok(())
    }

    /// Destroys what was forgotten, has passed its last day, or lies in a bond that is over (rule B5). Afterwards
    /// [`Vault::clean_if_due`].
    pub(super) async fn wipe_what_is_gone(
        &self,
        writing: &mut Writing,
        bonds: &mut Bonds,
        id: SpaceId,
    ) -> Result<(), ShareError> {
        let bond = bonds.bond(id)?;
        if bond.has_ended() {
            self.keep_what_may_not_have_come(writing, bonds, id).await?;
            return wipe_whole(writing, bonds, id).await;
        }
        if bond.notes.end == Some(EndReason::Chosen) {
            return wipe_what_was_left(writing, bond, id).await;
        }
        let (of_owner, of_supporter) =
            (bond.forgotten(Role::Owner), bond.forgotten(Role::Supporter));
        let waiting = writing.waiting_documents(id).await?;
        for (_, stored) in writing.versions_of(id).await? {
            let (author, document) = (stored.author, stored.document);
            let forgotten = match author {
                Role::Owner => &of_owner,
                Role::Supporter => &of_supporter,
            };
            // What waits goes yet, by a clock that is right.
            let waits = author == bond.entry.role && waiting.contains(&document);
            let is_past = bonds.now.is_gone(stored.expires) && !waits;
            if forgotten.contains(&document) || is_past {
                writing.wipe_document(id, author, document).await?;
            }
        }
        // A copy is listed until the log names it: this device's clock may be wrong, and the copy is then still with
        // the supporter, to be taken back. Which it names is kept, as another device may know another history.
        let mut items = Vec::new();
        for (share, mut entry) in bonds.ledger.shares_with(id) {
            let before = entry.forgotten.len();
            let named = |document: &DocumentId, _: &mut _| of_owner.contains(document);
            let named = entry.copies.extract_if(.., named);
            entry.forgotten.extend(named);
            if entry.forgotten.len() > before {
                items.push(LedgerItem::Share(share, entry));
            }
        }
        self.put_ledger(writing, &mut bonds.ledger, &items).await?;
        Ok(())
    }
}

/// What another device of this person ended, before the bond's log says so.
async fn wipe_what_was_left(
    writing: &mut Writing,
    bond: &Bond,
    id: SpaceId,
) -> Result<(), ShareError> {
    match bond.entry.role {
        Role::Owner => writing.drop_waiting(id).await?,
        Role::Supporter if writing.versions_of(id).await?.is_empty() => {}
        Role::Supporter => writing.wipe_bond(id).await?,
    }
    Ok(())
}

async fn wipe_whole(
    writing: &mut Writing,
    bonds: &mut Bonds,
    id: SpaceId,
) -> Result<(), ShareError> {
    if bonds.bond(id)?.notes.wiped {
        return Ok(());
    }
    writing.wipe_bond(id).await?;
    let notes = BondNotes {
        wiped: true,
        ..BondNotes::default()
    };
    writing.put_bond_notes(id, &notes).await?;
    bonds.bond_mut(id)?.notes = notes;
    Ok(())
}
