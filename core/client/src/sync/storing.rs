//! Stores what an exchange brought, and takes it into the journal.

use super::{
    Driver, SyncError,
    driver::{journal, machine_of, machines},
    merge::{merge_received, merge_within},
    status::{once_of_each_chain, standing_faults},
};
use crate::vault::Writing;
use daymark_core::sync::{Fault, Intake, Replica};
use daymark_wire::{DeviceId, SpaceId, record::Place};
use std::collections::{BTreeMap, BTreeSet};

/// As many records as are merged in the transaction that stores them: about a person's edits of one minute,
/// not a journal that is fetched for the first time.
pub(super) const MERGED_WITH_INTAKE: usize = 8;

/// How often it is noted that a device's records came: a person reads minutes, and each note is a write.
const HEARD_EVERY_MS: u64 = 1000;

/// What there was to merge, and what is wrong.
#[derive(Debug)]
pub(crate) struct Settled {
    /// Records merged.
    pub(crate) merged: usize,
    /// Named states that hold now.
    pub(crate) faults: BTreeSet<Fault>,
}

impl Driver<'_> {
    /// Stores what a relay showed; says whether changes wait in the outbox. A few records are merged in the
    /// same transaction; more are merged when all are there, so that fetching does not wait for it.
    pub(super) async fn store(
        &mut self,
        space: SpaceId,
        intake: &Intake,
    ) -> Result<bool, SyncError> {
        if intake.is_empty() {
            return Ok(self.vault.reading().await?.has_waiting_in(space).await?);
        }
        self.bonds_changed |= intake.brings_anything();
        let mut writing = self.vault.writing().await?;
        let slot = self.slot().await;
        let replica = machine_of(&slot, space)?.replica();
        let gone = rightly_gone(intake, replica);
        writing.put_intake(space, intake, &gone).await?;
        if !intake.links.is_empty() && replica.signed.is_none() {
            writing.drop_signed_link(space).await?;
        }
        if let Some(bond) = replica.logs.as_bond() {
            // Its records are read when bonds are taken in.
            self.bonds_brought |= intake.brings_anything();
            let (forks, stranger) = (bond.forks.unseen(), bond.logs.has_stranger());
            writing
                .note_shown(space, intake.declined, forks, stranger)
                .await?;
            let waiting = writing.has_waiting_in(space).await?;
            writing.commit().await?;
            return Ok(waiting);
        }
        if !intake.links.is_empty() {
            let devices = replica.logs.account().devices();
            writing
                .note_devices(devices.map(|(device, _)| device), self.vault.now_ms())
                .await?;
        }
        note_received(&mut self.heard, intake, &mut writing).await?;
        if (1..=MERGED_WITH_INTAKE).contains(&intake.records.len()) {
            let merged = merge_within(self.vault, &mut writing, replica).await?;
            self.merged += merged.records;
            // Only a merge takes anything in or out of quarantine.
            let is_refused = |fault: &Fault| matches!(fault, Fault::Quarantined { .. });
            if !self.quarantined.is_empty() || merged.faults.iter().any(is_refused) {
                self.quarantined = writing.quarantined().await?;
            }
            self.faults.extend(merged.faults);
        } else {
            // Also where no record came: keys wake what waited, and own records of the space are taken in
            // when they are acknowledged.
            self.unmerged = true;
        }
        let waiting = writing.has_waiting().await?;
        writing.commit().await?;
        Ok(waiting)
    }

    /// Merges what was not merged with its intake.
    pub(super) async fn merge_rest(&mut self) -> Result<(), SyncError> {
        if !self.unmerged {
            return Ok(());
        }
        let slot = self.slot().await;
        let replica = journal(&slot)?.replica();
        let now = merge_received(self.vault, replica, self.progress).await?;
        self.quarantined = self.vault.reading().await?.quarantined().await?;
        self.unmerged = false;
        self.merged += now.records;
        self.bonds_changed |= now.records > 0;
        self.faults.extend(now.faults);
        Ok(())
    }

    /// Merges what was not merged with its intake, and gives the named states that hold now.
    pub(crate) async fn settle(&mut self) -> Result<Settled, SyncError> {
        self.merge_rest().await?;
        let mut faults = std::mem::take(&mut self.faults);
        let slot = self.slot().await;
        let replica = journal(&slot)?.replica();
        let merged = std::mem::take(&mut self.merged);
        faults.extend(standing_faults(replica, &self.quarantined));
        for bond in machines(&slot)?.iter().skip(1) {
            faults.extend(standing_faults(bond.replica(), &[]));
        }
        let faults = once_of_each_chain(faults);
        Ok(Settled { merged, faults })
    }
}

/// The places of new records whose bodies are rightly gone: those that core does not ask for.
fn rightly_gone(intake: &Intake, replica: &Replica) -> BTreeSet<Place> {
    let without = intake.records.iter().filter(|record| record.body.is_none());
    let places = without.map(|record| record.place());
    places
        .filter(|place| !replica.holes.contains_key(place))
        .collect()
}

/// Notes whose records came, in the change that keeps them; of each device once a second.
async fn note_received(
    heard: &mut BTreeMap<DeviceId, u64>,
    intake: &Intake,
    writing: &mut Writing,
) -> Result<(), SyncError> {
    let now = writing.now_ms();
    let is_new = |device: &DeviceId| {
        let last = heard.get(device);
        last.is_none_or(|last| now.abs_diff(*last) >= HEARD_EVERY_MS)
    };
    let records = intake.records.iter();
    let devices: BTreeSet<_> = records
        .map(|record| record.header.get().chain.device)
        .filter(is_new)
        .collect();
    if devices.is_empty() {
        return Ok(());
    }
    writing.note_received(&devices, now).await?;
    heard.extend(devices.into_iter().map(|device| (device, now)));
    Ok(())
}
