//! What a `version` record of a bond holds: one of these, whole, decoded within bounds (rules B5, B6).

use super::{MAX_CONTENT_BYTES, Preferences, Reply, ShareId, SharedCopy};
use daymark_wire::{cbor, logs::Role};
use minicbor::{Decode, Decoder, Encode};
use thiserror::Error;

/// The longest version, in bytes: the longest content with what stands around it.
pub const MAX_VERSION_BYTES: usize = MAX_CONTENT_BYTES + 64;

/// The kinds known here are below this number.
const KINDS: u64 = 4;

/// One whole document of a bond.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Version {
    /// The owner shares something.
    #[n(0)]
    SharedCopy(#[n(0)] SharedCopy),
    /// The supporter replies.
    #[n(1)]
    Reply(#[n(0)] Reply),
    /// What the supporter would rather not receive.
    #[n(2)]
    Preferences(#[n(0)] Preferences),
    /// The supporter chose to say that they have seen it.
    #[n(3)]
    Seen(#[n(0)] Seen),
}

/// An acknowledgement, sent only by choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Seen {
    /// What was seen.
    #[n(0)]
    pub share: ShareId,
}

/// Why a version is not read. Nothing of it is in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VersionError {
    /// Longer than any that is written.
    #[error("this is {bytes} bytes long, and what is shared has at most {limit}: it is not read")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The bound in bytes.
        limit: usize,
    },
    /// Not what Daymark writes.
    #[error("this is not well formed and is not read: ask who sent it to share it again")]
    Malformed,
    /// A kind that this version does not know, or more in it than this version knows.
    #[error("this was shared with a newer version of Daymark (kind {kind}): update to read it")]
    Later {
        /// The number of its kind.
        kind: u64,
    },
}

impl Version {
    /// Who writes versions of this kind. One by the other side is not to be shown.
    #[must_use]
    pub const fn writer(&self) -> Role {
        match self {
            Self::SharedCopy(_) => Role::Owner,
            Self::Reply(_) | Self::Preferences(_) | Self::Seen(_) => Role::Supporter,
        }
    }

    /// Encodes it, to be sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    /// Reads it from an opened body. There is one encoding of each, so nothing can hide beside it.
    ///
    /// # Errors
    /// [`VersionError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VersionError> {
        if bytes.len() > MAX_VERSION_BYTES {
            return Err(VersionError::TooLong {
                bytes: bytes.len(),
                limit: MAX_VERSION_BYTES,
            });
        }
        let kind = kind(bytes).ok_or(VersionError::Malformed)?;
        if kind >= KINDS {
            return Err(VersionError::Later { kind });
        }
        let mut decoder = Decoder::new(bytes);
        let version: Self = decoder.decode().map_err(|error| {
            if error.is_unknown_variant() {
                VersionError::Later { kind }
            } else {
                VersionError::Malformed
            }
        })?;
        if decoder.position() != bytes.len() {
            return Err(VersionError::Malformed);
        }
        if version.to_bytes() != bytes {
            return Err(VersionError::Later { kind });
        }
        Ok(version)
    }
}

/// The number of the kind, which stands first of two items.
fn kind(bytes: &[u8]) -> Option<u64> {
    let mut decoder = Decoder::new(bytes);
    (decoder.array().ok()? == Some(2)).then_some(())?;
    decoder.u64().ok()
}
