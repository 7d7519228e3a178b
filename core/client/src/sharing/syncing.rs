//! What the sync of a bond is told by the vault: everything but its records.

use super::{
    ShareError, SpaceId,
    bond::{Bonds, with_what_is_known},
};
use crate::vault::{Reading, VaultError, Writing};
use daymark_core::{
    bonds::{AccountLog, Agreed, BondLogs, Forks, Pin},
    sync::{BondSide, Wishes},
};
use daymark_wire::{
    LogId,
    logs::{BondContent, BondLink, LogKind, TravelLink},
};
use std::collections::BTreeMap;

/// By how many seconds a machine's clock may be behind before it is told the time. Nothing that it decides by the
/// time is finer than a day but an invitation's last minute.
const CLOCK_STEP: u64 = 60;

/// A bond as the vault has it now.
pub(crate) struct BondNow {
    logs: BondLogs,
    agreed: Option<Agreed>,
    pin: Option<Pin>,
    forks: Forks,
    wishes: Wishes,
    now: u64,
    /// Whether versions wait in the outbox.
    pub(crate) waits: bool,
}

impl BondNow {
    /// For a machine of its own.
    pub(crate) fn into_side(self, own: AccountLog) -> BondSide {
        BondSide {
            logs: self.logs,
            own,
            agreed: self.agreed,
            pin: self.pin,
            forks: self.forks,
            wishes: self.wishes,
            now: self.now,
        }
    }

    /// Whether a machine knows all of this but the time.
    pub(crate) fn is_known_to(&self, side: &BondSide) -> bool {
        self.agreed == side.agreed
            && self.logs.expected() == side.logs.expected()
            && self.pin == side.pin
            && self.wishes == side.wishes
            && side.forks.know(&self.forks)
    }

    /// Whether a machine's clock is near enough.
    pub(crate) const fn is_now(&self, side: &BondSide) -> bool {
        self.now.abs_diff(side.now) < CLOCK_STEP
    }

    /// Tells a machine. Its logs are further than those stored, never behind, but for another answer than the one
    /// that was checked.
    pub(crate) fn tell(self, side: &mut BondSide) {
        if let Some(answer) = self.logs.expected()
            && let Ok(true) = side.logs.expect(answer, side.own.state())
        {
            side.forks = Forks::default();
        }
        side.agreed = self.agreed;
        side.pin = self.pin;
        if !side.forks.know(&self.forks) {
            side.logs.pass_over_fork();
        }
        side.forks.join(&self.forks);
        side.wishes = self.wishes;
        side.now = self.now;
    }
}

impl Reading {
    /// Every bond whose links are here.
    pub(crate) async fn bonds_now(&mut self) -> Result<BTreeMap<SpaceId, BondNow>, ShareError> {
        let bonds = Bonds::load(self).await?;
        self.as_now(&bonds).await
    }

    /// One bond, where its links are here.
    pub(crate) async fn bond_now(&mut self, id: SpaceId) -> Result<Option<BondNow>, ShareError> {
        let bonds = Bonds::load_one(self, id).await?;
        Ok(self.as_now(&bonds).await?.remove(&id))
    }

    async fn as_now(&mut self, bonds: &Bonds) -> Result<BTreeMap<SpaceId, BondNow>, ShareError> {
        let mut all = BTreeMap::new();
        for (id, bond) in &bonds.all {
            let Some(logs) = bond.logs.clone() else {
                continue;
            };
            let bond = BondNow {
                logs,
                agreed: bond.agreed,
                pin: bond.pin(),
                forks: bond.forks(),
                wishes: bonds.wishes(self, *id).await?,
                now: bonds.now.seconds(),
                waits: self.has_waiting_in(*id).await?,
            };
            all.insert(*id, bond);
        }
        Ok(all)
    }
}

impl Writing {
    /// Keeps the logs of bonds that another device of this account made, where all of them is among the links that a
    /// relay showed. Others are shown again.
    pub(crate) async fn put_new_bonds(&mut self, shown: &[TravelLink]) -> Result<(), VaultError> {
        let bonds = Bonds::load(self).await?;
        let mut links = shown.to_vec();
        for known in bonds.all.values().filter_map(|bond| bond.logs.as_ref()) {
            let other = known.other().map(|account| LogId::from(account.id()));
            links.extend(
                other
                    .iter()
                    .flat_map(|log| known.links_beyond(*log, 0))
                    .cloned(),
            );
        }
        for (id, bond) in bonds.all.iter().filter(|(_, bond)| bond.logs.is_none()) {
            let of_bond = links_of_bond(&links, *id);
            let Ok(logs) = BondLogs::fold(&of_bond, &bonds.own) else {
                continue;
            };
            let Ok(logs) = with_what_is_known(logs, &bond.entry, &bonds.own) else {
                continue;
            };
            self.put_bond_logs(&logs).await?;
        }
        Ok(())
    }

    /// Keeps the log of a bond and the account log of the other person, whole.
    pub(super) async fn put_bond_logs(&mut self, logs: &BondLogs) -> Result<(), VaultError> {
        let other = logs.other().map(|account| LogId::from(account.id()));
        for log in other.into_iter().chain([LogId::from(logs.space())]) {
            let links = (1..).zip(logs.links_beyond(log, 0));
            self.put_links(links.map(|(position, link)| (log, position, link)))
                .await?;
        }
        Ok(())
    }
}

/// The links of one bond, and of all accounts.
fn links_of_bond(links: &[TravelLink], bond: SpaceId) -> Vec<TravelLink> {
    let is_of_it = |link: &&TravelLink| match link.kind {
        LogKind::Bond => {
            let opened: Option<BondLink> = link.open::<BondContent>().ok();
            opened.is_some_and(|opened| opened.log_id() == bond.into())
        }
        LogKind::Account => true,
        LogKind::Journal => false,
    };
    links.iter().filter(is_of_it).cloned().collect()
}
