//! What both devices derive from a link's secret: the nonce of the *add* link, a key for each message,
//! the commitment, the code that the person compares.
//!
//! The code is what Vaudenay's protocol makes it ("Secure Communications over Insecure Channels Based on
//! Short Authenticated Strings", CRYPTO 2005): the new device commits to its nonce before it hears the
//! other's, so somebody between the two who has the link has one try in a million, not many.

use super::{
    link::PairingLink,
    message::{Commitment, Hello, NewNonce, TrustedNonce},
};
use crate::secret::{Secret, derive};
use daymark_wire::{Nonce, cbor, mailbox::Side};
use std::fmt;

/// The six digits that both devices show, as `123 456`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code(u32);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03} {:03}", self.0 / 1_000, self.0 % 1_000)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code([redacted])")
    }
}

/// Stands for the whole link and all that the new device asks with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transcript(Secret<32>);

impl PairingLink {
    /// What stands in the new device's statement, so that it holds for this pairing only. Public with
    /// the *add* link; it tells nothing of the secret.
    #[must_use]
    pub fn nonce(&self) -> Nonce {
        let nonce = self.derive::<16>(b"", &[b"daymark/1/pairing/nonce"]);
        Nonce::from_bytes(*nonce.expose())
    }

    /// The key of one message: its own for each side, number and salt.
    pub(super) fn message_key(&self, side: Side, number: u32, salt: &[u8]) -> Secret<32> {
        let label = match side {
            Side::New => b"daymark/1/pairing/from-new\0".as_slice(),
            Side::Trusted => b"daymark/1/pairing/from-trusted\0",
        };
        self.derive(salt, &[label, &number.to_be_bytes()])
    }

    /// Over the whole link and what the *hello* asks, without its commitment.
    pub(super) fn transcript(&self, hello: &Hello) -> Transcript {
        let asked = cbor::to_vec(&(&hello.request, &hello.name));
        Transcript(self.derive(
            b"",
            &[b"daymark/1/pairing/transcript\0", &self.to_bytes(), &asked],
        ))
    }

    /// What the new device is bound to before it hears the other's nonce.
    pub(super) fn commitment(&self, nonce: &NewNonce, transcript: &Transcript) -> Commitment {
        let info: &[&[u8]] = &[
            b"daymark/1/pairing/commitment\0",
            nonce.as_bytes(),
            transcript.0.expose(),
        ];
        Commitment::from_bytes(*self.derive::<32>(b"", info).expose())
    }

    /// The code: eight bytes, big endian, modulo a million.
    pub(super) fn code(
        &self,
        trusted: &TrustedNonce,
        new: &NewNonce,
        transcript: &Transcript,
    ) -> Code {
        let info: &[&[u8]] = &[
            b"daymark/1/pairing/code\0",
            trusted.as_bytes(),
            new.as_bytes(),
            transcript.0.expose(),
        ];
        let wide = u64::from_be_bytes(*self.derive::<8>(b"", info).expose());
        Code(u32::try_from(wide % 1_000_000).unwrap_or_default())
    }

    fn derive<const N: usize>(&self, salt: &[u8], info: &[&[u8]]) -> Secret<N> {
        derive(salt, self.secret().expose(), info)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_out_in_two_threes() {
        assert_eq!(Code(7).to_string(), "000 007");
        assert_eq!(Code(123_456).to_string(), "123 456");
        assert_eq!(Code(999_999).to_string(), "999 999");
        assert_eq!(format!("{:?}", Code(123_456)), "Code([redacted])");
    }
}
