//! A bond, as one of the two knows it.

use super::Wishes;
use crate::bonds::{AccountLog, Agreed, BondLogs, Forks, Pin, Seen, Standing};
use daymark_wire::{
    DeviceId,
    logs::{BondAccounts, Role},
    record::ExpiryDay,
};

/// A bond, as one of the two knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondSide {
    /// The bond log and the other person's account log.
    pub logs: BondLogs,
    /// One's own account log. The journal's machine stores it; this one is shown the same links.
    pub own: AccountLog,
    /// That the answer was checked. Without it nothing is opened, sealed or sent (threat A2).
    pub agreed: Option<Agreed>,
    /// The other person's keys as remembered: with another root nothing is sealed (rule B2).
    pub pin: Option<Pin>,
    /// Links of another history of the bond log that were shown, now or before (rule B2).
    pub forks: Forks,
    /// What the person wants of it.
    pub wishes: Wishes,
    /// Seconds since 1970, by this device's clock.
    pub now: u64,
}

impl BondSide {
    /// How the bond stands for this side.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let seen = Seen {
            agreed: self.agreed.is_some(),
            new_root: self.has_new_root(),
            forked: self.forks.pause(),
            now: self.now,
        };
        Standing::of(self.logs.state(), seen)
    }

    /// Both accounts.
    pub(super) fn accounts(&self) -> BondAccounts<'_> {
        self.logs.accounts(self.own.state())
    }

    /// Whose device it is.
    pub(super) fn role_of(&self, device: DeviceId) -> Option<Role> {
        Some(self.accounts().device(device)?.0)
    }

    /// The day, by this device's clock: days since 1970-01-01.
    pub(super) fn today(&self) -> ExpiryDay {
        ExpiryDay::of_second(self.now)
    }

    pub(super) const fn is_over(&self) -> bool {
        self.logs.state().stage().is_over()
    }

    /// Whether somebody may still answer: any account that is shown may be theirs.
    pub(in crate::sync) fn awaits_answer(&self) -> bool {
        self.logs.other().is_none() && !self.is_over()
    }

    /// Before the first epoch, which comes with *accept*, nothing can be stale.
    pub(super) fn is_stale(&self) -> bool {
        let bond = self.logs.state();
        bond.newest_epoch().is_some() && bond.is_stale(self.accounts())
    }

    /// Whether both agreed, as this side has checked, and neither ended it, or asked for that here.
    pub(super) fn is_open(&self) -> bool {
        self.agreed.is_some() && self.logs.state().stage().is_active() && !self.is_ending()
    }

    pub(super) fn takes_content(&self) -> bool {
        let in_log = self.logs.state().takes_content(self.accounts());
        in_log && !self.is_at_rest()
    }

    /// Whether nothing is sent, whatever was sealed. What the person wants ended is over for them, whether or not a
    /// relay takes the link that says so.
    pub(super) fn is_at_rest(&self) -> bool {
        !self.standing().allows_sealing() || self.is_ending() || self.is_shown_another()
    }

    /// Whether the relay showed another history in this sync, looked at or not: it would take nothing of this one.
    pub(super) const fn is_shown_another(&self) -> bool {
        self.logs.forked_by().is_some()
    }

    fn has_new_root(&self) -> bool {
        let known = self.pin.zip(self.logs.other());
        known.is_some_and(|(pin, other)| pin.is_new_root(other))
    }
}
