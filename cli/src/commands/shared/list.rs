//! `daymark shared list`: what was shared, a line each.

use crate::{
    error::CliError,
    exit::Exit,
    output::{SharedJson, content_glimpse, on, short_id},
    session::Session,
};
use clap::Args;
use daymark_client::sharing::Shared;

/// List what was shared with you, newest first
#[derive(Debug, Args)]
pub(crate) struct ListArgs {}

impl ListArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let shared = vault.shared().await?;
        vault.close().await;
        for one in &shared {
            if session.json() {
                session.print_json(&SharedJson::of(one))?;
            } else {
                session.print(&line(one))?;
            }
        }
        if shared.is_empty() {
            session.note("Nothing is shared with you just now.")?;
        }
        Ok(Exit::Done)
    }
}

/// One of them, with the beginning of its id.
pub(super) fn line(shared: &Shared) -> String {
    let id = short_id(shared.share);
    let until = match &shared.until {
        Some(until) => format!(" (until {until})"),
        None => String::new(),
    };
    format!(
        "{id}  {}  {}: {}{until}",
        on(shared.received),
        shared.name,
        content_glimpse(&shared.content)
    )
}
