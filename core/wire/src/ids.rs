//! Names of things: fixed-size byte strings, each its own type, printed as lower-case hex.

use crate::cbor::byte_string;
use minicbor::{Decode, Encode};
use std::{fmt, str::FromStr};
use thiserror::Error;

/// The text given is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("an id here is {hex_digits} hexadecimal digits")]
pub struct ParseIdError {
    hex_digits: usize,
}

/// Declares a fixed-size byte string with hex text form and CBOR encoding (one byte string).
macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $size:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $size]);

        impl $name {
            /// Length in bytes.
            pub const SIZE: usize = $size;

            /// All zeros: stands for "none" where a rule of the protocol says so.
            pub const ZERO: Self = Self([0; $size]);

            /// Wraps the bytes; any value is well formed.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $size]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $size] {
                &self.0
            }

            /// Whether all bytes are zero.
            #[must_use]
            pub fn is_zero(&self) -> bool {
                *self == Self::ZERO
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = ParseIdError;

            fn try_from(bytes: &[u8]) -> Result<Self, ParseIdError> {
                <[u8; $size]>::try_from(bytes)
                    .map(Self)
                    .map_err(|_| ParseIdError { hex_digits: 2 * $size })
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let mut bytes = [0; $size];
                hex::decode_to_slice(text, &mut bytes)
                    .map(|()| Self(bytes))
                    .map_err(|_| ParseIdError { hex_digits: 2 * $size })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        byte_string!($name);
    };
}

byte_id!(
    /// A person: the first 16 bytes of the hash of the genesis link of their account log.
    AccountId, 16
);
byte_id!(
    /// One installation: the first 16 bytes of the hash of its signing key.
    DeviceId, 16
);
byte_id!(
    /// Documents with the same readers: the first 16 bytes of the hash of the space log's first link.
    SpaceId, 16
);
byte_id!(
    /// Any log: the first 16 bytes of the hash of its first link.
    LogId, 16
);
byte_id!(
    /// One document within a space. Zero: a record that belongs to the space itself.
    DocumentId, 16
);
byte_id!(
    /// One generation of a space's secret: the first 16 bytes of the hash of its epoch link.
    EpochId, 16
);
byte_id!(
    /// A document key's name, derived from the key. Zero: sealed under the epoch itself.
    KeyId, 16
);
byte_id!(
    /// A chain's random part: new whenever a device cannot be sure of its last place.
    Incarnation, 8
);
byte_id!(
    /// A relay's history: 16 random bytes, new when the relay starts empty or is restored.
    Generation, 16
);
byte_id!(
    /// 16 random bytes used once.
    Nonce, 16
);

impl From<AccountId> for LogId {
    fn from(id: AccountId) -> Self {
        Self(id.0)
    }
}

impl From<SpaceId> for LogId {
    fn from(id: SpaceId) -> Self {
        Self(id.0)
    }
}

impl From<LogId> for AccountId {
    fn from(id: LogId) -> Self {
        Self(id.0)
    }
}

impl From<LogId> for SpaceId {
    fn from(id: LogId) -> Self {
        Self(id.0)
    }
}

impl DeviceId {
    /// The half that begins every actor of this device; unique within an account (rule K3).
    #[must_use]
    pub fn prefix(&self) -> [u8; 8] {
        let mut prefix = [0; 8];
        prefix.copy_from_slice(self.0.split_at(8).0);
        prefix
    }
}

/// A place in a chain, counted from 1. Zero means "nothing yet" in a version vector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Seq(#[n(0)] pub u64);

impl Seq {
    /// The first place of a chain.
    pub const FIRST: Self = Self(1);

    /// The place after this one; `None` at the end of the number range.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_refuses_other_lengths() {
        let id = DocumentId::from_bytes([0xab; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("abab".parse::<DocumentId>().is_err());
        assert!("zz".repeat(16).parse::<DocumentId>().is_err());
    }

    #[test]
    fn another_length_is_refused_in_cbor() {
        let short = minicbor::to_vec(Incarnation::ZERO).unwrap();
        assert!(minicbor::decode::<DocumentId>(&short).is_err());
    }
}
