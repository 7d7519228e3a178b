//! What bodies of kinds that belong to the space itself hold (rule R3).

use daymark_wire::{
    DocumentId, Have, KeyId,
    cbor::{self, DecodeError},
    limits,
    logs::Head,
    wrapping::WrappedDocumentKey,
};
use minicbor::{Decode, Encode};

/// A `checkpoint`: what its author had seen. Others compare it with what they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Checkpoint {
    /// How far the author knew each chain.
    #[n(0)]
    pub have: Have,
    /// The log heads that the author knew: account, space.
    #[n(1)]
    pub heads: Vec<Head>,
    /// The number of the newest epoch up to which the author has carried out every forget.
    #[n(2)]
    pub forgotten_up_to: u64,
}

/// A `keys` record: document keys wrapped again under its header's epoch.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct RewrappedKeys {
    /// Each of them.
    #[n(0)]
    pub keys: Vec<RewrappedKey>,
}

/// One document key of a `keys` record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct RewrappedKey {
    /// Whose.
    #[n(0)]
    pub document: DocumentId,
    /// Its id.
    #[n(1)]
    pub key: KeyId,
    /// The key, wrapped under the epoch secret.
    #[n(2)]
    pub wrapped: WrappedDocumentKey,
}

impl Checkpoint {
    /// Encodes it, to be sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    /// Reads it from an opened body.
    ///
    /// # Errors
    /// A [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::exactly("checkpoint", bytes, limits::MAX_RECORD_BYTES)
    }
}

impl RewrappedKeys {
    /// Encodes them, to be sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    /// Reads them from an opened body.
    ///
    /// # Errors
    /// A [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::exactly("wrapped keys", bytes, limits::MAX_RECORD_BYTES)
    }
}
