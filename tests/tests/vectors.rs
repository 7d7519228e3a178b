//! Frozen vectors: the bytes of every format, held against `tests/vectors/*.json` both ways.
//!
//! What the code encodes must be what the file says, and what the file says must decode to the same value;
//! what the file says is refused must be refused for the reason named. A second implementation can be
//! written from `docs/PROTOCOL.md` and checked with the files alone.
//!
//! `DAYMARK_WRITE_VECTORS=1 cargo test -p daymark-tests --test vectors` writes them anew. After the first
//! release the files are never edited.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "vectors/account_log.rs"]
mod account_log;
#[path = "vectors/bond_log.rs"]
mod bond_log;
#[path = "vectors/bond_log_refused.rs"]
mod bond_log_refused;
#[path = "vectors/bonds.rs"]
mod bonds;
#[path = "vectors/cast.rs"]
mod cast;
#[path = "vectors/diagnostic.rs"]
mod diagnostic;
#[path = "vectors/independent.rs"]
mod independent;
#[path = "vectors/journal_log.rs"]
mod journal_log;
#[path = "vectors/keys.rs"]
mod keys;
#[path = "vectors/links.rs"]
mod links;
#[path = "vectors/mailbox.rs"]
mod mailbox;
#[path = "vectors/pairing.rs"]
mod pairing;
#[path = "vectors/records.rs"]
mod records;
#[path = "vectors/records_refused.rs"]
mod records_refused;
#[path = "vectors/requests.rs"]
mod requests;
#[path = "vectors/sharing.rs"]
mod sharing;
#[path = "vectors/sheet.rs"]
mod sheet;
#[path = "vectors/sync.rs"]
mod sync;
#[path = "vectors/vault.rs"]
mod vault;
