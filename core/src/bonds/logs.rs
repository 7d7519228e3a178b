//! The two logs of a bond that are not one's own: the bond log and the other person's account log, taken link
//! by link, every rule checked. One's own account is handed in, since the journal keeps it.

use super::{Accepted, AccountLog, InvitationSecret, account_log::account_of, shown::Shown};
use crate::account::{LogFault, Taken, known};
use daymark_wire::{
    Hash, LogId,
    logs::{
        AccountState, BondAccounts, BondContent, BondLink, BondState, EndReason, LogError, LogKind,
        TravelLink,
    },
};

/// A bond log and the account log of the other person, whole, with what they come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondLogs {
    pub(super) bond: BondState,
    pub(super) bond_links: Vec<TravelLink>,
    pub(super) other: Other,
    pub(super) forked_by: Option<Hash>,
    answer: Option<Hash>,
    secret: Option<InvitationSecret>,
    has_stranger: bool,
}

/// The other person, and so also who one is oneself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Other {
    /// One is the owner, and nobody has accepted yet.
    Nobody(Shown),
    /// One is the owner.
    Supporter(AccountLog),
    /// One is the supporter.
    Owner(AccountLog),
}

impl Other {
    pub(super) const fn log(&self) -> Option<&AccountLog> {
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
            forked_by: None,
            answer: None,
            secret: None,
            has_stranger: false,
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
            forked_by: None,
            answer: None,
            secret: None,
            has_stranger: false,
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
            secret: self.secret.take(),
            ..without
        };
        Ok(true)
    }

    /// From now on no *accept* is taken that was not made with the invitation's secret. Lets go of one that was taken
    /// before, with all that came after it.
    ///
    /// # Errors
    /// A [`LogError`]; nothing has changed then.
    pub fn judge_with(
        &mut self,
        secret: &InvitationSecret,
        own: &AccountState,
    ) -> Result<(), LogError> {
        let accepted = self.accepted();
        let is_strange = accepted.is_some_and(|accepted| accepted.agree(secret).is_err());
        if let (true, Some(invite)) = (is_strange, self.bond_links.first()) {
            *self = Self {
                has_stranger: true,
                ..Self::of_owner(invite, own)?
            };
        }
        self.secret = Some(secret.clone());
        Ok(())
    }

    /// Whether somebody accepted who does not hold the invitation (threat A2). Nothing of that was taken.
    #[must_use]
    pub const fn has_stranger(&self) -> bool {
        self.has_stranger
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
            self.stands_over(&link).map_err(broken)?;
            self.forked_by = Some(link.hash());
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
        if self.is_by_stranger(&link) {
            self.bond.clone().apply(&link, accounts).map_err(broken)?;
            self.has_stranger = true;
            let why = LogError::OutOfPlace("whoever accepted does not hold the invitation");
            return Err(broken(why));
        }
        self.bond.apply(&link, accounts).map_err(broken)?;
        self.bond_links.push(given.clone());
        self.note_supporter();
        Ok(Some(position))
    }

    /// Whether a link is an *accept* that was not made with the invitation's secret, where that is at hand.
    fn is_by_stranger(&self, link: &BondLink) -> bool {
        let judged = Accepted::by(&self.bond, link).zip(self.secret.as_ref());
        judged.is_some_and(|(accepted, secret)| accepted.agree(secret).is_err())
    }

    /// An *accept* stands over what an owner's device says that was not shown it: that nobody answered in time, or a
    /// no. That is no other history of the bond, as the owner's devices end it behind the *accept*.
    fn stands_over(&self, other: &BondLink) -> Result<(), LogError> {
        let is_answered = self.bond.stage().supporter().is_some();
        match &other.claimed().content {
            BondContent::End {
                why: EndReason::Lapsed | EndReason::Declined,
            } if is_answered => Err(LogError::OutOfPlace("an answer stands over this end")),
            _ => Ok(()),
        }
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
}

pub(super) fn accounts<'a>(other: &'a Other, own: &'a AccountState) -> BondAccounts<'a> {
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
