//! Account logs that a relay showed while nobody had accepted an invitation: one of them is that of whoever did.
//!
//! The *accept* says whose, and comes after the last link of it; a reply holds only so many links. So what is
//! shown is kept, in memory alone, and named in the next request, until the *accept* is there and can stand.

use super::{AccountLog, account_log::account_of};
use crate::account::LogFault;
use daymark_wire::{
    AccountId, LogId, limits,
    logs::{AccountState, BondContent, BondLink, TravelLink},
    sync::KnownLog,
};

/// Links that are kept of all accounts, however many these are: an owner is shown every supporter's, also of bonds
/// that are over. Far more than people add and remove devices; a relay can make up any number.
const MAX_LINKS: usize = 16 * limits::MAX_LINKS_PER_SYNC;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown(Vec<AccountLog>);

impl Shown {
    /// The log of whoever a bond's first *accept* names: that one has room, however many others there are.
    pub(super) fn of_stored(links: &[TravelLink], bond: LogId) -> Result<Self, LogFault> {
        let accepted = links.iter().find_map(|link| {
            let link: BondLink = link.open().ok()?;
            match &link.claimed().content {
                BondContent::Accept(accept) if link.log_id() == bond => Some(accept.supporter),
                _ => None,
            }
        });
        let Some(supporter) = accepted else {
            return Ok(Self::default());
        };
        let log = AccountLog::fold(supporter.into(), links)?;
        Ok(Self(log.into_iter().collect()))
    }

    /// Takes account links of others. What does not fit is passed over: nothing rests on these logs yet.
    pub(crate) fn take(&mut self, links: &[TravelLink], own: AccountId) {
        let others = links.iter().filter_map(|link| {
            let log = account_of(link).filter(|log| *log != LogId::from(own));
            Some((log?, link))
        });
        for (log, link) in others {
            let room = self.0.iter().map(|log| log.links().len()).sum::<usize>() < MAX_LINKS;
            let is_new = self.0.iter().all(|known| known.id() != log);
            if is_new && room {
                self.0.extend(AccountLog::first(link));
            }
            let mut known = self.0.iter_mut().filter(|_| room);
            if let Some(known) = known.find(|known| known.id() == log) {
                let _ = known.take(link);
            }
        }
    }

    /// As far as they are known, for the next request.
    pub(crate) fn known(&self) -> impl Iterator<Item = KnownLog> {
        self.0.iter().map(AccountLog::known)
    }

    /// Every link, each log's in order.
    pub(crate) fn links(&self) -> impl Iterator<Item = &TravelLink> {
        self.0.iter().flat_map(AccountLog::links)
    }

    pub(super) fn find(&self, account: AccountId) -> Option<&AccountState> {
        let mut logs = self.0.iter().map(AccountLog::state);
        logs.find(|state| state.id() == account)
    }

    /// The log of whoever accepted; the others are nobody's here.
    pub(super) fn into_log(self, account: AccountId) -> Option<AccountLog> {
        let mut logs = self.0.into_iter();
        logs.find(|log| log.state().id() == account)
    }
}
