//! Daymark's vault on disk and its connection to a relay: the one API that apps embed.
//!
//! Here is where IO lives: SQLite, HTTP, WebSocket. What the words mean is decided in `daymark-core`.

pub mod connection;
pub mod system;
