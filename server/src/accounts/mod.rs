//! An account as the relay has it in mind: its folded logs, and where each chain of its journal stands.
//!
//! Values are snapshots. The writer makes the next one and shows it after the commit; everybody else
//! reads. A chain's head is here and not only on disk, so a sync with nothing new reads nothing.

mod bond;
mod cache;
mod space;

pub(crate) use bond::{Bond, BondSeen};
pub(crate) use cache::Accounts;
pub(crate) use space::{Chain, Members, Space, SpaceLog, is_expired};

use crate::store::{AccountRow, LogRow};
use daymark_wire::{
    LogId, SpaceId,
    logs::{AccountState, Author, Head, JournalState},
    signing::VerifyingKey,
};
use std::{collections::BTreeSet, sync::Arc};

/// One account. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) row: AccountRow,
    pub(crate) log: LogRow,
    pub(crate) state: Arc<AccountState>,
    pub(crate) journal: Option<Space<JournalState>>,
    /// It came with an invitation to a bond, not with an operator's.
    pub(crate) is_guest: bool,
    /// Bytes that are kept of it: records of its devices, and links that it brought.
    pub(crate) bytes: u64,
    /// Bonds in which it is on either side.
    pub(crate) bonds: Arc<BTreeSet<SpaceId>>,
}

impl Account {
    /// The key that speaks for `author` now; `None` for a device that is unknown or revoked.
    pub(crate) fn key_of(&self, author: Author) -> Option<VerifyingKey> {
        key_of(&self.state, author)
    }

    /// Its own devices, as those who write in its journal.
    pub(crate) fn members(&self) -> Members<'_> {
        Members {
            owner: &self.state,
            supporter: None,
        }
    }

    /// The logs of this account alone: row, id, head.
    pub(crate) fn logs(&self) -> impl Iterator<Item = (LogRow, LogId, Head)> + '_ {
        let own = (self.log, LogId::from(self.state.id()), self.state.head());
        let journal = self.journal.as_ref().map(|journal| {
            let space = LogId::from(journal.state.space());
            (journal.row, space, journal.state.head())
        });
        std::iter::once(own).chain(journal)
    }
}

/// The key that speaks for `author` in an account that stands so.
pub(crate) fn key_of(account: &AccountState, author: Author) -> Option<VerifyingKey> {
    match author {
        Author::Root => Some(*account.root()),
        Author::Device(id) => account.active(id).ok().map(|device| device.signing),
    }
}
