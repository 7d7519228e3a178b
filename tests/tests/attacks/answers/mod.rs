//! Answers that are not the pinned relay's, too many, too large, or too slow.

mod live;
mod not_taken;
mod signatures;
mod too_much;

use daymark_tests::hostile::{Answer, Asked, Script};
use daymark_wire::sync::SyncReply;
use std::time::Duration;

/// Signs each answer as this does.
struct Signs<F>(F);

impl<F: FnMut(&Asked, Answer) -> Answer + Send + 'static> Script for Signs<F> {
    fn sync(&mut self, asked: &Asked, reply: SyncReply) -> Answer {
        (self.0)(asked, Answer::reply(reply))
    }
}

/// Longer than anything here takes, shorter than a relay that holds a device up.
const LONGEST: Duration = Duration::from_secs(20);

/// Requests that one sync makes at most, whatever it is told.
const MOST_REQUESTS: usize = 24;
