//! Ed25519 keys: one that signs, one that verifies and is safe to.

use super::{BadSignature, Context, Signature};
use crate::{
    DeviceId, Hash,
    cbor::{DecodeError, exact_bytes},
    hash::Domain,
};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use std::fmt;
use zeroize::Zeroizing;

/// A private Ed25519 key (RFC 8032), made from a 32-byte seed.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// The key of this seed. The caller keeps the seed secret.
    #[must_use]
    #[expect(clippy::expect_used, reason = "every 32 bytes are an Ed25519 seed")]
    pub fn from_seed(seed: &Zeroizing<[u8; 32]>) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).expect("32 bytes are a seed"))
    }

    /// The public half.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        VerifyingKey(bytes)
    }

    /// Signs a message for one context.
    #[must_use]
    pub fn sign(&self, context: Context, message: &[u8]) -> Signature {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(self.0.sign(&context.message(message)).as_ref());
        Signature::from_bytes(bytes)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey([redacted])")
    }
}

/// A public Ed25519 key that is safe to verify with: canonical, and not of low order (threat D6).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerifyingKey([u8; 32]);

/// The field's prime 2^255 - 19, little endian.
const FIELD_PRIME: [u8; 32] = {
    let mut prime = [0xff; 32];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    prime
};

/// The canonical y coordinates of the eight points of low order on edwards25519 (the sign bit does not
/// matter): 1, 0, -1, and the two y of the points of order 8.
const LOW_ORDER_Y: [[u8; 32]; 5] = [
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    [0; 32],
    {
        let mut minus_one = FIELD_PRIME;
        minus_one[0] -= 1;
        minus_one
    },
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

impl VerifyingKey {
    /// Accepts a public key's bytes.
    ///
    /// # Errors
    /// [`DecodeError::BadKey`] for an encoding that is not canonical or a point of low order.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, DecodeError> {
        let mut y = bytes;
        y[31] &= 0x7f;
        let canonical = y.iter().rev().lt(FIELD_PRIME.iter().rev());
        if !canonical || LOW_ORDER_Y.contains(&y) {
            return Err(DecodeError::BadKey {
                what: "signing key",
            });
        }
        Ok(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The id of the device that signs with this key (rule K3).
    #[must_use]
    pub fn device_id(&self) -> DeviceId {
        Hash::of(Domain::Device, &[&self.0]).device_id()
    }

    /// Checks a signature.
    ///
    /// # Errors
    /// [`BadSignature`], for whatever reason.
    pub fn verify(
        &self,
        context: Context,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), BadSignature> {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(&context.message(message), signature.as_bytes())
            .map_err(|_| BadSignature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", hex::encode(self.0))
    }
}

impl<C> Encode<C> for VerifyingKey {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for VerifyingKey {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Self::from_bytes(exact_bytes(d)?)
            .map_err(|_| decode::Error::message("a key that must not be used"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> SigningKey {
        SigningKey::from_seed(&Zeroizing::new([n; 32]))
    }

    #[test]
    fn d6_keys_of_low_order_are_refused() {
        for y in LOW_ORDER_Y {
            for sign in [0, 0x80] {
                let mut bytes = y;
                bytes[31] |= sign;
                assert!(VerifyingKey::from_bytes(bytes).is_err());
            }
        }
    }

    #[test]
    fn d6_encodings_that_are_not_canonical_are_refused() {
        for above in 0..19_u8 {
            let mut bytes = FIELD_PRIME;
            bytes[0] += above;
            assert!(VerifyingKey::from_bytes(bytes).is_err(), "p + {above}");
        }
        assert!(VerifyingKey::from_bytes([0xff; 32]).is_err());
    }

    #[test]
    fn d6_a_signature_with_s_beyond_the_group_order_is_refused() {
        // s + L is the same scalar; RFC 8032 section 5.1.7 asks verifiers to refuse it.
        const ORDER: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
            0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let key = key(2);
        let mut bytes = *key.sign(Context::Record, b"message").as_bytes();
        let mut carry = 0_u16;
        for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
            carry += u16::from(*byte) + u16::from(order);
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        let other = Signature::from_bytes(bytes);
        assert_eq!(
            key.verifying_key()
                .verify(Context::Record, b"message", &other),
            Err(BadSignature)
        );
    }

    #[test]
    fn a_signing_key_prints_nothing_of_itself() {
        assert_eq!(format!("{:?}", key(3)), "SigningKey([redacted])");
    }
}
