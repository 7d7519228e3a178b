//! The accounts in use, kept folded.
//!
//! Only the writer changes an account. It shows the new snapshot after its commit; a reader that began to
//! load before that does not overwrite it.

use super::Account;
use crate::store::{Store, StoreError};
use daymark_wire::AccountId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Accounts kept folded: about 10 KB each, so that a thousand that sync in turn do not add up.
const KEPT: usize = 128;

/// Accounts by id, loaded when asked for.
#[derive(Debug)]
pub(crate) struct Accounts {
    store: Store,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    accounts: HashMap<AccountId, (Arc<Account>, u64)>,
    /// Counts uses, to find the account that was not used for longest.
    uses: u64,
    /// Counts what the writer showed or withdrew: a load that began before is not kept.
    changes: u64,
}

impl Accounts {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            kept: Mutex::default(),
        }
    }

    /// An account as it stands; `None` if there is none.
    pub(crate) async fn load(&self, id: AccountId) -> Result<Option<Arc<Account>>, StoreError> {
        let changes = {
            let mut kept = self.kept();
            if let Some(account) = kept.find(id) {
                return Ok(Some(account));
            }
            kept.changes
        };
        let Some(account) = self.store.account(id).await?.map(Arc::new) else {
            return Ok(None);
        };
        let mut kept = self.kept();
        if kept.changes == changes {
            kept.keep(id, Arc::clone(&account));
        }
        Ok(Some(account))
    }

    /// The account, if it is at hand.
    pub(crate) fn at_hand(&self, id: AccountId) -> Option<Arc<Account>> {
        self.kept().find(id)
    }

    /// The writer committed: this is how the account stands now.
    pub(crate) fn show(&self, account: Arc<Account>) {
        let mut kept = self.kept();
        kept.changes += 1;
        kept.keep(account.state.id(), account);
    }

    /// The writer does not know how a commit ended: everything is loaded again.
    pub(crate) fn withdraw(&self) {
        let mut kept = self.kept();
        kept.changes += 1;
        kept.accounts.clear();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing here can panic half way, so a poisoned lock guards a whole value.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn find(&mut self, id: AccountId) -> Option<Arc<Account>> {
        self.uses += 1;
        let (account, used) = self.accounts.get_mut(&id)?;
        *used = self.uses;
        Some(Arc::clone(account))
    }

    fn keep(&mut self, id: AccountId, account: Arc<Account>) {
        self.uses += 1;
        self.accounts.insert(id, (account, self.uses));
        if self.accounts.len() > KEPT {
            let oldest = self.accounts.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.accounts.remove(&oldest);
            }
        }
    }
}
