//! Records of a bond's space itself: document keys that came wrapped again under a newer epoch (rule F2).

use super::{ShareError, SpaceId};
use crate::vault::{RecordRow, RecordState, Writing};
use daymark_core::{
    keys::EpochSecret,
    merge::{Keyring, SpaceContent, open_space_record},
    sync::{KnownKey, RewrappedKeys},
};
use daymark_wire::{DocumentId, EpochId, Record, Verified};
use std::collections::BTreeMap;

impl Writing {
    /// Learns the keys that came wrapped again. What waited for them is read then.
    pub(super) async fn take_in_keys(&mut self, bond: SpaceId) -> Result<(), ShareError> {
        let records = self.space_records_to_read(bond).await?;
        if records.is_empty() {
            return Ok(());
        }
        let epochs = self.epochs_of(bond).await?;
        let mut ring = Keyring::default();
        for (document, known) in self.every_key_of(bond).await? {
            ring.insert(document, known.key);
        }
        let mut learned = Vec::new();
        let mut settled: Vec<(RecordRow, RecordState)> = Vec::with_capacity(records.len());
        for (row, record) in records {
            let epoch = record.claimed().epoch;
            let state = match open(record, &epochs) {
                Some(SpaceContent::Keys(keys)) => {
                    learned.extend(learn(&mut ring, &keys, epoch, &epochs));
                    RecordState::Merged
                }
                Some(SpaceContent::Checkpoint(_)) => RecordState::Merged,
                None if !epochs.contains_key(&epoch) => RecordState::Waiting,
                None => RecordState::Quarantined,
            };
            settled.push((row, state));
        }
        self.put_keys(bond, &learned).await?;
        let documents: Vec<_> = learned.iter().map(|(document, _)| *document).collect();
        self.wake_records_of(&documents).await?;
        self.settle_records(settled.into_iter()).await?;
        Ok(())
    }
}

fn open(record: Record, epochs: &BTreeMap<EpochId, EpochSecret>) -> Option<SpaceContent> {
    let (header, body) = record.into_parts();
    let header = Verified::from_own_storage(header);
    open_space_record(&header, &body?, epochs).ok()
}

fn learn(
    ring: &mut Keyring,
    keys: &RewrappedKeys,
    epoch: EpochId,
    epochs: &BTreeMap<EpochId, EpochSecret>,
) -> Vec<(DocumentId, KnownKey)> {
    let learned = ring.learn_all(keys, epoch, epochs).new.into_iter();
    let known = learned.map(|learned| {
        let known = KnownKey {
            epoch: learned.epoch,
            key: learned.key,
        };
        (learned.document, known)
    });
    known.collect()
}
