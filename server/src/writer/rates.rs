//! How many links a device may append to a log in a minute (rule L11).
//!
//! Not more than the limit go through in one minute, so that root wins its compare-and-swap against a thief, and each
//! log counts for itself: what somebody often takes back in one bond holds up neither another bond nor the account.
//! Links are held up only when the minute's share is used up *before* their request: what one request brings moves
//! the head once, however many links it has, and a device that offers lost links again is not held up.

use daymark_wire::{DeviceId, LogId, limits};
use std::collections::HashMap;

/// A minute, in seconds.
const MINUTE: u64 = 60;

/// Minutes that are remembered at most; when there are more, past ones are dropped.
const REMEMBERED: usize = 10_000;

/// Who appended, and to which log.
pub(super) type Where = (DeviceId, LogId);

/// Links of each device in each log in its present minute.
#[derive(Debug, Default)]
pub(super) struct Rates(HashMap<Where, Minute>);

#[derive(Debug)]
struct Minute {
    began: u64,
    links: usize,
}

impl Rates {
    /// Whether the device may append more there now.
    pub(super) fn allows(&self, at: Where, now: u64) -> bool {
        self.0
            .get(&at)
            .is_none_or(|minute| minute.is_past(now) || minute.links < limits::MAX_LINKS_PER_MINUTE)
    }

    /// Notes a link that a device appended.
    pub(super) fn note(&mut self, at: Where, now: u64) {
        if self.0.len() >= REMEMBERED {
            self.0.retain(|_, minute| !minute.is_past(now));
        }
        let new = Minute {
            began: now,
            links: 0,
        };
        let minute = self.0.entry(at).or_insert(new);
        if minute.is_past(now) {
            *minute = Minute {
                began: now,
                links: 0,
            };
        }
        minute.links = minute.links.saturating_add(1);
    }
}

impl Minute {
    /// A clock set back ends it, too.
    const fn is_past(&self, now: u64) -> bool {
        now < self.began || now >= self.began.saturating_add(MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(device: u8, log: u8) -> Where {
        (
            DeviceId::from_bytes([device; 16]),
            LogId::from_bytes([log; 16]),
        )
    }

    #[test]
    fn i3_six_links_a_minute_and_then_no_more() {
        let mut rates = Rates::default();
        for _ in 0..limits::MAX_LINKS_PER_MINUTE {
            assert!(rates.allows(at(1, 1), 100));
            rates.note(at(1, 1), 100);
        }
        assert!(!rates.allows(at(1, 1), 159));
        assert!(rates.allows(at(2, 1), 159), "another device");
        assert!(rates.allows(at(1, 2), 159), "another log");
        assert!(rates.allows(at(1, 1), 160));
    }

    #[test]
    fn l1_a_device_that_offers_many_lost_links_at_once_is_not_held_up() {
        let mut rates = Rates::default();
        (0..5).for_each(|_| rates.note(at(1, 1), 100));
        assert!(rates.allows(at(1, 1), 101));
        (0..200).for_each(|_| rates.note(at(1, 1), 101));
        assert!(!rates.allows(at(1, 1), 102));
    }
}
