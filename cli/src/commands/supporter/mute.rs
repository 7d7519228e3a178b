//! `daymark supporter mute`: no news of somebody, for a while.

use crate::{error::CliError, exit::Exit, session::Session};
use clap::Args;
use serde::Serialize;

/// Have no news of somebody for a while
///
/// What they send still comes, and waits: `daymark replies --all` and `daymark shared list` show it. They are not
/// told.
#[derive(Debug, Args)]
pub(crate) struct MuteArgs {
    /// What you call them, or how it begins
    #[arg(value_name = "NAME")]
    name: String,
    /// Have news of them again
    #[arg(long)]
    off: bool,
}

#[derive(Serialize)]
struct MutedJson<'s> {
    name: &'s str,
    muted: bool,
    changed: bool,
}

impl MuteArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let muted = !self.off;
        let vault = session.unlock().await?;
        let supporter = vault.find_supporter(&self.name).await?;
        let changed = vault.mute(supporter.bond, muted).await?;
        vault.close().await;
        let name = supporter.name.as_str();
        if session.json() {
            session.print_json(&MutedJson {
                name,
                muted,
                changed,
            })?;
        } else {
            session.say(&match (muted, changed) {
                (true, true) => format!("No news of {name} from now on. They are not told."),
                (false, true) => format!("News of {name} again."),
                (true, false) => format!("{name} is muted already."),
                (false, false) => format!("{name} is not muted."),
            })?;
        }
        Ok(Exit::Done)
    }
}
