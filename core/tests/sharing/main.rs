//! Sharing as a whole: what a supporter can hold, what never leaves, what is read from the other side.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod copies;
mod given;
mod hostile;
mod laws;
mod leaks;
mod ledger;
