//! Pairing: core's two machines, driven through a relay's mailbox.

mod error;
mod join;
mod pair;
mod pending;

pub use error::PairError;
pub use join::join;
pub use pair::{Comparison, Paired};
pub use pending::join_was_begun;

use crate::system::{Clock, SystemClock};
use std::time::Duration;

/// How long the relay may hold a question until the other side says something. Short enough that an expired
/// link is noticed soon after.
const WAIT: Duration = Duration::from_secs(10);

/// After a question that brought nothing. A relay that answers at once, though it was asked to wait, is not asked
/// thousands of times in two minutes.
const PAUSE: Duration = Duration::from_millis(250);

fn wait_ms() -> u32 {
    u32::try_from(WAIT.as_millis()).unwrap_or(u32::MAX)
}

fn now_seconds() -> u64 {
    SystemClock.now_ms() / 1000
}
