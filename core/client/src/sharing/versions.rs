//! The documents of one bond as a person sees them: read within bounds, each side's own kinds only (rule B6).

use super::{
    Role, ShareId, Topic,
    bond::{Bond, Bonds},
};
use crate::vault::{Arrival, Reading, StoredVersion, VaultError};
use daymark_core::sharing::{Reply, SharedCopy, Version, VersionError};
use daymark_wire::{DocumentId, Hash, SpaceId, record::ExpiryDay};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// Where a document stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) document: DocumentId,
    pub(super) expires: ExpiryDay,
    /// Of its record; none before a relay took it.
    pub(super) hash: Option<Hash>,
    /// Milliseconds since 1970. What came with one sync came at one time: the order is `arrival`'s.
    pub(super) since: u64,
    pub(super) arrival: Arrival,
}

/// Everything of a bond that is not forgotten, gone or over, and what waits here though its last day is.
#[derive(Default)]
pub(super) struct Versions {
    /// Of each share the copy that stands.
    pub(super) copies: BTreeMap<ShareId, (Standing, SharedCopy)>,
    /// The replies, in the order in which they came.
    pub(super) replies: Vec<(Standing, Reply)>,
    /// What the supporter said that they have seen.
    pub(super) seen: BTreeSet<ShareId>,
    /// What the supporter would rather not receive, as they last said.
    pub(super) rather_not: Option<BTreeSet<Topic>>,
    /// Documents in which they said so before.
    pub(super) older_preferences: Vec<DocumentId>,
    /// How many are from a later version.
    pub(super) newer: usize,
    /// The copies that are here: each that came, and each that this device wrote and has not taken back.
    pub(super) here: BTreeSet<DocumentId>,
    /// Of these the ones that are known as delivered: each that a relay took, or that came from there.
    pub(super) delivered: BTreeMap<DocumentId, Hash>,
    newest_preferences: Option<Standing>,
}

impl Versions {
    /// Reads what is there of a bond. Nothing, where it is over.
    pub(super) async fn load(
        reading: &mut Reading,
        bonds: &Bonds,
        id: SpaceId,
        bond: &Bond,
    ) -> Result<Self, VaultError> {
        let mut versions = Self::default();
        if bonds.standing(bond).is_over() {
            return Ok(versions);
        }
        let forgotten = [Role::Owner, Role::Supporter].map(|role| (role, bond.forgotten(role)));
        let waiting = reading.waiting_documents(id).await?;
        for (arrival, stored) in reading.versions_of(id).await? {
            let forgotten = forgotten.iter().any(|(role, documents)| {
                *role == stored.author && documents.contains(&stored.document)
            });
            let asked = bond.entry.forget.contains(&stored.document);
            let waits = stored.author == bond.entry.role && waiting.contains(&stored.document);
            let gone = bonds.now.is_gone(stored.expires) && !waits;
            if !forgotten && !asked && !gone {
                versions.take(arrival, &stored);
            }
        }
        Ok(versions)
    }

    /// Whether a relay has what the supporter said last of what they would rather not receive.
    pub(super) fn newest_preferences_delivered(&self) -> bool {
        self.newest_preferences
            .is_some_and(|newest| newest.hash.is_some())
    }

    /// Whether a relay is known to have had a copy.
    pub(super) fn has_left(&self, copy: DocumentId) -> bool {
        self.delivered.contains_key(&copy)
    }

    fn take(&mut self, arrival: Arrival, stored: &StoredVersion) {
        let standing = Standing {
            document: stored.document,
            expires: stored.expires,
            hash: stored.hash,
            since: stored.since,
            arrival,
        };
        if stored.author == Role::Owner {
            self.here.insert(stored.document);
            let hash = stored.hash.map(|hash| (stored.document, hash));
            self.delivered.extend(hash);
        }
        let version = match Version::from_bytes(&stored.content) {
            Ok(version) if version.writer() == stored.author => version,
            Err(VersionError::Later { .. }) => {
                self.newer += 1;
                return;
            }
            // Not taken in; a later version's reader may have been kinder.
            Ok(_) | Err(_) => return,
        };
        match version {
            Version::SharedCopy(copy) => self.take_copy(standing, copy),
            Version::Reply(reply) => self.replies.push((standing, reply)),
            Version::Preferences(preferences) => {
                let older = self.newest_preferences.replace(standing);
                self.older_preferences
                    .extend(older.map(|older| older.document));
                self.rather_not = Some(preferences.not().clone());
            }
            Version::Seen(seen) => {
                self.seen.insert(seen.share);
            }
        }
    }

    /// Of two copies of a share the higher number stands, of one number the lower hash (rule B5).
    fn take_copy(&mut self, standing: Standing, copy: SharedCopy) {
        let rank =
            |standing: &Standing, copy: &SharedCopy| (copy.number, standing.hash.map(Reverse));
        let before = self.copies.get(&copy.share);
        if before.is_none_or(|(before, known)| rank(before, known) < rank(&standing, &copy)) {
            self.copies.insert(copy.share, (standing, copy));
        }
    }
}
