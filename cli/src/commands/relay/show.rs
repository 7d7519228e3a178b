//! `daymark relay show`: the relay that is set.

use crate::{error::CliError, exit::Exit, session::Session};
use clap::Args;
use serde::Serialize;

/// Show the relay that is set
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {}

#[derive(Serialize)]
struct RelayJson {
    relay: Option<String>,
    key: Option<String>,
}

impl ShowArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let relay = vault.relay().await?;
        vault.close().await;
        let key = relay.as_ref().map(|relay| {
            relay
                .key
                .as_bytes()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        });
        let relay = relay.map(|relay| relay.url.to_string());
        if session.json() {
            session.print_json(&RelayJson { relay, key })?;
        } else if let (Some(relay), Some(key)) = (relay, key) {
            session.print(&format!("{relay}\nits key: {key}"))?;
        } else {
            session.print("No relay is set. Everything you write is on this device.")?;
        }
        Ok(Exit::Done)
    }
}
