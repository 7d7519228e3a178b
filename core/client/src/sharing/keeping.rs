//! What a person wrote to somebody and may not have reached them any more: it stays theirs, as a draft in their own
//! journal.

use super::{
    Role, ShareError, SpaceId,
    bond::{Bond, Bonds, timestamp},
};
use crate::vault::{StoredVersion, Vault, Writing};
use daymark_core::{
    journal::{Entry, Person, Text, Title, When, Zone},
    sharing::Version,
};
use daymark_wire::{ChainId, DeviceId, Seq, logs::AccountState};

/// The title of a draft that was to be a reply.
#[must_use]
pub fn unsent_title(name: &Person) -> Title {
    Title::parse(&format!("A reply to {name} that was not sent")).unwrap_or_default()
}

/// The title of a draft of a reply that a relay took, before the other one ended the bond.
#[must_use]
pub fn unheard_title(name: &Person) -> Title {
    Title::parse(&format!("A reply to {name} that they may not have")).unwrap_or_default()
}

impl Vault {
    /// Before a bond that its owner ended is wiped on the supporter's side: replies that no relay took become drafts,
    /// and those of which the owner never said that they have them. Whoever leaves has said that theirs are to go.
    pub(super) async fn keep_what_may_not_have_come(
        &self,
        writing: &mut Writing,
        bonds: &Bonds,
        id: SpaceId,
    ) -> Result<(), ShareError> {
        let bond = bonds.bond(id)?;
        if bond.entry.role != Role::Supporter || bond.notes.end.is_some() || bond.notes.wiped {
            return Ok(());
        }
        let mut gone = bond.forgotten(Role::Supporter);
        gone.extend(&bond.entry.forget);
        for (_, stored) in writing.versions_of(id).await? {
            if stored.author != Role::Supporter || gone.contains(&stored.document) {
                continue;
            }
            let title = if writing.is_waiting(id, stored.document).await? {
                unsent_title(&bond.entry.name)
            } else {
                let places = writing.places_of(id, stored.document).await?;
                if owner_has(bond, &places) || !is_ours_to_keep(&bonds.own, self.device(), &places)
                {
                    continue;
                }
                unheard_title(&bond.entry.name)
            };
            self.keep_reply(writing, &stored, title).await?;
        }
        Ok(())
    }

    async fn keep_reply(
        &self,
        writing: &mut Writing,
        stored: &StoredVersion,
        title: Title,
    ) -> Result<(), ShareError> {
        let Ok(Version::Reply(reply)) = Version::from_bytes(&stored.content) else {
            return Ok(());
        };
        let mut draft = Entry::new(When::new(timestamp(stored.since), Zone::utc()));
        draft.title = title;
        draft.text = Text::parse(reply.text().as_str())?;
        draft.draft = true;
        self.write_within(writing, &draft).await?;
        Ok(())
    }
}

/// Whether an epoch of the owner says that their device had it.
fn owner_has(bond: &Bond, places: &[(ChainId, Seq)]) -> bool {
    let epochs = bond.logs.iter().flat_map(|logs| logs.state().epochs());
    let mut of_owner = epochs.filter(|epoch| epoch.bond.is_some_and(|bond| bond.by == Role::Owner));
    of_owner.any(|epoch| {
        let mut places = places.iter();
        places.any(|(chain, seq)| epoch.have.of(*chain) >= *seq)
    })
}

/// One reply makes one draft: on the device that wrote it, or, where that is in the account no more, on the first that
/// is.
fn is_ours_to_keep(own: &AccountState, device: DeviceId, places: &[(ChainId, Seq)]) -> bool {
    let mut writers = places.iter().map(|(chain, _)| chain.device);
    let writer = writers.find(|writer| own.active(*writer).is_ok());
    let first = || own.active_devices().map(|(id, _)| id).next();
    writer.or_else(first) == Some(device)
}
