//! A signature, before anybody says whether it holds.

use crate::cbor::byte_string;
use std::fmt;
use thiserror::Error;

/// The signature does not hold for this key, context and message. One opaque error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature does not hold")]
pub struct BadSignature;

/// An Ed25519 signature, 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Wraps 64 bytes; whether they hold is for [`super::VerifyingKey::verify`] to say.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

byte_string!(Signature);
