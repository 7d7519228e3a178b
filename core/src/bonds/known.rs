//! What the logs of a bond say, and which of their links somebody lacks.

use super::{
    Accepted, AccountLog, BondLogs,
    logs::{Other, accounts},
};
use crate::account::{beyond, in_order};
use daymark_wire::{
    Hash, LogId, SpaceId,
    logs::{AccountState, BondAccounts, BondLink, BondState, Head, Role, TravelLink},
    sync::KnownLog,
};

impl BondLogs {
    /// Which of the two one is.
    #[must_use]
    pub const fn role(&self) -> Role {
        match self.other {
            Other::Nobody(_) | Other::Supporter(_) => Role::Owner,
            Other::Owner(_) => Role::Supporter,
        }
    }

    /// The bond as its log leaves it.
    #[must_use]
    pub const fn state(&self) -> &BondState {
        &self.bond
    }

    /// The link of another history of the bond log that was shown last, rightly signed (rule B2).
    #[must_use]
    pub const fn forked_by(&self) -> Option<Hash> {
        self.forked_by
    }

    /// The person looked at it: whether the relay goes on from there is seen when it is shown once more.
    pub const fn pass_over_fork(&mut self) {
        self.forked_by = None;
    }

    /// The bond's space.
    #[must_use]
    pub const fn space(&self) -> SpaceId {
        self.bond.space()
    }

    /// The other person's account; none while nobody has accepted.
    #[must_use]
    pub fn other(&self) -> Option<&AccountState> {
        self.other.log().map(AccountLog::state)
    }

    /// Both accounts, given one's own.
    #[must_use]
    pub fn accounts<'a>(&'a self, own: &'a AccountState) -> BondAccounts<'a> {
        accounts(&self.other, own)
    }

    /// The *accept*, unverified; none while nobody has accepted.
    #[must_use]
    pub fn accepted(&self) -> Option<Accepted> {
        Accepted::of(self)
    }

    /// The heads of both logs, as a sync request names them. Before *accept* the owner does not know whose log
    /// to name, and names what of others was shown so far.
    #[must_use]
    pub fn known(&self) -> Vec<KnownLog> {
        let other: Vec<KnownLog> = match &self.other {
            Other::Nobody(shown) => shown.known().collect(),
            Other::Supporter(other) | Other::Owner(other) => vec![other.known()],
        };
        let bond = KnownLog {
            log: self.space().into(),
            head: self.bond.head(),
        };
        other.into_iter().chain([bond]).collect()
    }

    /// What a sync request names so that the relay shows the newest epoch's link again, with the wraps that
    /// are missing here.
    #[must_use]
    pub fn known_before_newest_epoch(&self) -> Vec<KnownLog> {
        let mut known = self.known();
        let before = self
            .bond
            .newest_epoch()
            .and_then(|epoch| self.bond.head_at(epoch.position.saturating_sub(1)));
        if let (Some(bond), Some(head)) = (known.last_mut(), before) {
            bond.head = head;
        }
        known
    }

    /// The heads that a record's header names: owner, supporter, space. None while nobody has accepted.
    #[must_use]
    pub fn heads(&self, own: &AccountState) -> Option<[Head; 3]> {
        let accounts = self.accounts(own);
        self.bond.stage().supporter()?;
        Some([
            accounts.owner.head(),
            accounts.supporter?.head(),
            self.bond.head(),
        ])
    }

    /// The account heads that the next link rests on: owner, supporter; the owner's twice while nobody has accepted.
    pub(crate) fn next_rests_on(&self, own: &AccountState) -> [Head; 2] {
        let accounts = self.accounts(own);
        let accepted = self.bond.stage().supporter().is_some();
        let supporter = accounts.supporter.filter(|_| accepted);
        let owner = accounts.owner.head();
        [owner, supporter.map_or(owner, AccountState::head)]
    }

    /// The links of one of the two logs beyond the first `length`, to offer them to a relay that lacks them.
    #[must_use]
    pub fn links_beyond(&self, log: LogId, length: u64) -> &[TravelLink] {
        let links = match self.other.log() {
            Some(other) if log == LogId::from(other.state().id()) => other.links(),
            _ if log == LogId::from(self.space()) => &self.bond_links,
            _ => return &[],
        };
        beyond(links, length)
    }

    /// The links of the other person's account, or, while nobody has accepted, of all that were shown.
    pub(crate) fn links_of_others(&self) -> Vec<&TravelLink> {
        match &self.other {
            Other::Nobody(shown) => shown.links().collect(),
            Other::Supporter(other) | Other::Owner(other) => other.links().iter().collect(),
        }
    }

    /// The bond links beyond a length and one's own account's beyond another, to offer them to a relay that lost
    /// them: each account link before the first bond link that rests on it, as in a journal.
    #[must_use]
    pub fn links_in_order(&self, own: &AccountLog, account: u64, bond: u64) -> Vec<TravelLink> {
        let head = match self.role() {
            Role::Owner => 0,
            Role::Supporter => 1,
        };
        let rests_on = |link: &TravelLink| {
            let link: Option<BondLink> = link.open().ok();
            let head = link.and_then(|link| link.claimed().rests_on.get(head).copied());
            head.map_or(0, |head| head.length)
        };
        in_order(
            (own.links(), account),
            beyond(&self.bond_links, bond),
            rests_on,
        )
    }

    /// Every bond link, oldest first, with its blob where it is still there.
    #[must_use]
    pub fn bond_links(&self) -> &[TravelLink] {
        &self.bond_links
    }
}
