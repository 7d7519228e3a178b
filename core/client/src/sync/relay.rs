//! Which relay this vault uses.

use super::SyncError;
use crate::{
    connection::{Identity, Invite, Relay, RelayAddress, RelayError},
    vault::{SecretName, Vault, VaultError, Writing},
};
use daymark_wire::{cbor, logs::Home};
use minicbor::{Decode, Encode};
use std::sync::Arc;

/// As the vault keeps it.
#[derive(Debug, Encode, Decode)]
struct StoredRelay {
    #[n(0)]
    home: Home,
    /// Until the relay took the registration.
    #[n(1)]
    invite: Option<String>,
}

impl Vault {
    /// Sets the relay of this vault. The next sync registers there, with the invite where one is given, and
    /// takes everything along.
    ///
    /// # Errors
    /// [`VaultError`]; the relay is the one before.
    pub async fn set_relay(
        &self,
        address: &RelayAddress,
        invite: Option<&Invite>,
    ) -> Result<(), VaultError> {
        let mut writing = self.writing().await?;
        writing.put_relay(address, invite).await?;
        writing.commit().await
    }

    /// The relay of this vault.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn relay(&self) -> Result<Option<RelayAddress>, VaultError> {
        let stored = self.stored_relay().await?;
        let address = stored.map(|stored| RelayAddress::from_home(&stored.home));
        address
            .transpose()
            .map_err(|_| VaultError::Damaged { what: "its relay" })
    }

    /// The invite with which this vault registers at its relay, where one was given.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn relay_invite(&self) -> Result<Option<Invite>, VaultError> {
        let stored = self.stored_invite().await?;
        let invite = stored.map(|text| Invite::parse(&text));
        invite
            .transpose()
            .map_err(|_| VaultError::Damaged { what: "its relay" })
    }

    async fn stored_relay(&self) -> Result<Option<StoredRelay>, VaultError> {
        let content = self.secret(SecretName::Relay).await?;
        let read = content.map(|content| minicbor::decode(&content));
        read.transpose()
            .map_err(|_| VaultError::Damaged { what: "its relay" })
    }

    pub(super) async fn stored_invite(&self) -> Result<Option<String>, VaultError> {
        Ok(self.stored_relay().await?.and_then(|stored| stored.invite))
    }

    /// A connection to this vault's relay.
    pub(crate) async fn connect(&self) -> Result<Relay, SyncError> {
        let address = self.relay().await?.ok_or(SyncError::NoRelay)?;
        Ok(self.connect_to(address)?)
    }

    pub(crate) fn connect_to(&self, address: RelayAddress) -> Result<Relay, RelayError> {
        let identity = Identity {
            account: self.account(),
            device: Arc::clone(self.device_key()),
        };
        Relay::new(
            address,
            identity,
            Arc::clone(self.clock()),
            Arc::clone(self.random()),
        )
    }
}

impl Writing {
    /// Whether a relay is set.
    pub(crate) async fn has_relay(&mut self) -> Result<bool, VaultError> {
        Ok(self.secret(SecretName::Relay).await?.is_some())
    }

    /// Keeps the relay, in the place of the one before.
    pub(crate) async fn put_relay(
        &mut self,
        address: &RelayAddress,
        invite: Option<&Invite>,
    ) -> Result<(), VaultError> {
        let stored = StoredRelay {
            home: address.to_home(),
            invite: invite.map(Invite::to_text),
        };
        self.set_secret(SecretName::Relay, &cbor::to_vec(&stored))
            .await
    }
}
