//! The logs that a relay keeps, and each space as it stands on them.

use daymark_wire::{
    AccountId, ChainId, DeviceId, EpochId, Header, LogId, Seq, SpaceId,
    logs::{
        AccountState, BondAccounts, BondStage, BondState, DeviceState, EpochState, Head,
        JournalState, Role, TravelLink,
    },
};
use std::collections::BTreeMap;

/// Every log, folded, with its links.
#[derive(Clone, Default)]
pub(crate) struct Logs {
    pub(super) accounts: BTreeMap<AccountId, AccountState>,
    pub(super) journals: BTreeMap<AccountId, JournalState>,
    pub(super) bonds: BTreeMap<SpaceId, BondState>,
    pub(super) links: BTreeMap<LogId, Vec<TravelLink>>,
}

/// One space with the accounts of its members.
pub(super) struct Space<'a> {
    pub(super) id: SpaceId,
    log: Log<'a>,
    accounts: BondAccounts<'a>,
}

enum Log<'a> {
    Journal(&'a JournalState),
    Bond(&'a BondState),
}

impl Logs {
    /// The other person of a bond.
    fn other(bond: &BondState, account: AccountId) -> Option<AccountId> {
        let supporter = bond.stage().supporter();
        match supporter {
            Some(supporter) if supporter == account => Some(bond.owner()),
            _ => supporter.filter(|_| bond.owner() == account),
        }
    }

    fn is_member(bond: &BondState, account: AccountId) -> bool {
        bond.owner() == account || bond.stage().supporter() == Some(account)
    }

    /// A space that this account may see.
    pub(super) fn space(&self, id: SpaceId, account: AccountId) -> Option<Space<'_>> {
        let journal = self.journals.get(&account);
        if let Some(journal) = journal.filter(|journal| journal.space() == id) {
            let accounts = BondAccounts {
                owner: &self.accounts[&account],
                supporter: None,
            };
            let log = Log::Journal(journal);
            return Some(Space { id, log, accounts });
        }
        let bond = self.bonds.get(&id)?;
        let space = self.bond(bond);
        (Self::is_member(bond, account) && !space.is_over()).then_some(space)
    }

    pub(super) fn bond<'a>(&'a self, bond: &'a BondState) -> Space<'a> {
        let supporter = bond.stage().supporter();
        Space {
            id: bond.space(),
            log: Log::Bond(bond),
            accounts: BondAccounts {
                owner: &self.accounts[&bond.owner()],
                supporter: supporter.map(|id| &self.accounts[&id]),
            },
        }
    }

    /// The logs that an account may see, each as far as it is shown, in an order in which each can be judged.
    pub(super) fn seen_by(&self, account: AccountId) -> Vec<(LogId, &[TravelLink])> {
        let whole = |log: LogId| (log, self.links[&log].as_slice());
        let mut seen = vec![whole(account.into())];
        let journal = self.journals.get(&account);
        seen.extend(journal.map(|journal| whole(journal.space().into())));
        let bonds = self.bonds.values();
        for bond in bonds.filter(|bond| Self::is_member(bond, account)) {
            if let Some(other) = Self::other(bond, account) {
                let (log, links) = whole(other.into());
                let links = &links[..self.length_shown(bond, other)];
                match seen.iter_mut().find(|(seen, _)| *seen == log) {
                    Some((_, shown)) if shown.len() < links.len() => *shown = links,
                    Some(_) => {}
                    None => seen.push((log, links)),
                }
            }
            seen.push(whole(bond.space().into()));
        }
        seen
    }

    /// After the end nobody learns more of the other's devices than the bond's last link rests on.
    fn length_shown(&self, bond: &BondState, other: AccountId) -> usize {
        let role = if bond.owner() == other {
            Role::Owner
        } else {
            Role::Supporter
        };
        let length = if self.bond(bond).is_over() {
            bond.rests_on(role).map_or(0, |head| head.length)
        } else {
            self.accounts[&other].length()
        };
        usize::try_from(length).unwrap()
    }
}

impl Space<'_> {
    pub(super) const fn is_journal(&self) -> bool {
        matches!(self.log, Log::Journal(_))
    }

    pub(super) const fn is_over(&self) -> bool {
        match self.log {
            Log::Journal(_) => false,
            Log::Bond(bond) => matches!(
                bond.stage(),
                BondStage::Closed { .. } | BondStage::Ended { .. }
            ),
        }
    }

    /// The heads that records must know.
    pub(super) fn heads(&self) -> Vec<(LogId, Head)> {
        let of = |account: &AccountState| (LogId::from(account.id()), account.head());
        let own = match self.log {
            Log::Journal(journal) => journal.head(),
            Log::Bond(bond) => bond.head(),
        };
        let accounts = [Some(self.accounts.owner), self.accounts.supporter];
        let accounts = accounts.into_iter().flatten().map(of);
        accounts.chain([(self.id.into(), own)]).collect()
    }

    pub(super) fn device(&self, id: DeviceId) -> Option<(Role, &DeviceState)> {
        self.accounts.device(id)
    }

    pub(super) fn epochs(&self) -> &[EpochState] {
        match self.log {
            Log::Journal(journal) => journal.epochs(),
            Log::Bond(bond) => bond.epochs(),
        }
    }

    pub(super) fn newest_epoch(&self) -> Option<&EpochState> {
        self.epochs().last()
    }

    pub(super) fn has_epoch(&self, id: EpochId) -> bool {
        self.epochs().iter().any(|epoch| epoch.id == id)
    }

    pub(super) fn takes_content(&self) -> bool {
        match self.log {
            Log::Journal(journal) => !journal.is_stale(self.accounts.owner),
            Log::Bond(bond) => bond.takes_content(self.accounts),
        }
    }

    /// Where a removed device's chain ends. Until an epoch rests on the removal, nothing of it is taken.
    pub(super) fn cut(&self, chain: ChainId) -> Option<Seq> {
        match self.log {
            Log::Journal(journal) => {
                let revoked = self.accounts.owner.device(chain.device)?.revoked_at?;
                let mut epochs = journal.epochs().iter();
                let cut = epochs.find(|epoch| epoch.rests_on.length >= revoked);
                Some(cut.map_or(Seq(0), |epoch| epoch.have.of(chain)))
            }
            Log::Bond(bond) => bond.cut(self.accounts, chain),
        }
    }

    /// The epochs that rightly forgot what a record is of (rule B5).
    pub(super) fn forgetting<'a>(
        &'a self,
        header: &'a Header,
    ) -> impl Iterator<Item = &'a EpochState> {
        let author = self.device(header.chain.device).map(|(role, _)| role);
        self.epochs().iter().filter(move |epoch| {
            let by = epoch.bond.map_or(Role::Owner, |bond| bond.by);
            let counts = by == Role::Owner || Some(by) == author;
            counts && epoch.forgets.contains(&header.document)
        })
    }

    pub(super) fn is_forgotten(&self, header: &Header) -> bool {
        self.forgetting(header).next().is_some()
    }
}
