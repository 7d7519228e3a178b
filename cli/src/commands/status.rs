//! `daymark status`: how this device stands with its relay and the other devices.

use crate::{
    error::CliError,
    exit::Exit,
    output::{FaultJson, ago, iso, print_faults, sentence, short_device},
    session::Session,
};
use clap::Args;
use daymark_client::{
    journal::DeviceName,
    sharing::{BondStatus, Role, Standing, WhoSees},
    sync::{DeviceStatus, Status},
    vault::{Unsent, Vault},
};
use serde::Serialize;

/// See what was sent and received, and what waits
///
/// Asks nobody: it shows what this device knows since its last sync.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {}

#[derive(Serialize)]
struct StatusJson {
    relay: Option<String>,
    entries: usize,
    unlocked_until: Option<String>,
    waiting: u64,
    last_sent: Option<String>,
    last_received: Option<String>,
    last_sync: Option<String>,
    last_error: Option<String>,
    faults: Vec<FaultJson>,
    held_up: bool,
    bonds: Vec<BondJson>,
    devices: Vec<DeviceJson>,
}

#[derive(Serialize)]
struct BondJson {
    id: String,
    name: String,
    waiting: usize,
    taking_back: usize,
    ending: bool,
    held_up: bool,
    fault: Option<FaultJson>,
}

#[derive(Serialize)]
struct DeviceJson {
    id: String,
    name: Option<String>,
    this: bool,
    active: bool,
    first_seen: Option<String>,
    records: u64,
    last_received: Option<String>,
    waiting: u64,
}

impl StatusArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let status = vault.status().await?;
        let entries = vault.count().await?;
        let asides = asides(&vault).await?;
        // Without a keyring no key is at hand.
        let unlocked = session.machine().kept_until(vault.folder());
        let unlocked = unlocked.ok().flatten();
        vault.close().await;
        if session.json() {
            session.print_json(&StatusJson::of(&status, entries, unlocked))?;
        } else {
            session.print(&lines(&status, entries, unlocked, &asides))?;
            print_faults(session, &status.faults)?;
        }
        Ok(Exit::Done)
    }
}

/// What is said of supporters besides what the vault counts.
#[derive(Default)]
struct Asides {
    /// Who agreed, and whose number was not compared.
    to_verify: Vec<String>,
    /// What goes with the next sync, and is in no outbox yet, and what cannot go.
    following: Vec<String>,
}

async fn asides(vault: &Vault) -> Result<Asides, CliError> {
    let mut asides = Asides::default();
    let supporters = vault.supporters().await?;
    if supporters.is_empty() {
        return Ok(asides);
    }
    let who = Box::pin(vault.who_sees(None)).await?;
    for one in &supporters {
        let follows = |seen: &&WhoSees| {
            let is_updated = seen.keep_updated && !seen.needs_verified;
            seen.bond == one.bond && is_updated && seen.differs == Some(true)
        };
        let following = who.iter().filter(follows).count();
        if following > 0 {
            asides.following.push(format!(
                "{}: {following} kept up to date, to be sent as changed",
                one.name
            ));
        }
        let lost = |seen: &&WhoSees| seen.bond == one.bond && seen.unreadable;
        let lost = who.iter().filter(lost).count();
        if lost > 0 {
            asides.following.push(format!(
                "{}: {lost} of which the entry does not open here, what they have stays as it is",
                one.name
            ));
        }
        if one.role == Role::Owner && one.standing == Standing::Active && !one.verified {
            asides.to_verify.push(one.name.to_string());
        }
    }
    Ok(asides)
}

fn lines(status: &Status, entries: usize, unlocked: Option<u64>, asides: &Asides) -> String {
    let unlocked = match unlocked {
        Some(until) => format!("until {}", ago(Some(until))),
        None => "no".to_owned(),
    };
    let relay = status
        .relay
        .as_ref()
        .map_or("none", |relay| relay.url.as_str());
    let last = &status.last;
    let mut lines = format!(
        "entries       {entries}\n\
         unlocked      {unlocked}\n\
         relay         {relay}\n\
         last sent     {}\n\
         last received {}\n\
         waiting       {}",
        ago(last.sent_at),
        ago(last.received_at),
        all_waiting(status),
    );
    if !asides.to_verify.is_empty() {
        lines.push_str(&format!("\nto verify     {}", asides.to_verify.join(", ")));
    }
    if let Some(error) = &last.error {
        lines.push_str(&format!("\nlast error    {}", sentence(&error.says)));
    }
    if status.held_up {
        lines.push_str("\nheld up       your list of devices, until the relay's next minute");
    }
    if !status.bonds.is_empty() || !asides.following.is_empty() {
        lines.push_str("\n\nsharing");
    }
    for bond in &status.bonds {
        lines.push_str("\n  ");
        lines.push_str(&bond_line(bond));
    }
    for aside in &asides.following {
        lines.push_str("\n  ");
        lines.push_str(aside);
    }
    lines.push_str("\n\ndevices");
    for device in &status.devices {
        lines.push_str("\n  ");
        lines.push_str(&line(device));
    }
    lines
}

fn line(device: &DeviceStatus) -> String {
    let name = device
        .name
        .as_ref()
        .map_or("(no name yet)", DeviceName::as_str);
    let this = if device.this { ", this one" } else { "" };
    let gone = if device.active {
        ""
    } else {
        ", no longer in the account"
    };
    let (id, records) = (short_device(device.device), device.records);
    let newest = match device.received_at {
        Some(at) => format!(", the newest came {}", ago(Some(at))),
        None => String::new(),
    };
    let waiting = match device.waiting {
        // What this one waits for stands above.
        0 => String::new(),
        _ if device.this => String::new(),
        1 => ", 1 waits for what another device wrote".to_owned(),
        waiting => format!(", {waiting} wait for what other devices wrote"),
    };
    let records = counted(records, "change", "changes");
    format!("{id}  {name}{this}{gone}: {records} here{newest}{waiting}")
}

/// What waits in a bond, and what is wrong with it.
fn bond_line(bond: &BondStatus) -> String {
    let mut says = Vec::new();
    if let Some(fault) = bond.fault {
        says.push(fault.to_string());
    }
    if bond.ending {
        says.push("ends with the next sync".to_owned());
    } else {
        if bond.waiting > 0 {
            says.push(format!("{} to be sent", bond.waiting));
        }
        if bond.taking_back > 0 {
            says.push(format!("{} to be taken back", bond.taking_back));
        }
    }
    if bond.held_up {
        says.push("waits for the relay's next minute".to_owned());
    }
    format!("{}: {}", bond.name, says.join(", "))
}

/// The journal's, and what is shared.
fn all_waiting(status: &Status) -> String {
    let shared: usize = status.bonds.iter().map(|bond| bond.waiting).sum();
    match (shared, status.waiting.entries + status.waiting.others) {
        (0, _) => waiting(status.waiting),
        (shared, 0) => format!("{shared} in sharing"),
        (shared, _) => format!("{}, {shared} in sharing", waiting(status.waiting)),
    }
}

/// What no relay has yet, as a person counts it.
fn waiting(waiting: Unsent) -> String {
    let entries = counted(waiting.entries, "entry", "entries");
    match waiting {
        Unsent {
            entries: 0,
            others: 0,
        } => "nothing".to_owned(),
        Unsent { others: 0, .. } => entries,
        Unsent { entries: 0, others } => counted(others, "change", "changes"),
        Unsent { others, .. } => {
            let others = counted(others, "other change", "other changes");
            format!("{entries}, {others}")
        }
    }
}

fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

impl StatusJson {
    fn of(status: &Status, entries: usize, unlocked: Option<u64>) -> Self {
        let devices = status.devices.iter().map(|device| DeviceJson {
            id: device.device.to_string(),
            name: device.name.as_ref().map(DeviceName::to_string),
            this: device.this,
            active: device.active,
            first_seen: device.first_seen_at.and_then(iso),
            records: device.records,
            last_received: device.received_at.and_then(iso),
            waiting: device.waiting,
        });
        let bonds = status.bonds.iter().map(|bond| BondJson {
            id: bond.bond.to_string(),
            name: bond.name.to_string(),
            waiting: bond.waiting,
            taking_back: bond.taking_back,
            ending: bond.ending,
            held_up: bond.held_up,
            fault: bond.fault.map(FaultJson::of_bond),
        });
        Self {
            relay: status.relay.as_ref().map(|relay| relay.url.to_string()),
            entries,
            unlocked_until: unlocked.and_then(iso),
            waiting: status.unsent,
            last_sent: status.last.sent_at.and_then(iso),
            last_received: status.last.received_at.and_then(iso),
            last_sync: status.last.done_at.and_then(iso),
            last_error: status.last.error_code().map(str::to_owned),
            faults: status.faults.iter().map(FaultJson::of).collect(),
            held_up: status.held_up,
            bonds: bonds.collect(),
            devices: devices.collect(),
        }
    }
}
