//! Shares that are kept up to date: shared again, where their entry reads otherwise by now.

use super::{
    Role, ShareError, SharedContent, SpaceId, Standing,
    bond::{Bond, Bonds},
    publishing::current,
    versions::Versions,
};
use crate::vault::{Vault, VaultError, Writing};
use daymark_core::{
    journal::Entry,
    sharing::{LedgerItem, ShareEntry, needs_verified},
};
use daymark_wire::DocumentId;

impl Vault {
    /// Before a sync: what waits of a share that is kept up to date goes as its entry reads now. A word that was
    /// deleted meanwhile never leaves (threat K1).
    pub(crate) async fn update_what_waits(&self) -> Result<(), ShareError> {
        let waiting = self.reading().await?.spaces_of_waiting_versions().await?;
        for bond in waiting {
            self.update_what_waits_in(bond).await?;
        }
        Ok(())
    }

    /// The same in one bond, when it is about to be sealed; says whether something goes otherwise than it waited.
    pub(crate) async fn update_what_waits_in(&self, bond: SpaceId) -> Result<bool, ShareError> {
        let mut writing = self.writing().await?;
        let mut bonds = Bonds::load_one(&mut writing, bond).await?;
        let updated = self.keep_updated(&mut writing, &mut bonds, bond).await?;
        if updated > 0 {
            writing.commit().await?;
        }
        Ok(updated > 0)
    }

    /// Shares again what is kept up to date and reads otherwise by now; gives how much it was.
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
            let Some(content) = self.renewed(bonds, bond, &entry, &versions).await? else {
                continue;
            };
            self.publish(writing, &mut entry, share, &content, bonds.now)
                .await?;
            items.push(LedgerItem::Share(share, entry));
        }
        self.put_ledger(writing, &mut bonds.ledger, &items).await?;
        Ok(items.len())
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
        // Shared so often that no number is left: what they have stays until it is taken back.
        if share.next_number().is_none() {
            return Ok(None);
        }
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
