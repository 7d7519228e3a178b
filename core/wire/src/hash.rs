//! SHA-256 with a label for each use, so that a hash of one thing is never a hash of another.

use crate::cbor::byte_string;
use crate::ids::{AccountId, DeviceId, EpochId, LogId};
use ring::digest;
use std::fmt;

/// What is hashed. The label goes before the bytes, ended by a zero byte (no label holds one).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// A record's header and signature: the next record of the chain names it.
    Header,
    /// A record's sealed body.
    Body,
    /// A log's link and its signature.
    Link,
    /// A blob that lies beside a link.
    Blob,
    /// A device's signing key; gives the device id.
    Device,
    /// A wrapping key, where only its hash is named.
    WrappingKey,
    /// The body of a request or a reply.
    Message,
    /// A secret that the relay may know only by its hash (invites, mailboxes).
    Token,
}

impl Domain {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Header => b"daymark/1/header\0",
            Self::Body => b"daymark/1/body\0",
            Self::Link => b"daymark/1/link\0",
            Self::Blob => b"daymark/1/blob\0",
            Self::Device => b"daymark/1/device\0",
            Self::WrappingKey => b"daymark/1/wrapping-key\0",
            Self::Message => b"daymark/1/message\0",
            Self::Token => b"daymark/1/token\0",
        }
    }
}

/// A labelled SHA-256 hash, 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// All zeros: "no hash before this one", at the start of a chain or a log.
    pub const ZERO: Self = Self([0; 32]);

    /// Hashes the parts, one after the other, under `domain`'s label.
    #[must_use]
    pub fn of(domain: Domain, parts: &[&[u8]]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(domain.label());
        for part in parts {
            context.update(part);
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        Self(bytes)
    }

    /// Wraps 32 bytes that were a hash before.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 16 bytes, from which ids are made.
    #[must_use]
    pub fn truncated(&self) -> [u8; 16] {
        let mut half = [0; 16];
        half.copy_from_slice(self.0.split_at(16).0);
        half
    }

    /// The id of the log whose first link has this hash.
    #[must_use]
    pub fn log_id(&self) -> LogId {
        LogId::from_bytes(self.truncated())
    }

    /// The id of the account whose genesis link has this hash.
    #[must_use]
    pub fn account_id(&self) -> AccountId {
        AccountId::from_bytes(self.truncated())
    }

    /// The id of the epoch whose link has this hash.
    #[must_use]
    pub fn epoch_id(&self) -> EpochId {
        EpochId::from_bytes(self.truncated())
    }

    /// The id of the device whose signing key has this hash.
    #[must_use]
    pub fn device_id(&self) -> DeviceId {
        DeviceId::from_bytes(self.truncated())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({})", hex::encode(self.0))
    }
}

byte_string!(Hash);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_hash_differently_in_every_domain() {
        let all = [
            Domain::Header,
            Domain::Body,
            Domain::Link,
            Domain::Blob,
            Domain::Device,
            Domain::WrappingKey,
            Domain::Message,
            Domain::Token,
        ];
        let mut hashes: Vec<_> = all.map(|domain| Hash::of(domain, &[b"same"])).to_vec();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), all.len());
    }
}
