//! Sealing records (rule R2): a signed header in the clear, a body that only readers of the space open.

mod padding;

use crate::{
    keys::{CannotOpen, DeviceKey, DocumentKey, SpaceKey, open_once, seal_once},
    random::{NoRandomness, Random},
    secret::{Secret, derive},
};
use daymark_wire::{Hash, Header, Record, Signed, Verified, hash::Domain, limits};
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

/// Salt and commitment before the ciphertext.
const SALT_BYTES: usize = 16;
const COMMITMENT_BYTES: usize = 32;

/// What sealing adds to the padded content.
pub const OVERHEAD_BYTES: usize = SALT_BYTES + COMMITMENT_BYTES + 16;

/// A record could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// More content than a record may hold.
    #[error("this is more than one record can hold")]
    TooLong,
}

/// A key that seals bodies: a document's, or an epoch's for records of the space itself.
#[derive(Debug, Clone, Copy)]
pub enum BodyKey<'a> {
    /// For `change` and `version`.
    Document(&'a DocumentKey),
    /// For `keys` and `checkpoint`.
    Space(&'a SpaceKey),
}

impl BodyKey<'_> {
    const fn secret(&self) -> &Secret<32> {
        match self {
            Self::Document(key) => key.secret(),
            Self::Space(key) => key.secret(),
        }
    }
}

/// Seals `content`, fills in the header's body length and hash, and signs.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    mut header: Header,
    content: &[u8],
    key: BodyKey<'_>,
    device: &DeviceKey,
    random: &Random,
) -> Result<Record, SealError> {
    let mut padded = padding::pad(content).ok_or(SealError::TooLong)?;
    let front = header.sealed_with();
    let salt = random.salt_for::<SALT_BYTES>(&[&front, content])?;
    let derived = Derived::new(&salt, key, &front);
    seal_once(derived.key.expose(), derived.nonce, &front, &mut padded);
    let body = [salt.as_slice(), &derived.commitment, &padded].concat();
    if body.len() + limits::MAX_HEADER_BYTES > limits::MAX_RECORD_BYTES {
        return Err(SealError::TooLong);
    }
    header.body_length = u32::try_from(body.len()).map_err(|_| SealError::TooLong)?;
    header.body_hash = Hash::of(Domain::Body, &[&body]);
    Record::new(Signed::sign(header, device.signing()), Some(body)).map_err(|_| SealError::TooLong)
}

/// Opens a body with its verified header.
///
/// # Errors
/// [`CannotOpen`]: another key, altered bytes, a commitment to another key (threat G1), or padding that
/// is not zeros.
pub fn open(
    header: &Verified<Header>,
    body: &[u8],
    key: BodyKey<'_>,
) -> Result<Vec<u8>, CannotOpen> {
    let (salt, rest) = body.split_at_checked(SALT_BYTES).ok_or(CannotOpen)?;
    let (commitment, ciphertext) = rest.split_at_checked(COMMITMENT_BYTES).ok_or(CannotOpen)?;
    let front = header.get().sealed_with();
    let derived = Derived::new(salt, key, &front);
    if !bool::from(derived.commitment.ct_eq(commitment)) {
        return Err(CannotOpen);
    }
    let mut padded = ciphertext.to_vec();
    open_once(derived.key.expose(), derived.nonce, &front, &mut padded)?;
    padding::unpad(padded).ok_or(CannotOpen)
}

/// `key ‖ nonce ‖ commitment = HKDF(salt, document key, "record" ‖ header up to the body length)`.
struct Derived {
    key: Secret<32>,
    nonce: [u8; 12],
    commitment: [u8; COMMITMENT_BYTES],
}

impl Derived {
    fn new(salt: &[u8], key: BodyKey<'_>, front: &[u8]) -> Self {
        let bytes = derive::<76>(salt, key.secret().expose(), &[b"daymark/1/record\0", front]);
        let (key_part, rest) = bytes.expose().split_at(32);
        let (nonce_part, commitment_part) = rest.split_at(12);
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(key_part);
        let mut nonce = [0; 12];
        nonce.copy_from_slice(nonce_part);
        let mut commitment = [0; COMMITMENT_BYTES];
        commitment.copy_from_slice(commitment_part);
        Self {
            key: Secret::new(key),
            nonce,
            commitment,
        }
    }
}

#[cfg(test)]
mod tests;
