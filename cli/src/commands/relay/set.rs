//! `daymark relay set`: another relay, or the first.

use super::address;
use crate::{error::CliError, exit::Exit, session::Session};
use clap::Args;
use serde::Serialize;

/// Set the relay
///
/// The next sync takes everything there. What you write stays on this device either way.
#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    /// Its address
    #[arg(value_name = "URL", help = "Its address, like https://relay.example")]
    url: String,
    /// The invite that the relay's operator gave you
    #[arg(long, value_name = "TOKEN")]
    invite: Option<String>,
}

#[derive(Serialize)]
struct RelayJson {
    relay: String,
}

impl SetArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let (address, invite) = address(&self.url, self.invite.as_deref()).await?;
        let vault = session.unlock().await?;
        vault.set_relay(&address, invite.as_ref()).await?;
        vault.close().await;
        if session.json() {
            session.print_json(&RelayJson {
                relay: address.url.to_string(),
            })?;
        } else {
            session.say(&format!(
                "The relay is {}. `daymark sync` takes it from here.",
                address.url
            ))?;
        }
        Ok(Exit::Done)
    }
}
