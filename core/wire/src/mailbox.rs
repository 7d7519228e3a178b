//! Pairing mailboxes: two devices talk through the relay, sealed under a secret it never sees (rule Q2).
//!
//! A trusted device makes a mailbox with a signed request. One other takes it, once; each side then adds
//! numbered messages and reads the other's. The relay sees sizes and times.

use crate::{
    cbor::{self, DecodeError, byte_string},
    limits,
};
use minicbor::{Decode, Encode};
use std::fmt;

/// A mailbox's name: 16 random bytes that only the pairing link carries.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MailboxId([u8; 16]);

/// What the one who takes a mailbox shows with each request: 16 random bytes of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Taker([u8; 16]);

/// Declares what a secret name needs: bytes, hex for addresses, no Debug of its value.
macro_rules! secret_name {
    ($name:ident) => {
        impl $name {
            /// Wraps the bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// As 32 hexadecimal digits.
            #[must_use]
            pub fn to_hex(&self) -> String {
                hex::encode(self.0)
            }

            /// From 32 hexadecimal digits.
            #[must_use]
            pub fn from_hex(text: &str) -> Option<Self> {
                let mut bytes = [0; 16];
                hex::decode_to_slice(text, &mut bytes)
                    .ok()
                    .map(|()| Self(bytes))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }

        byte_string!($name);
    };
}

secret_name!(MailboxId);
secret_name!(Taker);

/// One side of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Side {
    /// The device that made it, already one of the account's.
    #[n(0)]
    Trusted,
    /// The device that took it.
    #[n(1)]
    New,
}

/// `POST /v1/mailboxes/{id}`: says something, or only asks. Signed by the trusted side; the new side
/// shows its `taker` instead.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct MailboxRequest {
    /// Set by the new side. The first to show one has taken the mailbox.
    #[n(0)]
    pub taker: Option<Taker>,
    /// A message of one's own with its number, from 0; the same again is the same message.
    #[n(1)]
    pub say: Option<MailboxMessage>,
    /// How many messages of the other side are known already.
    #[n(2)]
    pub heard: u32,
    /// How long the relay may wait for the other side to say more, in milliseconds; bounded by the relay.
    #[n(3)]
    pub wait_ms: u32,
}

/// One sealed message.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct MailboxMessage {
    /// Its number on its side, from 0.
    #[n(0)]
    pub number: u32,
    /// Sealed under the pairing secret; at most [`limits::MAX_MAILBOX_MESSAGE_BYTES`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

/// The messages of the other side beyond `heard`, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct MailboxReply {
    /// Those messages.
    #[n(0)]
    pub messages: Vec<MailboxMessage>,
}

impl MailboxRequest {
    /// Encodes the request.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    /// Reads a request.
    ///
    /// # Errors
    /// A [`DecodeError`] for bytes that are not a request within the limits.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        const WHAT: &str = "mailbox request";
        let limit = limits::MAX_MAILBOX_MESSAGE_BYTES + 128;
        let request: Self = cbor::exactly(WHAT, bytes, limit)?;
        if let Some(say) = &request.say {
            cbor::at_most(WHAT, &say.sealed, limits::MAX_MAILBOX_MESSAGE_BYTES)?;
        }
        Ok(request)
    }
}

impl MailboxReply {
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
        let limit = (limits::MAX_MAILBOX_MESSAGE_BYTES + 16) * limits::MAX_MAILBOX_MESSAGES;
        cbor::exactly("mailbox reply", bytes, limit)
    }
}
