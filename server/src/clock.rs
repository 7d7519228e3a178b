//! The time, handed in: the system's, or one that a test sets.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// Tells the time in seconds since 1970.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Set(Arc<AtomicU64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `seconds` until it is set. Its clones are the same clock.
    #[must_use]
    pub fn standing_at(seconds: u64) -> Self {
        Self(Source::Set(Arc::new(AtomicU64::new(seconds))))
    }

    /// Sets a clock made by [`Self::standing_at`]; the machine's clock is left alone.
    pub fn set(&self, seconds: u64) {
        if let Source::Set(now) = &self.0 {
            now.store(seconds, Ordering::SeqCst);
        }
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        match &self.0 {
            Source::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
            Source::Set(now) => now.load(Ordering::SeqCst),
        }
    }
}
