//! What Daymark's words mean: keys, sealing, journal, gate, sync, pairing. Pure.
//!
//! Core reads no clock, file or environment and holds no global state: time and randomness are handed in,
//! and what should happen comes out as values. `docs/ARCHITECTURE.md` has the picture.

pub mod account;
pub mod bonds;
pub mod formats;
pub mod gate;
mod handed;
pub mod journal;
pub mod keys;
pub mod merge;
pub mod pairing;
pub mod random;
pub mod seal;
pub mod secret;
pub mod sharing;
pub mod sync;
