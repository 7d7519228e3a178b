//! Sharing what a preview showed, sharing it again, taking it back, and who sees what.

use super::{
    CopyNumber, Parts, Preview, Role, ShareError, ShareId, SharedContent, SpaceId,
    bond::{Bonds, Now},
    versions::{Standing, Versions},
};
use crate::vault::{Outgoing, Vault, Writing};
use daymark_core::{
    journal::{Day, Person, Reason},
    keys::AccountSecret,
    random::Purpose,
    sharing::{
        LedgerItem, Made, Published, Reply, ShareEntry, SharedCopy, Version, needs_verified,
    },
};
use daymark_wire::DocumentId;
use jiff::Timestamp;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};
use zeroize::Zeroizing;

/// What the person chooses besides the parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HowToShare {
    /// Why, for their own eyes.
    pub why: Option<Reason>,
    /// The last day on which the supporter has it.
    pub until: Option<Day>,
    /// Whether a changed entry is shared again without being asked.
    pub keep_updated: bool,
}

/// One entry that one supporter sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoSees {
    /// The share.
    pub share: ShareId,
    /// The entry.
    pub entry: DocumentId,
    /// The bond.
    pub bond: SpaceId,
    /// What this person calls the supporter.
    pub name: Person,
    /// The chosen parts; none where a later version chose parts that this one does not know.
    pub parts: Option<Parts>,
    /// Why, in the person's own words.
    pub why: Option<Reason>,
    /// Since when.
    pub since: Timestamp,
    /// The last day.
    pub until: Option<Day>,
    /// Whether it is kept up to date.
    pub keep_updated: bool,
    /// The newest copy; none where each is forgotten: another device took it back, which is not said here yet.
    pub number: Option<CopyNumber>,
    /// Whether they are to have it, and no relay is known to have the newest copy.
    pub waiting: bool,
    /// Whether that copy does not even wait here: another device was to send it. [`Vault::share_again`] sends it from
    /// this one.
    pub elsewhere: bool,
    /// Whether the entry reads otherwise by now than the newest copy; none where that cannot be told.
    pub differs: Option<bool>,
    /// Whether the supporter chose to say that they have seen it.
    pub seen: bool,
    /// Replies to it, but for hidden ones.
    pub replies: usize,
    /// Whether it was taken back here or has passed its last day, and they have it until a sync has said so.
    pub taken_back: bool,
    /// Whether it is no longer kept up to date: the entry is marked sensitive by now, and they are not verified
    /// (rule B2).
    pub needs_verified: bool,
    /// Whether nothing of the entry opens on this device: what they have stays as it is.
    pub unreadable: bool,
}

impl Vault {
    /// Shares what a preview showed, with everybody whom it names: the same bytes to each, in documents that say
    /// nothing of each other. Who had the entry before has this instead. Stored here and listed at once; sent with
    /// the next sync.
    ///
    /// # Errors
    /// [`ShareError::Passed`] for a last day that is over, [`ShareError::NotVerified`] and
    /// [`ShareError::NotActive`] where that changed since the preview, [`ShareError::TooOften`],
    /// [`ShareError::Vault`]. Nobody gets it then.
    pub async fn share(
        &self,
        preview: &Preview,
        how: &HowToShare,
    ) -> Result<Vec<ShareId>, ShareError> {
        self.share_on_terms(preview, |_| how.clone()).await
    }

    /// The same, with terms of each bond's own.
    ///
    /// # Errors
    /// As [`Self::share`].
    pub async fn share_on_terms(
        &self,
        preview: &Preview,
        terms: impl Fn(SpaceId) -> HowToShare + Send + Sync,
    ) -> Result<Vec<ShareId>, ShareError> {
        let view = self.read(preview.entry).await?;
        let mut writing = self.writing().await?;
        let secret = writing.account_keys().await?.secret;
        let mut bonds = Bonds::load(&mut writing).await?;
        let (mut shares, mut items) = (Vec::new(), Vec::new());
        for receiver in &preview.receivers {
            let how = terms(receiver.bond);
            if how.until.is_some_and(|until| until < bonds.now.day()) {
                return Err(ShareError::Passed);
            }
            bonds.check_receiver(receiver.bond, &view.entry)?;
            let (id, mut share) = match bonds.open_share(preview.entry, receiver.bond) {
                Some(open) => open,
                None => bonds.new_share(&secret, preview, receiver.bond),
            };
            share.parts = Some(preview.parts.clone());
            share.why = how.why.or(share.why);
            share.until = how.until;
            share.keep_updated = how.keep_updated;
            share.said = bonds.now.timestamp();
            let made = (&preview.content, Made::ByPerson);
            self.publish(&mut writing, &mut share, id, made, bonds.now)
                .await?;
            shares.push(id);
            items.push(LedgerItem::Share(id, share));
        }
        self.put_ledger(&mut writing, &mut bonds.ledger, &items)
            .await?;
        writing.commit().await?;
        Ok(shares)
    }

    /// Puts the next copy of a share into the outbox, in the place of one that waits there.
    pub(super) async fn publish(
        &self,
        writing: &mut Writing,
        share: &mut ShareEntry,
        id: ShareId,
        (content, made): (&SharedContent, Made),
        now: Now,
    ) -> Result<(), ShareError> {
        let number = share.next_number().ok_or(ShareError::TooOften)?;
        take_back_waiting(writing, share).await?;
        let copy = SharedCopy {
            share: id,
            number,
            content: content.clone(),
        };
        let document = DocumentId::from_bytes(self.random().bytes(Purpose::Id)?);
        let expires = share.expires();
        let version = Outgoing {
            document,
            expires,
            content: Zeroizing::new(Version::SharedCopy(copy).to_bytes()),
        };
        writing
            .put_own_version(share.bond, Role::Owner, version, now.ms)
            .await?;
        let digest = content.digest();
        let published = Published {
            number,
            digest,
            expires,
            made,
        };
        share.copies.insert(document, published);
        Ok(())
    }

    /// Shares the same parts again as the entry reads now; false when it reads as they have it.
    ///
    /// # Errors
    /// As [`Self::preview`] and [`Self::share`].
    pub async fn share_again(&self, share: ShareId) -> Result<bool, ShareError> {
        let ledger = self.reading().await?.ledger().await?;
        let known = ledger.share(share).ok_or(ShareError::NotShared)?;
        let parts = known.parts.ok_or(ShareError::NotShared)?;
        let preview = self.preview(known.entry, &parts, &[known.bond]).await?;
        let open = preview.receivers.iter().all(|receiver| receiver.again);
        if !open {
            return Err(ShareError::NotShared);
        }
        if preview.receivers.iter().all(|receiver| receiver.same) {
            return Ok(false);
        }
        let how = HowToShare {
            why: known.why,
            until: known.until,
            keep_updated: known.keep_updated,
        };
        self.share(&preview, &how).await?;
        Ok(true)
    }

    /// Takes an entry back, from one supporter or from all. What waits here never leaves; what they may have is
    /// deleted at the relay and wiped by their devices as these hear of it. Gives how many shares ended.
    ///
    /// # Errors
    /// [`ShareError::NotShared`], [`ShareError::Vault`].
    pub async fn unshare(
        &self,
        entry: DocumentId,
        bond: Option<SpaceId>,
    ) -> Result<usize, ShareError> {
        let mut writing = self.writing().await?;
        let mut bonds = Bonds::load(&mut writing).await?;
        let mut items = Vec::new();
        for (id, mut share) in bonds.ledger.shares_of(entry) {
            if bond.is_some_and(|bond| bond != share.bond) || share.ended.is_some() {
                continue;
            }
            take_back_waiting(&mut writing, &share).await?;
            share.ended = Some(bonds.now.timestamp());
            items.push(LedgerItem::Share(id, share));
        }
        if items.is_empty() {
            return Err(ShareError::NotShared);
        }
        self.put_ledger(&mut writing, &mut bonds.ledger, &items)
            .await?;
        writing.commit().await?;
        Ok(items.len())
    }

    /// Who sees what, of one entry or of all; the newest first. What was taken back, has passed its last day or
    /// lies in a bond that is over is not in it.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn who_sees(&self, entry: Option<DocumentId>) -> Result<Vec<WhoSees>, ShareError> {
        let mut who = self.who_has(entry).await?;
        who.retain(|one| !one.taken_back);
        Ok(who)
    }

    /// The same, and what was taken back or ended here, or has passed its last day, as long as they may have it because
    /// no sync has said so yet.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn who_has(&self, entry: Option<DocumentId>) -> Result<Vec<WhoSees>, ShareError> {
        let mut shares = self.reading().await?.ledger().await?.shares();
        shares.retain(|_, share| entry.is_none_or(|entry| entry == share.entry));
        if shares.is_empty() {
            return Ok(Vec::new());
        }
        let views = self.views().await?;
        let unreadable: BTreeSet<_> = views.unreadable().iter().copied().collect();
        let entries: BTreeMap<_, _> = views.iter().map(|view| (view.id, &view.entry)).collect();
        let mut reading = self.reading().await?;
        let bonds = Bonds::load(&mut reading).await?;
        let aliases = bonds.ledger.aliases();
        let mut seen_by = BTreeMap::new();
        for (id, bond) in &bonds.all {
            let versions = Versions::load(&mut reading, &bonds, *id, bond).await?;
            seen_by.insert(*id, (bond, versions, bond.forgotten(Role::Owner)));
        }
        let mut who = Vec::new();
        for (id, share) in bonds.ledger.shares() {
            let wanted = entry.is_none_or(|entry| entry == share.entry);
            let Some((bond, versions, forgotten)) = seen_by.get(&share.bond) else {
                continue;
            };
            let share = bond.known_here(share, forgotten);
            let is_open = bonds.is_open(&share);
            if !wanted || !is_open && !bonds.may_have_still(&share) {
                continue;
            }
            let newest = newest(&share, versions);
            let (document, copy) = newest.unzip();
            let waiting = is_open && document.is_none_or(|newest| !versions.has_left(newest));
            let entry = entries.get(&share.entry);
            let differs = entry.zip(share.parts.as_ref()).and_then(|(entry, parts)| {
                let content = SharedContent::from_entry(entry, parts, &aliases).ok()?;
                Some(content.digest() != copy?.digest)
            });
            let hidden = &bond.entry.hidden;
            let shown = |(standing, reply): &&(_, Reply)| {
                let standing: &Standing = standing;
                reply.share() == id && !hidden.contains(&standing.document)
            };
            who.push(WhoSees {
                share: id,
                entry: share.entry,
                bond: share.bond,
                name: bond.entry.name.clone(),
                waiting,
                elsewhere: waiting
                    && document.is_none_or(|newest| !versions.here.contains(&newest)),
                number: copy.map(|copy| copy.number),
                differs,
                seen: versions.seen.contains(&id),
                replies: versions.replies.iter().filter(shown).count(),
                taken_back: !is_open,
                needs_verified: share.keep_updated
                    && entry.is_some_and(|entry| needs_verified(entry))
                    && !bonds.is_verified(bond),
                unreadable: unreadable.contains(&share.entry),
                parts: share.parts,
                why: share.why,
                since: share.since,
                until: share.until,
                keep_updated: share.keep_updated,
            });
        }
        // Whom one share named began at one time.
        who.sort_by(|one, other| {
            let newest = other.since.cmp(&one.since);
            newest.then_with(|| one.name.cmp(&other.name))
        });
        Ok(who)
    }
}

impl Bonds {
    /// Where there is none that is open. Its id is computed (rule R8), from how many there were of this entry in this
    /// bond: what two devices share at once is one share, with one set of terms.
    fn new_share(
        &self,
        secret: &AccountSecret,
        preview: &Preview,
        bond: SpaceId,
    ) -> (ShareId, ShareEntry) {
        let (entry, since) = (preview.entry, self.now.timestamp());
        let before = self.ledger.shares_of(entry).into_values();
        let before = before.filter(|share| share.bond == bond).count();
        let before = u32::try_from(before).unwrap_or(u32::MAX);
        let id = ShareId::computed(secret, entry, bond, before);
        let share = ShareEntry::new(entry, bond, preview.parts.clone(), since);
        (id, share)
    }

    /// Whether the supporter may have something of a share that is over: no relay has been told.
    fn may_have_still(&self, share: &ShareEntry) -> bool {
        let bond = self.all.get(&share.bond);
        let Some(bond) = bond.filter(|bond| !bond.has_ended()) else {
            return false;
        };
        let mut left = share.clone();
        let forgotten = bond.forgotten(Role::Owner);
        left.copies
            .retain(|document, _| !forgotten.contains(document));
        left.may_be_had(self.now.expiry_day())
    }
}

/// Takes back the copies of a share that no relay has acknowledged; gives whether there were any. All stay listed,
/// to be forgotten: a relay may have one of which nothing is known here.
pub(super) async fn take_back_waiting(
    writing: &mut Writing,
    share: &ShareEntry,
) -> Result<bool, ShareError> {
    let mut waited = false;
    for document in share.copies.keys() {
        let (bond, author) = (share.bond, Role::Owner);
        waited |= writing.take_back_version(bond, author, *document).await?;
    }
    Ok(waited)
}

/// The copy that stands: the highest number, and of one number the lower hash (rule B5). None that was taken back before
/// it left.
pub(super) fn newest(share: &ShareEntry, versions: &Versions) -> Option<(DocumentId, Published)> {
    newest_of(share.copies.iter(), versions)
}

/// The one that the supporter has, or will have, as far as is known here: the newest of those that are here. What
/// another device was to send may never leave it.
pub(super) fn newest_here(
    share: &ShareEntry,
    versions: &Versions,
) -> Option<(DocumentId, Published)> {
    let copies = share.copies.iter();
    let here = copies.filter(|(document, _)| versions.here.contains(*document));
    newest_of(here, versions)
}

fn newest_of<'c>(
    copies: impl Iterator<Item = (&'c DocumentId, &'c Published)>,
    versions: &Versions,
) -> Option<(DocumentId, Published)> {
    let rank = |(document, copy): &(&DocumentId, &Published)| {
        (copy.number, versions.delivered.get(*document).map(Reverse))
    };
    let stay = copies.filter(|(_, copy)| copy.made != Made::TakenBack);
    let newest = stay.max_by_key(rank);
    newest.map(|(document, copy)| (*document, *copy))
}
