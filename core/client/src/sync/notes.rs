//! What a live connection has to note for `status`: said once a second, however much it carries, so that no
//! edit waits for it.

use super::status::{SyncedNow, Trouble};
use daymark_core::sync::Fault;
use daymark_wire::SpaceId;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// How old what is noted may be. A program that dies loses no more of it than this, and nothing else.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// What is not noted yet.
#[derive(Debug, Default)]
pub(super) struct Notes {
    unsaid: Option<SyncedNow>,
    noted: Option<Noted>,
}

/// What was noted last. Something else that is wrong is noted at once.
#[derive(Debug)]
struct Noted {
    at: Instant,
    error: Option<Trouble>,
    faults: BTreeSet<Fault>,
    held_up: BTreeSet<SpaceId>,
}

impl Notes {
    /// One more exchange came to this.
    pub(super) fn add(&mut self, synced: SyncedNow) {
        self.unsaid = Some(match self.unsaid.take() {
            Some(before) => before.then(synced),
            None => synced,
        });
    }

    /// What is to be noted now: the last time is long ago, or something else is wrong than then. It stays unsaid
    /// until [`Self::noted`], as whoever notes it may be stopped before it is stored.
    pub(super) fn due(&self, now: Instant) -> Option<&SyncedNow> {
        self.unsaid().filter(|unsaid| {
            self.noted.as_ref().is_none_or(|noted| {
                now.duration_since(noted.at) >= NOTE_EVERY
                    || unsaid.error != noted.error
                    || unsaid.faults != noted.faults
                    || unsaid.held_up != noted.held_up
            })
        })
    }

    /// Everything that is not noted yet.
    pub(super) const fn unsaid(&self) -> Option<&SyncedNow> {
        self.unsaid.as_ref()
    }

    /// What was unsaid is stored now.
    pub(super) fn noted(&mut self, now: Instant) {
        if let Some(synced) = self.unsaid.take() {
            self.noted = Some(Noted {
                at: now,
                error: synced.error,
                faults: synced.faults,
                held_up: synced.held_up,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{SyncError, SyncReport};

    fn synced(sent: usize, received: usize, error: Option<&SyncError>) -> SyncedNow {
        let report = SyncReport {
            sent,
            received,
            merged: 0,
            round_trips: 0,
            faults: BTreeSet::new(),
            held_up: BTreeSet::new(),
        };
        SyncedNow::of(&report, error, 1)
    }

    #[test]
    fn many_exchanges_of_one_second_are_one_note() {
        let mut notes = Notes::default();
        let now = Instant::now();
        notes.add(synced(0, 0, None));
        assert!(notes.due(now).is_some(), "the first at once");
        assert!(notes.due(now).is_some(), "until it is stored");
        notes.noted(now);
        for (sent, received) in [(1, 0), (0, 1), (0, 0)] {
            notes.add(synced(sent, received, None));
            assert!(notes.due(now + NOTE_EVERY / 2).is_none());
        }
        let note = notes.due(now + NOTE_EVERY).unwrap();
        assert!(note.sent_at.is_some() && note.received_at.is_some());
        notes.noted(now + NOTE_EVERY);
        assert!(notes.due(now + 2 * NOTE_EVERY).is_none(), "all said");
        assert!(notes.unsaid().is_none());
    }

    #[test]
    fn what_goes_wrong_and_what_is_mended_is_noted_at_once() {
        let mut notes = Notes::default();
        let now = Instant::now();
        notes.add(synced(0, 0, None));
        notes.noted(now);
        notes.add(synced(0, 0, Some(&SyncError::Quota)));
        let note = notes.due(now).unwrap();
        assert_eq!(note.error.as_ref().unwrap().code, "quota-exceeded");
        notes.noted(now);
        notes.add(synced(1, 0, None));
        assert_eq!(notes.due(now).unwrap().error, None);
        notes.noted(now);

        let mut withheld = synced(0, 0, None);
        let chain = daymark_wire::ChainId {
            device: daymark_wire::DeviceId::from_bytes([1; 16]),
            incarnation: daymark_wire::Incarnation::from_bytes([1; 8]),
        };
        withheld.faults.insert(Fault::ForkedChain { chain });
        notes.add(withheld);
        assert_eq!(notes.due(now).unwrap().faults.len(), 1);
    }
}
