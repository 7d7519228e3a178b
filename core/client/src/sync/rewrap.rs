//! Wrapping document keys again after an epoch began (rule F2): of a journal all, of a bond those that its records
//! name. Each side carries the keys of what it wrote, and of the other's the newest, in case that side never comes
//! again: whatever it says of keys costs this one little room (threat J5).

use super::{Driver, SyncError, driver::machine_of};
use crate::vault::{RecordRow, StatusName};
use daymark_core::{
    merge::{Keyring, SpaceContent, open_space_record},
    sync::{Event, Replica},
};
use daymark_wire::{
    DocumentId, EpochId, KeyId, Record, RecordKind, Signed, SpaceId, Verified, limits,
};
use std::{collections::BTreeSet, sync::Arc};

impl Driver<'_> {
    /// Keys that do not lie wrapped under the newest epoch yet are wrapped again (rule F2).
    pub(super) async fn wrap_keys(
        &mut self,
        space: SpaceId,
        epoch: EpochId,
    ) -> Result<Event, SyncError> {
        // Of a bond there are so few that it is looked for each time.
        let is_journal = space == self.vault.journal();
        let mut reading = self.vault.reading().await?;
        if is_journal && reading.status(StatusName::KeysWrapped).await? == Some(epoch) {
            return Ok(Event::NothingSealed);
        }
        let keys = reading.every_key_of(space).await?;
        let records = reading.records_in(space, DocumentId::ZERO).await?;
        drop(reading);
        let slot = self.slot().await;
        let replica = machine_of(&slot, space)?.replica();
        let lie_there = wrapped_under(epoch, records, replica);
        let forgotten = replica.forgotten.clone();
        drop(slot);
        let mut missing: Vec<_> = keys
            .into_iter()
            .filter(|(document, known)| {
                known.epoch != epoch
                    && !forgotten.contains(document)
                    && !lie_there.contains(&(*document, known.key.id()))
            })
            .map(|(document, known)| (document, known.key))
            .collect();
        if !is_journal && !missing.is_empty() {
            let carried = self.carried(space, epoch).await?;
            missing.retain(|(document, key)| carried.contains(&(*document, key.id())));
        }
        if missing.is_empty() && !is_journal {
            return Ok(Event::NothingSealed);
        }
        let mut writing = self.vault.writing().await?;
        if missing.is_empty() {
            writing.set_status(StatusName::KeysWrapped, &epoch).await?;
            writing.commit().await?;
            return Ok(Event::NothingSealed);
        }
        let random = Arc::clone(self.vault.random());
        let sealed = self
            .with_machine(space, move |machine| {
                Ok(machine.wrap_keys(&missing, &random)?)
            })
            .await?;
        writing.put_sealed(&sealed).await?;
        writing.commit().await?;
        Ok(Event::Sealed(sealed.records))
    }

    /// The keys of a bond that this side carries into a new epoch.
    async fn carried(
        &self,
        bond: SpaceId,
        epoch: EpochId,
    ) -> Result<BTreeSet<(DocumentId, KeyId)>, SyncError> {
        let mut reading = self.vault.reading().await?;
        let headers = reading.headers_with_older_keys(bond, epoch).await?;
        let slot = self.slot().await;
        let own = machine_of(&slot, bond)?.replica().logs.account();
        let (mut carried, mut of_others) = (BTreeSet::new(), BTreeSet::new());
        for header in headers.iter().map(Signed::claimed) {
            let key = (header.document, header.key);
            if own.device(header.chain.device).is_some() {
                carried.insert(key);
            } else if of_others.len() < limits::MAX_KEYS_OF_OTHERS {
                of_others.insert(key);
            }
        }
        carried.append(&mut of_others);
        Ok(carried)
    }
}

/// The keys that `keys` records hold wrapped under an epoch.
fn wrapped_under(
    epoch: EpochId,
    records: Vec<(RecordRow, Record)>,
    replica: &Replica,
) -> BTreeSet<(DocumentId, KeyId)> {
    let mut ring = Keyring::default();
    let mut wrapped = BTreeSet::new();
    for (_, record) in records {
        let (header, body) = record.into_parts();
        let header = Verified::from_own_storage(header);
        if header.get().epoch != epoch || header.get().kind != RecordKind::Keys {
            continue;
        }
        let opened = body.and_then(|body| open_space_record(&header, &body, &replica.epochs).ok());
        if let Some(SpaceContent::Keys(keys)) = opened {
            wrapped.extend(ring.learn_all(&keys, epoch, &replica.epochs).wrapped);
        }
    }
    wrapped
}
