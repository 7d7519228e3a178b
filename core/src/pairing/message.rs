//! What the two devices say, before it is sealed: a CBOR value, filled up to one length for all.

use crate::account::DeviceRequest;
use daymark_wire::{Nonce, cbor, sync::KnownLog};
use minicbor::{Decode, Encode, bytes::ByteArray};
use std::fmt;
use zeroize::Zeroizing;

/// Length of every message before it is sealed. The relay cannot tell a *hello* from a refusal, nor a
/// short name from a long one.
pub(super) const FILLED_BYTES: usize = 2016;

/// Length of the content's length before it.
const LENGTH_BYTES: usize = 2;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(super) enum Message {
    /// New 0.
    #[n(0)]
    Hello(#[n(0)] Hello),
    /// Trusted 0.
    #[n(1)]
    Reply(#[n(0)] TrustedNonce),
    /// New 1.
    #[n(2)]
    Reveal(#[n(0)] NewNonce),
    /// Trusted 1: let in. The heads of account and journal log, with the two links on them.
    #[n(3)]
    Welcome(#[n(0)] Vec<KnownLog>),
    /// Trusted, at any time: not let in.
    #[n(4)]
    Refused,
}

/// What a new device asks with.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub(super) struct Hello {
    /// Its statement and its wrapping key.
    #[n(0)]
    pub request: DeviceRequest,
    /// To the nonce that it will reveal.
    #[n(1)]
    pub commitment: Commitment,
    /// What its person calls it. Sealed, so the relay never sees it.
    #[n(2)]
    pub name: String,
}

impl fmt::Debug for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hello([redacted])")
    }
}

/// Declares 16 random bytes of one side.
macro_rules! nonce_of {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
        #[cbor(transparent)]
        pub(super) struct $name(#[n(0)] Nonce);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }

        impl $name {
            /// Wraps the bytes.
            pub(super) const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Nonce::from_bytes(bytes))
            }

            /// The bytes.
            pub(super) const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }
    };
}

nonce_of!(
    /// The new device's, committed to and revealed later.
    NewNonce
);
nonce_of!(
    /// The trusted device's.
    TrustedNonce
);

/// The new device's commitment.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub(super) struct Commitment(#[n(0)] ByteArray<32>);

impl Commitment {
    /// Wraps the bytes.
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes.into())
    }
}

impl Message {
    /// `length ‖ content ‖ zeros`; `None` if it is too long, which only a name beyond its limit makes it.
    pub(super) fn to_filled(&self) -> Option<Zeroizing<Vec<u8>>> {
        let content = cbor::to_vec(self);
        let length = u16::try_from(content.len()).ok()?.to_be_bytes();
        let mut filled = Zeroizing::new([length.as_slice(), &content].concat());
        if filled.len() > FILLED_BYTES {
            return None;
        }
        filled.resize(FILLED_BYTES, 0);
        Some(filled)
    }

    /// Reads what [`Self::to_filled`] makes, and nothing else.
    pub(super) fn from_filled(filled: &[u8]) -> Option<Self> {
        let (length, rest) = filled.split_at_checked(LENGTH_BYTES)?;
        let length = u16::from_be_bytes(length.try_into().ok()?).into();
        let (content, zeros) = rest.split_at_checked(length)?;
        if filled.len() != FILLED_BYTES || zeros.iter().any(|byte| *byte != 0) {
            return None;
        }
        cbor::exactly("pairing message", content, FILLED_BYTES).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_has_one_length_and_comes_back() {
        let said = [
            Message::Reply(TrustedNonce::from_bytes([1; 16])),
            Message::Reveal(NewNonce::from_bytes([2; 16])),
            Message::Welcome(Vec::new()),
            Message::Refused,
        ];
        for message in said {
            let filled = message.to_filled().unwrap();
            assert_eq!(filled.len(), FILLED_BYTES);
            assert_eq!(Message::from_filled(&filled), Some(message));
        }
    }

    #[test]
    fn other_fillings_are_refused() {
        let filled = Message::Refused.to_filled().unwrap();
        let mut not_zeros = filled.clone();
        not_zeros[FILLED_BYTES - 1] = 1;
        assert_eq!(Message::from_filled(&not_zeros), None);
        let mut beyond = filled.clone();
        beyond[0] = 0xff;
        assert_eq!(Message::from_filled(&beyond), None);
        assert_eq!(Message::from_filled(&filled[..100]), None);
        assert_eq!(Message::from_filled(&[]), None);
    }
}
