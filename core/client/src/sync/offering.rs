//! Records that the relay lacks: loaded, and offered.

use super::{Driver, SyncError, bonds::plain};
use daymark_core::sync::{Event, Machine};
use daymark_wire::{ChainId, Seq, SpaceId, limits, record::Place};

/// Records offered at a time.
const OFFERED_AT_ONCE: usize = limits::MAX_RECORDS_PER_PUSH;

impl Driver<'_> {
    /// The records of a chain beyond a place. Where something of this device's own in a bond is not to go as it was
    /// sealed, the machine goes on from there instead.
    pub(super) async fn offer(
        &mut self,
        space: SpaceId,
        chain: ChainId,
        after: Seq,
    ) -> Result<Event, SyncError> {
        let is_own = chain.device == self.vault.device();
        if is_own
            && space != self.vault.journal()
            && let Some(changed) = self.look_at_what_was_sealed(space).await?
        {
            return Ok(changed);
        }
        let mut reading = self.vault.reading().await?;
        let records = reading.records_after(space, chain, after, OFFERED_AT_ONCE);
        Ok(Event::Offered(records.await?))
    }

    /// The records at these places.
    pub(super) async fn offer_places(
        &self,
        space: SpaceId,
        places: &[Place],
    ) -> Result<Event, SyncError> {
        let mut reading = self.vault.reading().await?;
        Ok(Event::Offered(reading.records_at(space, places).await?))
    }

    /// Before what was sealed in a bond is brought, as no relay has acknowledged it: the same exchange may have shown
    /// that it is not to go as it is. Gives what the machine goes on with, if that is so; it is told, and so forgets
    /// before it brings anything.
    async fn look_at_what_was_sealed(&mut self, bond: SpaceId) -> Result<Option<Event>, SyncError> {
        self.merge_rest().await?;
        let mut writing = self.vault.writing().await?;
        let updated = self.vault.update_what_waits_in(&mut writing, bond).await;
        let updated = updated.map_err(plain)?.updated;
        writing.commit().await?;
        if !updated {
            return Ok(None);
        }
        self.bonds_changed = true;
        self.ledger_written = true;
        let mut reading = self.vault.reading().await?;
        let now = reading.bonds_now().await.map_err(plain)?.remove(&bond);
        let waiting = reading.has_waiting_in(bond).await?;
        let mut slot = self.slot().await;
        let machines = slot.machines.as_mut().ok_or(SyncError::MachineGone)?;
        let side = machines.machine_mut(bond).and_then(Machine::bond_mut);
        if let (Some(now), Some(side)) = (now, side) {
            now.tell(side);
        }
        Ok(Some(Event::Stored { waiting }))
    }
}
