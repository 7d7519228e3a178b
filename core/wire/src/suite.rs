//! The one set of algorithms. There is no negotiation: another number is refused before any key is used.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

/// A suite of algorithms. Suite 1: SHA-256, HKDF-SHA-256, Ed25519, ChaCha20-Poly1305, HPKE base mode
/// with X-Wing, Argon2id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Suite {
    /// The only suite so far.
    #[default]
    One,
}

impl Suite {
    /// The number that stands in headers and links.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::One => 1,
        }
    }
}

impl<C> Encode<C> for Suite {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.u8(self.number())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Suite {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        match d.u8()? {
            1 => Ok(Self::One),
            _ => Err(decode::Error::message("an unknown suite")),
        }
    }
}
