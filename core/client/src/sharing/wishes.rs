//! What the next sync is to say in a bond: its end, and what the other side is not to have any more.

use super::{Role, ShareError, SpaceId, bond::Bonds, publishing::current, versions::Versions};
use crate::vault::Reading;
use daymark_core::{sharing::ShareEntry, sync::Wishes};
use daymark_wire::DocumentId;

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
