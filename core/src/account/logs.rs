//! The two logs that a journal needs, as this device knows them: taken link by link, every rule checked.

use daymark_wire::{
    LogId, SpaceId,
    logs::{
        AccountContent, AccountState, Content, Head, JournalContent, JournalState, Link, LogError,
        LogKind, TravelLink,
    },
    sync::KnownLog,
};
use thiserror::Error;

/// What the links that a relay showed are, when they are not simply the next ones.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LogFault {
    /// A link that is signed rightly stands where another one is known: the log was forked, or the relay
    /// shows another view (states *forked view*, *rolled back*).
    #[error("the relay shows another history of the account than this device knows")]
    Forked {
        /// Which log.
        log: LogId,
        /// Where they part.
        position: u64,
    },
    /// A link breaks a rule. The links before it were taken.
    #[error("the relay showed a link that breaks a rule: {why}")]
    Broken {
        /// Which log.
        log: LogId,
        /// Which rule.
        #[source]
        why: LogError,
    },
    /// A link comes after ones that were not shown. The links before them were taken.
    #[error("the relay left out links of the account")]
    Missing {
        /// Of which log.
        log: LogId,
    },
}

/// What was taken from a list of links.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// New links, in order, with the log each belongs to and its position; also known ones whose blob
    /// was missing here.
    pub new: Vec<(LogId, u64, TravelLink)>,
    /// What stopped the taking of a log, if anything did; the account log's goes before the journal's.
    pub fault: Option<LogFault>,
}

/// An account log and its journal log, whole, with what they come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logs {
    account: AccountState,
    journal: JournalState,
    account_links: Vec<TravelLink>,
    journal_links: Vec<TravelLink>,
}

impl Logs {
    /// Folds both logs from their first links, in any order between the logs.
    ///
    /// # Errors
    /// The first [`LogError`].
    pub fn fold(links: &[TravelLink]) -> Result<Self, LogError> {
        let of = |kind: LogKind| links.iter().filter(move |link| link.kind == kind);
        let mut account_links = of(LogKind::Account);
        let genesis = account_links
            .next()
            .ok_or(LogError::OutOfPlace("there is no genesis"))?;
        let mut account = AccountState::begin(&genesis.open::<AccountContent>()?)?;
        for link in account_links {
            account.apply(&link.open::<AccountContent>()?)?;
        }
        let mut journal_links = of(LogKind::Journal);
        let open = journal_links
            .next()
            .ok_or(LogError::OutOfPlace("there is no journal"))?;
        let mut journal = JournalState::begin(&open.open::<JournalContent>()?, &account)?;
        for link in journal_links {
            journal.apply(&link.open::<JournalContent>()?, &account)?;
        }
        Ok(Self {
            account,
            journal,
            account_links: of(LogKind::Account).cloned().collect(),
            journal_links: of(LogKind::Journal).cloned().collect(),
        })
    }

    /// Takes what a relay showed. Links already known are passed over, and so is what is no link of these logs, which
    /// is named; the first that does not fit stops the taking of its log. What was known stays whatever comes.
    pub fn take(&mut self, links: &[TravelLink]) -> Taken {
        let mut taken = Taken::default();
        for kind in [LogKind::Account, LogKind::Journal] {
            for link in links.iter().filter(|link| link.kind == kind) {
                let result = match kind {
                    LogKind::Account => self.take_account(link),
                    LogKind::Journal => self.take_journal(link),
                    LogKind::Bond => Ok(None),
                };
                match result {
                    Ok(Some((log, position))) => taken.new.push((log, position, link.clone())),
                    Ok(None) => {}
                    Err(fault) => {
                        let is_of_log = self.follows(link);
                        taken.fault = taken.fault.or(Some(fault));
                        if is_of_log {
                            break;
                        }
                    }
                }
            }
        }
        taken
    }

    fn take_account(&mut self, given: &TravelLink) -> Result<Option<(LogId, u64)>, LogFault> {
        let log = LogId::from(self.account.id());
        let broken = |why| LogFault::Broken { log, why };
        let link = given.open::<AccountContent>().map_err(broken)?;
        let position = link.claimed().position;
        if let Some(filled) = known(&link, log, &mut self.account_links, given)? {
            return Ok(filled.then_some((log, position)));
        }
        let has_room = self.account.check_room(link.claimed().author);
        has_room.map_err(broken)?;
        self.account.apply(&link).map_err(broken)?;
        self.account_links.push(given.clone());
        Ok(Some((log, position)))
    }

    fn take_journal(&mut self, given: &TravelLink) -> Result<Option<(LogId, u64)>, LogFault> {
        let log = LogId::from(self.journal.space());
        let broken = |why| LogFault::Broken { log, why };
        let link = given.open::<JournalContent>().map_err(broken)?;
        let position = link.claimed().position;
        if let Some(filled) = known(&link, log, &mut self.journal_links, given)? {
            return Ok(filled.then_some((log, position)));
        }
        self.journal.apply(&link, &self.account).map_err(broken)?;
        self.journal_links.push(given.clone());
        Ok(Some((log, position)))
    }

    /// The account as its log leaves it.
    #[must_use]
    pub const fn account(&self) -> &AccountState {
        &self.account
    }

    /// The journal as its log leaves it.
    #[must_use]
    pub const fn journal(&self) -> &JournalState {
        &self.journal
    }

    /// The journal's space.
    #[must_use]
    pub const fn space(&self) -> SpaceId {
        self.journal.space()
    }

    /// Whether a link is of one of these logs.
    #[must_use]
    pub fn follows(&self, link: &TravelLink) -> bool {
        let of = match link.kind {
            LogKind::Account => link.open::<AccountContent>().map(|link| link.log_id()),
            LogKind::Journal => link.open::<JournalContent>().map(|link| link.log_id()),
            LogKind::Bond => return false,
        };
        of.is_ok_and(|log| self.known().iter().any(|known| known.log == log))
    }

    /// Both heads, as a sync request names them.
    #[must_use]
    pub fn known(&self) -> Vec<KnownLog> {
        vec![
            KnownLog {
                log: self.account.id().into(),
                head: self.account.head(),
            },
            KnownLog {
                log: self.journal.space().into(),
                head: self.journal.head(),
            },
        ]
    }

    /// What a sync request names so that the relay shows the newest epoch's link again, with the wraps that
    /// are missing here.
    #[must_use]
    pub fn known_before_newest_epoch(&self) -> Vec<KnownLog> {
        let mut known = self.known();
        let before = self
            .journal
            .newest_epoch()
            .and_then(|epoch| self.journal.head_at(epoch.position.saturating_sub(1)));
        if let (Some(journal), Some(head)) = (known.last_mut(), before) {
            journal.head = head;
        }
        known
    }

    /// Both heads, as a record's header names them.
    #[must_use]
    pub fn heads(&self) -> Vec<Head> {
        vec![self.account.head(), self.journal.head()]
    }

    /// The links of one log beyond the first `length`.
    #[must_use]
    pub fn links_beyond(&self, log: LogId, length: u64) -> &[TravelLink] {
        if log == LogId::from(self.account.id()) {
            beyond(&self.account_links, length)
        } else if log == LogId::from(self.journal.space()) {
            beyond(&self.journal_links, length)
        } else {
            &[]
        }
    }

    /// The links beyond these lengths of both logs, to offer them to a relay that lacks them. They come in the
    /// order in which they were made, an account link before the journal links that rest on it: so each first
    /// part of them can be appended by itself (rule L3).
    #[must_use]
    pub fn links_in_order(&self, account: u64, journal: u64) -> Vec<TravelLink> {
        let journal_links = beyond(&self.journal_links, journal);
        in_order((&self.account_links, account), journal_links, rests_on)
    }

    /// Every journal link, oldest first, with its blob where it is still there.
    #[must_use]
    pub fn journal_links(&self) -> &[TravelLink] {
        &self.journal_links
    }
}

/// The links of a log beyond the first `length`.
pub(crate) fn beyond(links: &[TravelLink], length: u64) -> &[TravelLink] {
    let length = usize::try_from(length).ok();
    length.and_then(|length| links.get(length..)).unwrap_or(&[])
}

/// Links of a space with those of an account beyond a length among them, each before the first that rests on it.
pub(crate) fn in_order(
    (account_links, account): (&[TravelLink], u64),
    of_space: &[TravelLink],
    rests_on: impl Fn(&TravelLink) -> u64,
) -> Vec<TravelLink> {
    let mut account_links = beyond(account_links, account).iter().cloned();
    let mut length = account;
    let mut links = Vec::new();
    for link in of_space {
        let due = rests_on(link).saturating_sub(length);
        length = length.saturating_add(due);
        let due = usize::try_from(due).unwrap_or(usize::MAX);
        links.extend(account_links.by_ref().take(due));
        links.push(link.clone());
    }
    links.extend(account_links);
    links
}

/// The length of the account log that a journal link rests on.
fn rests_on(link: &TravelLink) -> u64 {
    let link = link.open::<JournalContent>().ok();
    let head = link.and_then(|link| link.claimed().rests_on.first().copied());
    head.map_or(0, |head| head.length)
}

/// Whether the link is one already known at its place; then, whether its blob was missing and was filled in.
pub(crate) fn known<C: Content>(
    link: &Link<C>,
    log: LogId,
    stored: &mut [TravelLink],
    given: &TravelLink,
) -> Result<Option<bool>, LogFault> {
    if link.log_id() != log {
        let why = LogError::OtherLog;
        return Err(LogFault::Broken { log, why });
    }
    let position = link.claimed().position;
    let index = usize::try_from(position)
        .ok()
        .and_then(|position| position.checked_sub(1));
    let length = stored.len();
    let Some(standing) = index.and_then(|index| stored.get_mut(index)) else {
        return if index == Some(length) {
            Ok(None)
        } else {
            Err(LogFault::Missing { log })
        };
    };
    if standing.hash() != given.hash() {
        return Err(LogFault::Forked { log, position });
    }
    let fills = standing.blob.is_none() && given.blob.is_some();
    if fills {
        standing.blob.clone_from(&given.blob);
    }
    Ok(Some(fills))
}
