//! What a person can read about the last syncs.

use super::{SyncError, SyncReport};
use crate::{
    connection::RelayAddress,
    system::{Clock, SystemClock},
    vault::{StatusName, Vault, VaultError, Writing},
};
use daymark_core::sync::{ChainState, Fault, Replica};
use daymark_wire::DeviceId;
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;

/// At most one checkpoint a day (rule R3), in milliseconds.
const CHECKPOINT_EVERY_MS: u64 = 24 * 60 * 60 * 1000;

/// When something was last sent and received, and what went wrong since. Times in milliseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct LastSync {
    /// The last time the relay took something of this device.
    #[n(0)]
    pub sent_at: Option<u64>,
    /// The last time something new came.
    #[n(1)]
    pub received_at: Option<u64>,
    /// The last time a sync ended well.
    #[n(2)]
    pub done_at: Option<u64>,
    /// The stable code of the last error, if the last sync did not end well.
    #[n(3)]
    pub error: Option<String>,
    /// When this device last wrote a checkpoint.
    #[n(4)]
    pub checkpoint_at: Option<u64>,
}

/// How this vault stands with its relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The relay, if one is set.
    pub relay: Option<RelayAddress>,
    /// The last syncs.
    pub last: LastSync,
    /// Changes that no relay has acknowledged.
    pub unsent: u64,
    /// Named states that hold, as of the last sync.
    pub faults: BTreeSet<Fault>,
    /// Each device of the account.
    pub devices: Vec<DeviceStatus>,
}

/// One device of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceStatus {
    /// Which.
    pub device: DeviceId,
    /// What the person calls it; none until it said so itself.
    pub name: Option<String>,
    /// Whether it is this one.
    pub this: bool,
    /// Whether it is still one of the account's.
    pub active: bool,
    /// Records of it that this device holds.
    pub records: u64,
}

impl Vault {
    /// How this vault stands with its relay. Asks nobody.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn status(&self) -> Result<Status, VaultError> {
        let replica = self.load_replica().await?;
        let names = self.device_names().await?;
        let have = replica.chains.have();
        let devices = replica
            .logs
            .account()
            .devices()
            .map(|(device, state)| DeviceStatus {
                device,
                name: names.get(&device).cloned(),
                this: device == self.device(),
                active: state.is_active(),
                records: have
                    .iter()
                    .filter(|(chain, _)| chain.device == device)
                    .map(|(_, seq)| seq.0)
                    .sum(),
            });
        let devices = devices.collect();
        let mut reading = self.reading().await?;
        let last = reading
            .status(StatusName::LastSync)
            .await?
            .unwrap_or_default();
        let faults = reading.faults().await?;
        drop(reading);
        Ok(Status {
            relay: self.relay().await?,
            last,
            unsent: self.unsent().await?,
            faults,
            devices,
        })
    }

    /// Whether a day has gone by since this device's last checkpoint.
    pub(super) async fn checkpoint_is_due(&self) -> Result<bool, VaultError> {
        let last = self.last_sync().await?.checkpoint_at.unwrap_or(0);
        Ok(SystemClock.now_ms().saturating_sub(last) >= CHECKPOINT_EVERY_MS)
    }

    /// A checkpoint was sealed.
    pub(super) async fn note_checkpoint(&self, writing: &mut Writing) -> Result<(), VaultError> {
        let checkpoint_at = Some(SystemClock.now_ms());
        let last = LastSync {
            checkpoint_at,
            ..self.last_sync().await?
        };
        writing.set_status(StatusName::LastSync, &last).await
    }

    /// A sync ended: what it sent, received and saw.
    pub(super) async fn note_sync(
        &self,
        result: &Result<SyncedNow, &'static str>,
    ) -> Result<(), VaultError> {
        let before = self.last_sync().await?;
        let now = Some(SystemClock.now_ms());
        let (last, faults) = match result {
            Ok(synced) => (
                LastSync {
                    sent_at: if synced.sent { now } else { before.sent_at },
                    received_at: if synced.received {
                        now
                    } else {
                        before.received_at
                    },
                    done_at: if synced.error.is_none() {
                        now
                    } else {
                        before.done_at
                    },
                    error: synced.error.map(str::to_owned),
                    checkpoint_at: before.checkpoint_at,
                },
                Some(synced.faults.iter().cloned().collect::<Vec<_>>()),
            ),
            Err(code) => (
                LastSync {
                    error: Some((*code).to_owned()),
                    ..before.clone()
                },
                None,
            ),
        };
        let same_faults = match &faults {
            Some(faults) => self.reading().await?.faults().await?.iter().eq(faults),
            None => true,
        };
        let nothing_happened = matches!(result, Ok(synced) if synced.changed_nothing())
            && before.error.is_none()
            && before.done_at.is_some()
            && same_faults;
        if nothing_happened {
            return Ok(());
        }
        let mut writing = self.writing().await?;
        writing.set_status(StatusName::LastSync, &last).await?;
        if let Some(faults) = faults {
            writing.set_status(StatusName::Faults, &faults).await?;
        }
        writing.commit().await
    }

    /// Named states that hold until something mends them, whatever the last reply showed.
    pub(super) async fn standing_faults(
        &self,
        replica: &Replica,
    ) -> Result<BTreeSet<Fault>, VaultError> {
        let quarantined = self.reading().await?.quarantined().await?;
        let frozen = replica
            .chains
            .iter()
            .filter(|(_, head)| head.state == ChainState::Frozen);
        let withheld = replica.holes.keys();
        Ok(frozen
            .map(|(chain, _)| Fault::ForkedChain { chain })
            .chain(
                quarantined
                    .into_iter()
                    .map(|place| Fault::Quarantined { place }),
            )
            .chain(withheld.map(|place| Fault::Withheld {
                chain: place.chain,
                from: place.seq.0,
            }))
            .collect())
    }

    /// A live connection brought or took something, or did not take it.
    pub(super) async fn note_report(
        &self,
        report: &SyncReport,
        not_taken: Option<&SyncError>,
    ) -> Result<(), VaultError> {
        let synced = SyncedNow {
            error: not_taken.map(SyncError::code),
            ..SyncedNow::from(report)
        };
        self.note_sync(&Ok(synced)).await
    }

    async fn last_sync(&self) -> Result<LastSync, VaultError> {
        Ok(self
            .reading()
            .await?
            .status(StatusName::LastSync)
            .await?
            .unwrap_or_default())
    }
}

impl From<&SyncReport> for SyncedNow {
    fn from(report: &SyncReport) -> Self {
        Self {
            sent: report.sent > 0,
            received: report.received > 0,
            error: None,
            faults: report.faults.clone(),
        }
    }
}

impl SyncedNow {
    const fn changed_nothing(&self) -> bool {
        !self.sent && !self.received && self.error.is_none()
    }
}

/// What one sync came to.
#[derive(Debug)]
pub(super) struct SyncedNow {
    pub(super) sent: bool,
    pub(super) received: bool,
    /// The stable code of why what waits was not taken.
    pub(super) error: Option<&'static str>,
    pub(super) faults: BTreeSet<Fault>,
}
