//! Names of shared things.

use crate::keys::AccountSecret;
use daymark_wire::{DocumentId, SpaceId, ids::ParseIdError};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use std::{fmt, num::NonZeroU32, str::FromStr};

/// One share: one entry, shared with one supporter. 16 computed bytes (rule R8), which tell nobody else anything
/// about the entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShareId([u8; 16]);

impl ShareId {
    /// A share with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The share of an entry in a bond, after so many before it: the same on every device of the account, so what two of
    /// them share at once is one share (rule R8).
    #[must_use]
    pub fn computed(secret: &AccountSecret, entry: DocumentId, bond: SpaceId, before: u32) -> Self {
        let id = secret.document_id(&format!("share:{entry}:{bond}"), before);
        Self(*id.as_bytes())
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl FromStr for ShareId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        // Written like a document's id.
        let id: DocumentId = text.parse()?;
        Ok(Self(*id.as_bytes()))
    }
}

impl fmt::Display for ShareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ShareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShareId({self})")
    }
}

impl<C> Encode<C> for ShareId {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for ShareId {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        <[u8; 16]>::try_from(d.bytes()?)
            .map(Self)
            .map_err(|_| decode::Error::message("a share's id is 16 bytes"))
    }
}

/// Which copy of a share this is, from 1. Sharing again makes the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct CopyNumber(#[n(0)] NonZeroU32);

impl CopyNumber {
    /// The first copy.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The copy after this one; `None` at the end of the number range.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for CopyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys::AccountKeys, random::tests::seeded};

    #[test]
    fn a_share_is_written_in_hexadecimal_digits() {
        let share = ShareId::from_bytes([0xa7; 16]);
        assert_eq!(share.to_string(), "a7".repeat(16));
        assert_eq!(share.to_string().parse(), Ok(share));
        assert!("a7".parse::<ShareId>().is_err());
    }

    #[test]
    fn r8_the_share_of_an_entry_in_a_bond_is_computed_as_the_protocol_says() {
        let secret = AccountKeys::generate(&seeded(1)).unwrap().secret;
        let (entry, bond) = (
            DocumentId::from_bytes([0x0e; 16]),
            SpaceId::from_bytes([0xb0; 16]),
        );
        let name = format!("share:{}:{}", "0e".repeat(16), "b0".repeat(16));
        for before in [0, 1] {
            let share = ShareId::computed(&secret, entry, bond, before);
            let id = secret.document_id(&name, before);
            assert_eq!(share, ShareId::from_bytes(*id.as_bytes()));
        }
    }

    #[test]
    fn copies_are_numbered_from_one() {
        assert_eq!(CopyNumber::FIRST.next().unwrap().get(), 2);
        assert!(minicbor::decode::<CopyNumber>(&[0]).is_err());
        assert_eq!(
            minicbor::decode::<CopyNumber>(&[1]).unwrap(),
            CopyNumber::FIRST
        );
    }
}
