//! Attacks that need a real server: a hostile relay in front of a real one, real devices, real vaults.
//!
//! Each test is named after its row in `docs/THREATS.md` and asserts three things: nothing leaked, a named
//! error or state that a person can read, and honest state as it was, which a later honest sync heals.

mod altered;
mod answers;
mod claims;
mod contexts;
mod forks;
mod invented;
mod outside;
mod pairing;
mod stage;
mod stolen;
mod suites;
mod supporter;
mod withheld;
mod wraps;
