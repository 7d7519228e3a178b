//! What a person can read about the last syncs.

use super::{SyncError, SyncReport};
use crate::{
    connection::RelayAddress,
    sharing::BondStatus,
    vault::{StatusName, Unsent, Vault, VaultError, Writing},
};
use daymark_core::{
    journal::DeviceName,
    sync::{ChainState, Fault, Replica},
};
use daymark_wire::{DeviceId, SpaceId, logs::DeviceState, record::Place};
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
    /// What went wrong, if the last sync did not end well.
    #[n(3)]
    pub error: Option<Trouble>,
    /// When this device last wrote a checkpoint.
    #[n(4)]
    pub checkpoint_at: Option<u64>,
}

/// Why a sync did not end well, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Trouble {
    /// The stable code that scripts see.
    #[n(0)]
    pub code: String,
    /// What a person reads.
    #[n(1)]
    pub says: String,
}

impl From<&SyncError> for Trouble {
    fn from(error: &SyncError) -> Self {
        Self {
            code: error.code().to_owned(),
            says: error.to_string(),
        }
    }
}

impl LastSync {
    /// The stable code of what went wrong.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.error.as_ref().map(|error| error.code.as_str())
    }
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
    /// Those of the journal, as a person counts them.
    pub waiting: Unsent,
    /// Named states that hold, as of the last sync.
    pub faults: BTreeSet<Fault>,
    /// Whether what this account's devices say of themselves waits for the relay's next minute, as of the last sync.
    pub held_up: bool,
    /// Each bond of which something is to be said.
    pub bonds: Vec<BondStatus>,
    /// Each device of the account.
    pub devices: Vec<DeviceStatus>,
}

/// One device of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceStatus {
    /// Which.
    pub device: DeviceId,
    /// What the person calls it; none until it said so itself.
    pub name: Option<DeviceName>,
    /// Whether it is this one.
    pub this: bool,
    /// Whether it is still one of the account's.
    pub active: bool,
    /// When this device first saw it in the account's log, by this device's clock; in milliseconds since 1970.
    pub first_seen_at: Option<u64>,
    /// Records of it that this device holds.
    pub records: u64,
    /// When the newest of them came here, to the second and by this device's clock; none for this one. When it
    /// wrote them, and what it has not sent, only that device knows.
    pub received_at: Option<u64>,
    /// Changes that wait: this device's for a relay, another's for changes that they rest on.
    pub waiting: u64,
}

impl Vault {
    /// How this vault stands with its relay. Asks nobody.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn status(&self) -> Result<Status, VaultError> {
        let replica = self.load_replica().await?;
        let names = self.device_names().await?;
        let mut reading = self.reading().await?;
        let unsent = reading.outbox_length().await?;
        let waiting = reading.counted_unsent().await?;
        let last = reading.status(StatusName::LastSync).await?;
        let faults = reading.faults().await?;
        let held_up = reading.held_up().await?.contains(&self.journal());
        let times = reading.device_times().await?;
        let unmerged = reading.unmerged().await?;
        let bonds = reading.bonds_status().await?;
        drop(reading);
        let have = replica.chains.have();
        let one = |(device, state): (DeviceId, &DeviceState)| {
            let this = device == self.device();
            let times = times.get(&device).copied().unwrap_or_default();
            let chains = have.iter().filter(|(chain, _)| chain.device == device);
            DeviceStatus {
                device,
                name: names.get(&device).cloned(),
                this,
                active: state.is_active(),
                first_seen_at: times.first_seen_at,
                records: chains.map(|(_, seq)| seq.0).sum(),
                received_at: times.received_at.filter(|_| !this),
                waiting: if this {
                    unsent
                } else {
                    unmerged.get(&device).copied().unwrap_or(0)
                },
            }
        };
        Ok(Status {
            relay: self.relay().await?,
            last: last.unwrap_or_default(),
            unsent,
            waiting,
            faults,
            held_up,
            bonds,
            devices: replica.logs.account().devices().map(one).collect(),
        })
    }

    /// Whether a day has gone by since this device's last checkpoint.
    pub(super) async fn checkpoint_is_due(&self) -> Result<bool, VaultError> {
        let last = self.last_sync().await?.checkpoint_at.unwrap_or(0);
        Ok(self.now_ms().saturating_sub(last) >= CHECKPOINT_EVERY_MS)
    }

    /// A checkpoint was sealed.
    pub(super) async fn note_checkpoint(&self, writing: &mut Writing) -> Result<(), VaultError> {
        let checkpoint_at = Some(writing.now_ms());
        let last = LastSync {
            checkpoint_at,
            ..self.last_sync().await?
        };
        writing.set_status(StatusName::LastSync, &last).await
    }

    /// A sync ended: what it sent, received and saw; or why it failed.
    pub(super) async fn note_sync(
        &self,
        result: &Result<SyncedNow, Trouble>,
    ) -> Result<(), VaultError> {
        let before = self.last_sync().await?;
        let (last, shown) = match result {
            Ok(synced) => {
                let mut reading = self.reading().await?;
                let same = reading.faults().await? == synced.faults
                    && reading.held_up().await? == synced.held_up;
                drop(reading);
                let known = before.error.is_none() && before.done_at.is_some() && same;
                if known && synced.changed_nothing() {
                    return Ok(());
                }
                (synced.after(before), Some(synced))
            }
            Err(trouble) if before.error_code() == Some(&trouble.code) => return Ok(()),
            Err(trouble) => (
                LastSync {
                    error: Some(trouble.clone()),
                    ..before
                },
                None,
            ),
        };
        let mut writing = self.writing().await?;
        writing.set_status(StatusName::LastSync, &last).await?;
        if let Some(shown) = shown {
            writing
                .set_status(StatusName::Faults, &shown.faults)
                .await?;
            writing
                .set_status(StatusName::HeldUp, &shown.held_up)
                .await?;
        }
        writing.commit().await
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

/// Named states that hold until something mends them, whatever the last reply showed.
pub(super) fn standing_faults(replica: &Replica, quarantined: &[Place]) -> BTreeSet<Fault> {
    let frozen = replica
        .chains
        .iter()
        .filter(|(_, head)| head.state == ChainState::Frozen)
        .map(|(chain, _)| Fault::ForkedChain { chain });
    let quarantined = quarantined
        .iter()
        .map(|place| Fault::Quarantined { place: *place });
    // In order: the first of each chain.
    let mut holes: Vec<&Place> = replica.holes.keys().collect();
    holes.dedup_by_key(|place| place.chain);
    let withheld = holes.into_iter().map(|place| Fault::Withheld {
        chain: place.chain,
        from: place.seq.0,
    });
    frozen.chain(quarantined).chain(withheld).collect()
}

/// Says once of each chain that something of it is withheld: from the first place that is missing.
pub(super) fn once_of_each_chain(faults: BTreeSet<Fault>) -> BTreeSet<Fault> {
    let mut named = BTreeSet::new();
    // In order: the first place of each chain comes first.
    let mut is_first = |fault: &Fault| match fault {
        Fault::Withheld { chain, .. } => named.insert(*chain),
        _ => true,
    };
    faults.into_iter().filter(|fault| is_first(fault)).collect()
}

/// What one sync came to, or several in a row.
#[derive(Debug, Clone)]
pub(super) struct SyncedNow {
    /// When it last was so.
    at: u64,
    /// When the relay took something.
    pub(super) sent_at: Option<u64>,
    /// When something new came.
    pub(super) received_at: Option<u64>,
    /// Why what waits was not taken.
    pub(super) error: Option<Trouble>,
    pub(super) faults: BTreeSet<Fault>,
    /// What waits for the relay's next minute.
    pub(super) held_up: BTreeSet<SpaceId>,
}

impl SyncedNow {
    /// What a sync came to that ended at this time.
    pub(super) fn of(report: &SyncReport, not_taken: Option<&SyncError>, at: u64) -> Self {
        Self {
            at,
            sent_at: (report.sent > 0).then_some(at),
            received_at: (report.received > 0).then_some(at),
            error: not_taken.map(Trouble::from),
            faults: report.faults.clone(),
            held_up: report.held_up.clone(),
        }
    }

    /// This one, and then another.
    pub(super) fn then(self, next: Self) -> Self {
        Self {
            sent_at: next.sent_at.or(self.sent_at),
            received_at: next.received_at.or(self.received_at),
            ..next
        }
    }

    fn after(&self, before: LastSync) -> LastSync {
        LastSync {
            sent_at: self.sent_at.or(before.sent_at),
            received_at: self.received_at.or(before.received_at),
            done_at: if self.error.is_none() {
                Some(self.at)
            } else {
                before.done_at
            },
            error: self.error.clone(),
            ..before
        }
    }

    const fn changed_nothing(&self) -> bool {
        self.sent_at.is_none() && self.received_at.is_none() && self.error.is_none()
    }
}
