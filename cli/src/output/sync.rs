//! What a sync came to, and what is wrong with what a relay showed.

use super::sentence;
use crate::{error::CliError, exit::Exit, session::Session};
use daymark_client::{
    DeviceId, Fault,
    sharing::{BondFault, SpaceId},
    sync::{SyncReport, WatchEvent},
    vault::Vault,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// A sync as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct SyncJson {
    sent: usize,
    received: usize,
    merged: usize,
    round_trips: u32,
    faults: Vec<FaultJson>,
    held_up: Vec<String>,
}

/// A named state as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct FaultJson {
    code: &'static str,
    message: String,
}

/// Something that happened while watching, as JSON.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum WatchJson {
    Connected,
    Synced(SyncJson),
    Disconnected {
        code: &'static str,
        message: String,
        again_in_ms: u64,
    },
}

impl SyncJson {
    pub(crate) fn of(report: &SyncReport) -> Self {
        Self {
            sent: report.sent,
            received: report.received,
            merged: report.merged,
            round_trips: report.round_trips,
            faults: report.faults.iter().map(FaultJson::of).collect(),
            held_up: report.held_up.iter().map(SpaceId::to_string).collect(),
        }
    }
}

impl FaultJson {
    pub(crate) fn of(fault: &Fault) -> Self {
        Self {
            code: fault.code(),
            message: sentence(&fault.to_string()),
        }
    }

    pub(crate) fn of_bond(fault: BondFault) -> Self {
        Self {
            code: fault.code(),
            message: sentence(&fault.to_string()),
        }
    }
}

impl WatchJson {
    pub(crate) fn of(event: &WatchEvent) -> Self {
        match event {
            WatchEvent::Connected => Self::Connected,
            WatchEvent::Synced(report) => Self::Synced(SyncJson::of(report)),
            WatchEvent::Disconnected { why, again_in } => Self::Disconnected {
                code: why.code(),
                message: sentence(&why.to_string()),
                again_in_ms: u64::try_from(again_in.as_millis()).unwrap_or(u64::MAX),
            },
        }
    }
}

/// Says each named state beside the output. What reads the same of several logs is said once.
pub(crate) fn print_faults(
    session: &mut Session,
    faults: &BTreeSet<Fault>,
) -> Result<(), CliError> {
    let said: BTreeSet<String> = faults.iter().map(Fault::to_string).collect();
    for fault in said {
        session.note(&sentence(&fault))?;
    }
    Ok(())
}

/// Says of each bond of which something waits for the relay's next minute that it does, by the name that the person
/// gave.
pub(crate) async fn print_held_up(
    session: &mut Session,
    vault: &Vault,
    held_up: &BTreeSet<SpaceId>,
) -> Result<(), CliError> {
    if held_up.is_empty() {
        return Ok(());
    }
    const LATER: &str =
        "waits for the relay's next minute. The first sync after that takes it along.";
    for bond in vault.supporters().await? {
        if held_up.contains(&bond.bond) {
            session.note(&format!("Something for {} {LATER}", bond.name))?;
        }
    }
    if held_up.contains(&vault.journal()) {
        session.note(&format!("Your list of devices {LATER}"))?;
    }
    Ok(())
}

/// What the shell sees of them: whether the relay is to be distrusted, or something could not be sent.
pub(crate) fn fault_exit(faults: &BTreeSet<Fault>) -> Exit {
    let worst = faults.iter().map(|fault| match fault {
        Fault::VaultExistsTwice => Exit::Done,
        Fault::Stale | Fault::LockedOut => Exit::Partly,
        _ => Exit::Distrusted,
    });
    worst.max_by_key(|exit| exit.code()).unwrap_or(Exit::Done)
}

/// The beginning of a device's id.
pub(crate) fn short_device(device: DeviceId) -> String {
    let mut id = device.to_string();
    id.truncate(8);
    id
}
