//! What was signed: [`Signed`] until it is checked, [`Verified`] after.

use super::{BadSignature, Context, Signature, SigningKey, VerifyingKey};
use crate::cbor::DecodeError;

/// Something that is signed as exact bytes.
pub trait Payload: Sized {
    /// What its signatures are for.
    const CONTEXT: Context;

    /// Writes the bytes that are signed.
    fn to_bytes(&self) -> Vec<u8>;

    /// Reads them. Called before the signature is checked, so it must bear any bytes.
    ///
    /// # Errors
    /// A [`DecodeError`] for bytes that are not such a payload.
    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError>;
}

/// A payload with its exact bytes and a signature that nobody has checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<T> {
    bytes: Vec<u8>,
    signature: Signature,
    claimed: T,
}

impl<T: Payload> Signed<T> {
    /// Signs a payload.
    #[must_use]
    pub fn sign(payload: T, key: &SigningKey) -> Self {
        let bytes = payload.to_bytes();
        let signature = key.sign(T::CONTEXT, &bytes);
        Self {
            bytes,
            signature,
            claimed: payload,
        }
    }

    /// Reads a payload that came with a signature; nothing is verified.
    ///
    /// # Errors
    /// A [`DecodeError`] for bytes that are not such a payload.
    pub fn from_parts(bytes: Vec<u8>, signature: Signature) -> Result<Self, DecodeError> {
        let claimed = T::from_bytes(&bytes)?;
        Ok(Self {
            bytes,
            signature,
            claimed,
        })
    }

    /// What the bytes say, unverified: enough to find the key that should have signed it.
    #[must_use]
    pub const fn claimed(&self) -> &T {
        &self.claimed
    }

    /// The exact bytes that were signed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The signature over [`Self::bytes`].
    #[must_use]
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Whether the signature holds for this key.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn check(&self, key: &VerifyingKey) -> Result<(), BadSignature> {
        key.verify(T::CONTEXT, &self.bytes, &self.signature)
    }

    /// Turns into the verified form, if the signature holds for this key.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(self, key: &VerifyingKey) -> Result<Verified<T>, BadSignature> {
        self.check(key)?;
        Ok(Verified(self))
    }
}

/// A payload whose signature was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T>(Signed<T>);

impl<T: Payload> Verified<T> {
    /// For what a vault stored after verifying it: its signature is not checked again.
    #[must_use]
    pub const fn from_own_storage(signed: Signed<T>) -> Self {
        Self(signed)
    }

    /// What was signed.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.0.claimed
    }

    /// The exact bytes and signature.
    #[must_use]
    pub const fn signed(&self) -> &Signed<T> {
        &self.0
    }
}
