//! The journal log's links: who can open which epoch of a person's own journal (rules L2 to L5).

use super::{
    LogKind,
    link::{Content, Link},
};
use crate::{
    AccountId, DeviceId, DocumentId, EpochId, Generation, Hash, Have, Nonce,
    cbor::byte_string,
    signing::{Context, VerifyingKey},
    wrapping::{Recipient, WrappingPublicKey},
};
use minicbor::{Decode, Encode};
use std::fmt;

/// A link of a journal log.
pub type JournalLink = Link<JournalContent>;

/// What a journal link says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum JournalContent {
    /// The first link, signed by the account's first device. Its hash is the space's id.
    #[n(0)]
    Open {
        /// Whose journal.
        #[n(0)]
        account: AccountId,
        /// The first device's wrapping key.
        #[n(1)]
        wrapping: WrappingPublicKey,
        /// Random.
        #[n(2)]
        nonce: Nonce,
    },
    /// A device can open the newest epoch from here on; the wrap lies beside.
    #[n(1)]
    Enter(#[n(0)] Enter),
    /// A device replaced its wrapping key.
    #[n(2)]
    Rekey(#[n(0)] Rekey),
    /// A new generation of the space's secret; the wraps lie beside.
    #[n(3)]
    Epoch(#[n(0)] EpochContent),
}

impl Content for JournalContent {
    const KIND: LogKind = LogKind::Journal;
    const CONTEXT: Context = Context::JournalLink;
    const HEADS: usize = 1;

    fn blob(&self) -> Option<Hash> {
        match self {
            Self::Open { .. } | Self::Rekey(_) => None,
            Self::Enter(enter) => Some(enter.wraps),
            Self::Epoch(epoch) => Some(epoch.wraps),
        }
    }
}

/// A device enters the newest epoch.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Enter {
    /// Which device.
    #[n(0)]
    pub device: DeviceId,
    /// Its wrapping key.
    #[n(1)]
    pub wrapping: WrappingPublicKey,
    /// The epoch whose secret is wrapped for it.
    #[n(2)]
    pub epoch: EpochId,
    /// Hash of the blob.
    #[n(3)]
    pub wraps: Hash,
}

/// A device's new wrapping key (rule F4).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Rekey {
    /// The new key.
    #[n(0)]
    pub wrapping: WrappingPublicKey,
    /// The newest epoch that the device opened.
    #[n(1)]
    pub epoch: EpochId,
    /// It cannot open the newest epoch and asks to be let in (rule F5).
    #[n(2)]
    pub locked: bool,
}

/// One epoch (rule L4).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct EpochContent {
    /// 1 for the first, then one more each time. Only counts; an epoch is named by its link's hash.
    #[n(0)]
    pub number: u64,
    /// Commitment to the secret.
    #[n(1)]
    pub commitment: EpochCommitment,
    /// Hash of the blob.
    #[n(2)]
    pub wraps: Hash,
    /// Whom the secret is wrapped for, in ascending order.
    #[n(3)]
    pub recipients: Vec<Recipient>,
    /// How far the author knew each chain of the space.
    #[n(4)]
    pub have: Have,
    /// The documents forgotten with it, in ascending order.
    #[n(5)]
    pub forgets: Vec<DocumentId>,
    /// The relay and generation that the author spoke to; none offline.
    #[n(6)]
    pub made_for: Option<MadeFor>,
}

/// A relay's history, by key and generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct MadeFor {
    /// The relay's key.
    #[n(0)]
    pub relay: VerifyingKey,
    /// Its generation.
    #[n(1)]
    pub generation: Generation,
}

/// A public value that binds an epoch link to one secret: HKDF of the secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EpochCommitment([u8; 32]);

impl EpochCommitment {
    /// Wraps 32 bytes that core derived.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for EpochCommitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EpochCommitment({})", hex::encode(self.0))
    }
}

byte_string!(EpochCommitment);
