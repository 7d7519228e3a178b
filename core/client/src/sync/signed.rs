//! Links of this device's own making: stored before they are sent, and brought as they are until it is seen what
//! stands at their place (rule L13). Whoever was denied them, in another pairing or before a restart, signs no
//! others for that place.
//!
//! Those of the account log are brought by the caller. Of a journal or a bond each machine makes them, and brings
//! what was signed as long as it can stand.

use super::{Driver, SyncError, driver::journal, journal_logs};
use crate::vault::{Reading, SecretName, Vault, VaultError, Writing};
use daymark_core::{
    account::{are_unsettled, bring_again},
    sync::Replica,
};
use daymark_wire::{SpaceId, cbor, logs::TravelLink};

impl Vault {
    /// What a sync brings: the links that are not settled, or else these new ones, which are stored now.
    pub(super) async fn links_to_bring(
        &self,
        driver: &Driver<'_>,
        new: Vec<TravelLink>,
    ) -> Result<Vec<TravelLink>, SyncError> {
        let slot = driver.slot().await;
        let replica = journal(&slot)?.replica();
        let logs = journal_logs(replica)?;
        let stored = self.signed_links().await?;
        if !are_unsettled(&stored, logs) || stored.first() == new.first() {
            if stored != new {
                self.keep_links(&new).await?;
            }
            return Ok(new);
        }
        let Some((_, epoch)) = replica.newest_epoch() else {
            return Ok(Vec::new());
        };
        let device = &replica.device;
        let again = bring_again(stored.clone(), logs, epoch, device, self.random());
        // Where they cannot be brought just now they wait.
        let again = again.unwrap_or_default();
        if !again.is_empty() && again != stored {
            self.keep_links(&again).await?;
        }
        Ok(again)
    }

    /// Whether links were signed of which it is not known what stands at their place.
    pub(crate) async fn has_unsettled_links(&self, replica: &Replica) -> Result<bool, VaultError> {
        let logs = replica.logs.as_journal();
        let links = self.signed_links().await?;
        Ok(logs.is_some_and(|logs| are_unsettled(&links, logs)))
    }

    async fn signed_links(&self) -> Result<Vec<TravelLink>, VaultError> {
        self.reading().await?.signed_links().await
    }

    async fn keep_links(&self, links: &[TravelLink]) -> Result<(), VaultError> {
        let content = cbor::to_vec(&links);
        self.set_secret(SecretName::SignedLinks, &content).await
    }
}

impl Vault {
    /// Keeps the link that this device signs for the next place of a space's log, before it is sent.
    pub(super) async fn keep_link(
        &self,
        space: SpaceId,
        link: &TravelLink,
    ) -> Result<(), VaultError> {
        let content = cbor::to_vec(link);
        self.set_secret(SecretName::SignedLink(space), &content)
            .await
    }
}

impl Reading {
    /// What was signed last for places of this account's log.
    pub(crate) async fn signed_links(&mut self) -> Result<Vec<TravelLink>, VaultError> {
        let content = self.secret(SecretName::SignedLinks).await?;
        let Some(content) = content else {
            return Ok(Vec::new());
        };
        minicbor::decode(&content).map_err(|_| VaultError::Damaged { what: "a link" })
    }

    /// The link that this device signed last for a space's log, if it is not known what stands at its place.
    pub(super) async fn signed_link(
        &mut self,
        space: SpaceId,
    ) -> Result<Option<TravelLink>, VaultError> {
        let content = self.secret(SecretName::SignedLink(space)).await?;
        let read = content.map(|content| minicbor::decode(&content));
        read.transpose()
            .map_err(|_| VaultError::Damaged { what: "a link" })
    }
}

impl Writing {
    /// Lets go of it: it is known by now what stands at its place.
    pub(super) async fn drop_signed_link(&mut self, space: SpaceId) -> Result<(), VaultError> {
        self.drop_secret(SecretName::SignedLink(space)).await
    }
}
