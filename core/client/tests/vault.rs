//! The vault as an app sees it: real SQLite in temporary folders.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

#[path = "vault/support.rs"]
mod support;

#[path = "vault/damage.rs"]
mod damage;
#[path = "vault/editing.rs"]
mod editing;
#[path = "vault/finding.rs"]
mod finding;
#[path = "vault/leaks.rs"]
mod leaks;
#[path = "vault/locking.rs"]
mod locking;
#[path = "vault/many.rs"]
mod many;
#[path = "vault/mending.rs"]
mod mending;
#[path = "vault/processes.rs"]
mod processes;
#[path = "vault/spawning.rs"]
mod spawning;
