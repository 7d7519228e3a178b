//! One whole sync.

use super::{
    Driver, OnProgress, SyncError,
    bonds::MAX_ROUNDS,
    driver::{Told, journal},
    journal_logs,
    status::SyncedNow,
    storing::Settled,
};
use crate::{
    connection::Relay,
    vault::{SyncLock, Vault, VaultError},
};
use daymark_core::account::move_home;
use daymark_core::sync::{Fault, Outcome};
use daymark_wire::{SpaceId, logs::TravelLink, sync::AppendOutcome};
use std::collections::BTreeSet;

/// How a sync went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncReport {
    /// Records that the relay took.
    pub sent: usize,
    /// Records that were new here.
    pub received: usize,
    /// Records merged into documents.
    pub merged: usize,
    /// Requests that were answered.
    pub round_trips: u32,
    /// Named states that hold now.
    pub faults: BTreeSet<Fault>,
    /// Bonds, or the journal, of which something waits for the relay's next minute (rule L11), or for the end of the
    /// other side's turn; a later sync brings it.
    pub held_up: BTreeSet<SpaceId>,
}

impl SyncReport {
    /// Whether nothing was exchanged, and nothing is wrong.
    pub(super) fn is_about_nothing(&self) -> bool {
        let is_well = self.faults.is_empty() && self.held_up.is_empty();
        self.sent + self.received + self.merged == 0 && is_well
    }
}

impl Vault {
    /// Sends what waits, fetches what is new, merges it. One round trip when there is nothing new.
    ///
    /// # Errors
    /// [`SyncError`]; what was done before it stays done, and the next sync goes on from there.
    pub async fn sync(&self, progress: OnProgress<'_>) -> Result<SyncReport, SyncError> {
        let _lock = self.lock_to_sync()?;
        let result = self.sync_locked(Vec::new(), progress).await;
        self.finish(result).await.map(|(report, _)| report)
    }

    /// The same, bringing links of this device's own making. Gives what became of them.
    pub(crate) async fn sync_with_links(
        &self,
        append: Vec<TravelLink>,
    ) -> Result<AppendOutcome, SyncError> {
        let _lock = self.lock_to_sync()?;
        let result = self.sync_locked(append, &|_| ()).await;
        self.finish(result).await.map(|(_, outcome)| outcome.append)
    }

    /// One program at a time syncs.
    pub(super) fn lock_to_sync(&self) -> Result<SyncLock, SyncError> {
        self.lock_sync().map_err(|error| match error {
            VaultError::Busy => SyncError::Running,
            error => error.into(),
        })
    }

    async fn sync_locked(
        &self,
        append: Vec<TravelLink>,
        progress: OnProgress<'_>,
    ) -> Result<(SyncReport, Outcome), SyncError> {
        // An answer that a relay takes now makes it this vault's, where there was none.
        self.bring_answers_first().await?;
        let relay = self.connect().await?;
        let mut driver = Driver::load(self, progress).await?;
        let append = self.links_to_bring(&driver, append).await?;
        let outcome = driver.run(Told::Started { append }, &mut &relay).await?;
        let outcome = self
            .move_home(&mut driver, &relay)
            .await?
            .unwrap_or(outcome);
        let Settled {
            mut merged,
            mut faults,
        } = driver.settle().await?;
        let mut outcome = outcome;
        for _ in 0..MAX_ROUNDS {
            let told = driver.take_in_bonds().await?;
            let is_over = told.is_none();
            if let Some(told) = told {
                let next = driver.run(told, &mut &relay).await?;
                outcome = before_and(&outcome, next);
            }
            // Also after the last: what was taken in may have been kept apart.
            let settled = driver.settle().await?;
            merged += settled.merged;
            faults.extend(settled.faults);
            if is_over {
                break;
            }
        }
        faults.extend(driver.untaken().await?);
        let report = SyncReport {
            sent: outcome.sent,
            received: outcome.received,
            merged,
            round_trips: outcome.round_trips,
            faults,
            held_up: driver.held_up().await?,
        };
        Ok((report, outcome))
    }

    /// An account that was made offline, or whose relay is another now, says so in its log (rule L1). The
    /// same relay under another address is no move.
    async fn move_home(
        &self,
        driver: &mut Driver<'_>,
        relay: &Relay,
    ) -> Result<Option<Outcome>, SyncError> {
        let home = relay.address().to_home();
        let slot = driver.slot().await;
        let logs = journal_logs(journal(&slot)?.replica())?;
        if logs
            .account()
            .home()
            .is_some_and(|known| known.relay == home.relay)
        {
            return Ok(None);
        }
        let link = move_home(logs, home, self.device_key()).map_err(|_| SyncError::Failed)?;
        drop(slot);
        let append = self.links_to_bring(driver, vec![link]).await?;
        Ok(Some(
            driver.run(Told::Started { append }, &mut &*relay).await?,
        ))
    }

    async fn finish(
        &self,
        result: Result<(SyncReport, Outcome), SyncError>,
    ) -> Result<(SyncReport, Outcome), SyncError> {
        let not_taken = result
            .as_ref()
            .ok()
            .and_then(|(_, outcome)| not_taken(outcome));
        let noted = match &result {
            Ok((report, _)) => Ok(SyncedNow::of(report, not_taken.as_ref(), self.now_ms())),
            Err(error) => Err(error.into()),
        };
        self.note_sync(&noted).await?;
        not_taken.map_or(result, Err)
    }
}

/// What several runs of one sync came to: counts go on, and a reason is said by one run alone.
fn before_and(before: &Outcome, next: Outcome) -> Outcome {
    Outcome {
        quota_exceeded: before.quota_exceeded || next.quota_exceeded,
        refused: before.refused.or(next.refused),
        given_up: before.given_up || next.given_up,
        ..next
    }
}

/// Why what this device brought was not taken, where the relay took part in everything else.
pub(super) const fn not_taken(outcome: &Outcome) -> Option<SyncError> {
    if outcome.quota_exceeded {
        Some(SyncError::Quota)
    } else if outcome.refused.is_some() || outcome.given_up {
        Some(SyncError::NotTaken)
    } else {
        None
    }
}
