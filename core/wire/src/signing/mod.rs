//! Ed25519 signatures, each for one context, and what was signed: `Signed` until checked, `Verified` after.

mod context;
mod keys;
mod signature;
mod signed;

pub use context::Context;
pub use keys::{SigningKey, VerifyingKey};
pub use signature::{BadSignature, Signature};
pub use signed::{Payload, Signed, Verified};
