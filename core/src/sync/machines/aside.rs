//! Links of bonds that have no machine here: another device of this account made them, and their links say so before
//! the journal's ledger does. A relay shows each log that it is not told of, whole.
//!
//! And the logs of accounts that nobody here knows, of whom one may be accepting an invitation: one room for all of them,
//! however many invitations are open.

use super::{Machine, Machines};
use crate::{
    bonds::{Shown, log_of},
    sync::{BondSide, Replica},
};
use daymark_wire::{
    AccountId, LogId, SpaceId, limits,
    logs::{LogKind, TravelLink},
    sync::KnownLog,
};

/// Bond links that are set aside: those of as many bonds as another device makes between two syncs, and no more than
/// memory for a relay that shows what is nobody's.
const MAX_BOND_LINKS: usize = 4 * limits::MAX_LINKS_PER_SYNC;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// A long account log comes in parts, and the links of its bond after the last one.
    accounts: Shown,
    bonds: Vec<TravelLink>,
}

impl Aside {
    pub(super) fn is_empty(&self) -> bool {
        self.bonds.is_empty() && self.accounts.links().next().is_none()
    }

    /// As far as accounts were shown, so that what comes after is shown next.
    pub(super) fn known(&self) -> impl Iterator<Item = KnownLog> {
        self.accounts.known()
    }

    /// The links of accounts, each log's in order.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &TravelLink> {
        self.accounts.links()
    }

    fn put(&mut self, links: &[TravelLink], own: AccountId) {
        self.accounts.take(links, own);
        let room = MAX_BOND_LINKS.saturating_sub(self.bonds.len());
        // A bond that is not named yet is shown anew while a longer one beside it goes on.
        let is_new = |link: &&TravelLink| link.kind == LogKind::Bond && !self.bonds.contains(link);
        let new: Vec<TravelLink> = links.iter().filter(is_new).take(room).cloned().collect();
        self.bonds.extend(new);
    }

    /// Nothing, while only accounts were shown.
    pub(super) fn take(&mut self) -> Vec<TravelLink> {
        if self.bonds.is_empty() {
            return Vec::new();
        }
        let Self { accounts, bonds } = std::mem::take(self);
        let mut links: Vec<TravelLink> = accounts.links().cloned().collect();
        links.extend(bonds);
        links
    }
}

impl Machines {
    /// Sets aside what is of bonds that have no machine, and of accounts that nobody here knows; gives the rest. Where
    /// only accounts were shown and no more is to come, they are no bond's.
    pub(super) fn without_strange(
        &mut self,
        shown: Vec<TravelLink>,
        more: bool,
    ) -> Vec<TravelLink> {
        let is_strange: Vec<bool> = shown.iter().map(|link| self.is_strange(link)).collect();
        let strange = || shown.iter().zip(&is_strange).filter(|(_, is)| **is);
        let mut of_bonds = strange().filter(|(link, _)| link.kind == LogKind::Bond);
        let nobody_waits = self.awaiting_answers().is_empty();
        if !more && nobody_waits && self.aside.is_empty() && of_bonds.next().is_none() {
            return shown;
        }
        let own = self.journal().replica().logs.account().id();
        let strange: Vec<TravelLink> = strange().map(|(link, _)| link.clone()).collect();
        self.aside.put(&strange, own);
        let shown = shown.into_iter().zip(is_strange);
        let kept = shown.filter(|(_, is_strange)| !is_strange);
        kept.map(|(link, _)| link).collect()
    }

    /// The bonds that somebody may still accept.
    pub(super) fn awaiting_answers(&self) -> Vec<SpaceId> {
        let bonds = self.iter().map(Machine::replica);
        let waits = |bond: &&Replica| bond.logs.as_bond().is_some_and(BondSide::awaits_answer);
        bonds.filter(waits).map(Replica::space).collect()
    }

    /// Whether an answer to an invitation is under way, whose bond has no machine before it was taken.
    pub(super) fn brings_strange(&self) -> bool {
        let mut brought = self.bringing.iter().flat_map(|brought| &brought.links);
        brought.any(|link| link.kind == LogKind::Bond && self.is_strange(link))
    }

    fn is_strange(&self, link: &TravelLink) -> bool {
        let log = log_of(link);
        let is_known = |log: LogId| {
            self.iter().any(|machine| {
                let logs = &machine.replica().logs;
                let other = logs.as_bond().and_then(|bond| bond.logs.other());
                let accounts = [Some(logs.account()), other].into_iter().flatten();
                let mut accounts = accounts.map(|account| LogId::from(account.id()));
                log == logs.space().into() || accounts.any(|account| account == log)
            })
        };
        log.is_some_and(|log| !is_known(log))
    }
}
