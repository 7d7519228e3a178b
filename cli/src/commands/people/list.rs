//! `daymark people list`: who occurs in entries.

use super::print;
use crate::{error::CliError, exit::Exit, session::Session};
use clap::Args;

/// List the people in your entries, with their aliases
#[derive(Debug, Args)]
pub(crate) struct ListArgs {}

impl ListArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let people = vault.people().await?;
        vault.close().await;
        for (person, alias) in &people {
            print(session, person, alias.as_ref())?;
        }
        Ok(Exit::Done)
    }
}
