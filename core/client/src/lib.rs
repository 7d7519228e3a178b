//! Daymark's vault on disk and its connection to a relay: the one API that apps embed.
//!
//! Here is where IO lives: SQLite, HTTP, WebSocket. What the words mean is decided in `daymark-core`.

mod account;
pub mod connection;
pub mod pairing;
pub mod sharing;
pub mod sync;
pub mod system;
pub mod vault;

pub use account::{Beginning, CreateError, NewAccount, begin};
pub use daymark_core::{
    formats, journal,
    keys::RecoveryPhrase,
    pairing::{Code as PairingCode, PairingError, PairingLink},
    sync::Fault,
};
pub use daymark_wire::{DeviceId, DocumentId, SpaceId, problem};
