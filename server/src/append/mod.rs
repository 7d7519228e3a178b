//! Whether links may be appended: all of a request's, or none (rules L1 to L6).
//!
//! Each log is folded by the same code as on devices, which checks signatures, places and content. What is
//! judged here is what only a relay can know: that a link rests on heads that are *current*, and that an
//! epoch's `have` is all that was received.
//!
//! Links that the relay lost, or never had, are offered again by any device (*re-offer*). They rest on heads
//! that were current when they were made. So "current" means: a head that the account log has had since
//! before this request's own account links. At a relay without the account every head of its log is one;
//! at a relay restored from a backup, what is missing rests on the backup's head or on links that come in
//! the same request. An epoch made for another generation, or none, is judged by signature and place only, and so
//! is what goes with one in a bond.

mod bonds;

pub(crate) use bonds::{Beside, Draft, named};

use crate::accounts::{Account, Chain, Members};
use daymark_wire::{
    AccountId, ChainId, LogId,
    logs::{
        AccountContent, AccountState, Author, BondContent, Content, EpochState, Head,
        JournalContent, JournalLink, JournalState, Link, LogError, LogKind, MadeFor, TravelLink,
    },
    sync::{AppendOutcome, KnownLog},
};
use std::collections::BTreeMap;
use thiserror::Error;

/// Links that may all be appended, and how the account stands with them.
#[derive(Debug)]
pub(crate) struct Appended {
    pub(crate) account: AccountState,
    pub(crate) journal: Option<JournalState>,
    /// Bonds that the request names.
    pub(crate) bonds: BTreeMap<LogId, Draft>,
    /// Those that do not stand already, in order.
    pub(crate) new: Vec<NewLink>,
}

/// A link to be stored.
#[derive(Debug)]
pub(crate) struct NewLink {
    /// Its index in the request.
    index: usize,
    pub(crate) log: LogId,
    pub(crate) position: u64,
    pub(crate) author: Author,
    pub(crate) link: TravelLink,
}

impl NewLink {
    /// The bytes that are kept of it.
    pub(crate) fn size(&self) -> u64 {
        (self.link.size() + self.link.signature.as_bytes().len()) as u64
    }
}

/// Why links are not appended.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    /// The account is unknown and its first link is not among these.
    #[error("the account is unknown")]
    UnknownAccount,
    /// Someone was first.
    #[error("someone appended first")]
    NotNext,
    /// The device has appended as many links as it may in a minute, it is the other side's turn in a bond, or an
    /// invitation that is said to have lapsed has time left.
    #[error(
        "nothing is appended just now: the minute's links are used up, it is the other side's turn, or an invitation \
         has time left"
    )]
    NotNow,
    /// The account keeps as much as it may.
    #[error(
        "this account keeps as much as it may at this relay: forget something, or ask the operator for more room"
    )]
    NoRoom,
    /// A rule is broken.
    #[error("{why}")]
    Broken {
        /// Which link.
        index: usize,
        /// Which rule.
        why: String,
    },
}

impl Refusal {
    /// As the reply says it.
    pub(crate) fn outcome(self) -> AppendOutcome {
        match self {
            Self::UnknownAccount | Self::NotNext => AppendOutcome::NotNext,
            Self::NotNow => AppendOutcome::NotNow,
            Self::NoRoom => AppendOutcome::Refused {
                index: 0,
                why: Self::NoRoom.to_string(),
            },
            Self::Broken { index, why } => AppendOutcome::Refused {
                index: u32::try_from(index).unwrap_or(u32::MAX),
                why,
            },
        }
    }
}

/// What one link breaks.
#[derive(Debug, Error)]
enum Fault {
    #[error(transparent)]
    Log(#[from] LogError),
    /// It was made before something that stands now.
    #[error("a link does not rest on what is current")]
    NotCurrent,
    #[error("a bond lives at the relay that its invitation names, which is another one")]
    OtherRelay,
    #[error("a bond rests on an account that this relay does not have")]
    OtherAccount,
    #[error("this invitation cannot be accepted: it is unknown, answered, or its time is over")]
    NoInvitation,
    #[error("this invitation has not lapsed yet")]
    HasTime,
    #[error("a bond is accepted together with its first epoch")]
    AcceptWithoutEpoch,
    #[error("the account has as many bonds as it may")]
    TooManyBonds,
    #[error("the account has as many open invitations as it may; end one first")]
    TooManyInvitations,
    #[error("an epoch names more chains of devices that nobody here has than it may")]
    ChainsOfNobody,
    #[error("an account has one journal")]
    SecondJournal,
    #[error("an account key comes only together with an epoch")]
    KeyWithoutEpoch,
}

/// The heads that a client knows once its own links stand.
pub(crate) fn heads_with(known: &[KnownLog], links: &[TravelLink]) -> BTreeMap<LogId, Head> {
    let mut heads: BTreeMap<LogId, Head> =
        known.iter().map(|known| (known.log, known.head)).collect();
    for link in links {
        let Some((log, head)) = place(link) else {
            continue;
        };
        let longest = heads.entry(log).or_insert(head);
        if head.length > longest.length {
            *longest = head;
        }
    }
    heads
}

fn place(link: &TravelLink) -> Option<(LogId, Head)> {
    match link.kind {
        LogKind::Account => {
            let link = link.open::<AccountContent>().ok()?;
            Some((link.log_id(), link.head()))
        }
        LogKind::Journal => {
            let link = link.open::<JournalContent>().ok()?;
            Some((link.log_id(), link.head()))
        }
        LogKind::Bond => {
            let link = link.open::<BondContent>().ok()?;
            Some((link.log_id(), link.head()))
        }
    }
}

/// The account as it would stand with the account links of a request, whatever becomes of the others: enough
/// to find the key of a device that the request itself brings in.
pub(crate) fn preview(
    id: AccountId,
    now: Option<&Account>,
    links: &[TravelLink],
) -> Option<AccountState> {
    let beside = Beside::default();
    let mut judge = Judge::new(id, now, &beside);
    for link in links.iter().filter(|link| link.kind == LogKind::Account) {
        judge.account_link(link).ok()?;
    }
    judge.account
}

/// Judges all links of a request.
pub(crate) fn judge(
    id: AccountId,
    now: Option<&Account>,
    links: &[TravelLink],
    here: MadeFor,
    beside: &Beside,
) -> Result<Appended, Refusal> {
    let mut judge = Judge::new(id, now, beside);
    for (index, link) in links.iter().enumerate() {
        let judged = match link.kind {
            LogKind::Account => judge.account_link(link),
            LogKind::Journal => judge.journal_link(link, here),
            LogKind::Bond => judge.bond_link(link, here),
        };
        judged.map_err(|fault| refusal(index, &fault))?;
    }
    judge.check_together()?;
    judge.check_bonds()?;
    Ok(Appended {
        account: judge.account.ok_or(Refusal::UnknownAccount)?,
        journal: judge.journal,
        bonds: judge.bonds,
        new: judge.new,
    })
}

fn refusal(index: usize, fault: &Fault) -> Refusal {
    match fault {
        Fault::NotCurrent | Fault::Log(LogError::NotNext) => Refusal::NotNext,
        Fault::HasTime => Refusal::NotNow,
        fault => Refusal::Broken {
            index,
            why: fault.to_string(),
        },
    }
}

/// The logs as they grow link by link.
struct Judge<'a> {
    id: AccountId,
    now: Option<&'a Account>,
    account: Option<AccountState>,
    journal: Option<JournalState>,
    bonds: BTreeMap<LogId, Draft>,
    beside: &'a Beside,
    /// Length of the account log before this request.
    account_length: u64,
    /// What does not stand already.
    new: Vec<NewLink>,
    seen: usize,
}

impl<'a> Judge<'a> {
    fn new(id: AccountId, now: Option<&'a Account>, beside: &'a Beside) -> Self {
        let journal = now.and_then(|account| account.journal.as_ref());
        Self {
            id,
            now,
            account: now.map(|account| (*account.state).clone()),
            journal: journal.map(|journal| (*journal.state).clone()),
            bonds: BTreeMap::new(),
            beside,
            account_length: now.map_or(0, |account| account.state.length()),
            new: Vec::new(),
            seen: 0,
        }
    }

    fn account_link(&mut self, travel: &TravelLink) -> Result<(), Fault> {
        let index = self.count();
        let link = travel.open::<AccountContent>()?;
        if link.log_id() != LogId::from(self.id) {
            return Err(LogError::OtherLog.into());
        }
        match &mut self.account {
            Some(account) if link.claimed().position <= account.length() => {
                return stands(account.has_had(link.head()));
            }
            Some(account) => {
                account.check_room(link.claimed().author)?;
                account.apply(&link)?;
            }
            None if link.claimed().position > 1 => return Err(LogError::NotNext.into()),
            None => self.account = Some(AccountState::begin(&link)?),
        }
        self.note(index, &link, travel);
        Ok(())
    }

    fn journal_link(&mut self, travel: &TravelLink, here: MadeFor) -> Result<(), Fault> {
        let index = self.count();
        let link = travel.open::<JournalContent>()?;
        let account = self.account.as_ref().ok_or(LogError::NotNext)?;
        match &mut self.journal {
            Some(journal) if link.log_id() != LogId::from(journal.space()) => {
                return Err(Fault::SecondJournal);
            }
            Some(journal) if link.claimed().position <= journal.length() => {
                return stands(journal.has_had(link.head()));
            }
            Some(journal) => journal.apply(&link, account)?,
            None if link.claimed().position > 1 => return Err(LogError::NotNext.into()),
            None => self.journal = Some(JournalState::begin(&link, account)?),
        }
        self.check_current(&link, here)?;
        self.note(index, &link, travel);
        Ok(())
    }

    fn note<C: Content>(&mut self, index: usize, link: &Link<C>, travel: &TravelLink) {
        self.new.push(NewLink {
            index,
            log: link.log_id(),
            position: link.claimed().position,
            author: link.claimed().author,
            link: travel.clone(),
        });
    }

    fn count(&mut self) -> usize {
        let index = self.seen;
        self.seen += 1;
        index
    }

    /// Rules L3 and L6, where a link is of the present generation.
    fn check_current(&self, link: &JournalLink, here: MadeFor) -> Result<(), Fault> {
        let body = link.claimed();
        if let JournalContent::Epoch(epoch) = &body.content
            && epoch.made_for != Some(here)
        {
            return Ok(());
        }
        let current = |length| length >= self.account_length;
        if !body.rests_on.iter().all(|head| current(head.length)) {
            return Err(Fault::NotCurrent);
        }
        let newest = self.journal.as_ref().and_then(JournalState::newest_epoch);
        let received = self.now.and_then(|now| now.journal.as_ref());
        if let (JournalContent::Epoch(_), Some(epoch)) = (&body.content, newest)
            && let (Some(owner), Some(received)) = (&self.account, received)
        {
            let members = Members {
                owner,
                supporter: None,
            };
            if !has_all(epoch, &received.chains, members) {
                return Err(Fault::NotCurrent);
            }
        }
        Ok(())
    }

    /// What holds of all links together: the keys of the newest epoch are there, and a new account key
    /// comes with an epoch (rule L5).
    fn check_together(&self) -> Result<(), Refusal> {
        let newest = self.journal.as_ref().and_then(JournalState::newest_epoch);
        let newest_at = newest.map_or(0, |epoch| epoch.position);
        let mut key_at = None;
        for new in self.new.iter().filter(|new| new.link.kind != LogKind::Bond) {
            let broken = |error: LogError| refusal(new.index, &error.into());
            if new.link.kind == LogKind::Account {
                let link = new.link.open::<AccountContent>().map_err(broken)?;
                if matches!(link.claimed().content, AccountContent::AccountKey { .. }) {
                    key_at = Some(new.index);
                }
                continue;
            }
            let link = new.link.open::<JournalContent>().map_err(broken)?;
            let content = &link.claimed().content;
            if matches!(content, JournalContent::Epoch(_)) {
                key_at = None;
            }
            let without_keys = content.blob().is_some() && new.link.blob.is_none();
            if without_keys && new.position >= newest_at {
                return Err(broken(LogError::WrongBlob));
            }
        }
        key_at.map_or(Ok(()), |index| Err(refusal(index, &Fault::KeyWithoutEpoch)))
    }
}

/// Whether an epoch's author knew all that was received, but for devices that it removes.
fn has_all(epoch: &EpochState, received: &BTreeMap<ChainId, Chain>, members: Members<'_>) -> bool {
    received.iter().all(|(name, chain)| {
        let removed = members.device(name.device).is_some_and(|(role, device)| {
            let rests_on = epoch.head_of(role).map(|head| head.length);
            let is_removed = |revoked| Some(revoked) <= rests_on;
            device.revoked_at.is_some_and(is_removed)
        });
        removed || epoch.have.of(*name) >= chain.last
    })
}

/// A link at a place that is taken: either it is the one that stands there, or another came first.
fn stands(same: bool) -> Result<(), Fault> {
    if same {
        Ok(())
    } else {
        Err(LogError::NotNext.into())
    }
}
