//! Sync, proved on a simulated network: devices whose vaults are values, a relay that is a value, and one
//! that lies. No sockets, no clocks; every random byte comes from a seed.
//!
//! - `model`: devices, an honest relay, and what happens on the way between them.
//! - `stories`: one thing that goes wrong, told from beginning to end. Names carry ids of `THREATS.md`.
//! - `laws`: whatever happens in whatever order, what must hold.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod laws;
mod model;
mod stories;
