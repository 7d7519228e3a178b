//! What supporters replied to the owner.

use super::{
    Role, ShareError, ShareId, SharedText, SpaceId,
    bond::{Bonds, timestamp},
    versions::Versions,
};
use crate::vault::{Reading, Vault, Writing};
use daymark_core::{journal::Person, sharing::LedgerItem};
use daymark_wire::DocumentId;
use jiff::Timestamp;
use std::{cmp::Reverse, fmt, num::NonZeroUsize};

/// What a reply is named by: its document, and the bond, since a hostile supporter may give theirs the name of
/// another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplyId {
    /// Its document.
    pub document: DocumentId,
    /// The bond.
    pub bond: SpaceId,
}

/// `DOCUMENT/BOND`.
impl fmt::Display for ReplyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.document, self.bond)
    }
}

/// A reply. Written by somebody else: escape it for a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedReply {
    /// By which it is named.
    pub id: ReplyId,
    /// The bond.
    pub bond: SpaceId,
    /// What the owner calls the supporter.
    pub name: Person,
    /// What it answers.
    pub share: ShareId,
    /// The entry that was shared; none where nothing here says which.
    pub entry: Option<DocumentId>,
    /// What it says.
    pub text: SharedText,
    /// When it came here, by this device's clock.
    pub received: Timestamp,
    /// Whether the owner would rather not see it.
    pub hidden: bool,
    /// Whether the owner would rather have no news of that supporter.
    pub muted: bool,
}

impl Vault {
    /// Every reply, hidden ones too, the newest first, in the order in which they came. Muted supporters' are in it.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn replies(&self) -> Result<Vec<ReceivedReply>, ShareError> {
        self.wipe_what_has_passed().await;
        let mut reading = self.reading().await?;
        let bonds = Bonds::load(&mut reading).await?;
        bonds.replies(&mut reading).await
    }

    /// The reply whose id begins like that, or `@1` for the newest of those that are neither hidden nor a muted
    /// supporter's.
    ///
    /// # Errors
    /// [`ShareError::UnknownReply`], [`ShareError::AmbiguousReply`] with those that begin like that,
    /// [`ShareError::Vault`].
    pub async fn find_reply(&self, name: &str) -> Result<ReceivedReply, ShareError> {
        let is_shown = |reply: &ReceivedReply| !reply.hidden && !reply.muted;
        self.find_reply_among(name, is_shown).await
    }

    /// The same, but for `@1`: the newest of those that are hidden.
    ///
    /// # Errors
    /// As [`Self::find_reply`].
    pub async fn find_hidden_reply(&self, name: &str) -> Result<ReceivedReply, ShareError> {
        self.find_reply_among(name, |reply| reply.hidden).await
    }

    async fn find_reply_among(
        &self,
        name: &str,
        is_counted: impl Fn(&ReceivedReply) -> bool + Send,
    ) -> Result<ReceivedReply, ShareError> {
        named(self.replies().await?, name, |reply| reply.id, is_counted)
    }

    /// Hides a reply on all of the owner's devices, or shows it again; false when it stands like that.
    ///
    /// # Errors
    /// [`ShareError::UnknownReply`], [`ShareError::Vault`].
    pub async fn hide_reply(&self, reply: ReplyId, hidden: bool) -> Result<bool, ShareError> {
        let mut writing = self.writing().await?;
        let mut bonds = Bonds::load(&mut writing).await?;
        let found = bonds.reply(&mut writing, reply).await?;
        let mut entry = bonds.bond(found.bond)?.entry.clone();
        if hidden {
            entry.hidden.insert(reply.document);
        } else {
            entry.hidden.remove(&reply.document);
        }
        let item = LedgerItem::Bond(found.bond, entry);
        let changed = self
            .put_ledger(&mut writing, &mut bonds.ledger, &[item])
            .await?;
        writing.commit().await?;
        Ok(changed)
    }

    /// Deletes a reply: here at once, at the relay and on the supporter's devices as they hear of it. One that a
    /// hostile supporter gave the name of a copy is hidden instead, as the copy would go with it.
    ///
    /// # Errors
    /// [`ShareError::UnknownReply`], [`ShareError::Vault`].
    pub async fn delete_reply(&self, reply: ReplyId) -> Result<(), ShareError> {
        let mut writing = self.writing().await?;
        let mut bonds = Bonds::load(&mut writing).await?;
        let found = bonds.reply(&mut writing, reply).await?;
        let shares = bonds.ledger.shares_with(found.bond);
        if shares
            .values()
            .any(|share| share.copies.contains_key(&reply.document))
        {
            drop(writing);
            self.hide_reply(reply, true).await?;
            return Ok(());
        }
        self.forget_reply(&mut writing, &mut bonds, reply).await?;
        writing.commit().await?;
        Ok(())
    }

    /// Notes for all devices of this person that an epoch is to forget a reply.
    pub(super) async fn forget_reply(
        &self,
        writing: &mut Writing,
        bonds: &mut Bonds,
        reply: ReplyId,
    ) -> Result<(), ShareError> {
        let mut entry = bonds.bond(reply.bond)?.entry.clone();
        entry.forget.insert(reply.document);
        let item = LedgerItem::Bond(reply.bond, entry);
        self.put_ledger(writing, &mut bonds.ledger, &[item]).await?;
        Ok(())
    }
}

/// The one of these that a person means: by the beginning of its id, or by its place among those that are counted.
pub(super) fn named<R>(
    replies: Vec<R>,
    name: &str,
    id: impl Fn(&R) -> ReplyId,
    is_counted: impl Fn(&R) -> bool,
) -> Result<R, ShareError> {
    let name = name.trim().to_ascii_lowercase();
    let mut meant: Vec<_> = match name.strip_prefix('@') {
        Some(place) => {
            let place: NonZeroUsize = place.parse().map_err(|_| ShareError::UnknownReply)?;
            let counted = replies.into_iter().filter(is_counted);
            counted.skip(place.get() - 1).take(1).collect()
        }
        None => replies
            .into_iter()
            .filter(|reply| !name.is_empty() && id(reply).to_string().starts_with(&name))
            .collect(),
    };
    if meant.len() > 1 {
        let candidates = meant.iter().map(id).collect();
        return Err(ShareError::AmbiguousReply { candidates });
    }
    meant.pop().ok_or(ShareError::UnknownReply)
}

impl Bonds {
    async fn replies(&self, reading: &mut Reading) -> Result<Vec<ReceivedReply>, ShareError> {
        let mut replies = Vec::new();
        for (id, bond) in &self.all {
            if bond.entry.role == Role::Owner {
                let versions = Versions::load(reading, self, *id, bond).await?;
                let of_bond = versions.replies.into_iter();
                replies.extend(of_bond.map(|(standing, reply)| {
                    let received = ReceivedReply {
                        id: ReplyId {
                            document: standing.document,
                            bond: *id,
                        },
                        bond: *id,
                        name: bond.entry.name.clone(),
                        share: reply.share(),
                        entry: self.shared_entry(reply.share(), *id),
                        text: reply.text().clone(),
                        received: timestamp(standing.since),
                        hidden: bond.entry.hidden.contains(&standing.document),
                        muted: bond.entry.muted,
                    };
                    (standing.arrival, received)
                }));
            }
        }
        replies.sort_by_key(|(arrival, _)| Reverse(*arrival));
        Ok(replies.into_iter().map(|(_, reply)| reply).collect())
    }

    async fn reply(&self, reading: &mut Reading, id: ReplyId) -> Result<ReceivedReply, ShareError> {
        let replies = self.replies(reading).await?;
        let mut meant = replies.into_iter().filter(|reply| reply.id == id);
        meant.next().ok_or(ShareError::UnknownReply)
    }

    /// What was shared in this very bond: a supporter who names another's share learns and moves nothing.
    fn shared_entry(&self, share: ShareId, bond: SpaceId) -> Option<DocumentId> {
        let share = self.ledger.share(share)?;
        (share.bond == bond).then_some(share.entry)
    }
}
