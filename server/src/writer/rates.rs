//! How many links a device may append in a minute (rule L11).
//!
//! Not more than the limit go through in one minute, so that root wins its compare-and-swap against a thief.
//! A request is refused only when the minute's share is used up *before* it: what one request brings moves the
//! head once, however many links it has, and a device that offers lost links again is not held up.

use daymark_wire::{DeviceId, limits};
use std::collections::HashMap;

/// A minute, in seconds.
const MINUTE: u64 = 60;

/// Devices whose minute is remembered at most; when there are more, past minutes are dropped.
const REMEMBERED: usize = 10_000;

/// Links of each device in its present minute.
#[derive(Debug, Default)]
pub(super) struct Rates(HashMap<DeviceId, Minute>);

#[derive(Debug)]
struct Minute {
    began: u64,
    links: usize,
}

impl Rates {
    /// Whether the device may append more now.
    pub(super) fn allows(&self, device: DeviceId, now: u64) -> bool {
        self.0
            .get(&device)
            .is_none_or(|minute| minute.is_past(now) || minute.links < limits::MAX_LINKS_PER_MINUTE)
    }

    /// Notes links that a device appended.
    pub(super) fn note(&mut self, device: DeviceId, links: usize, now: u64) {
        if self.0.len() >= REMEMBERED {
            self.0.retain(|_, minute| !minute.is_past(now));
        }
        let minute = self.0.entry(device).or_insert(Minute {
            began: now,
            links: 0,
        });
        if minute.is_past(now) {
            *minute = Minute {
                began: now,
                links: 0,
            };
        }
        minute.links = minute.links.saturating_add(links);
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

    #[test]
    fn i3_six_links_a_minute_and_then_no_more() {
        let device = DeviceId::from_bytes([1; 16]);
        let mut rates = Rates::default();
        for _ in 0..limits::MAX_LINKS_PER_MINUTE {
            assert!(rates.allows(device, 100));
            rates.note(device, 1, 100);
        }
        assert!(!rates.allows(device, 159));
        assert!(rates.allows(DeviceId::from_bytes([2; 16]), 159));
        assert!(rates.allows(device, 160));
    }

    #[test]
    fn l1_a_device_that_offers_many_lost_links_at_once_is_not_held_up() {
        let device = DeviceId::from_bytes([1; 16]);
        let mut rates = Rates::default();
        rates.note(device, 5, 100);
        assert!(rates.allows(device, 101));
        rates.note(device, 200, 101);
        assert!(!rates.allows(device, 102));
    }
}
