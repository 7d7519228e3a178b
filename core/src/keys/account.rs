//! What all devices of an account share: its private wrapping key and the secret for computed ids (rule K4).

use super::{CannotOpen, WrappingKey};
use crate::{
    random::{NoRandomness, Purpose, Random},
    secret::Secret,
};
use daymark_wire::DocumentId;
use minicbor::{Decode, Encode};
use ring::hmac;
use zeroize::Zeroizing;

/// 32 random bytes from which the ids of pages, imports and shares are computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSecret(Secret<32>);

impl AccountSecret {
    /// The id of the document of this name (rule R8): the same on every device, and telling nobody
    /// else what it is. `n` is the smallest number that no forget names.
    #[must_use]
    pub fn document_id(&self, name: &str, n: u32) -> DocumentId {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose());
        let mut context = hmac::Context::with_key(&key);
        context.update(b"daymark/1/document-id\0");
        context.update(name.as_bytes());
        context.update(b"\0");
        context.update(&n.to_be_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(context.sign().as_ref().split_at(16).0);
        DocumentId::from_bytes(id)
    }
}

/// The account's private keys, as sealed beside every journal epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountKeys {
    /// The account key, newest first; older ones as long as a bond still needs them.
    pub wrapping: Vec<WrappingKey>,
    /// The account secret.
    pub secret: AccountSecret,
}

#[derive(Encode, Decode)]
struct Stored {
    #[n(0)]
    wrapping: Vec<minicbor::bytes::ByteArray<32>>,
    #[n(1)]
    secret: minicbor::bytes::ByteArray<32>,
}

impl AccountKeys {
    /// Draws a new account's keys.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self {
            wrapping: vec![WrappingKey::generate(random)?],
            secret: AccountSecret(random.secret(Purpose::AccountSecret)?),
        })
    }

    /// The account key that stands.
    ///
    /// # Errors
    /// [`CannotOpen`] when there is none, which only damaged storage gives.
    pub fn newest(&self) -> Result<&WrappingKey, CannotOpen> {
        self.wrapping.first().ok_or(CannotOpen)
    }

    /// Encodes the keys, to be sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let stored = Stored {
            wrapping: self
                .wrapping
                .iter()
                .map(|key| (*key.seed().expose()).into())
                .collect(),
            secret: (*self.secret.0.expose()).into(),
        };
        Zeroizing::new(daymark_wire::cbor::to_vec(&stored))
    }

    /// Reads the keys.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let stored: Stored = minicbor::decode(bytes).ok()?;
        let wrapping: Option<Vec<_>> = stored
            .wrapping
            .iter()
            .map(|seed| Secret::from_slice(seed.as_slice()).map(WrappingKey::from_seed))
            .collect();
        let secret = AccountSecret(Secret::from_slice(stored.secret.as_slice())?);
        Some(Self {
            wrapping: wrapping.filter(|keys| !keys.is_empty())?,
            secret,
        })
    }
}
