//! What this device knows of its journal or of a bond, as a sync needs it. The caller loads it from the vault.

use super::{
    Chains, Checkpoint, Fault, OwnChain, SpaceLogs,
    space::{Means, Wanted},
};
use crate::{
    account::Logs,
    keys::{AccountKeys, DeviceKey, EpochSecret, WrappingKey},
    random::Random,
};
use daymark_wire::{
    DocumentId, EpochId, Generation, Hash, Have, Header, LogId, Seq, SpaceId,
    logs::{EpochState, Head, TravelLink},
    record::Place,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Everything about one space but its documents.
#[derive(Debug)]
pub struct Replica {
    /// Its logs.
    pub logs: SpaceLogs,
    /// This device's signing key.
    pub device: Arc<DeviceKey>,
    /// This device's wrapping key.
    pub wrapping: WrappingKey,
    /// The account's keys, as the newest opened epoch gave them.
    pub account_keys: AccountKeys,
    /// Every epoch secret that this device holds.
    pub epochs: BTreeMap<EpochId, EpochSecret>,
    /// How far every chain is known; its own up to the last record that a relay took
    /// ([`super::Intake::acknowledged`]), not up to the last one signed.
    pub chains: Chains,
    /// This device's own chain, up to the last record signed.
    pub own: OwnChain,
    /// Bodies that are missing and wanted, with the hash of their header: of the records stored without one, those
    /// that nothing explains by now ([`SpaceLogs::explains_stub`]).
    pub holes: BTreeMap<Place, Hash>,
    /// Documents that were forgotten, and that this device may not write any more ([`SpaceLogs::forgotten`]).
    pub forgotten: BTreeSet<DocumentId>,
    /// The relay's history as last seen, when it had all that was known.
    pub generation: Option<Generation>,
    /// The link of the space's log that this device signed last, while nothing is known to stand at its place: it is
    /// brought again as it is, as long as it can stand there (rule L13).
    pub signed: Option<TravelLink>,
}

/// An epoch that was opened just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEpoch {
    /// Which.
    pub id: EpochId,
    /// Its secret.
    pub secret: EpochSecret,
    /// The account's keys as they lie sealed beside it.
    pub account_keys: Option<AccountKeys>,
}

impl Replica {
    /// The space.
    #[must_use]
    pub const fn space(&self) -> SpaceId {
        self.logs.space()
    }

    /// The newest epoch with its secret; none when this device is locked out of it.
    #[must_use]
    pub fn newest_epoch(&self) -> Option<(EpochId, &EpochSecret)> {
        let newest = self.logs.newest_epoch()?;
        self.epochs
            .get(&newest.id)
            .map(|secret| (newest.id, secret))
    }

    /// Whether nothing may be sealed until someone begins an epoch (rule L7).
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.logs.is_stale()
    }

    /// How far every chain is known, this device's own up to what it signed: what a request says.
    #[must_use]
    pub fn have(&self) -> Have {
        let mut have = self.chains.have();
        if self.own.seq > have.of(self.own.chain) {
            have.set(self.own.chain, self.own.seq);
        }
        have
    }

    /// Whether records of this device are signed that no relay is known to have taken.
    #[must_use]
    pub fn has_pending(&self) -> bool {
        self.own.seq > self.chains.seq(self.own.chain)
    }

    /// Compares what another device says it has seen with what is known here, after a sync took everything
    /// that the relay shows. What is missing was withheld (rule R6).
    #[must_use]
    pub fn compare(&self, checkpoint: &Checkpoint) -> BTreeSet<Fault> {
        let have = self.have();
        let is_live = |chain| !self.chains.is_frozen(chain);
        let missing = checkpoint
            .have
            .iter()
            .filter(|(chain, seq)| have.of(*chain) < *seq && is_live(*chain));
        let withheld = missing.map(|(chain, _)| Fault::Withheld {
            chain,
            from: have.of(chain).0.saturating_add(1),
        });
        let mut faults: BTreeSet<Fault> = withheld.collect();
        faults.extend(self.unknown_heads(&checkpoint.heads).err());
        faults
    }

    /// Whether heads that another device names are on the logs known here. A longer log than any shown here
    /// is *rolled back*, another one a *forked view*.
    pub(super) fn unknown_heads(&self, heads: &[Head]) -> Result<(), Fault> {
        self.logs.check_heads(heads)
    }

    /// Whether a record may no longer be given to a relay: it lies beyond what the newest epoch's author had,
    /// and was sealed under an older one (rule L6).
    pub(super) fn is_outdated(&self, header: &Header) -> bool {
        self.logs.newest_epoch().is_some_and(|newest| {
            header.epoch != newest.id && header.seq > newest.have.of(header.chain)
        })
    }

    /// Whether the document was forgotten that a record is of: nobody is given its body any more.
    pub(super) fn is_forgotten(&self, header: &Header) -> bool {
        match &self.logs {
            SpaceLogs::Journal(_) => self.forgotten.contains(&header.document),
            SpaceLogs::Bond(side) => side.is_forgotten(header),
        }
    }

    /// Whether the place holds a record here.
    pub(super) fn holds(&self, place: Place) -> bool {
        place.seq >= Seq::FIRST && place.seq <= self.have().of(place.chain)
    }

    /// Opens the epochs that came with these links, and the newest. What they gave is for the vault to keep.
    pub(super) fn open_epochs(&mut self, new: &[(LogId, u64, TravelLink)]) -> Vec<NewEpoch> {
        let came: BTreeSet<EpochId> = new
            .iter()
            .map(|(_, _, link)| link.hash().epoch_id())
            .collect();
        let newest = self.logs.newest_epoch().map(|epoch| epoch.id);
        self.open_those(|epoch| Some(epoch.id) == newest || came.contains(&epoch.id))
    }

    /// Opens every epoch that the account's keys open now: those of a bond may have come before the key did.
    pub(super) fn open_all(&mut self) -> Vec<NewEpoch> {
        self.open_those(|_| true)
    }

    fn open_those(&mut self, which: impl Fn(&EpochState) -> bool) -> Vec<NewEpoch> {
        let epochs = self.logs.epochs().iter();
        let closed: Vec<EpochState> = epochs
            .filter(|epoch| which(epoch) && !self.epochs.contains_key(&epoch.id))
            .cloned()
            .collect();
        let device = self.device.id();
        let mut opened = Vec::new();
        for epoch in &closed {
            let (key, keys) = (&self.wrapping, &self.account_keys);
            let Some(open) = self.logs.open_epoch(epoch, (device, key), keys) else {
                continue;
            };
            self.epochs.insert(open.id, open.secret.clone());
            if let (Some(keys), true) = (&open.account_keys, self.is_latest_held(open.id)) {
                self.account_keys = keys.clone();
            }
            opened.push(open);
        }
        opened
    }

    fn is_latest_held(&self, id: EpochId) -> bool {
        let mut newest_first = self.logs.epochs().iter().rev();
        newest_first
            .find(|epoch| self.epochs.contains_key(&epoch.id))
            .is_some_and(|latest| latest.id == id)
    }

    /// Whether the relay should show the newest epoch's link again, and what comes after it, as the wraps beside it
    /// are missing here.
    pub(super) fn lacks_wraps(&self) -> bool {
        let newest = self.logs.newest_epoch();
        let due = newest.filter(|_| self.logs.should_open());
        due.is_some_and(|newest| !self.epochs.contains_key(&newest.id) && !self.has_wraps(newest))
    }

    fn has_wraps(&self, epoch: &EpochState) -> bool {
        self.logs.has_wraps(epoch, self.device.id())
    }

    /// The link that this device should append now, if any: an epoch that is needed, in a bond also what the
    /// person wants of it.
    pub(super) fn wants(&self) -> Option<Wanted> {
        match &self.logs {
            SpaceLogs::Journal(logs) => self.needs_epoch(logs).then(|| Wanted::Epoch(Vec::new())),
            SpaceLogs::Bond(side) => side.wants(&self.account_keys),
        }
    }

    /// Makes that link.
    pub(super) fn make(
        &self,
        wanted: Wanted,
        generation: Option<Generation>,
        random: &Random,
    ) -> Option<TravelLink> {
        let means = Means {
            device: &self.device,
            keys: &self.account_keys,
            have: self.chains.have(),
            generation,
            random,
        };
        self.logs.make(wanted, means)
    }

    /// The link that was signed for the next place, where it can still stand there.
    pub(super) fn signed_for_next(&self) -> Option<&TravelLink> {
        let have = self.chains.have();
        let signed = self.signed.as_ref();
        signed.filter(|link| self.logs.can_be_next(link, &have))
    }

    /// Lets go of the link that was signed, once something is known to stand at its place.
    pub(super) fn settle_signed(&mut self) {
        let logs = &self.logs;
        self.signed.take_if(|link| !logs.is_unsettled(link));
    }

    /// Whether an epoch of the journal is needed that this device can begin: members changed since the newest
    /// (rule L7), or the newest was published with wraps of which none opens for this device (threat K17).
    fn needs_epoch(&self, logs: &Logs) -> bool {
        let newest = logs.journal().newest_epoch();
        let broken = newest
            .is_some_and(|newest| !self.epochs.contains_key(&newest.id) && self.has_wraps(newest));
        newest.is_some() && (self.is_stale() || broken) && self.may_begin_epoch(logs)
    }

    /// Whether this device is active, holds the key that others wrap for, and the account's newest keys: else
    /// what it began would lock itself or bonds out.
    fn may_begin_epoch(&self, logs: &Logs) -> bool {
        let id = self.device.id();
        let account = logs.account();
        let newest_key = self.account_keys.newest().map(|key| key.public());
        account.active(id).is_ok()
            && logs.journal().wrapping_key(id) == Some(&self.wrapping.public())
            && newest_key.is_ok_and(|key| key == *account.account_key())
    }
}
