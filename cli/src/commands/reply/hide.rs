//! `daymark reply hide`: a reply that the owner would rather not see.

use crate::{error::CliError, exit::Exit, session::Session};
use clap::Args;
use serde::Serialize;

/// Hide a reply that somebody sent you
///
/// On all your devices; they are not told. `daymark replies --all` still shows it.
#[derive(Debug, Args)]
pub(crate) struct HideArgs {
    /// The beginning of the reply's id, or @1 for the newest that `daymark replies` shows; with --off, of the hidden ones
    #[arg(value_name = "REPLY")]
    reply: String,
    /// Show it again
    #[arg(long)]
    off: bool,
}

#[derive(Serialize)]
struct HiddenJson {
    id: String,
    hidden: bool,
    changed: bool,
}

impl HideArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let hidden = !self.off;
        let vault = session.unlock().await?;
        let reply = match hidden {
            true => vault.find_reply(&self.reply).await?,
            false => vault.find_hidden_reply(&self.reply).await?,
        };
        let changed = vault.hide_reply(reply.id, hidden).await?;
        vault.close().await;
        if session.json() {
            session.print_json(&HiddenJson {
                id: reply.id.document.to_string(),
                hidden,
                changed,
            })?;
        } else {
            session.say(match (hidden, changed) {
                (true, true) => "Hidden.",
                (true, false) => "It is hidden already.",
                (false, true) => "Shown again.",
                (false, false) => "It is not hidden.",
            })?;
        }
        Ok(Exit::Done)
    }
}
