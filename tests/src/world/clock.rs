//! A device's clock in a test.

use daymark_client::system::{Clock, SystemClock};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// A clock that goes on where the machine's is, and so far ahead of it as it is put. Its clones are the same clock.
#[derive(Debug, Clone, Default)]
pub struct SetClock {
    ahead_ms: Arc<AtomicU64>,
}

impl SetClock {
    /// Puts it so many days ahead of the machine's.
    pub fn put_ahead(&self, days: u64) {
        let day_ms = 24 * 60 * 60 * 1000;
        self.ahead_ms.store(days * day_ms, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now_ms(&self) -> u64 {
        SystemClock.now_ms() + self.ahead_ms.load(Ordering::SeqCst)
    }
}
