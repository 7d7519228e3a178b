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
        self.put_ahead_seconds(days * 24 * 60 * 60);
    }

    /// Puts it so many seconds ahead of the machine's.
    pub fn put_ahead_seconds(&self, seconds: u64) {
        self.ahead_ms.store(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now_ms(&self) -> u64 {
        SystemClock.now_ms() + self.ahead_ms.load(Ordering::SeqCst)
    }
}
