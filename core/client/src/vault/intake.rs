//! What one reply of a relay changed, stored at once.

use super::{
    Reading, SecretName, VaultError, Writing,
    records::{NewRecord, RecordState},
};
use daymark_core::sync::{Fault, Intake, StoredRecord};
use daymark_wire::{Generation, SpaceId, cbor, record::Place};
use std::collections::BTreeSet;

impl Writing {
    /// Stores what a relay showed. A record without a body is a hole unless its place is among those of which the body
    /// is rightly `gone`.
    /// Faults are not kept here: which of them still hold is known when the sync ends.
    pub(crate) async fn put_intake(
        &mut self,
        space: SpaceId,
        intake: &Intake,
        gone: &BTreeSet<Place>,
    ) -> Result<(), VaultError> {
        let links = intake.links.iter();
        self.put_links(links.map(|(log, position, link)| (*log, *position, link)))
            .await?;
        for epoch in &intake.older_epochs {
            self.put_epochs(space, &[(epoch.id, epoch.secret.clone())])
                .await?;
        }
        if let Some(epoch) = &intake.epoch {
            self.put_epochs(space, &[(epoch.id, epoch.secret.clone())])
                .await?;
            if let Some(keys) = &epoch.account_keys {
                self.set_secret(SecretName::AccountKeys, &keys.to_bytes())
                    .await?;
            }
        }
        if intake.epoch.is_some() || !intake.older_epochs.is_empty() {
            self.wake_records().await?;
        }
        self.put_received(intake, gone).await?;
        self.put_forks(space, &intake.forks).await?;
        for filled in &intake.filled {
            if let Some(body) = &filled.body {
                self.fill_hole(filled.header.signed(), body).await?;
            }
        }
        for fault in &intake.faults {
            if let Fault::ForkedChain { chain } = fault {
                self.freeze_chain(space, *chain).await?;
            }
        }
        if let Some(place) = intake.acknowledged {
            self.acknowledge(space, place).await?;
        }
        if let Some(generation) = &intake.generation {
            let name = generation_in(space, self.journal);
            self.set_secret(name, &cbor::to_vec(generation)).await?;
        }
        Ok(())
    }

    async fn put_received(
        &mut self,
        intake: &Intake,
        gone: &BTreeSet<Place>,
    ) -> Result<(), VaultError> {
        let stored = |record: &'_ StoredRecord| match record.body {
            Some(_) => RecordState::Received,
            None if gone.contains(&record.place()) => RecordState::Stub,
            None => RecordState::Hole,
        };
        let records: Vec<_> = intake
            .records
            .iter()
            .map(|record| NewRecord {
                header: record.header.signed(),
                body: record.body.as_deref(),
                state: stored(record),
            })
            .collect();
        self.put_records(&records).await?;
        Ok(())
    }
}

impl Reading {
    /// The relay's history as last seen, when it had all of the journal.
    pub(crate) async fn generation(&mut self) -> Result<Option<Generation>, VaultError> {
        self.generation_of(self.journal).await
    }

    /// The same of one space.
    pub(crate) async fn generation_of(
        &mut self,
        space: SpaceId,
    ) -> Result<Option<Generation>, VaultError> {
        let name = generation_in(space, self.journal);
        let content = self.secret(name).await?;
        let read = |content: zeroize::Zeroizing<Vec<u8>>| {
            minicbor::decode(&content).map_err(|_| VaultError::Damaged { what: "its relay" })
        };
        content.map(read).transpose()
    }
}

fn generation_in(space: SpaceId, journal: SpaceId) -> SecretName {
    if space == journal {
        SecretName::Generation
    } else {
        SecretName::GenerationOf(space)
    }
}
