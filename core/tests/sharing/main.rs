//! Sharing as a whole: what a supporter can hold, what never leaves, what is read from the other side.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod copies;
mod corpus;
#[path = "../../../tests/fuzz/src/version.rs"]
#[expect(
    unreachable_pub,
    reason = "public for the fuzz target, whose file this is"
)]
mod fuzz;
mod given;
mod hostile;
mod laws;
mod leaks;
mod ledger;
