//! What the next sync is to say in a bond: its end, and what the other side is not to have any more.

use super::{Role, SpaceId, bond::Bonds, publishing::newest, versions::Versions};
use crate::vault::{Reading, VaultError};
use daymark_core::{sharing::ShareEntry, sync::Wishes};
use daymark_wire::DocumentId;
use std::collections::BTreeSet;

impl Bonds {
    /// What the next sync is to say in a bond.
    pub(super) async fn wishes(
        &self,
        reading: &mut Reading,
        id: SpaceId,
    ) -> Result<Wishes, VaultError> {
        let Some(bond) = self.all.get(&id).filter(|bond| !bond.has_ended()) else {
            return Ok(Wishes::default());
        };
        let versions = Versions::load(reading, self, id, bond).await?;
        let own = bond.forgotten(bond.entry.role);
        let gone = bond.forgotten(Role::Supporter);
        let mut forget: BTreeSet<_> = bond.entry.forget.difference(&gone).copied().collect();
        if bond.entry.role == Role::Owner {
            let on_the_way = reading.documents_on_the_way(id).await?;
            for share in self.ledger.shares_with(id).into_values() {
                let share = bond.known_here(share, &own);
                forget.extend(share.taken_back());
                forget.extend(self.superseded(&share, &versions, &on_the_way));
            }
        } else if versions.newest_preferences_delivered() {
            forget.extend(&versions.older_preferences);
        }
        forget.retain(|document| !own.contains(document));
        Ok(Wishes {
            // Nothing is signed for a place that is known to be taken (rule L13).
            end: bond.notes.end.filter(|_| !bond.lacks_answer()),
            forget,
        })
    }

    /// The copies that the supporter is not to have any more. One that another copy replaces stays until the relay
    /// has that one; it goes at once where it is still on its way there, as it leaves without its body. Two of this
    /// person's devices may have given one number at once: of these the one that stands is known when both are here, and
    /// until then either may be it. Over a share whose last day is over all are named but those that go by themselves.
    fn superseded(
        &self,
        share: &ShareEntry,
        versions: &Versions,
        on_the_way: &BTreeSet<DocumentId>,
    ) -> Vec<DocumentId> {
        if share.ended.is_some() {
            return share.copies.keys().copied().collect();
        }
        let has_left = |document: &DocumentId| versions.has_left(*document);
        if !share.is_open(self.now.day()) {
            // The last day was given, or changed, after these were made: no header of theirs says so.
            let copies = share.copies.iter();
            let stay = copies.filter(|(_, copy)| !self.now.is_gone(copy.expires));
            return stay.map(|(document, _)| *document).collect();
        }
        let Some((newest, stands)) = newest(share, versions) else {
            return Vec::new();
        };
        let has_newest = has_left(&newest);
        let replaced = share.copies.iter().filter(|(document, copy)| {
            let is_older = copy.number < stands.number;
            let goes = if has_newest {
                is_older || has_left(document)
            } else {
                is_older && on_the_way.contains(document)
            };
            **document != newest && goes
        });
        replaced.map(|(document, _)| *document).collect()
    }
}
