//! The vocabulary that Daymark's core and its relay share.
//!
//! Everything that travels is here as a type with one encoding: ids, keys that may be public, record
//! headers, the links of the three kinds of log, the sync request and its reply, signed requests.
//! What is *inside* a sealed body is not: the relay links this crate and so cannot read one.
//!
//! Every decoder is bounded (see [`limits`]) and total: bad bytes give a [`DecodeError`], never a panic.

pub mod authorization;
pub mod cbor;
pub mod hash;
pub mod ids;
pub mod invitation;
pub mod invite;
pub mod limits;
pub mod logs;
pub mod mailbox;
pub mod problem;
pub mod record;
pub mod signing;
pub mod suite;
pub mod sync;
pub mod wrapping;

pub use cbor::DecodeError;
pub use hash::Hash;
pub use ids::{
    AccountId, DeviceId, DocumentId, EpochId, Generation, Incarnation, KeyId, LogId, Nonce, Seq,
    SpaceId,
};
pub use record::{ChainId, Have, Header, Record, RecordKind};
pub use signing::{Context, Signature, Signed, SigningKey, Verified, VerifyingKey};
pub use suite::Suite;
