//! `daymark shared seen`: says that something was seen, by choice.

use crate::{commands::carrying::carry_in, error::CliError, exit::Exit, session::Session};
use clap::Args;
use daymark_client::sharing::SharedName;
use serde::Serialize;

/// Tell them that you have seen it
///
/// Only if you want to: it is never sent by itself, and it cannot be unsaid.
#[derive(Debug, Args)]
pub(crate) struct SeenArgs {
    /// The beginning of its id, or @1 for the newest that `daymark shared list` shows, @2 for the one before
    #[arg(value_name = "ENTRY")]
    entry: String,
}

#[derive(Serialize)]
struct SeenJson {
    id: String,
    changed: bool,
    synced: bool,
}

impl SeenArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let name: SharedName = self.entry.parse()?;
        let vault = session.unlock().await?;
        let shared = vault.find_shared(&name).await?;
        let changed = vault.acknowledge(shared.share).await?;
        let (synced, exit) = match changed {
            true => {
                let later = "It is kept here, and goes with the next sync.";
                let carried =
                    carry_in(session, &vault, shared.bond, later, |one| one.waiting > 0).await?;
                (carried.synced, carried.exit)
            }
            false => (false, Exit::Done),
        };
        vault.close().await;
        if session.json() {
            session.print_json(&SeenJson {
                id: shared.share.to_string(),
                changed,
                synced,
            })?;
        } else if changed {
            session.say(&format!("{} will see that you have seen it.", shared.name))?;
        } else {
            session.say("You said so already.")?;
        }
        Ok(exit)
    }
}
