//! `daymark device list`: who holds this journal.

use crate::{
    error::CliError,
    exit::Exit,
    output::{ago, iso, short_device},
    session::Session,
};
use clap::Args;
use daymark_client::journal::DeviceName;
use serde::Serialize;

/// List the devices that hold your journal
#[derive(Debug, Args)]
pub(crate) struct ListArgs {}

#[derive(Serialize)]
struct DeviceJson {
    id: String,
    name: Option<String>,
    this: bool,
    active: bool,
    first_seen: Option<String>,
}

impl ListArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let devices = vault.status().await?.devices;
        vault.close().await;
        for device in devices {
            if session.json() {
                session.print_json(&DeviceJson {
                    id: device.device.to_string(),
                    name: device.name.as_ref().map(DeviceName::to_string),
                    this: device.this,
                    active: device.active,
                    first_seen: device.first_seen_at.and_then(iso),
                })?;
            } else {
                let name = device
                    .name
                    .as_ref()
                    .map_or("(no name yet)", DeviceName::as_str);
                let this = if device.this { " (this one)" } else { "" };
                let gone = if device.active {
                    ""
                } else {
                    " (no longer in the account)"
                };
                let seen = match device.first_seen_at {
                    Some(at) => format!(", first seen here on {}", ago(Some(at))),
                    None => String::new(),
                };
                let id = short_device(device.device);
                session.print(&format!("{id}  {name}{this}{gone}{seen}"))?;
            }
        }
        Ok(Exit::Done)
    }
}
