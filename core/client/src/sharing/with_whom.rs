//! With whom entries are shared, told from the ledger alone: for lists, which wait for no log to be read.

use super::{ShareError, bond::Now};
use crate::vault::{Reading, Vault};
use daymark_core::{journal::Person, sharing::ShareEntry};
use daymark_wire::DocumentId;
use std::collections::BTreeMap;

/// What the person calls the supporters who have an entry, for each that somebody has, by name.
pub type SharedWith = BTreeMap<DocumentId, Vec<Person>>;

impl Vault {
    /// With whom each entry is shared now. What was taken back, or has passed its last day, is in it as long as they may
    /// have it because no sync has said so yet, as in [`Vault::who_has`].
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn shared_with(&self) -> Result<SharedWith, ShareError> {
        let mut reading = self.reading().await?;
        // Most journals have no ledger.
        if !reading.may_share().await? {
            return Ok(SharedWith::new());
        }
        let (ledger, notes) = (reading.ledger().await?, reading.bond_notes().await?);
        let (bonds, now) = (ledger.bonds(), Now::of(&reading));
        let is_over = |share: &ShareEntry| notes.get(&share.bond).is_some_and(|bond| bond.wiped);
        let mut shared = SharedWith::new();
        for share in ledger.shares().into_values() {
            let is_there = share.is_open(now.day()) || share.may_be_had(now.expiry_day());
            let Some(bond) = bonds.get(&share.bond) else {
                continue;
            };
            if is_there && !is_over(&share) {
                let with = shared.entry(share.entry).or_default();
                with.push(bond.name.clone());
            }
        }
        for with in shared.values_mut() {
            with.sort();
            with.dedup();
        }
        Ok(shared)
    }
}

impl Reading {
    async fn may_share(&mut self) -> Result<bool, ShareError> {
        let ledger = self.ledger_id().await?;
        Ok(self.may_have_bonds(ledger).await?)
    }
}
