//! Nonces of signed requests: the same request is never done twice (rule Q1).
//!
//! Looked up in memory, kept in the database. A request that writes has its nonce committed with what it
//! wrote. One that only reads does not wait for a commit: its nonce goes with the next one, within a
//! second. Were the relay to die in that second, the same request would at most be answered again, with
//! sealed records, to whoever holds the signed bytes.

use daymark_wire::{Nonce, limits};
use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How long a nonce is kept, in seconds: a request's time may be off by the window either way.
pub(crate) const KEPT_SECONDS: u64 = 2 * limits::REQUEST_WINDOW_SECONDS;

/// Nonces of one period that are held: about 16 MB, and 1,000 requests a second.
const MAX_HELD: usize = 250_000;

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
            since: now,
            pending: Vec::new(),
        }))
    }

    /// Takes a nonce that was never seen.
    pub(crate) fn take(&self, nonce: Nonce, now: u64) -> Result<(), NotTaken> {
        let mut held = self.held();
        if now >= held.since.saturating_add(KEPT_SECONDS) {
            held.previous = std::mem::take(&mut held.current);
            held.since = now;
        }
        if held.current.contains(&nonce) || held.previous.contains(&nonce) {
            return Err(NotTaken::Seen);
        }
        if held.current.len() >= MAX_HELD {
            return Err(NotTaken::TooMany);
        }
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

    #[test]
    fn l4_a_nonce_is_refused_for_twice_the_window_and_forgotten_in_the_end() {
        let nonce = Nonce::from_bytes([1; 16]);
        let nonces = Nonces::new(Vec::new(), 1000);
        assert_eq!(nonces.take(nonce, 1000), Ok(()));
        assert_eq!(nonces.take(nonce, 1000), Err(NotTaken::Seen));
        assert_eq!(nonces.take(nonce, 1000 + KEPT_SECONDS), Err(NotTaken::Seen));
        assert_eq!(nonces.take(nonce, 1000 + 2 * KEPT_SECONDS), Ok(()));
        assert_eq!(nonces.pending().len(), 2);
        assert!(nonces.pending().is_empty());
    }

    #[test]
    fn l4_a_nonce_that_was_stored_is_refused() {
        let nonce = Nonce::from_bytes([2; 16]);
        let nonces = Nonces::new(vec![nonce], 1000);
        assert_eq!(nonces.take(nonce, 1001), Err(NotTaken::Seen));
    }
}
