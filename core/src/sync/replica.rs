//! What this device knows of its journal, as a sync needs it. The caller loads it from the vault.

use super::{Chains, Checkpoint, Fault, OwnChain};
use crate::{
    account::{self, AccountError, Logs},
    keys::{AccountKeys, DeviceKey, EpochSecret, WrappingKey},
};
use daymark_wire::{EpochId, Generation, Hash, SpaceId, record::Place, wrapping::Recipient};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Everything about one journal but its documents.
#[derive(Debug)]
pub struct Replica {
    /// Both logs.
    pub logs: Logs,
    /// This device's signing key.
    pub device: Arc<DeviceKey>,
    /// This device's wrapping key.
    pub wrapping: WrappingKey,
    /// The account's keys, as the newest opened epoch gave them.
    pub account_keys: AccountKeys,
    /// Every epoch secret that this device holds.
    pub epochs: BTreeMap<EpochId, EpochSecret>,
    /// How far every chain is known; its own up to the last record signed.
    pub chains: Chains,
    /// This device's own chain.
    pub own: OwnChain,
    /// Bodies that are missing and wanted, with the hash of their header.
    pub holes: BTreeMap<Place, Hash>,
    /// Documents that were forgotten.
    pub forgotten: BTreeSet<daymark_wire::DocumentId>,
    /// The relay's history as last seen.
    pub generation: Option<Generation>,
}

impl Replica {
    /// The journal's space.
    #[must_use]
    pub const fn space(&self) -> SpaceId {
        self.logs.space()
    }

    /// The newest epoch with its secret; none when this device is locked out of it.
    #[must_use]
    pub fn newest_epoch(&self) -> Option<(EpochId, &EpochSecret)> {
        let newest = self.logs.journal().newest_epoch()?;
        self.epochs
            .get(&newest.id)
            .map(|secret| (newest.id, secret))
    }

    /// Compares what another device says it has seen with what is known here, after a sync took everything
    /// that the relay shows. What is missing was withheld (rule R6).
    #[must_use]
    pub fn compare(&self, checkpoint: &Checkpoint) -> BTreeSet<Fault> {
        let have = self.chains.have();
        let missing = checkpoint
            .have
            .iter()
            .filter(|(chain, seq)| have.of(*chain) < *seq);
        let withheld = missing.map(|(chain, _)| Fault::Withheld {
            chain,
            from: have.of(chain).0.saturating_add(1),
        });
        let mut faults: BTreeSet<Fault> = withheld.collect();
        if let [account, space] = checkpoint.heads.as_slice() {
            if !self.logs.account().has_had(*account) {
                faults.insert(Fault::ForkedView {
                    log: self.logs.account().id().into(),
                });
            }
            if !self.logs.journal().has_had(*space) {
                faults.insert(Fault::ForkedView {
                    log: self.space().into(),
                });
            }
        }
        faults
    }

    /// Opens the newest epoch after links came. What it gave is for the vault to keep.
    ///
    /// # Errors
    /// [`AccountError::LockedOut`].
    pub(super) fn open_newest_epoch(&mut self) -> Result<Option<NewEpoch>, AccountError> {
        let newest = self
            .logs
            .journal()
            .newest_epoch()
            .ok_or(AccountError::LockedOut)?;
        if self.epochs.contains_key(&newest.id) {
            return Ok(None);
        }
        let recipient = Recipient::Device(self.device.id());
        let opened = account::open_newest(&self.logs, recipient, &self.wrapping)?;
        let (id, secret) = opened.epoch;
        self.epochs.insert(id, secret.clone());
        if let Some(keys) = &opened.account_keys {
            self.account_keys = keys.clone();
        }
        Ok(Some(NewEpoch {
            id,
            secret,
            account_keys: opened.account_keys,
        }))
    }
}

/// An epoch that was opened just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEpoch {
    /// Which.
    pub id: EpochId,
    /// Its secret.
    pub secret: EpochSecret,
    /// The account's keys as they lie sealed beside it.
    pub account_keys: Option<AccountKeys>,
}
