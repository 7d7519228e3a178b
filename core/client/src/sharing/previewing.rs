//! What would be shared, exactly, before it is.

use super::{
    ContentDigest, Parts, Role, ShareError, ShareId, SharedContent, SpaceId, Topic,
    bond::{Bond, Bonds},
    publishing::newest,
    versions::Versions,
};
use crate::vault::Vault;
use daymark_core::{
    journal::{Entry, Person, Prompt},
    sharing::{Preferences, ShareEntry, needs_verified},
};
use daymark_wire::DocumentId;
use std::collections::BTreeSet;

/// What would be shared. [`Vault::share`] seals this very value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The entry.
    pub entry: DocumentId,
    /// The parts that were chosen.
    pub parts: Parts,
    /// What a supporter will read.
    pub content: SharedContent,
    /// Questions that were chosen and have no answer.
    pub unanswered: Vec<Prompt>,
    /// Words that begin with a name and go on: aliases stand for whole words only.
    pub longer_words: BTreeSet<String>,
    /// With whom.
    pub receivers: Vec<Receiver>,
}

/// One supporter who would receive it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// The bond.
    pub bond: SpaceId,
    /// What this person calls them.
    pub name: Person,
    /// Topics that they would rather not receive, and the entry touches: a gentle warning.
    pub rather_not: Vec<Topic>,
    /// Whether they have it already: then this replaces what they have.
    pub again: bool,
    /// Whether what they have reads exactly like this, or what waits here for them.
    pub same: bool,
}

impl Preview {
    /// What its bytes hash to.
    #[must_use]
    pub fn digest(&self) -> ContentDigest {
        self.content.digest()
    }

    /// Its length in bytes, before it is sealed and padded.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.content.to_bytes().len()
    }
}

impl Vault {
    /// What these supporters would receive of an entry as it reads now.
    ///
    /// # Errors
    /// [`ShareError::NotVerified`] for a sensitive entry, [`ShareError::NotActive`], [`ShareError::OtherSide`],
    /// [`ShareError::Sharing`] where nothing is in the chosen parts, [`ShareError::Vault`].
    pub async fn preview(
        &self,
        entry: DocumentId,
        parts: &Parts,
        bonds: &[SpaceId],
    ) -> Result<Preview, ShareError> {
        let view = self.read(entry).await?;
        let mut reading = self.reading().await?;
        let known = Bonds::load(&mut reading).await?;
        let aliases = known.ledger.aliases();
        let content = SharedContent::from_entry(&view.entry, parts, &aliases)?;
        let mut receivers = Vec::with_capacity(bonds.len());
        let wanted: BTreeSet<_> = bonds.iter().copied().collect();
        for id in wanted {
            let bond = known.check_receiver(id, &view.entry)?;
            let versions = Versions::load(&mut reading, &known, id, bond).await?;
            let has = known.open_share(entry, id);
            let newest = has.as_ref().and_then(|(_, share)| newest(share, &versions));
            receivers.push(Receiver {
                bond: id,
                name: bond.entry.name.clone(),
                rather_not: rather_not(versions.rather_not.as_ref(), &view.entry)?,
                again: has.is_some(),
                same: newest.is_some_and(|(document, copy)| {
                    copy.digest == content.digest() && versions.here.contains(&document)
                }),
            });
        }
        let longer_words = content.longer_words(&aliases);
        Ok(Preview {
            entry,
            parts: parts.clone(),
            unanswered: parts.unanswered(&view.entry).into_iter().cloned().collect(),
            longer_words: longer_words.into_iter().map(str::to_owned).collect(),
            content,
            receivers,
        })
    }
}

fn rather_not(topics: Option<&BTreeSet<Topic>>, entry: &Entry) -> Result<Vec<Topic>, ShareError> {
    let topics = topics.cloned().unwrap_or_default();
    let preferences = Preferences::new(topics)?;
    Ok(preferences.warns(entry).into_iter().cloned().collect())
}

impl Bonds {
    /// One bond to whose supporter this entry may go.
    ///
    /// # Errors
    /// [`ShareError::NotVerified`], [`ShareError::NotActive`], [`ShareError::OtherSide`].
    pub(super) fn check_receiver(&self, id: SpaceId, entry: &Entry) -> Result<&Bond, ShareError> {
        let bond = self.active(id, Role::Owner)?;
        if needs_verified(entry) && !self.is_verified(bond) {
            let name = bond.entry.name.clone();
            return Err(ShareError::NotVerified { name });
        }
        Ok(bond)
    }

    /// The share in which a supporter has an entry, if they do.
    pub(super) fn open_share(
        &self,
        entry: DocumentId,
        bond: SpaceId,
    ) -> Option<(ShareId, ShareEntry)> {
        let shares = self.ledger.shares_of(entry).into_iter();
        let mut open = shares.filter(|(_, share)| share.bond == bond && self.is_open(share));
        open.next()
    }
}
