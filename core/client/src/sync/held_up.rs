//! What waits for a relay's next minute: a device appends only so many links to a log in one (rule L11). Everything
//! else goes on without them.

use super::{Driver, SyncError, driver::machines};
use crate::vault::{HeldUpSince, StatusName};
use daymark_core::sync::{Fault, PutOff};
use daymark_wire::SpaceId;
use std::collections::{BTreeMap, BTreeSet};

/// The minute of rule L11, in milliseconds.
const MINUTE_MS: u64 = 60 * 1000;

/// After so long in which a relay took nothing of what it puts off it does not take it, whatever it says, in
/// milliseconds. An honest one takes six links in each minute, and the other side's turn lasts for seconds.
const NOT_TAKEN_AFTER_MS: u64 = 10 * MINUTE_MS;

/// From one try to the next no more than this counts, in milliseconds: who syncs once an hour may meet the other side's
/// turn twice.
const COUNTS_AT_MOST_MS: u64 = NOT_TAKEN_AFTER_MS / 2;

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
        let (mut untaken, put_off) = (machines.untaken(), machines.put_off());
        drop(slot);
        self.note_put_off(put_off).await?;
        let waited = |since: &HeldUpSince| since.waited >= NOT_TAKEN_AFTER_MS;
        let never = self.put_off.iter().filter(|(_, since)| waited(since));
        untaken.extend(never.map(|((space, _), _)| Fault::NotTaken {
            log: (*space).into(),
        }));
        Ok(untaken)
    }

    /// Notes for how long something is put off. It begins anew where the relay took some since, and where a clock was
    /// set back.
    async fn note_put_off(
        &mut self,
        put_off: BTreeMap<(SpaceId, PutOff), u64>,
    ) -> Result<(), SyncError> {
        let now = self.vault.now_ms();
        let since = |(what, taken)| {
            let known = self.put_off.get(&what).copied();
            let known = known.filter(|known| known.taken == taken && known.at <= now);
            let begun = HeldUpSince {
                at: now,
                taken,
                waited: 0,
            };
            (what, known.map_or(begun, |known| goes_on(known, now)))
        };
        let since: BTreeMap<_, _> = put_off.into_iter().map(since).collect();
        if since != self.put_off {
            let mut writing = self.vault.writing().await?;
            writing.set_status(StatusName::HeldUpSince, &since).await?;
            writing.commit().await?;
            self.put_off = since;
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

/// Noted once a minute, however often something is said in one.
fn goes_on(since: HeldUpSince, now: u64) -> HeldUpSince {
    let gone = now.saturating_sub(since.at);
    if gone < MINUTE_MS {
        return since;
    }
    HeldUpSince {
        at: now,
        waited: since.waited.saturating_add(gone.min(COUNTS_AT_MOST_MS)),
        ..since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For how long something waits that is put off so often, so far apart.
    fn waits(tries: u64, apart: u64) -> u64 {
        let first = HeldUpSince {
            at: 0,
            taken: 0,
            waited: 0,
        };
        let tries = (1..tries).map(|n| n * apart);
        tries.fold(first, goes_on).waited
    }

    #[test]
    fn who_syncs_once_an_hour_is_told_after_the_third_time_and_not_the_second() {
        let hour = 60 * MINUTE_MS;
        assert!(waits(2, hour) < NOT_TAKEN_AFTER_MS);
        assert!(waits(3, hour) >= NOT_TAKEN_AFTER_MS);
    }

    #[test]
    fn with_every_minute_and_more_often_it_is_ten_minutes() {
        for apart in [MINUTE_MS, MINUTE_MS / 4] {
            let ten = NOT_TAKEN_AFTER_MS / apart;
            assert!(waits(ten, apart) < NOT_TAKEN_AFTER_MS);
            assert!(waits(ten + 1, apart) >= NOT_TAKEN_AFTER_MS);
        }
    }
}
