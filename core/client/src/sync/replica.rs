//! Loads what a sync must know from the vault.

use crate::vault::{Vault, VaultError};
use daymark_core::{
    account::Logs,
    sync::{OwnChain, Replica},
};
use std::{collections::BTreeSet, sync::Arc};

impl Vault {
    /// Everything about this vault's journal but its documents, as of one moment.
    pub(crate) async fn load_replica(&self) -> Result<Replica, VaultError> {
        let space = self.journal();
        let mut reading = self.reading().await?;
        let links = reading.links().await?;
        let logs = Logs::fold(&links).map_err(|_| VaultError::Damaged { what: "its logs" })?;
        let forgotten: BTreeSet<_> = logs
            .journal()
            .epochs()
            .iter()
            .flat_map(|epoch| &epoch.forgets)
            .copied()
            .collect();
        let own = match reading.own_chain().await? {
            Some(own) => own,
            None => OwnChain::first(self.device(), self.random())?,
        };
        Ok(Replica {
            logs,
            device: Arc::clone(self.device_key()),
            wrapping: reading.wrapping_key().await?,
            account_keys: reading.account_keys().await?,
            epochs: reading.epochs().await?,
            chains: reading.chains(space).await?,
            own,
            holes: reading.holes().await?,
            forgotten,
            generation: reading.generation().await?,
        })
    }
}
