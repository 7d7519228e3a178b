//! Public X-Wing keys and what is wrapped for them. Only bytes here: the arithmetic is in core.

use crate::{
    AccountId, DeviceId, Hash,
    cbor::{DecodeError, byte_string, exact_bytes},
    hash::Domain,
};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use std::fmt;

/// A public X-Wing key: ML-KEM-768 (1,184 bytes) ‖ X25519 (32 bytes).
#[derive(Clone, PartialEq, Eq)]
pub struct WrappingPublicKey(Box<[u8; Self::SIZE]>);

/// The u coordinates of Curve25519 that give an all-zero shared secret whatever the scalar
/// (little endian, top bit clear): 0, 1, the two of order 8, p - 1, p, p + 1.
const LOW_ORDER_U: [[u8; 32]; 7] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
        0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
        0x11, 0x57,
    ],
    near_prime(0xec),
    near_prime(0xed),
    near_prime(0xee),
];

const fn near_prime(lowest: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = lowest;
    bytes[31] = 0x7f;
    bytes
}

/// The modulus of ML-KEM's numbers, q.
const MODULUS: u16 = 3329;

/// Bytes of an ML-KEM-768 key that hold its 768 numbers, of twelve bits each; a seed follows.
const NUMBER_BYTES: usize = 1152;

/// FIPS 203, section 7.2: every number is below the modulus. Two of them share three bytes.
fn are_of_the_field(key: &[u8; WrappingPublicKey::SIZE]) -> bool {
    let (numbers, _) = key.split_at(NUMBER_BYTES);
    let (pairs, _) = numbers.as_chunks();
    pairs.iter().all(|[low, middle, high]| {
        let first = u16::from(*low) | (u16::from(*middle) & 0x0f) << 8;
        let second = u16::from(*middle) >> 4 | u16::from(*high) << 4;
        first < MODULUS && second < MODULUS
    })
}

impl WrappingPublicKey {
    /// Length in bytes.
    pub const SIZE: usize = 1216;

    /// Accepts a public key's bytes.
    ///
    /// # Errors
    /// [`DecodeError::BadKey`] when its X25519 half is of low order, or the other holds a number that is none of
    /// ML-KEM's: nothing could be wrapped for it (threat D6).
    pub fn from_bytes(bytes: [u8; Self::SIZE]) -> Result<Self, DecodeError> {
        let mut u = [0; 32];
        u.copy_from_slice(bytes.split_at(Self::SIZE - 32).1);
        u[31] &= 0x7f;
        if LOW_ORDER_U.contains(&u) || !are_of_the_field(&bytes) {
            return Err(DecodeError::BadKey {
                what: "wrapping key",
            });
        }
        Ok(Self(Box::new(bytes)))
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::SIZE] {
        &self.0
    }

    /// The hash by which a new device's statement names the key.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(Domain::WrappingKey, &[self.as_bytes()])
    }
}

impl fmt::Debug for WrappingPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappingPublicKey({:?})", self.hash())
    }
}

impl<C> Encode<C> for WrappingPublicKey {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(self.as_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for WrappingPublicKey {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Self::from_bytes(exact_bytes(d)?)
            .map_err(|_| decode::Error::message("a key that must not be used"))
    }
}

/// Whom an epoch secret is wrapped for (rule L4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Recipient {
    /// A device's own wrapping key (journal).
    #[n(0)]
    Device(#[n(0)] DeviceId),
    /// The recovery key, which the phrase gives (journal).
    #[n(1)]
    Recovery,
    /// An account key (bond).
    #[n(2)]
    Account(#[n(0)] AccountId),
}

/// An epoch secret wrapped for one recipient: HPKE base mode with X-Wing, HKDF-SHA-256,
/// ChaCha20-Poly1305.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Wrap {
    /// For whom.
    #[n(0)]
    pub recipient: Recipient,
    /// The encapsulated key, 1,120 bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub encapsulated: Vec<u8>,
    /// The sealed secret, 32 + 16 bytes.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

impl fmt::Debug for Wrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wrap({:?})", self.recipient)
    }
}

/// The blob beside an *epoch* or an *enter* link (rule L5).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Wraps {
    /// The epoch secret, once for each recipient.
    #[n(0)]
    pub wraps: Vec<Wrap>,
    /// What every reader of the epoch needs besides, sealed under the new secret itself: a journal's
    /// account keys and account secret. Empty beside an *enter* link and in a bond.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub shared: Vec<u8>,
}

/// A document key wrapped under an epoch secret: 32 + 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WrappedDocumentKey([u8; 48]);

impl WrappedDocumentKey {
    /// Wraps bytes that a sealing made.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 48]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 48] {
        &self.0
    }
}

impl fmt::Debug for WrappedDocumentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappedDocumentKey(..)")
    }
}

byte_string!(WrappedDocumentKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d6_wrapping_keys_of_low_order_are_refused() {
        for u in LOW_ORDER_U {
            let mut bytes = [7; WrappingPublicKey::SIZE];
            bytes[WrappingPublicKey::SIZE - 32..].copy_from_slice(&u);
            assert!(WrappingPublicKey::from_bytes(bytes).is_err());
        }
        assert!(WrappingPublicKey::from_bytes([7; WrappingPublicKey::SIZE]).is_ok());
    }

    #[test]
    fn d6_wrapping_keys_with_numbers_that_ml_kem_has_not_are_refused() {
        let with = |at: usize, pair: [u8; 3]| {
            let mut bytes = [7; WrappingPublicKey::SIZE];
            bytes[at..at + 3].copy_from_slice(&pair);
            WrappingPublicKey::from_bytes(bytes)
        };
        // The modulus is 0xd01; of two numbers in three bytes the lower digits come first.
        for at in [0, 3, NUMBER_BYTES - 3] {
            assert!(with(at, [0x00, 0x0d, 0xd0]).is_ok(), "one below, twice");
            assert!(with(at, [0x01, 0x0d, 0x00]).is_err(), "the first");
            assert!(with(at, [0x00, 0x10, 0xd0]).is_err(), "the second");
        }
        assert!(with(NUMBER_BYTES, [0xff; 3]).is_ok(), "the seed is any");
    }
}
