//! What one sync may still do. A relay that asks for the same again and again gets it once.

use daymark_wire::{ChainId, LogId, Seq, record::Place};
use std::collections::{BTreeMap, BTreeSet};

/// How often one sync may be told that its heads are not current before it stops sending until the next
/// one: members rarely change, never this often within a second.
const MAX_RETRIES: u32 = 5;

/// How often one sync may begin a new incarnation: once is honest, twice is a race with a copy of the vault.
const MAX_RENEWALS: u32 = 2;

/// How often one sync may try to begin an epoch: others push records meanwhile, or begin one themselves.
const MAX_EPOCHS: u32 = 4;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Budget {
    retries: u32,
    renewals: u32,
    epochs: u32,
    registered: bool,
    introduced: bool,
    /// How far each chain was offered.
    chains: BTreeMap<ChainId, Seq>,
    /// From which length on each log was offered.
    logs: BTreeMap<LogId, u64>,
    bodies: BTreeSet<Place>,
    /// Bodies that were asked for.
    asked: BTreeSet<Place>,
}

impl Budget {
    pub(super) fn may_retry(&mut self) -> bool {
        count(&mut self.retries, MAX_RETRIES)
    }

    pub(super) fn may_renew(&mut self) -> bool {
        count(&mut self.renewals, MAX_RENEWALS)
    }

    pub(super) fn may_begin_epoch(&mut self) -> bool {
        count(&mut self.epochs, MAX_EPOCHS)
    }

    /// A record of this device's own was taken: an epoch that was not may only have lacked it in its `have`, and is
    /// tried once more. There are as many of these as were sealed.
    pub(super) fn may_say_more(&mut self) {
        self.epochs = self.epochs.min(MAX_EPOCHS - 1);
    }

    pub(super) fn may_register(&mut self) -> bool {
        !std::mem::replace(&mut self.registered, true)
    }

    pub(super) fn may_introduce(&mut self) -> bool {
        !std::mem::replace(&mut self.introduced, true)
    }

    /// Whether a chain may be offered beyond a place: never twice the same record.
    pub(super) fn may_offer(&self, chain: ChainId, after: Seq) -> bool {
        self.chains
            .get(&chain)
            .is_none_or(|so_far| after >= *so_far)
    }

    pub(super) fn offered(&mut self, chain: ChainId, up_to: Seq) {
        let so_far = self.chains.entry(chain).or_default();
        *so_far = up_to.max(*so_far);
    }

    /// A chain is not offered again in this sync.
    pub(super) fn give_up(&mut self, chain: ChainId) {
        self.offered(chain, Seq(u64::MAX));
    }

    /// Whether a log's links may be offered beyond a length; notes that they were.
    pub(super) fn may_offer_links(&mut self, log: LogId, length: u64) -> bool {
        let new = self.logs.get(&log).is_none_or(|last| length > *last);
        if new {
            self.logs.insert(log, length);
        }
        new
    }

    /// Links that were not taken may be offered once more.
    pub(super) fn forget_offered_links(&mut self) {
        self.logs.clear();
    }

    /// Which of these bodies to ask for now: up to `most` that were not asked for yet; notes that they were. So
    /// ones that never come keep no other from being asked for.
    pub(super) fn ask_for(
        &mut self,
        missing: impl Iterator<Item = Place>,
        most: usize,
    ) -> Vec<Place> {
        let asked = &self.asked;
        let places: Vec<_> = missing
            .filter(|place| !asked.contains(place))
            .take(most)
            .collect();
        self.asked.extend(&places);
        places
    }

    /// Whether all of these bodies were asked for.
    pub(super) fn asked_all<'a>(&self, mut missing: impl Iterator<Item = &'a Place>) -> bool {
        missing.all(|place| self.asked.contains(place))
    }

    /// Whether a body may be offered; notes that it was.
    pub(super) fn may_offer_body(&mut self, place: Place) -> bool {
        self.bodies.insert(place)
    }
}

fn count(so_far: &mut u32, most: u32) -> bool {
    *so_far = so_far.saturating_add(1);
    *so_far <= most
}
