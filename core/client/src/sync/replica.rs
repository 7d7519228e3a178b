//! Loads what a sync must know from the vault.

use super::SyncError;
use crate::vault::{Reading, Vault, VaultError};
use daymark_core::{
    account::Logs,
    keys::DeviceKey,
    random::Random,
    sync::{ChainHead, Chains, OwnChain, Replica, SpaceLogs},
};
use daymark_wire::{Record, Seq};
use std::sync::Arc;

impl Reading {
    /// Everything about a space but its documents.
    pub(crate) async fn replica(
        &mut self,
        logs: SpaceLogs,
        (device, random): (&Arc<DeviceKey>, &Random),
    ) -> Result<Replica, VaultError> {
        let space = logs.space();
        let own = match self.own_chain_of(space).await? {
            Some(own) => own,
            None => OwnChain::first(device.id(), random)?,
        };
        Ok(Replica {
            device: Arc::clone(device),
            wrapping: self.wrapping_key().await?,
            account_keys: self.account_keys().await?,
            epochs: self.epochs_of(space).await?,
            chains: acknowledged(
                self.chains(space).await?,
                &self.unacknowledged(space).await?,
            ),
            own,
            holes: self.holes(&logs).await?,
            forgotten: logs.forgotten().collect(),
            generation: self.generation_of(space).await?,
            signed: self.signed_link(space).await?,
            logs,
        })
    }
}

impl Vault {
    /// Everything about this vault's journal but its documents, as of one moment.
    pub(crate) async fn load_replica(&self) -> Result<Replica, VaultError> {
        let mut reading = self.reading().await?;
        let links = reading.journal_links().await?;
        let logs = Logs::fold(&links).map_err(|_| VaultError::Damaged { what: "its logs" })?;
        let means = (self.device_key(), &**self.random());
        reading.replica(logs.into(), means).await
    }
}

/// The logs of the journal.
///
/// # Errors
/// [`SyncError::Failed`] for what is a bond's.
pub(crate) fn journal_logs(replica: &Replica) -> Result<&Logs, SyncError> {
    replica.logs.as_journal().ok_or(SyncError::Failed)
}

/// A chain's stored head is that of its last record. What core wants of this device's own is the last that a
/// relay took: the one before the first that waits.
fn acknowledged(chains: Chains, waiting: &[Record]) -> Chains {
    let before = |(chain, head): (_, ChainHead)| {
        let mut waiting = waiting.iter();
        let first = waiting.find(|record| record.place().chain == chain);
        let Some(first) = first.map(Record::claimed) else {
            return Some((chain, head));
        };
        let seq = Seq(first.seq.0.checked_sub(1)?);
        let hash = first.previous;
        (seq >= Seq::FIRST).then_some((chain, ChainHead { seq, hash, ..head }))
    };
    chains.iter().filter_map(before).collect()
}
