//! What a person wrote to somebody and could not send any more: it stays theirs, as a draft in their own journal.

use super::{
    Role, ShareError, SpaceId,
    bond::{Bonds, timestamp},
};
use crate::vault::{Vault, Writing};
use daymark_core::{
    journal::{Entry, Person, Text, Title, When, Zone},
    sharing::Version,
};

/// The title of a draft that was to be a reply.
#[must_use]
pub fn unsent_title(name: &Person) -> Title {
    Title::parse(&format!("A reply to {name} that was not sent")).unwrap_or_default()
}

impl Vault {
    /// Before a bond that its owner ended is wiped on the supporter's side: replies that no relay took become drafts.
    /// Whoever leaves has said that theirs are to go.
    pub(super) async fn keep_what_never_left(
        &self,
        writing: &mut Writing,
        bonds: &Bonds,
        id: SpaceId,
    ) -> Result<(), ShareError> {
        let bond = bonds.bond(id)?;
        if bond.entry.role != Role::Supporter || bond.notes.end.is_some() || bond.notes.wiped {
            return Ok(());
        }
        for (_, stored) in writing.versions_of(id).await? {
            let is_ours = stored.author == Role::Supporter;
            if !is_ours || !writing.is_waiting(id, stored.document).await? {
                continue;
            }
            let Ok(Version::Reply(reply)) = Version::from_bytes(&stored.content) else {
                continue;
            };
            let mut draft = Entry::new(When::new(timestamp(stored.since), Zone::utc()));
            draft.title = unsent_title(&bond.entry.name);
            draft.text = Text::parse(reply.text().as_str())?;
            draft.draft = true;
            self.write_within(writing, &draft).await?;
        }
        Ok(())
    }
}
