//! What waits for a relay's next minute: a device appends only so many links to a log in one (rule L11). Everything
//! else goes on without them.

use super::{Driver, SyncError, driver::machines};
use crate::vault::{HeldUpSince, StatusName};
use daymark_core::sync::Fault;
use daymark_wire::SpaceId;
use std::collections::{BTreeMap, BTreeSet};

/// The minute of rule L11, in milliseconds.
const MINUTE_MS: u64 = 60 * 1000;

/// After so many minutes in which a relay took no link it does not take them, whatever it says, in milliseconds. An
/// honest one takes six in each, and the other side's turn lasts for seconds.
const NOT_TAKEN_AFTER_MS: u64 = 10 * MINUTE_MS;

impl Driver<'_> {
    /// The spaces of which something waits. From the first time that there is one a minute is counted.
    pub(super) async fn held_up(&mut self) -> Result<BTreeSet<SpaceId>, SyncError> {
        let held_up = machines(&*self.slot().await)?.held_up();
        let since = self.held_up_since.take();
        if !held_up.is_empty() {
            self.held_up_since = since.or_else(|| Some(self.vault.now_ms()));
        }
        Ok(held_up)
    }

    /// What this device said and the relay did not take, whatever it said why; a later sync brings it.
    pub(super) async fn untaken(&mut self) -> Result<BTreeSet<Fault>, SyncError> {
        let slot = self.slot().await;
        let machines = machines(&slot)?;
        let (mut untaken, held_up) = (machines.untaken(), machines.links_held_up());
        drop(slot);
        self.note_held_up(held_up).await?;
        let now = self.vault.now_ms();
        let waited = |since: &HeldUpSince| now.saturating_sub(since.at) >= NOT_TAKEN_AFTER_MS;
        let never = self.links_held_up.iter().filter(|(_, since)| waited(since));
        untaken.extend(never.map(|(space, _)| Fault::NotTaken {
            log: (*space).into(),
        }));
        Ok(untaken)
    }

    /// Notes since when links wait. It begins anew where the relay took one since, and where a clock was set back.
    async fn note_held_up(&mut self, held_up: BTreeMap<SpaceId, u64>) -> Result<(), SyncError> {
        let now = self.vault.now_ms();
        let since = |(space, epochs)| {
            let known = self.links_held_up.get(&space).copied();
            let known = known.filter(|known| known.epochs == epochs && known.at <= now);
            (space, known.unwrap_or(HeldUpSince { at: now, epochs }))
        };
        let since: BTreeMap<_, _> = held_up.into_iter().map(since).collect();
        if since != self.links_held_up {
            let mut writing = self.vault.writing().await?;
            writing.set_status(StatusName::HeldUpSince, &since).await?;
            writing.commit().await?;
            self.links_held_up = since;
        }
        Ok(())
    }

    /// Whether something waited and the minute is over: what the machines say next brings it. A clock set back ends
    /// the minute, too.
    pub(super) async fn may_go_on(&mut self) -> Result<bool, SyncError> {
        let now = self.vault.now_ms();
        let is_over = |since: u64| now < since || now - since >= MINUTE_MS;
        if self
            .held_up_since
            .take_if(|since| is_over(*since))
            .is_none()
        {
            return Ok(false);
        }
        let mut slot = self.slot().await;
        let machines = slot.machines.as_mut().ok_or(SyncError::MachineGone)?;
        machines.go_on();
        Ok(true)
    }
}
