//! Secret bytes: wiped when dropped, compared in constant time, printed as `[redacted]` (rule K6).

use minicbor::{Decoder, Encoder, decode, encode};
use ring::hkdf;
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// `N` secret bytes. Has no `PartialEq` on purpose other than the constant-time one below.
#[derive(Clone)]
pub struct Secret<const N: usize>(Zeroizing<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// Takes secret bytes over.
    #[must_use]
    pub fn new(bytes: Zeroizing<[u8; N]>) -> Self {
        Self(bytes)
    }

    /// Reads secret bytes of exactly this length.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut secret = Zeroizing::new([0; N]);
        if bytes.len() != N {
            return None;
        }
        secret.copy_from_slice(bytes);
        Some(Self(secret))
    }

    /// The bytes, for as short a time as possible.
    #[must_use]
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// The bytes in the form that key constructors take.
    #[must_use]
    pub const fn expose_zeroizing(&self) -> &Zeroizing<[u8; N]> {
        &self.0
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(other.0.as_slice()).into()
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Writes a secret into what a person hands over, as a byte string. Nothing else encodes one: hence no trait.
pub(crate) fn write_cbor<const N: usize, C, W: encode::Write>(
    secret: &Secret<N>,
    e: &mut Encoder<W>,
    _: &mut C,
) -> Result<(), encode::Error<W::Error>> {
    e.bytes(secret.expose())?.ok()
}

/// Reads what [`write_cbor`] wrote.
pub(crate) fn read_cbor<const N: usize, C>(
    d: &mut Decoder<'_>,
    _: &mut C,
) -> Result<Secret<N>, decode::Error> {
    Secret::from_slice(d.bytes()?)
        .ok_or_else(|| decode::Error::message("a secret of another length"))
}

/// HKDF-SHA-256 (RFC 5869): `N` bytes from a salt, secret input and labelled context.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "every N here is far below 255 * 32 bytes"
)]
pub(crate) fn derive<const N: usize>(salt: &[u8], input: &[u8], info: &[&[u8]]) -> Secret<N> {
    let mut out = Zeroizing::new([0; N]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(input)
        .expand(info, Length(N))
        .and_then(|okm| okm.fill(out.as_mut_slice()))
        .expect("a short output");
    Secret(out)
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hkdf_matches_rfc_5869_test_case_1() {
        let secret: Secret<42> = derive(
            &hex("000102030405060708090a0b0c"),
            &hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
            &[&hex("f0f1f2f3f4f5f6f7f8f9")],
        );
        let expected = hex(
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        );
        assert_eq!(secret.expose().as_slice(), expected);
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        assert_eq!(
            format!("{:?}", Secret::new(Zeroizing::new([7; 32]))),
            "[redacted]"
        );
    }
}
