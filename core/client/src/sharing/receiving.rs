//! What was shared with this person: reading, replying, saying that it was seen.

use super::{
    CopyNumber, ReplyId, Role, ShareError, ShareId, SharedContent, SharedText, SpaceId, Topic,
    bond::{Bond, Bonds, timestamp},
    versions::Versions,
};
use crate::vault::{Arrival, Outgoing, Reading, Vault, Writing};
use daymark_core::{
    journal::{Day, Person},
    random::Purpose,
    sharing::{Preferences, Reply, Seen, Version},
};
use daymark_wire::{DocumentId, record::ExpiryDay};
use jiff::{Span, Timestamp, civil::date};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    str::FromStr,
};
use zeroize::Zeroizing;

/// Something that was shared with this person, as it reads now. Written by somebody else: escape it for a
/// terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// By which it is named.
    pub share: ShareId,
    /// The bond.
    pub bond: SpaceId,
    /// What this person calls the one who shares.
    pub name: Person,
    /// Which copy it is, from 1.
    pub number: CopyNumber,
    /// What it says.
    pub content: SharedContent,
    /// When it came here, by this device's clock.
    pub received: Timestamp,
    /// The last day on which it is here.
    pub until: Option<Day>,
    /// What this person replied, oldest first.
    pub replies: Vec<SharedText>,
    /// Whether this person chose to say that they have seen it.
    pub seen: bool,
}

/// How a person names something that was shared with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SharedName {
    /// `@1` is the newest, `@2` the one before.
    Newest(NonZeroUsize),
    /// The first digits of its id, in hexadecimal; 32 are all.
    Id(String),
}

impl FromStr for SharedName {
    type Err = ShareError;

    /// Reads `@n` or digits; anything else names nothing.
    fn from_str(text: &str) -> Result<Self, ShareError> {
        let text = text.trim();
        if let Some(place) = text.strip_prefix('@') {
            return place
                .parse()
                .map(Self::Newest)
                .map_err(|_| ShareError::UnknownShared);
        }
        let digits = text.chars().all(|c| c.is_ascii_hexdigit());
        if text.is_empty() || text.len() > 32 || !digits {
            return Err(ShareError::UnknownShared);
        }
        Ok(Self::Id(text.to_ascii_lowercase()))
    }
}

impl Vault {
    /// Everything that was shared with this person and is still theirs, the newest first: in the order in which it
    /// came, which of one device of the owner is the order in which it was shared.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn shared(&self) -> Result<Vec<Shared>, ShareError> {
        self.wipe_what_has_passed().await;
        let mut reading = self.reading().await?;
        let bonds = Bonds::load(&mut reading).await?;
        let mut shared = Vec::new();
        for (id, bond) in &bonds.all {
            if bond.entry.role == Role::Supporter {
                let versions = Versions::load(&mut reading, &bonds, *id, bond).await?;
                shared.extend(all_shared(*id, bond, versions));
            }
        }
        shared.sort_by_key(|(arrival, _)| Reverse(*arrival));
        Ok(shared.into_iter().map(|(_, one)| one).collect())
    }

    /// The one that a person means.
    ///
    /// # Errors
    /// [`ShareError::UnknownShared`], [`ShareError::AmbiguousShared`] with those that begin like that,
    /// [`ShareError::Vault`].
    pub async fn find_shared(&self, name: &SharedName) -> Result<Shared, ShareError> {
        let mut shared = self.shared().await?;
        match name {
            SharedName::Newest(place) => {
                shared = shared.into_iter().skip(place.get() - 1).take(1).collect();
            }
            SharedName::Id(digits) => {
                shared.retain(|one| one.share.to_string().starts_with(digits));
            }
        }
        if shared.len() > 1 {
            let candidates = shared.into_iter().map(|one| one.share).collect();
            return Err(ShareError::AmbiguousShared { candidates });
        }
        shared.pop().ok_or(ShareError::UnknownShared)
    }

    /// Replies; what the reply is named by. It carries no time; the one who shared it has it after the next sync.
    ///
    /// # Errors
    /// [`ShareError::Sharing`] for an empty or too long text, [`ShareError::UnknownShared`],
    /// [`ShareError::NotActive`], [`ShareError::Vault`].
    pub async fn reply(&self, share: ShareId, text: &str) -> Result<ReplyId, ShareError> {
        let reply = Version::Reply(Reply::new(share, text)?);
        let mut writing = self.writing().await?;
        let (bonds, bond, _) = having(&mut writing, share).await?;
        let document = self.say(&mut writing, &bonds, bond, &reply).await?;
        writing.commit().await?;
        Ok(ReplyId { document, bond })
    }

    /// Says that it was seen, by choice; false when that was said already.
    ///
    /// # Errors
    /// As [`Self::reply`].
    pub async fn acknowledge(&self, share: ShareId) -> Result<bool, ShareError> {
        let mut writing = self.writing().await?;
        let (bonds, bond, versions) = having(&mut writing, share).await?;
        if versions.seen.contains(&share) {
            return Ok(false);
        }
        let seen = Version::Seen(Seen { share });
        self.say(&mut writing, &bonds, bond, &seen).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// The topics that this person would rather not receive in a bond, as they last said.
    ///
    /// # Errors
    /// [`ShareError::UnknownSupporter`], [`ShareError::OtherSide`], [`ShareError::Vault`].
    pub async fn preferences(&self, bond: SpaceId) -> Result<BTreeSet<Topic>, ShareError> {
        let mut reading = self.reading().await?;
        let bonds = Bonds::load(&mut reading).await?;
        let known = bonds.of_side(bond, Role::Supporter)?;
        let versions = Versions::load(&mut reading, &bonds, bond, known).await?;
        Ok(versions.rather_not.unwrap_or_default())
    }

    /// Says which topics this person would rather not receive, all of them anew; false when they said so already.
    ///
    /// # Errors
    /// [`ShareError::Sharing`] for too many, [`ShareError::OtherSide`], [`ShareError::NotActive`],
    /// [`ShareError::Vault`].
    pub async fn prefer(&self, bond: SpaceId, not: BTreeSet<Topic>) -> Result<bool, ShareError> {
        let preferences = Preferences::new(not)?;
        let mut writing = self.writing().await?;
        let bonds = Bonds::load(&mut writing).await?;
        let known = bonds.of_side(bond, Role::Supporter)?;
        let versions = Versions::load(&mut writing, &bonds, bond, known).await?;
        if versions.rather_not.unwrap_or_default() == *preferences.not() {
            return Ok(false);
        }
        let preferences = Version::Preferences(preferences);
        self.say(&mut writing, &bonds, bond, &preferences).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// Puts something of the supporter's into the outbox; its document. It has no last day, also where what it is about
    /// has one: the owner may give another, and a reply is theirs to keep.
    async fn say(
        &self,
        writing: &mut Writing,
        bonds: &Bonds,
        bond: SpaceId,
        version: &Version,
    ) -> Result<DocumentId, ShareError> {
        bonds.active(bond, Role::Supporter)?;
        let document = DocumentId::from_bytes(self.random().bytes(Purpose::Id)?);
        let outgoing = Outgoing {
            document,
            expires: ExpiryDay::default(),
            content: Zeroizing::new(version.to_bytes()),
        };
        let said = writing.put_own_version(bond, Role::Supporter, outgoing, bonds.now.ms);
        said.await?;
        Ok(document)
    }
}

/// The bond in which this was shared with this person, and what else is there.
async fn having(
    reading: &mut Reading,
    share: ShareId,
) -> Result<(Bonds, SpaceId, Versions), ShareError> {
    let bonds = Bonds::load(reading).await?;
    let mut found = None;
    for (id, bond) in &bonds.all {
        if bond.entry.role == Role::Supporter {
            let versions = Versions::load(reading, &bonds, *id, bond).await?;
            if versions.copies.contains_key(&share) {
                found = Some((*id, versions));
                break;
            }
        }
    }
    let (id, versions) = found.ok_or(ShareError::UnknownShared)?;
    Ok((bonds, id, versions))
}

fn all_shared(
    id: SpaceId,
    bond: &Bond,
    versions: Versions,
) -> impl Iterator<Item = (Arrival, Shared)> {
    let mut replies: BTreeMap<ShareId, Vec<SharedText>> = BTreeMap::new();
    for (_, reply) in &versions.replies {
        let of_share = replies.entry(reply.share()).or_default();
        of_share.push(reply.text().clone());
    }
    let (name, seen) = (bond.entry.name.clone(), versions.seen);
    let copies = versions.copies.into_iter();
    copies.map(move |(share, (standing, copy))| {
        let shared = Shared {
            share,
            bond: id,
            name: name.clone(),
            number: copy.number,
            content: copy.content,
            received: timestamp(standing.since),
            until: last_day(standing.expires),
            replies: replies.remove(&share).unwrap_or_default(),
            seen: seen.contains(&share),
        };
        (standing.arrival, shared)
    })
}

/// The last day before what expires is gone; none for what does not, or beyond the calendar.
pub(super) fn last_day(expires: ExpiryDay) -> Option<Day> {
    let days = i64::from(expires.0.checked_sub(1)?);
    let days = Span::new().try_days(days).ok()?;
    let last = date(1970, 1, 1).checked_add(days);
    last.ok().map(Day::from)
}
