//! Nonces of signed requests: the same request is never done twice (rule Q1).
//!
//! Looked up in memory, kept in the database. A request that writes has its nonce committed with what it
//! wrote. One that only reads does not wait for a commit: its nonce goes with the next one, within a
//! second. Were the relay to die in that second, the same request would at most be answered again, with
//! sealed records, to whoever holds the signed bytes.

use daymark_wire::{AccountId, Nonce, limits};
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How long a nonce is kept, in seconds: a request's time may be off by the window either way.
pub(crate) const KEPT_SECONDS: u64 = 2 * limits::REQUEST_WINDOW_SECONDS;

/// Nonces of one period that are held: about 16 MB, and 1,000 requests a second.
const MAX_HELD: usize = 250_000;

/// Nonces of one account in one period: 100 requests a second. One account alone cannot use up what is held for
/// all.
const MAX_OF_ACCOUNT: u32 = 25_000;

/// Why a nonce is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// It came before.
    Seen,
    /// More requests than can be remembered.
    TooMany,
}

/// The nonces of this period and the one before.
#[derive(Debug)]
pub(crate) struct Nonces(Mutex<Held>);

#[derive(Debug)]
struct Held {
    current: HashSet<Nonce>,
    previous: HashSet<Nonce>,
    /// How many of the current period each account brought.
    counts: HashMap<AccountId, u32>,
    /// When the current period began.
    since: u64,
    /// Not in the database yet.
    pending: Vec<(Nonce, u64)>,
}

impl Nonces {
    /// Begins with what the database holds.
    pub(crate) fn new(stored: Vec<Nonce>, now: u64) -> Self {
        Self(Mutex::new(Held {
            current: stored.into_iter().collect(),
            previous: HashSet::new(),
            counts: HashMap::new(),
            since: now,
            pending: Vec::new(),
        }))
    }

    /// Takes a nonce that was never seen.
    pub(crate) fn take(&self, nonce: Nonce, account: AccountId, now: u64) -> Result<(), NotTaken> {
        let mut guard = self.held();
        let held = &mut *guard;
        if now >= held.since.saturating_add(KEPT_SECONDS) {
            held.previous = std::mem::take(&mut held.current);
            held.counts.clear();
            held.since = now;
        }
        if held.current.contains(&nonce) || held.previous.contains(&nonce) {
            return Err(NotTaken::Seen);
        }
        let count = held.counts.entry(account).or_default();
        if held.current.len() >= MAX_HELD || *count >= MAX_OF_ACCOUNT {
            return Err(NotTaken::TooMany);
        }
        *count += 1;
        held.current.insert(nonce);
        held.pending.push((nonce, now));
        Ok(())
    }

    /// What the next commit writes.
    pub(crate) fn pending(&self) -> Vec<(Nonce, u64)> {
        std::mem::take(&mut self.held().pending)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Each change is one step, so a poisoned lock guards a whole value.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId::from_bytes([7; 16]);

    #[test]
    fn l4_a_nonce_is_refused_for_twice_the_window_and_forgotten_in_the_end() {
        let nonce = Nonce::from_bytes([1; 16]);
        let nonces = Nonces::new(Vec::new(), 1000);
        assert_eq!(nonces.take(nonce, ACCOUNT, 1000), Ok(()));
        assert_eq!(nonces.take(nonce, ACCOUNT, 1000), Err(NotTaken::Seen));
        assert_eq!(
            nonces.take(nonce, ACCOUNT, 1000 + KEPT_SECONDS),
            Err(NotTaken::Seen)
        );
        assert_eq!(nonces.take(nonce, ACCOUNT, 1000 + 2 * KEPT_SECONDS), Ok(()));
        assert_eq!(nonces.pending().len(), 2);
        assert!(nonces.pending().is_empty());
    }

    #[test]
    fn l4_a_nonce_that_was_stored_is_refused() {
        let nonce = Nonce::from_bytes([2; 16]);
        let nonces = Nonces::new(vec![nonce], 1000);
        assert_eq!(nonces.take(nonce, ACCOUNT, 1001), Err(NotTaken::Seen));
    }

    #[test]
    fn l3_one_account_cannot_use_up_the_nonces_of_all() {
        let nonces = Nonces::new(Vec::new(), 1000);
        let nonce = |n: u32| {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&n.to_be_bytes());
            Nonce::from_bytes(bytes)
        };
        let greedy = (0..).find(|n| nonces.take(nonce(*n), ACCOUNT, 1000).is_err());
        assert_eq!(greedy, Some(MAX_OF_ACCOUNT));
        let other = AccountId::from_bytes([8; 16]);
        assert_eq!(nonces.take(nonce(u32::MAX), other, 1000), Ok(()));
        let later = 1000 + KEPT_SECONDS;
        assert_eq!(nonces.take(nonce(u32::MAX - 1), ACCOUNT, later), Ok(()));
    }
}
