//! What all links have in common: their place in a log, their author, and how they travel.

use super::{AccountContent, BondContent, JournalContent, LogError};
use crate::{
    DeviceId, Hash, LogId, Suite,
    cbor::{self, DecodeError, byte_string},
    hash::Domain,
    limits,
    signing::{Context, Payload, Signature, Signed},
};
use minicbor::{Decode, Encode};
use std::fmt;

/// The three kinds of log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum LogKind {
    /// A person's devices and keys.
    #[n(0)]
    Account,
    /// The epochs of a person's own journal.
    #[n(1)]
    Journal,
    /// Two people's agreement and its epochs.
    #[n(2)]
    Bond,
}

/// The first 16 bytes of a link's hash: enough to tell one head from another in a header.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeadHash([u8; 16]);

impl HeadHash {
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
}

impl From<Hash> for HeadHash {
    fn from(hash: Hash) -> Self {
        Self(hash.truncated())
    }
}

impl fmt::Debug for HeadHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeadHash({})", hex::encode(self.0))
    }
}

byte_string!(HeadHash);

/// How long a log is and what its last link hashes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Head {
    /// Number of links.
    #[n(0)]
    pub length: u64,
    /// Hash of the last link.
    #[n(1)]
    pub hash: HeadHash,
}

/// Who signs a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
pub enum Author {
    /// The account's root key, from the recovery phrase.
    #[n(0)]
    Root,
    /// A device.
    #[n(1)]
    Device(#[n(0)] DeviceId),
}

/// What a link says and where it stands. `C` is the content of one kind of log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct LinkBody<C> {
    /// Algorithms.
    #[n(0)]
    pub suite: Suite,
    /// The log; zeros in its first link, whose hash gives the id.
    #[n(1)]
    pub log: LogId,
    /// The place in the log, from 1.
    #[n(2)]
    pub position: u64,
    /// The hash of the link before; zeros in the first.
    #[n(3)]
    pub previous: Hash,
    /// Who signs.
    #[n(4)]
    pub author: Author,
    /// The account heads that the link rests on (rule L3): none in an account log, one in a journal
    /// log, two (owner, supporter) in a bond log.
    #[n(5)]
    pub rests_on: Vec<Head>,
    /// What it says.
    #[n(6)]
    pub content: C,
}

/// The content of one kind of log.
pub trait Content: for<'b> Decode<'b, ()> + Encode<()> {
    /// The kind.
    const KIND: LogKind;
    /// What its signatures are for.
    const CONTEXT: Context;
    /// Account heads in `rests_on`.
    const HEADS: usize;

    /// Hash of the blob that must lie beside the link.
    fn blob(&self) -> Option<Hash>;
}

impl<C: Content> Payload for LinkBody<C> {
    const CONTEXT: Context = C::CONTEXT;

    fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::suite_first("link", bytes)?;
        let body: Self = cbor::exactly("link", bytes, limits::MAX_LINK_BYTES)?;
        let first = body.position == 1;
        let well_formed = body.position > 0
            && first == body.log.is_zero()
            && first == (body.previous == Hash::ZERO)
            && body.rests_on.len() == C::HEADS;
        if !well_formed {
            return Err(DecodeError::Malformed { what: "link" });
        }
        cbor::canonical("link", &body.to_bytes(), bytes)?;
        Ok(body)
    }
}

/// A signed link of a log with content `C`, its signature unverified.
pub type Link<C> = Signed<LinkBody<C>>;

impl<C: Content> Link<C> {
    /// The hash that the next link names.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(Domain::Link, &[self.bytes(), self.signature().as_bytes()])
    }

    /// The log this link belongs to: the one it names, or its own hash if it is the first.
    #[must_use]
    pub fn log_id(&self) -> LogId {
        if self.claimed().position == 1 {
            self.hash().log_id()
        } else {
            self.claimed().log
        }
    }

    /// The head of the log when this link is its last.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            length: self.claimed().position,
            hash: self.hash().into(),
        }
    }

    /// The form in which it travels and is stored, with the blob beside it.
    #[must_use]
    pub fn to_travel(&self, blob: Option<Vec<u8>>) -> TravelLink {
        TravelLink {
            kind: C::KIND,
            bytes: self.bytes().to_vec(),
            signature: *self.signature(),
            blob,
        }
    }

    /// Whether the link stands right after `last` in log `log`.
    pub(super) fn follows(&self, log: LogId, last: (u64, Hash)) -> Result<(), LogError> {
        let body = self.claimed();
        if self.log_id() != log {
            return Err(LogError::OtherLog);
        }
        if Some(body.position) != last.0.checked_add(1) || body.previous != last.1 {
            return Err(LogError::NotNext);
        }
        Ok(())
    }
}

/// A link of any log as it travels, with the blob that lies beside it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct TravelLink {
    /// Which kind of log.
    #[n(0)]
    pub kind: LogKind,
    /// The exact bytes that were signed.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    /// The author's signature.
    #[n(2)]
    pub signature: Signature,
    /// The encoded [`crate::wrapping::Wraps`], where the content names one. A relay deletes old ones.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub blob: Option<Vec<u8>>,
}

impl TravelLink {
    /// Reads the link as one of log content `C`.
    ///
    /// # Errors
    /// [`LogError::Decode`] when it is not one, [`LogError::WrongBlob`] when a blob is there that the
    /// link does not name. A blob that is *missing* is for the caller to judge: relays delete old ones.
    pub fn open<C: Content>(&self) -> Result<Link<C>, LogError> {
        if self.kind != C::KIND {
            return Err(LogError::OtherLog);
        }
        let link = Link::<C>::from_parts(self.bytes.clone(), self.signature)?;
        if let Some(blob) = &self.blob {
            let limit = match C::KIND {
                LogKind::Bond => limits::MAX_BOND_BLOB_BYTES,
                LogKind::Account | LogKind::Journal => limits::MAX_BLOB_BYTES,
            };
            cbor::at_most("blob", blob, limit)?;
            if link.claimed().content.blob() != Some(Hash::of(Domain::Blob, &[blob])) {
                return Err(LogError::WrongBlob);
            }
        }
        Ok(link)
    }

    /// Its bytes, with what lies beside it.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len() + self.blob.as_ref().map_or(0, Vec::len)
    }

    /// The hash that the next link names.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(Domain::Link, &[&self.bytes, self.signature.as_bytes()])
    }

    /// The hash of the link before, as this one names it; zeros in the first.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn previous(&self) -> Result<Hash, LogError> {
        Ok(match self.kind {
            LogKind::Account => self.open::<AccountContent>()?.claimed().previous,
            LogKind::Journal => self.open::<JournalContent>()?.claimed().previous,
            LogKind::Bond => self.open::<BondContent>()?.claimed().previous,
        })
    }
}
