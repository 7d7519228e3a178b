//! `daymark shared show`: one thing that was shared, whole.

use crate::{
    error::CliError,
    exit::Exit,
    output::{SharedJson, shared_page},
    session::Session,
};
use clap::Args;
use daymark_client::sharing::SharedName;

/// Read something that was shared with you
///
/// They are not told that you read it; if you want to say so, there is `daymark shared seen`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The beginning of its id, or @1 for the newest that `daymark shared list` shows, @2 for the one before
    #[arg(value_name = "ENTRY")]
    entry: String,
}

impl ShowArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let name: SharedName = self.entry.parse()?;
        let vault = session.unlock().await?;
        let shared = vault.find_shared(&name).await?;
        vault.close().await;
        if session.json() {
            session.print_json(&SharedJson::of(&shared))?;
        } else {
            session.print(&shared_page(&shared))?;
        }
        Ok(Exit::Done)
    }
}
