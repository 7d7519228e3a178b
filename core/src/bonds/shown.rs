//! Account logs that a relay showed while nobody had accepted an invitation: one of them is that of whoever did.
//!
//! The *accept* says whose, and comes after the last link of it; a reply holds only so many links. So what is
//! shown is kept, in memory alone, and named in the next request, until the *accept* is there and can stand.

use super::{AccountLog, account_log::account_of, logs::log_of};
use crate::account::LogFault;
use daymark_wire::{
    AccountId, LogId, limits,
    logs::{AccountState, BondContent, BondLink, TravelLink},
    sync::KnownLog,
};

/// Accounts that are kept in a sync: of all with whom one request may be about bonds. A relay can make up any number.
const MAX_ACCOUNTS: usize = limits::MAX_SPACES_PER_SYNC;

/// Bytes that are kept of one account's links: as many as an account has at most, each with room for some keys. What
/// one says beyond that takes no room of another's.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown(Vec<AccountLog>);

impl Shown {
    /// The log of whoever a bond's first *accept* names: that one has room, however many others there are.
    pub(super) fn of_stored(links: &[TravelLink], bond: LogId) -> Result<Self, LogFault> {
        let mut of_bond = links.iter().filter(|link| log_of(link) == Some(bond));
        let Some(supporter) = of_bond.find_map(accepted_by) else {
            return Ok(Self::default());
        };
        let log = AccountLog::fold(supporter, links)?;
        Ok(Self(log.into_iter().collect()))
    }

    /// Takes account links of others. What does not fit is passed over: nothing rests on these logs yet.
    pub(crate) fn take(&mut self, links: &[TravelLink], own: AccountId) {
        let others = links.iter().filter_map(|link| {
            let log = account_of(link).filter(|log| *log != LogId::from(own));
            Some((log?, link))
        });
        for (log, link) in others {
            let has_room = self.0.len() < MAX_ACCOUNTS;
            match self.0.iter_mut().find(|known| known.id() == log) {
                Some(known) if bytes_of(known.links()) + link.bytes.len() <= MAX_BYTES => {
                    let _ = known.take(link);
                }
                None if has_room => self.0.extend(AccountLog::first(link)),
                Some(_) | None => {}
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

/// The account log of whoever accepts with this link, if that is what it says.
pub(crate) fn accepted_by(link: &TravelLink) -> Option<LogId> {
    let link: BondLink = link.open().ok()?;
    match &link.claimed().content {
        BondContent::Accept(accept) => Some(accept.supporter.into()),
        _ => None,
    }
}

fn bytes_of(links: &[TravelLink]) -> usize {
    links.iter().map(|link| link.bytes.len()).sum()
}
