//! The device's own secrets: who it is, its private keys, and what else one value of a kind is kept of.

use super::{
    Reading, Vault, VaultError, Writing,
    sealer::{Sealer, Table},
};
use daymark_core::{
    keys::{AccountKeys, DeviceKey, WrappingKey},
    secret::Secret,
};
use daymark_wire::{AccountId, SpaceId};
use minicbor::{Decode, Encode, bytes::ByteArray};
use sqlx::SqliteConnection;
use std::{borrow::Cow, sync::Arc};
use zeroize::Zeroizing;

/// What is kept one of. The text stands in the table, in the clear, and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretName {
    /// What hedges every draw of random bytes (rule K1).
    Device,
    /// Account, journal and signing key.
    Identity,
    /// This device's wrapping key.
    Wrapping,
    /// The wrapping key that a rekey under way will replace it with (rule F4).
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "rekeys come with the room that forgets")
    )]
    NextWrapping,
    /// The account's keys, as the newest epoch gave them.
    AccountKeys,
    /// This device's own chain in a space.
    OwnChain(SpaceId),
    /// The relay: where, its key, the device's access.
    Relay,
    /// The relay's history as last seen, when it had all of the journal.
    Generation,
    /// The same of a bond.
    GenerationOf(SpaceId),
    /// Links of this device's own making, as they were sent (rule L13).
    SignedLinks,
    /// The link of a space's log that this device signed last (rule L13).
    SignedLink(SpaceId),
}

impl SecretName {
    pub(super) fn text(self) -> Cow<'static, str> {
        let text = match self {
            Self::Device => "device",
            Self::Identity => "identity",
            Self::Wrapping => "wrapping",
            Self::NextWrapping => "next wrapping",
            Self::AccountKeys => "account keys",
            Self::OwnChain(space) => return format!("own chain {space}").into(),
            Self::Relay => "relay",
            Self::Generation => "generation",
            Self::GenerationOf(space) => return format!("generation {space}").into(),
            Self::SignedLinks => "signed links",
            Self::SignedLink(space) => return format!("signed link {space}").into(),
        };
        text.into()
    }
}

/// Who this device is. Never changes in a vault's life.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) account: AccountId,
    pub(super) journal: SpaceId,
    pub(super) device: Arc<DeviceKey>,
}

#[derive(Encode, Decode)]
struct StoredIdentity {
    #[n(0)]
    account: AccountId,
    #[n(1)]
    journal: SpaceId,
    #[n(2)]
    seed: ByteArray<32>,
}

impl Identity {
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let stored = StoredIdentity {
            account: self.account,
            journal: self.journal,
            seed: (*self.device.seed().expose()).into(),
        };
        Zeroizing::new(daymark_wire::cbor::to_vec(&stored))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        let damaged = || VaultError::Damaged {
            what: "its identity",
        };
        let stored: StoredIdentity = minicbor::decode(bytes).map_err(|_| damaged())?;
        let seed = Secret::from_slice(stored.seed.as_slice()).ok_or_else(damaged)?;
        Ok(Self {
            account: stored.account,
            journal: stored.journal,
            device: Arc::new(DeviceKey::from_seed(seed)),
        })
    }
}

impl Writing {
    /// Keeps a secret in the place of the one before.
    pub(crate) async fn set_secret(
        &mut self,
        name: SecretName,
        content: &[u8],
    ) -> Result<(), VaultError> {
        let name = name.text();
        let sealed = self.sealer.seal(Table::Secrets, name.as_bytes(), content)?;
        sqlx::query(
            "INSERT INTO secrets (name, sealed) VALUES (?, ?) \
             ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed",
        )
        .bind(&*name)
        .bind(sealed)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

impl Reading {
    /// A secret; none when it was never set, or dropped.
    pub(crate) async fn secret(
        &mut self,
        name: SecretName,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let sealer = Arc::clone(&self.sealer);
        opened(self.connection(), &sealer, name).await
    }

    async fn needed<T>(
        &mut self,
        name: SecretName,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, VaultError> {
        let content = self.secret(name).await?;
        content
            .and_then(|content| read(&content))
            .ok_or(VaultError::Damaged { what: "a secret" })
    }

    /// Whose vault it is.
    pub(crate) async fn account(&mut self) -> Result<AccountId, VaultError> {
        let identity = self
            .needed(SecretName::Identity, |bytes| {
                Identity::from_bytes(bytes).ok()
            })
            .await?;
        Ok(identity.account)
    }

    /// The account's keys.
    pub(crate) async fn account_keys(&mut self) -> Result<AccountKeys, VaultError> {
        self.needed(SecretName::AccountKeys, AccountKeys::from_bytes)
            .await
    }

    /// This device's wrapping key.
    pub(crate) async fn wrapping_key(&mut self) -> Result<WrappingKey, VaultError> {
        self.needed(SecretName::Wrapping, |bytes| {
            Secret::from_slice(bytes).map(WrappingKey::from_seed)
        })
        .await
    }
}

/// What hedges every draw of random bytes.
pub(super) async fn device_secret(
    connection: &mut SqliteConnection,
    sealer: &Sealer,
) -> Result<Secret<32>, VaultError> {
    let content = opened(connection, sealer, SecretName::Device).await?;
    let secret = content.and_then(|content| Secret::from_slice(&content));
    secret.ok_or(VaultError::Damaged { what: "a secret" })
}

/// Who this device is.
pub(super) async fn identity(
    connection: &mut SqliteConnection,
    sealer: &Sealer,
) -> Result<Identity, VaultError> {
    let content = opened(connection, sealer, SecretName::Identity).await?;
    let content = content.ok_or(VaultError::Damaged { what: "a secret" })?;
    Identity::from_bytes(&content)
}

impl Vault {
    /// Keeps one secret, as a change of its own.
    pub(crate) async fn set_secret(
        &self,
        name: SecretName,
        content: &[u8],
    ) -> Result<(), VaultError> {
        let mut writing = self.writing().await?;
        writing.set_secret(name, content).await?;
        writing.commit().await
    }

    /// One secret.
    pub(crate) async fn secret(
        &self,
        name: SecretName,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.reading().await?.secret(name).await
    }
}

async fn opened(
    connection: &mut SqliteConnection,
    sealer: &Sealer,
    name: SecretName,
) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    let name = name.text();
    let sealed: Option<Vec<u8>> = sqlx::query_scalar("SELECT sealed FROM secrets WHERE name = ?")
        .bind(&*name)
        .fetch_optional(connection)
        .await?;
    let open = |sealed: Vec<u8>| sealer.open(Table::Secrets, name.as_bytes(), &sealed);
    sealed.map(open).transpose()
}
