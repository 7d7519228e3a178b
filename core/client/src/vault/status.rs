//! What the last syncs showed, kept for people to read.

use super::{Reading, VaultError, Writing, sealer::Table};
use daymark_core::sync::Fault;
use daymark_wire::{DeviceId, SpaceId};
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};

/// What is kept one of. The text stands in the table, in the clear, and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatusName {
    /// The named states that hold now (rule R6).
    Faults,
    /// The spaces of which something waits for the relay's next minute (rule L11).
    HeldUp,
    /// For how long the relay puts off what waits.
    HeldUpSince,
    /// When something was last sent and received, and what went wrong since.
    LastSync,
    /// When this device first saw each device of the account, and when it last heard of it.
    Devices,
    /// The epoch under which every document key of this vault is known to lie wrapped.
    KeysWrapped,
}

impl StatusName {
    const fn text(self) -> &'static str {
        match self {
            Self::Faults => "faults",
            Self::HeldUp => "held up",
            Self::HeldUpSince => "held up since",
            Self::LastSync => "last sync",
            Self::Devices => "devices",
            Self::KeysWrapped => "keys wrapped",
        }
    }
}

/// What is noted of a device of the account, by this device's clock, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct DeviceTimes {
    /// When the link that adds it was first verified here.
    #[n(0)]
    pub(crate) first_seen_at: Option<u64>,
    /// When a record of it last came here, to the second.
    #[n(1)]
    pub(crate) received_at: Option<u64>,
}

/// How long links, or records, of one space wait, while the relay took none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(crate) struct HeldUpSince {
    /// When they were last put off, by this device's clock, in milliseconds since 1970.
    #[n(0)]
    pub(crate) at: u64,
    /// What the relay had taken of them by then, counted.
    #[n(1)]
    pub(crate) taken: u64,
    /// In milliseconds.
    #[n(2)]
    pub(crate) waited: u64,
}

/// What no relay has acknowledged of the journal, as a person counts it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unsent {
    /// Entries with changes that wait, however many.
    pub entries: u64,
    /// Changes of anything else, such as a device's name.
    pub others: u64,
}

impl Writing {
    /// Dates the devices that were not known before, in the change that keeps the links which add them.
    pub(crate) async fn note_devices(
        &mut self,
        devices: impl Iterator<Item = DeviceId>,
        now: u64,
    ) -> Result<(), VaultError> {
        let mut times = self.device_times().await?;
        for device in devices {
            times
                .entry(device)
                .or_default()
                .first_seen_at
                .get_or_insert(now);
        }
        self.set_status(StatusName::Devices, &times).await
    }

    /// Notes that records of these devices came, in the change that keeps them.
    pub(crate) async fn note_received(
        &mut self,
        devices: &BTreeSet<DeviceId>,
        now: u64,
    ) -> Result<(), VaultError> {
        let mut times = self.device_times().await?;
        for device in devices {
            times.entry(*device).or_default().received_at = Some(now);
        }
        self.set_status(StatusName::Devices, &times).await
    }

    /// Keeps a status in the place of the one before.
    pub(crate) async fn set_status<T: Encode<()>>(
        &mut self,
        name: StatusName,
        status: &T,
    ) -> Result<(), VaultError> {
        let content = daymark_wire::cbor::to_vec(status);
        let row = name.text().as_bytes();
        let sealed = self.sealer.seal(Table::Status, row, &content)?;
        sqlx::query(
            "INSERT INTO status (name, sealed) VALUES (?, ?) \
             ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed",
        )
        .bind(name.text())
        .bind(sealed)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Drops a status.
    pub(super) async fn drop_status(&mut self, name: StatusName) -> Result<(), VaultError> {
        sqlx::query("DELETE FROM status WHERE name = ?")
            .bind(name.text())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

impl Reading {
    /// A status; none before it was first set.
    pub(crate) async fn status<T: for<'b> Decode<'b, ()>>(
        &mut self,
        name: StatusName,
    ) -> Result<Option<T>, VaultError> {
        let sealed: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT sealed FROM status WHERE name = ?")
                .bind(name.text())
                .fetch_optional(self.connection())
                .await?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let row = name.text().as_bytes();
        let content = self.sealer.open(Table::Status, row, &sealed)?;
        let status = minicbor::decode(&content);
        status
            .map(Some)
            .map_err(|_| VaultError::Damaged { what: "its status" })
    }

    /// What is noted of each device.
    pub(crate) async fn device_times(
        &mut self,
    ) -> Result<BTreeMap<DeviceId, DeviceTimes>, VaultError> {
        let times = self.status(StatusName::Devices).await?;
        Ok(times.unwrap_or_default())
    }

    /// How many of the journal's records of each device are here and not part of a document yet: they wait for others.
    pub(crate) async fn unmerged(&mut self) -> Result<BTreeMap<DeviceId, u64>, VaultError> {
        // 0 is `Received`, 2 is `Waiting`; the last condition is that of the index.
        let rows: Vec<(Vec<u8>, i64)> = sqlx::query_as(
            "SELECT c.device, count(*) FROM records r JOIN chains c ON c.id = r.chain \
             WHERE r.state IN (0, 2) AND r.state <> 1 AND c.space = ? GROUP BY c.device",
        )
        .bind(self.journal.as_bytes().to_vec())
        .fetch_all(self.connection())
        .await?;
        let of_device = |(device, count): (Vec<u8>, i64)| {
            let device = DeviceId::try_from(device.as_slice())?;
            Ok((device, u64::try_from(count).unwrap_or_default()))
        };
        rows.into_iter().map(of_device).collect()
    }

    /// What waits in the outbox of the journal, by entries.
    pub(crate) async fn counted_unsent(&mut self) -> Result<Unsent, VaultError> {
        let (entries, others): (i64, i64) = sqlx::query_as(
            "SELECT count(DISTINCT d.id), count(*) FILTER (WHERE d.id IS NULL) FROM outbox o \
             LEFT JOIN documents d ON d.id = o.document AND d.pack IS NOT NULL WHERE o.space = ?",
        )
        .bind(self.journal.as_bytes().to_vec())
        .fetch_one(self.connection())
        .await?;
        Ok(Unsent {
            entries: u64::try_from(entries).unwrap_or_default(),
            others: u64::try_from(others).unwrap_or_default(),
        })
    }

    /// The spaces of which something waits for the relay's next minute, as of the last sync.
    pub(crate) async fn held_up(&mut self) -> Result<BTreeSet<SpaceId>, VaultError> {
        Ok(self.status(StatusName::HeldUp).await?.unwrap_or_default())
    }

    /// The named states that hold, as of the last sync.
    pub(crate) async fn faults(&mut self) -> Result<BTreeSet<Fault>, VaultError> {
        let faults: Option<Vec<Fault>> = self.status(StatusName::Faults).await?;
        Ok(faults.unwrap_or_default().into_iter().collect())
    }
}
