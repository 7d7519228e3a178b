//! Bounded CBOR: what every decoder here goes through.

use crate::limits;
use minicbor::{Decode, Decoder, Encode, data::Type, decode};
use thiserror::Error;

/// Bytes that are not what they should be. Nothing of the bytes is in the message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Not the CBOR that this type has.
    #[error("the {what} is not well formed")]
    Malformed {
        /// What was read.
        what: &'static str,
    },
    /// Well formed, but more bytes follow.
    #[error("there are bytes after the {what}")]
    Trailing {
        /// What was read.
        what: &'static str,
    },
    /// Longer than the protocol allows.
    #[error("the {what} is longer than {limit}")]
    TooLong {
        /// What was read.
        what: &'static str,
        /// The bound, in bytes or items.
        limit: usize,
    },
    /// Written for a suite of algorithms that this version does not know.
    #[error("the {what} uses suite {suite}, which this version does not know")]
    UnknownSuite {
        /// What was read.
        what: &'static str,
        /// The number found.
        suite: u8,
    },
    /// A key that must not be used: of low order, or not in its one canonical encoding.
    #[error("the {what} holds a key that must not be used")]
    BadKey {
        /// What was read.
        what: &'static str,
    },
}

impl DecodeError {
    /// For `map_err`: the bytes of `what` did not decode.
    pub(crate) fn malformed<E>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |_| Self::Malformed { what }
    }
}

/// Encodes a value. Writing to memory cannot fail.
#[must_use]
#[expect(clippy::expect_used, reason = "a Vec<u8> takes every write")]
pub fn to_vec<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).expect("memory takes every write")
}

/// Decodes exactly one value of at most `limit` bytes.
///
/// # Errors
/// [`DecodeError::TooLong`], [`DecodeError::Malformed`] or [`DecodeError::Trailing`].
pub fn exactly<'b, T: Decode<'b, ()>>(
    what: &'static str,
    bytes: &'b [u8],
    limit: usize,
) -> Result<T, DecodeError> {
    if bytes.len() > limit {
        return Err(DecodeError::TooLong { what, limit });
    }
    let mut decoder = Decoder::new(bytes);
    let value = decoder.decode().map_err(DecodeError::malformed(what))?;
    if decoder.position() != bytes.len() {
        return Err(DecodeError::Trailing { what });
    }
    Ok(value)
}

/// Refuses bytes that say the same as `ours` in another encoding: what is signed has one form, so that
/// nobody can hide anything in it and every reader seals and hashes over the same bytes.
pub(crate) fn canonical(what: &'static str, ours: &[u8], given: &[u8]) -> Result<(), DecodeError> {
    if ours == given {
        Ok(())
    } else {
        Err(DecodeError::Malformed { what })
    }
}

/// Refuses a list that is longer than `limit`.
pub(crate) fn at_most<T>(what: &'static str, list: &[T], limit: usize) -> Result<(), DecodeError> {
    if list.len() > limit {
        return Err(DecodeError::TooLong { what, limit });
    }
    Ok(())
}

/// Reads the suite number that begins every signed thing, before anything else of it is read.
pub(crate) fn suite_first(what: &'static str, bytes: &[u8]) -> Result<(), DecodeError> {
    if bytes.len() > limits::MAX_LINK_BYTES {
        return Err(DecodeError::TooLong {
            what,
            limit: limits::MAX_LINK_BYTES,
        });
    }
    let mut decoder = Decoder::new(bytes);
    decoder.array().map_err(DecodeError::malformed(what))?;
    match decoder.u8().map_err(DecodeError::malformed(what))? {
        1 => Ok(()),
        suite => Err(DecodeError::UnknownSuite { what, suite }),
    }
}

/// Reads one definite byte string of exactly `N` bytes.
pub(crate) fn exact_bytes<const N: usize>(d: &mut Decoder<'_>) -> Result<[u8; N], decode::Error> {
    if d.datatype()? != Type::Bytes {
        return Err(decode::Error::message("a byte string is needed here"));
    }
    <[u8; N]>::try_from(d.bytes()?)
        .map_err(|_| decode::Error::message("a byte string of another length is needed here"))
}

/// Gives a newtype over `[u8; N]` its CBOR: one definite byte string of exactly that length.
macro_rules! byte_string {
    ($name:ident) => {
        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                d: &mut minicbor::Decoder<'b>,
                _: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                $crate::cbor::exact_bytes(d).map(Self)
            }
        }
    };
}
pub(crate) use byte_string;
