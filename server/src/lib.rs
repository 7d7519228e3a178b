//! Daymark's relay: keeps sealed records and forwards them between a person's devices.
//!
//! It can read none of them: the code to decrypt is not linked here. It knows public keys, small signed logs
//! and sizes, enforces who may, and answers only what was signed.
//!
//! ```text
//! connection ─► http (limits, signature) ─► sync ─► writer ─► store
//!                                            │         └─► live (news to the account's other sockets)
//!                                            └─► accounts (folded logs, chain heads) ◄─ store
//! ```
//!
//! [`Relay`] is a relay to embed; [`run`] is the command line.

mod accounts;
mod append;
mod cli;
mod clock;
mod damage;
mod http;
mod knocks;
mod live;
mod mailbox;
mod nonces;
mod problem;
mod push;
mod random;
mod relay;
mod service;
mod settings;
mod short;
mod store;
mod sync;
mod writer;

pub use cli::run;
pub use clock::Clock;
pub use random::NoRandomness;
pub use relay::{Relay, StartError};
pub use settings::{Bounds, DEFAULT_PORT, DEFAULT_QUOTA, GUEST_QUOTA, Registration, Settings};
pub use store::StoreError;
