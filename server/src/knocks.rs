//! How often strangers may ask about invitations and show no token that holds (threat J5).

use std::sync::{Mutex, PoisonError};

/// Requests of a minute, from everybody together: far more than people answer, far fewer than it takes to
/// guess, or to be a burden.
const A_MINUTE: u32 = 600;

/// A minute, in seconds.
const MINUTE: u64 = 60;

/// Requests in the present minute.
#[derive(Debug, Default)]
pub(crate) struct Knocks(Mutex<(u64, u32)>);

impl Knocks {
    /// Counts one; `false` where the minute has had its share.
    pub(crate) fn allow(&self, now: u64) -> bool {
        // Each change is one step, so a poisoned lock guards a whole value.
        let mut knocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now / MINUTE;
        if knocks.0 != minute {
            *knocks = (minute, 0);
        }
        knocks.1 = knocks.1.saturating_add(1);
        knocks.1 <= A_MINUTE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn j5_a_minute_has_its_share_and_the_next_one_its_own() {
        let knocks = Knocks::default();
        for _ in 0..A_MINUTE {
            assert!(knocks.allow(120));
        }
        assert!(!knocks.allow(179));
        assert!(knocks.allow(180));
    }
}
