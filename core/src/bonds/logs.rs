//! The two logs of a bond that are not one's own: the bond log and the other person's account log, taken link
//! by link, every rule checked. One's own account is handed in, since the journal keeps it.

use super::{Accepted, AccountLog, account_log::account_of, shown::Shown};
use crate::account::{LogFault, Taken, beyond, in_order, known};
use daymark_wire::{
    Hash, LogId, SpaceId,
    logs::{
        AccountState, BondAccounts, BondContent, BondLink, BondState, Head, LogError, LogKind,
        Role, TravelLink,
    },
    sync::KnownLog,
};

/// A bond log and the account log of the other person, whole, with what they come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondLogs {
    bond: BondState,
    bond_links: Vec<TravelLink>,
    other: Other,
    is_forked: bool,
    answer: Option<Hash>,
}

/// The other person, and so also who one is oneself.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Other {
    /// One is the owner, and nobody has accepted yet.
    Nobody(Shown),
    /// One is the owner.
    Supporter(AccountLog),
    /// One is the supporter.
    Owner(AccountLog),
}

impl Other {
    const fn log(&self) -> Option<&AccountLog> {
        match self {
            Self::Nobody(_) => None,
            Self::Supporter(log) | Self::Owner(log) => Some(log),
        }
    }
}

impl BondLogs {
    /// The owner's, from the *invite* link.
    ///
    /// # Errors
    /// A [`LogError`].
    pub fn of_owner(invite: &TravelLink, own: &AccountState) -> Result<Self, LogError> {
        Ok(Self {
            bond: BondState::begin(&invite.open()?, own)?,
            bond_links: vec![invite.clone()],
            other: Other::Nobody(Shown::default()),
            is_forked: false,
            answer: None,
        })
    }

    /// The supporter's, from the *invite* link and the owner's log.
    ///
    /// # Errors
    /// A [`LogError`].
    pub(super) fn of_supporter(invite: &TravelLink, owner: AccountLog) -> Result<Self, LogError> {
        Ok(Self {
            bond: BondState::begin(&invite.open()?, owner.state())?,
            bond_links: vec![invite.clone()],
            other: Other::Owner(owner),
            is_forked: false,
            answer: None,
        })
    }

    /// Folds both logs from their first links, in any order between the logs.
    ///
    /// # Errors
    /// The first [`LogFault`].
    pub fn fold(links: &[TravelLink], own: &AccountState) -> Result<Self, LogFault> {
        let broken = |log: LogId| move |why| LogFault::Broken { log, why };
        let own_log = broken(own.id().into());
        let invite = links
            .iter()
            .find(|link| link.kind == LogKind::Bond)
            .ok_or(LogError::OutOfPlace("there is no bond"))
            .map_err(own_log)?;
        let opened: BondLink = invite.open().map_err(own_log)?;
        let of_bond = broken(opened.log_id());
        let BondContent::Invite(said) = &opened.claimed().content else {
            let why = LogError::OutOfPlace("a bond log begins with an invite");
            return Err(of_bond(why));
        };
        let mut logs = if said.owner == own.id() {
            let mut logs = Self::of_owner(invite, own).map_err(of_bond)?;
            logs.other = Other::Nobody(Shown::of_stored(links, opened.log_id())?);
            logs
        } else {
            let log = LogId::from(said.owner);
            let owner = AccountLog::fold(log, links)?;
            let owner = owner.ok_or(LogFault::Missing { log })?;
            Self::of_supporter(invite, owner).map_err(of_bond)?
        };
        match logs.take(links, own).fault {
            None => Ok(logs),
            Some(fault) => Err(fault),
        }
    }

    /// From now on no other link stands after the *invite* than this *accept*, which the person's journal knows
    /// ([`super::Agreed::accept`]). Lets go of another that was taken before, with all that came after it: true then.
    ///
    /// # Errors
    /// A [`LogError`]; nothing has changed then.
    pub fn expect(&mut self, answer: Hash, own: &AccountState) -> Result<bool, LogError> {
        self.answer = Some(answer);
        let Some([invite, second]) = self.bond_links.get(..2) else {
            return Ok(false);
        };
        if second.open::<BondContent>()?.hash() == answer {
            return Ok(false);
        }
        let without = match &self.other {
            Other::Nobody(_) | Other::Supporter(_) => Self::of_owner(invite, own)?,
            Other::Owner(owner) => Self::of_supporter(invite, owner.clone())?,
        };
        *self = Self {
            answer: Some(answer),
            ..without
        };
        Ok(true)
    }

    /// The only *accept* that is taken; none where any is.
    #[must_use]
    pub const fn expected(&self) -> Option<Hash> {
        self.answer
    }

    /// Takes what a relay showed. Links of other logs are passed over, and so are those already known; the
    /// first that does not fit stops the taking of its log. What was known stays whatever comes.
    pub fn take(&mut self, links: &[TravelLink], own: &AccountState) -> Taken {
        let mut taken = Taken::default();
        match &mut self.other {
            Other::Nobody(shown) => shown.take(links, own.id()),
            Other::Supporter(other) | Other::Owner(other) => {
                let log = other.id();
                let of_log = links.iter().filter(|link| account_of(link) == Some(log));
                collect(&mut taken, log, of_log, |link| other.take(link));
            }
        }
        let nobody_had_accepted = self.other().is_none();
        let log = LogId::from(self.space());
        let of_log = links.iter().filter(|link| bond_of(link) == Some(log));
        collect(&mut taken, log, of_log, |link| self.take_bond(link, own));
        if let (true, Some(other)) = (nobody_had_accepted, self.other.log()) {
            let all = (1..).zip(other.links().iter().cloned());
            let all = all.map(|(position, link)| (other.id(), position, link));
            taken.new.splice(..0, all);
        }
        taken
    }

    fn take_bond(
        &mut self,
        given: &TravelLink,
        own: &AccountState,
    ) -> Result<Option<u64>, LogFault> {
        let log = LogId::from(self.space());
        let broken = |why| LogFault::Broken { log, why };
        let link: BondLink = given.open().map_err(broken)?;
        let position = link.claimed().position;
        let known = known(&link, log, &mut self.bond_links, given);
        if let Err(LogFault::Forked { .. }) = known {
            self.could_stand(&link, own).map_err(broken)?;
            self.is_forked = true;
        }
        if let Some(filled) = known? {
            return Ok(filled.then_some(position));
        }
        if let Some(log) = self.lacks(&link, own) {
            return Err(LogFault::Missing { log });
        }
        let is_answer = position == 2 && self.answer.is_some();
        if is_answer && self.answer != Some(link.hash()) {
            let why = LogError::OutOfPlace("another answer was checked and agreed to");
            return Err(broken(why));
        }
        let accounts = accounts_with(&self.other, &link, own);
        self.bond.apply(&link, accounts).map_err(broken)?;
        self.bond_links.push(given.clone());
        self.note_supporter();
        Ok(Some(position))
    }

    /// Once an *accept* stands, the account that it names is the other one's.
    fn note_supporter(&mut self) {
        if let (Other::Nobody(shown), Some(supporter)) =
            (&mut self.other, self.bond.stage().supporter())
            && let Some(log) = std::mem::take(shown).into_log(supporter)
        {
            self.other = Other::Supporter(log);
        }
    }

    /// Whether a link that is not the known one at its place could stand there: then it is the other head of a
    /// forked log, and else only something that a relay shows.
    fn could_stand(&self, link: &BondLink, own: &AccountState) -> Result<(), LogError> {
        let accounts = self.accounts(own);
        let before = link.claimed().position.saturating_sub(1);
        let before = usize::try_from(before).unwrap_or(usize::MAX);
        let mut links = self.bond_links.iter().take(before);
        let invite = links.next().ok_or(LogError::OtherLog)?;
        let mut bond = BondState::begin(&invite.open()?, accounts.owner)?;
        for link in links {
            bond.apply(&link.open()?, accounts)?;
        }
        bond.apply(link, accounts)
    }

    /// An account log that is not here as far as a link rests on it.
    fn lacks(&self, link: &BondLink, own: &AccountState) -> Option<LogId> {
        let [owner, supporter] = link.claimed().rests_on.as_slice() else {
            return None;
        };
        let accepted = match &link.claimed().content {
            BondContent::Accept(accept) => Some(accept.supporter),
            _ => self.bond.stage().supporter(),
        };
        let accounts = accounts_with(&self.other, link, own);
        if owner.length > accounts.owner.length() {
            return Some(accounts.owner.id().into());
        }
        let known = accounts
            .supporter
            .filter(|account| Some(account.id()) == accepted)
            .map_or(0, AccountState::length);
        accepted
            .filter(|_| supporter.length > known)
            .map(LogId::from)
    }

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

    /// Whether another history of the bond log was shown, rightly signed (rule B2).
    #[must_use]
    pub const fn is_forked(&self) -> bool {
        self.is_forked
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

fn accounts<'a>(other: &'a Other, own: &'a AccountState) -> BondAccounts<'a> {
    match other {
        Other::Nobody(_) => BondAccounts {
            owner: own,
            supporter: None,
        },
        Other::Supporter(supporter) => BondAccounts {
            owner: own,
            supporter: Some(supporter.state()),
        },
        Other::Owner(owner) => BondAccounts {
            owner: owner.state(),
            supporter: Some(own),
        },
    }
}

/// The accounts that a link rests on: *accept* may name a supporter who was only shown so far.
fn accounts_with<'a>(other: &'a Other, link: &BondLink, own: &'a AccountState) -> BondAccounts<'a> {
    let known = accounts(other, own);
    match (other, &link.claimed().content) {
        (Other::Nobody(shown), BondContent::Accept(accept)) => BondAccounts {
            supporter: shown.find(accept.supporter),
            ..known
        },
        _ => known,
    }
}

/// The log that an account or bond link belongs to; none for any other.
pub(crate) fn log_of(link: &TravelLink) -> Option<LogId> {
    account_of(link).or_else(|| bond_of(link))
}

/// The log that a bond link belongs to; none for what is no bond link.
fn bond_of(link: &TravelLink) -> Option<LogId> {
    if link.kind != LogKind::Bond {
        return None;
    }
    Some(link.open::<BondContent>().ok()?.log_id())
}

/// Takes one log's links until one does not fit.
fn collect<'a>(
    taken: &mut Taken,
    log: LogId,
    links: impl Iterator<Item = &'a TravelLink>,
    mut take: impl FnMut(&TravelLink) -> Result<Option<u64>, LogFault>,
) {
    for link in links {
        match take(link) {
            Ok(Some(position)) => taken.new.push((log, position, link.clone())),
            Ok(None) => {}
            Err(fault) => {
                taken.fault = taken.fault.take().or(Some(fault));
                return;
            }
        }
    }
}
