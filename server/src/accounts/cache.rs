//! The accounts in use, kept folded.
//!
//! Only the writer changes an account. It shows the new snapshot after its commit; a reader that began to
//! load before that does not overwrite it.

use super::{Account, Bond, BondSeen};
use crate::store::{Store, StoreError};
use daymark_wire::{AccountId, SpaceId};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Accounts kept folded: about 10 KB each, so that a thousand that sync in turn do not add up.
const KEPT: usize = 128;

/// Bonds kept folded: a few KB each.
const KEPT_BONDS: usize = 512;

/// Accounts and bonds by id, loaded when asked for.
#[derive(Debug)]
pub(crate) struct Accounts {
    store: Store,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    accounts: Used<AccountId, Account>,
    bonds: Used<SpaceId, Bond>,
    /// Counts what the writer showed or withdrew: a load that began before is not kept.
    changes: u64,
}

/// Values with the number of their last use.
#[derive(Debug)]
struct Used<K, V> {
    values: HashMap<K, (Arc<V>, u64)>,
    /// Counts uses, to find the value that was not used for longest.
    uses: u64,
}

impl<K, V> Default for Used<K, V> {
    fn default() -> Self {
        Self {
            values: HashMap::new(),
            uses: 0,
        }
    }
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
            if let Some(account) = kept.accounts.find(id) {
                return Ok(Some(account));
            }
            kept.changes
        };
        let Some(account) = self.store.account(id).await?.map(Arc::new) else {
            return Ok(None);
        };
        let mut kept = self.kept();
        if kept.changes == changes {
            kept.accounts.keep(id, Arc::clone(&account), KEPT);
        }
        Ok(Some(account))
    }

    /// A bond as it stands; `None` if there is none.
    pub(crate) async fn load_bond(&self, id: SpaceId) -> Result<Option<Arc<Bond>>, StoreError> {
        let changes = {
            let mut kept = self.kept();
            if let Some(bond) = kept.bonds.find(id) {
                return Ok(Some(bond));
            }
            kept.changes
        };
        let Some(bond) = self.store.bond(id).await?.map(Arc::new) else {
            return Ok(None);
        };
        let mut kept = self.kept();
        if kept.changes == changes {
            kept.bonds.keep(id, Arc::clone(&bond), KEPT_BONDS);
        }
        Ok(Some(bond))
    }

    /// Every bond of an account, with the account of the other side.
    pub(crate) async fn bonds_of(&self, account: &Account) -> Result<Vec<BondSeen>, StoreError> {
        let mut seen = Vec::with_capacity(account.bonds.len());
        for id in account.bonds.iter() {
            let Some(bond) = self.load_bond(*id).await? else {
                continue;
            };
            let Some(role) = bond.role_of(account.state.id()) else {
                continue;
            };
            let other = match bond.other(role) {
                Some(other) => self.load(other).await?,
                None => None,
            };
            seen.push(BondSeen { bond, role, other });
        }
        Ok(seen)
    }

    /// The account, if it is at hand.
    pub(crate) fn at_hand(&self, id: AccountId) -> Option<Arc<Account>> {
        self.kept().accounts.find(id)
    }

    /// The bond, if it is at hand.
    pub(crate) fn bond_at_hand(&self, id: SpaceId) -> Option<Arc<Bond>> {
        self.kept().bonds.find(id)
    }

    /// The writer committed: this is how accounts and bonds stand now.
    pub(crate) fn show(&self, accounts: Vec<Arc<Account>>, bonds: Vec<Arc<Bond>>) {
        let mut kept = self.kept();
        kept.changes += 1;
        for account in accounts {
            kept.accounts.keep(account.state.id(), account, KEPT);
        }
        for bond in bonds {
            kept.bonds.keep(bond.id(), bond, KEPT_BONDS);
        }
    }

    /// The writer does not know how a commit ended: everything is loaded again.
    pub(crate) fn withdraw(&self) {
        let mut kept = self.kept();
        kept.changes += 1;
        kept.accounts.values.clear();
        kept.bonds.values.clear();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing here can panic half way, so a poisoned lock guards a whole value.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash, V> Used<K, V> {
    fn find(&mut self, id: K) -> Option<Arc<V>> {
        self.uses += 1;
        let (value, used) = self.values.get_mut(&id)?;
        *used = self.uses;
        Some(Arc::clone(value))
    }

    fn keep(&mut self, id: K, value: Arc<V>, most: usize) {
        self.uses += 1;
        self.values.insert(id, (value, self.uses));
        if self.values.len() > most {
            let oldest = self.values.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.values.remove(&oldest);
            }
        }
    }
}
