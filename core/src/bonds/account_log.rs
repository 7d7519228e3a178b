//! One account log of a bond by itself: the other person's, or one's own as a bond is shown it.

use crate::account::{LogFault, Logs, known};
use daymark_wire::{
    LogId,
    logs::{AccountContent, AccountState, LogKind, TravelLink},
    sync::KnownLog,
};

/// An account log, whole, with what it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLog {
    state: AccountState,
    links: Vec<TravelLink>,
}

impl AccountLog {
    /// One's own, as the journal knows it.
    #[must_use]
    pub fn of_own(logs: &Logs) -> Self {
        let state = logs.account().clone();
        let links = logs.links_beyond(state.id().into(), 0).to_vec();
        Self { state, links }
    }

    /// Takes the links of this log among those shown, until one does not fit.
    pub(crate) fn take_all(&mut self, links: &[TravelLink]) {
        let log = LogId::from(self.state.id());
        for link in links.iter().filter(|link| account_of(link) == Some(log)) {
            if self.take(link).is_err() {
                return;
            }
        }
    }

    /// Folds this account's log out of all the links that were shown; none where there is no link of it.
    pub(super) fn fold(log: LogId, links: &[TravelLink]) -> Result<Option<Self>, LogFault> {
        let mut links = links.iter().filter(|link| account_of(link) == Some(log));
        let Some(first) = links.next() else {
            return Ok(None);
        };
        let mut account = Self::first(first)?;
        for link in links {
            account.take(link)?;
        }
        Ok(Some(account))
    }

    /// Begins with the first link that was shown, which must be a genesis.
    pub(super) fn first(given: &TravelLink) -> Result<Self, LogFault> {
        let log = account_of(given).unwrap_or(LogId::ZERO);
        let broken = |why| LogFault::Broken { log, why };
        let link = given.open::<AccountContent>().map_err(broken)?;
        if link.claimed().position > 1 {
            return Err(LogFault::Missing { log });
        }
        Ok(Self {
            state: AccountState::begin(&link).map_err(broken)?,
            links: vec![given.clone()],
        })
    }

    /// Takes one link of this log; the position, if it was new.
    pub(super) fn take(&mut self, given: &TravelLink) -> Result<Option<u64>, LogFault> {
        let log = LogId::from(self.state.id());
        let broken = |why| LogFault::Broken { log, why };
        let link = given.open::<AccountContent>().map_err(broken)?;
        if known(&link, log, &mut self.links, given)?.is_some() {
            return Ok(None);
        }
        let has_room = self.state.check_room(link.claimed().author);
        has_room.map_err(broken)?;
        self.state.apply(&link).map_err(broken)?;
        self.links.push(given.clone());
        Ok(Some(link.claimed().position))
    }

    /// What the log comes to.
    #[must_use]
    pub const fn state(&self) -> &AccountState {
        &self.state
    }

    /// The log's id.
    pub(super) fn id(&self) -> LogId {
        self.state.id().into()
    }

    /// Its head, as a sync request names it.
    pub(super) fn known(&self) -> KnownLog {
        KnownLog {
            log: self.id(),
            head: self.state.head(),
        }
    }

    /// Every link, oldest first.
    #[must_use]
    pub fn links(&self) -> &[TravelLink] {
        &self.links
    }
}

/// The log that an account link belongs to; none for what is no account link.
pub(super) fn account_of(link: &TravelLink) -> Option<LogId> {
    if link.kind != LogKind::Account {
        return None;
    }
    Some(link.open::<AccountContent>().ok()?.log_id())
}
