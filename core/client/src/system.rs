//! What the machine gives: random bytes and the time. Core is handed both; tests hand in their own.

use daymark_core::random::{FreshBytes, NoRandomness};
use ring::rand::{SecureRandom, SystemRandom};
use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

/// Random bytes of the operating system.
#[derive(Debug, Clone)]
pub struct SystemBytes(SystemRandom);

impl SystemBytes {
    /// A source.
    #[must_use]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Default for SystemBytes {
    fn default() -> Self {
        Self::new()
    }
}

impl FreshBytes for SystemBytes {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        self.0.fill(buffer).map_err(|_| NoRandomness)
    }
}

/// What time it is.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Milliseconds since 1970-01-01 UTC; zero on a clock set to before that.
    fn now_ms(&self) -> u64;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_bytes_differ() {
        let (mut one, mut two) = ([0; 32], [0; 32]);
        SystemBytes::new().fill(&mut one).unwrap();
        SystemBytes::new().fill(&mut two).unwrap();
        assert_ne!(one, two);
    }
}
