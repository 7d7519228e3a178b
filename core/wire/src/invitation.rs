//! What somebody who holds an invitation to a bond shows a relay, which never learns the invitation's secret
//! (rule B3). Not to be taken for an operator's [`crate::invite`].

use crate::{
    Hash,
    authorization::BadHeader,
    cbor::{self, DecodeError, byte_string},
    hash::Domain,
    limits,
    logs::TravelLink,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use minicbor::{Decode, Encode};
use std::fmt;
use zeroize::Zeroizing;

/// The scheme's name in the `Authorization` header of somebody who need not have an account yet.
pub const SCHEME: &str = "Daymark-Invitation";

/// Derived from an invitation's secret: proves that somebody holds the invitation. The *invite* link names it
/// by its hash.
#[derive(Clone)]
pub struct InvitationToken(Zeroizing<[u8; 32]>);

impl InvitationToken {
    /// Wraps 32 bytes that core derived, or that a header brought.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What the *invite* link says of it. Tokens are compared by this.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(Domain::Token, &[self.as_bytes()])
    }

    /// The value of the `Authorization` header.
    #[must_use]
    pub fn to_header(&self) -> String {
        format!("{SCHEME} {}", URL_SAFE_NO_PAD.encode(self.as_bytes()))
    }

    /// Reads the header's value.
    ///
    /// # Errors
    /// [`BadHeader`].
    pub fn from_header(value: &str) -> Result<Self, BadHeader> {
        let (scheme, encoded) = value.split_once(' ').ok_or(BadHeader)?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(BadHeader);
        }
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| BadHeader)?;
        let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| BadHeader)?;
        Ok(Self::from_bytes(bytes))
    }
}

impl fmt::Debug for InvitationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationToken([redacted])")
    }
}

/// The answer of somebody who declines: a MAC that only an invitation's holder can make. A relay keeps it for
/// the owner and cannot tell a right one from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decline([u8; 32]);

impl Decline {
    /// Wraps the bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

byte_string!(Decline);

/// What the holder of an invitation is shown before they answer. It is folded, and believed only then.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct InvitationReply {
    /// The owner's account log, oldest link first.
    #[n(0)]
    pub owner: Vec<TravelLink>,
    /// The bond log: *invite* alone.
    #[n(1)]
    pub bond: Vec<TravelLink>,
}

impl InvitationReply {
    /// Encodes the reply.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    /// Reads a reply.
    ///
    /// # Errors
    /// A [`DecodeError`] for bytes that are not a reply within the limits.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::exactly("invitation reply", bytes, limits::MAX_REPLY_BYTES)
    }
}

/// What the holder of an invitation leaves at the relay instead of accepting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct InvitationAnswer {
    /// No, with the proof that a holder said so.
    #[n(0)]
    pub declined: Decline,
}

impl InvitationAnswer {
    /// An answer in bytes, at most: far more than it takes.
    pub const MAX_BYTES: usize = 64;

    /// Encodes the answer.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// A [`DecodeError`] for bytes that are not an answer.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::exactly("invitation answer", bytes, Self::MAX_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_through_a_header_and_prints_nothing_of_itself() {
        let token = InvitationToken::from_bytes([7; 32]);
        let header = token.to_header();
        let read = InvitationToken::from_header(&header).unwrap();
        assert_eq!(read.hash(), token.hash());
        assert_eq!(format!("{token:?}"), "InvitationToken([redacted])");
        let longer = format!("{header}AA");
        let renamed = header.replace(SCHEME, "Daymark");
        for other in ["", SCHEME, &header[..header.len() - 1], &longer, &renamed] {
            assert!(InvitationToken::from_header(other).is_err(), "{other}");
        }
    }
}
