//! What this person replied to others: listed, and taken back.

use super::{
    ReplyId, Role, ShareError, ShareId, SharedText, SpaceId,
    bond::{Bonds, timestamp},
    replies::named,
    versions::Versions,
};
use crate::vault::{Reading, Vault};
use daymark_core::journal::Person;
use jiff::Timestamp;
use std::cmp::Reverse;

/// A reply that this person wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReply {
    /// By which it is named.
    pub id: ReplyId,
    /// The bond.
    pub bond: SpaceId,
    /// What this person calls the one who shared.
    pub name: Person,
    /// What it answers, which may have been taken back since.
    pub share: ShareId,
    /// What it says.
    pub text: SharedText,
    /// When it was written, or came here from another device, by this device's clock.
    pub since: Timestamp,
    /// Whether it waits here for the next sync.
    pub waiting: bool,
    /// Whether it was sealed, as what is sent is: that a relay took it, its answer may not have said.
    pub may_have_left: bool,
}

impl Vault {
    /// What this person replied, and has not taken back: the newest first.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn own_replies(&self) -> Result<Vec<OwnReply>, ShareError> {
        self.wipe_what_has_passed().await;
        let mut reading = self.reading().await?;
        let bonds = Bonds::load(&mut reading).await?;
        bonds.own_replies(&mut reading).await
    }

    /// The one whose id begins like that, or `@1` for the newest.
    ///
    /// # Errors
    /// As [`Vault::find_reply`].
    pub async fn find_own_reply(&self, name: &str) -> Result<OwnReply, ShareError> {
        named(self.own_replies().await?, name, |reply| reply.id, |_| true)
    }

    /// Takes a reply back (rule B5). It is shown no more here, and wiped at the relay and on all devices of both sides as
    /// these hear of it. Gives whether it never left this device. It is to be forgotten also then: it may have left
    /// from here before this vault came back from a backup.
    ///
    /// # Errors
    /// [`ShareError::UnknownReply`], [`ShareError::Vault`].
    pub async fn take_back_reply(&self, reply: ReplyId) -> Result<bool, ShareError> {
        let mut writing = self.writing().await?;
        let mut bonds = Bonds::load(&mut writing).await?;
        let own = bonds.own_replies(&mut writing).await?;
        let mut own = own.iter().filter(|own| own.id == reply);
        let may_have_left = own.next().ok_or(ShareError::UnknownReply)?.may_have_left;
        let ReplyId { document, bond } = reply;
        writing
            .take_back_version(bond, Role::Supporter, document)
            .await?;
        self.forget_reply(&mut writing, &mut bonds, reply).await?;
        writing.commit().await?;
        Ok(!may_have_left)
    }
}

impl Bonds {
    async fn own_replies(&self, reading: &mut Reading) -> Result<Vec<OwnReply>, ShareError> {
        let mut replies = Vec::new();
        for (id, bond) in &self.all {
            if bond.entry.role != Role::Supporter {
                continue;
            }
            let versions = Versions::load(reading, self, *id, bond).await?;
            for (standing, reply) in versions.replies {
                let own = OwnReply {
                    id: ReplyId {
                        document: standing.document,
                        bond: *id,
                    },
                    bond: *id,
                    name: bond.entry.name.clone(),
                    share: reply.share(),
                    text: reply.text().clone(),
                    since: timestamp(standing.since),
                    waiting: reading.is_waiting(*id, standing.document).await?,
                    may_have_left: !reading.keys_of(&[standing.document]).await?.is_empty(),
                };
                replies.push((standing.arrival, own));
            }
        }
        replies.sort_by_key(|(arrival, _)| Reverse(*arrival));
        Ok(replies.into_iter().map(|(_, reply)| reply).collect())
    }
}
