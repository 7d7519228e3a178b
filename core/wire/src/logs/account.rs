//! The account log's links: a person's devices and keys (rule L1). Bond partners read them too.

use super::{
    Head, HeadHash, LogKind,
    journal::EpochCommitment,
    link::{Content, Link},
};
use crate::{
    AccountId, DeviceId, Hash, Nonce, SpaceId,
    cbor::{self, DecodeError},
    limits,
    signing::{BadSignature, Context, Payload, Signature, Signed, SigningKey, VerifyingKey},
    wrapping::WrappingPublicKey,
};
use minicbor::{Decode, Encode};

/// A link of an account log.
pub type AccountLink = Link<AccountContent>;

/// What an account link says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum AccountContent {
    /// The first link, signed by root. Its hash is the account's id.
    #[n(0)]
    Genesis {
        /// Public half of the root key.
        #[n(0)]
        root: VerifyingKey,
        /// Public half of the recovery key.
        #[n(1)]
        recovery: WrappingPublicKey,
        /// The first device.
        #[n(2)]
        device: NewDevice,
        /// Public half of the account key, for which bonds wrap.
        #[n(3)]
        account_key: WrappingPublicKey,
        /// The home relay; none for an account that was made offline.
        #[n(4)]
        home: Option<Home>,
    },
    /// Another device, said by an active device or root.
    #[n(1)]
    Add {
        /// Its statement, signed by itself.
        #[n(0)]
        device: NewDevice,
    },
    /// A device is no longer one of the account's.
    #[n(2)]
    Revoke {
        /// Which.
        #[n(0)]
        device: DeviceId,
    },
    /// A new account key; stands only with a journal epoch in the same request (rule L5).
    #[n(3)]
    AccountKey {
        /// Its public half.
        #[n(0)]
        key: WrappingPublicKey,
    },
    /// A new recovery phrase, said by the old root.
    #[n(4)]
    NewRoot {
        /// The new root key.
        #[n(0)]
        root: VerifyingKey,
        /// The new recovery key.
        #[n(1)]
        recovery: WrappingPublicKey,
        /// Proof that the new root agrees: its signature over the account id and both keys
        /// ([`new_root_message`]), in the context of a new device.
        #[n(2)]
        proof: Signature,
    },
    /// A new home relay.
    #[n(5)]
    Move {
        /// Where to.
        #[n(0)]
        home: Home,
    },
    /// Back to the last good link, by root (rule L10).
    #[n(6)]
    Reset(#[n(0)] Reset),
}

impl Content for AccountContent {
    const KIND: LogKind = LogKind::Account;
    const CONTEXT: Context = Context::AccountLink;
    const HEADS: usize = 0;

    fn blob(&self) -> Option<Hash> {
        None
    }
}

/// A relay that keeps an account's log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Home {
    /// The relay's key.
    #[n(0)]
    pub relay: VerifyingKey,
    /// Its base address, at most [`limits::MAX_URL_BYTES`] long.
    #[n(1)]
    pub url: String,
}

/// What root says when it goes back (rule L10).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Reset {
    /// The last good link of the account log.
    #[n(0)]
    pub account: Head,
    /// The last good link of each space's log.
    #[n(1)]
    pub spaces: Vec<SpaceHead>,
    /// The devices that stand.
    #[n(2)]
    pub stand: Vec<DeviceId>,
    /// A new account key.
    #[n(3)]
    pub account_key: WrappingPublicKey,
    /// The epochs begun with it.
    #[n(4)]
    pub epochs: Vec<SpaceEpoch>,
}

/// The last good link of one space's log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SpaceHead {
    /// The space.
    #[n(0)]
    pub space: SpaceId,
    /// Number of links that stand.
    #[n(1)]
    pub length: u64,
    /// Hash of the last of them.
    #[n(2)]
    pub hash: HeadHash,
}

/// The epoch that a reset begins in one space.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SpaceEpoch {
    /// The space.
    #[n(0)]
    pub space: SpaceId,
    /// The new epoch's commitment, which its link repeats.
    #[n(1)]
    pub commitment: EpochCommitment,
}

/// What a new device says of itself before it is added. Not bound to the log's head, so that it stays
/// true when another link is appended first.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct NewDeviceStatement {
    /// Its signing key; the hash is its id.
    #[n(0)]
    pub signing: VerifyingKey,
    /// Hash of its first wrapping key, which its journal link carries whole.
    #[n(1)]
    pub wrapping: Hash,
    /// The account that it joins; zeros in a genesis.
    #[n(2)]
    pub account: AccountId,
    /// The pairing's nonce; random in a genesis.
    #[n(3)]
    pub nonce: Nonce,
}

impl Payload for NewDeviceStatement {
    const CONTEXT: Context = Context::NewDevice;

    fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        const WHAT: &str = "new device's statement";
        let statement: Self = cbor::exactly(WHAT, bytes, limits::MAX_HEADER_BYTES)?;
        cbor::canonical(WHAT, &statement.to_bytes(), bytes)?;
        Ok(statement)
    }
}

/// A new device's statement with its own signature.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct NewDevice {
    #[cbor(n(0), with = "minicbor::bytes")]
    statement: Vec<u8>,
    #[n(1)]
    signature: Signature,
}

impl NewDevice {
    /// The device signs its own statement.
    #[must_use]
    pub fn sign(statement: NewDeviceStatement, key: &SigningKey) -> Self {
        let signed = Signed::sign(statement, key);
        Self {
            statement: signed.bytes().to_vec(),
            signature: *signed.signature(),
        }
    }

    /// The statement, if the device really signed it.
    ///
    /// # Errors
    /// [`BadSignature`] when it is not a statement or not signed by the key that it names.
    pub fn verify(&self) -> Result<NewDeviceStatement, BadSignature> {
        let signed =
            Signed::<NewDeviceStatement>::from_parts(self.statement.clone(), self.signature)
                .map_err(|_| BadSignature)?;
        let key = signed.claimed().signing;
        Ok(signed.verify(&key)?.get().clone())
    }
}

/// What a new root signs to show that it agrees.
#[must_use]
pub fn new_root_message(
    account: AccountId,
    root: &VerifyingKey,
    recovery: &WrappingPublicKey,
) -> Vec<u8> {
    [
        b"new root\0".as_slice(),
        account.as_bytes(),
        root.as_bytes(),
        recovery.as_bytes(),
    ]
    .concat()
}
