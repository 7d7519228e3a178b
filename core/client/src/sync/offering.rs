//! Records that the relay lacks: loaded, and offered.

use super::{Driver, SyncError, bonds::plain};
use daymark_core::sync::{Event, Machine};
use daymark_wire::{ChainId, Seq, SpaceId, limits, record::Place};

/// Records offered at a time.
const OFFERED_AT_ONCE: usize = limits::MAX_RECORDS_PER_PUSH;

impl Driver<'_> {
    /// The records of a chain beyond a place. Where something in a bond is not to go as it was sealed, the machine
    /// goes on from there instead.
    pub(super) async fn offer(
        &mut self,
        space: SpaceId,
        chain: ChainId,
        after: Seq,
    ) -> Result<Event, SyncError> {
        if let Some(changed) = self.look_at_what_leaves(space).await? {
            return Ok(changed);
        }
        let mut reading = self.vault.reading().await?;
        let records = reading.records_after(space, chain, after, OFFERED_AT_ONCE);
        Ok(Event::Offered(records.await?))
    }

    /// The records at these places.
    pub(super) async fn offer_places(
        &mut self,
        space: SpaceId,
        places: &[Place],
    ) -> Result<Event, SyncError> {
        self.look_at_what_leaves(space).await?;
        let mut reading = self.vault.reading().await?;
        Ok(Event::Offered(reading.records_at(space, places).await?))
    }

    /// Before anything leaves that was sealed in a bond: all that came for the journal so far counts. What another
    /// device ended, left or took back there, or reads otherwise by now, is not to go as it was sealed. Gives what the
    /// machine goes on with, if that is so; it is told, and so ends or forgets before it brings anything.
    pub(super) async fn look_at_what_leaves(
        &mut self,
        space: SpaceId,
    ) -> Result<Option<Event>, SyncError> {
        if space == self.vault.journal() {
            return Ok(None);
        }
        self.merge_rest().await?;
        let mut writing = self.vault.writing().await?;
        let mut changed = self
            .update_what_waits_in(&mut writing, space)
            .await?
            .updated;
        let now = writing.bond_now(space).await.map_err(plain)?;
        let waiting = writing.has_waiting_in(space).await?;
        writing.commit().await?;
        let mut slot = self.slot().await;
        let machines = slot.machines.as_mut().ok_or(SyncError::MachineGone)?;
        let side = machines.machine_mut(space).and_then(Machine::bond_mut);
        if let Some((now, side)) = now.zip(side) {
            let wishes = side.wishes.clone();
            now.tell(side);
            changed |= side.wishes != wishes;
        }
        Ok(changed.then_some(Event::Stored { waiting }))
    }
}
