//! How many links a device may append to a log in a minute (rule L11).
//!
//! Not more than the limit go through in one minute, so that root wins its compare-and-swap against a thief, and each
//! log counts for itself: what somebody often takes back in one bond holds up neither another bond nor the account.
//! Links are held up only when the minute's share is used up *before* their request: what one request brings moves
//! the head once, however many links it has, and a device that offers lost links again is not held up. It does not
//! matter who brings a link: it counts for the device that signed it.
//!
//! In a bond a side could still append, or bring a record that an epoch has to know, just before the other each time.
//! So the side whose link came too late has a turn ([`TURN_SECONDS`]) in which what the other brings waits: one for
//! each link, or push of records, that was before theirs.

use daymark_wire::{AccountId, DeviceId, LogId, limits};
use std::collections::HashMap;

/// A minute, in seconds.
const MINUTE: u64 = 60;

/// How long a bond's log waits for the side whose link came too late: a few round trips, also slow ones.
const TURN_SECONDS: u64 = 10;

/// Minutes, and turns, that are remembered at most; when there are more, past ones are dropped.
const REMEMBERED: usize = 10_000;

/// Who appended, and to which log.
pub(super) type Where = (DeviceId, LogId);

/// Links of each device in each log in its present minute, and whose turn it is in bonds.
#[derive(Debug, Default)]
pub(super) struct Rates {
    minutes: HashMap<Where, Minute>,
    bonds: HashMap<LogId, Newest>,
}

/// The newest link of a bond's log, or push of its records.
#[derive(Debug)]
struct Newest {
    /// Whose it is.
    by: AccountId,
    at: u64,
    /// Until when the other side has a turn; it had none yet where this is not set.
    turn: Option<u64>,
}

#[derive(Debug)]
struct Minute {
    began: u64,
    links: usize,
}

impl Rates {
    /// Whether the device may append more there now.
    pub(super) fn allows(&self, at: Where, now: u64) -> bool {
        self.minutes
            .get(&at)
            .is_none_or(|minute| minute.is_past(now) || minute.links < limits::MAX_LINKS_PER_MINUTE)
    }

    /// Notes a link that a device appended.
    pub(super) fn note(&mut self, at: Where, now: u64) {
        if self.minutes.len() >= REMEMBERED {
            self.minutes.retain(|_, minute| !minute.is_past(now));
        }
        let new = Minute {
            began: now,
            links: 0,
        };
        let minute = self.minutes.entry(at).or_insert(new);
        if minute.is_past(now) {
            *minute = Minute {
                began: now,
                links: 0,
            };
        }
        minute.links = minute.links.saturating_add(1);
    }

    /// Whether a side may bring links or records of a bond now: not in the other's turn.
    pub(super) fn may_bring(&self, bond: LogId, side: AccountId, now: u64) -> bool {
        let newest = self.bonds.get(&bond).filter(|newest| newest.by == side);
        newest.is_none_or(|newest| !newest.is_turn(now))
    }

    /// Notes a link that a side appended to a bond's log. With it a turn is over.
    pub(super) fn note_newest(&mut self, bond: LogId, by: AccountId, now: u64) {
        if self.bonds.len() >= REMEMBERED {
            let is_past = |at: u64| now < at || now >= at.saturating_add(MINUTE);
            self.bonds.retain(|_, newest| !is_past(newest.at));
        }
        let (at, turn) = (now, None);
        self.bonds.insert(bond, Newest { by, at, turn });
    }

    /// Notes records that a side brought. What it brings in a turn of its own leaves it the rest of that.
    pub(super) fn note_records(&mut self, bond: LogId, by: AccountId, now: u64) {
        let newest = self.bonds.get(&bond).filter(|newest| newest.by != by);
        if newest.is_none_or(|newest| !newest.is_turn(now)) {
            self.note_newest(bond, by, now);
        }
    }

    /// Notes that a side's link came too late: it has a turn, if what is newest is the other side's and gave none.
    pub(super) fn note_late(&mut self, bond: LogId, side: AccountId, now: u64) {
        if let Some(newest) = self.bonds.get_mut(&bond)
            && newest.by != side
        {
            newest.turn.get_or_insert(now.saturating_add(TURN_SECONDS));
        }
    }
}

impl Newest {
    /// Whether the other side has its turn. A clock set back ends it.
    fn is_turn(&self, now: u64) -> bool {
        self.turn
            .is_some_and(|until| now < until && until <= now.saturating_add(TURN_SECONDS))
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
    fn l3_a_side_has_one_turn_for_each_link_that_was_before_theirs() {
        let bond = LogId::from_bytes([1; 16]);
        let [owner, supporter] = [1, 2].map(|n| AccountId::from_bytes([n; 16]));
        let mut rates = Rates::default();
        rates.note_late(bond, owner, 100);
        rates.note_newest(bond, supporter, 100);
        rates.note_late(bond, supporter, 100);
        assert!(rates.may_bring(bond, supporter, 100), "nobody was late");
        rates.note_late(bond, owner, 100);
        assert!(!rates.may_bring(bond, supporter, 109));
        assert!(rates.may_bring(bond, owner, 109));
        rates.note_late(bond, owner, 109);
        assert!(rates.may_bring(bond, supporter, 110), "one for each link");
        rates.note_late(bond, owner, 110);
        assert!(rates.may_bring(bond, supporter, 110));
        rates.note_newest(bond, owner, 110);
        rates.note_late(bond, supporter, 110);
        assert!(!rates.may_bring(bond, owner, 110), "either side has one");
        rates.note_newest(bond, supporter, 111);
        assert!(rates.may_bring(bond, owner, 111), "it is over with a link");
    }

    #[test]
    fn l3_who_brings_a_record_first_gives_a_turn_and_who_has_one_keeps_it() {
        let bond = LogId::from_bytes([1; 16]);
        let [owner, supporter] = [1, 2].map(|n| AccountId::from_bytes([n; 16]));
        let mut rates = Rates::default();
        rates.note_records(bond, supporter, 100);
        assert!(rates.may_bring(bond, supporter, 100), "nobody was late");
        rates.note_late(bond, owner, 100);
        assert!(!rates.may_bring(bond, supporter, 109));
        rates.note_records(bond, owner, 105);
        assert!(!rates.may_bring(bond, supporter, 109), "it brings more");
        rates.note_records(bond, supporter, 110);
        rates.note_late(bond, owner, 110);
        assert!(!rates.may_bring(bond, supporter, 119), "one for each");
        rates.note_records(bond, owner, 120);
        assert!(rates.may_bring(bond, supporter, 120));
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
