//! Who listens, by account.

use super::news::NewsOf;
use daymark_wire::{AccountId, limits};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::broadcast;

/// News that may wait for one socket. A slower one is closed and syncs again.
const WAITING: usize = 16;

/// Live sockets of one account: each of its devices has one, and perhaps another that is dying. Without a
/// bound, one account could take all that the relay has.
pub(super) const MAX_OF_ACCOUNT: usize = 2 * limits::MAX_ACTIVE_DEVICES;

/// A live socket, or a single request; it is not told its own news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin(u64);

impl Origin {
    /// A request that listens to nothing.
    pub(crate) const REQUEST: Self = Self(0);
}

/// Who listens, by account.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    accounts: Mutex<HashMap<AccountId, broadcast::Sender<Arc<NewsOf>>>>,
    sockets: AtomicU64,
}

impl Hub {
    /// Whether anybody listens.
    pub(crate) fn listens(&self, account: AccountId) -> bool {
        self.accounts().contains_key(&account)
    }

    /// Listens, as long as the subscription is held; `None` where the account has as many as it may.
    pub(crate) fn listen(self: &Arc<Self>, account: AccountId) -> Option<Subscription> {
        let mut accounts = self.accounts();
        let listeners = accounts
            .entry(account)
            .or_insert_with(|| broadcast::Sender::new(WAITING));
        if listeners.receiver_count() >= MAX_OF_ACCOUNT {
            return None;
        }
        Some(Subscription {
            origin: Origin(self.sockets.fetch_add(1, Ordering::Relaxed) + 1),
            news: Some(listeners.subscribe()),
            account,
            hub: Arc::clone(self),
        })
    }

    /// Tells everybody who listens to the account.
    pub(crate) fn tell(&self, news: NewsOf) {
        let listeners = self.accounts().get(&news.account.state.id()).cloned();
        if let Some(listeners) = listeners {
            // Without a listener there is nobody to tell.
            let _ = listeners.send(Arc::new(news));
        }
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<AccountId, broadcast::Sender<Arc<NewsOf>>>> {
        // Each change is one step, so a poisoned lock guards a whole map.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One listener.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(super) origin: Origin,
    news: Option<broadcast::Receiver<Arc<NewsOf>>>,
    account: AccountId,
    hub: Arc<Hub>,
}

/// The socket was slower than the news, or the relay stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FellBehind;

impl Subscription {
    /// The next news, not of this socket's own making. Safe to cancel.
    pub(super) async fn next(&mut self) -> Result<Arc<NewsOf>, FellBehind> {
        loop {
            let news = self.news.as_mut().ok_or(FellBehind)?;
            let news = news.recv().await.map_err(|_| FellBehind)?;
            if news.origin != self.origin {
                return Ok(news);
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.news = None;
        let mut accounts = self.hub.accounts();
        let unheard = accounts
            .get(&self.account)
            .is_some_and(|listeners| listeners.receiver_count() == 0);
        if unheard {
            accounts.remove(&self.account);
        }
    }
}
