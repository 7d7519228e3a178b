//! What waits for a relay's next minute: a device appends only so many links to a log in one (rule L11). Everything
//! else goes on without them.

use super::{Driver, SyncError, driver::machines};
use daymark_core::sync::Fault;
use daymark_wire::SpaceId;
use std::collections::BTreeSet;

/// The minute of rule L11, in milliseconds.
const MINUTE_MS: u64 = 60 * 1000;

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
    pub(super) async fn untaken(&self) -> Result<BTreeSet<Fault>, SyncError> {
        Ok(machines(&*self.slot().await)?.untaken())
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
