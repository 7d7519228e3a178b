//! `daymark supporter list`: who supports whom, and how it stands.

use crate::{
    error::CliError,
    exit::Exit,
    output::{SupporterJson, supporter_line},
    session::Session,
};
use clap::Args;

/// List your supporters, and the people whom you support
#[derive(Debug, Args)]
pub(crate) struct ListArgs {}

impl ListArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let supporters = vault.supporters().await?;
        vault.close().await;
        for supporter in &supporters {
            if session.json() {
                session.print_json(&SupporterJson::of(supporter))?;
            } else {
                session.print(&supporter_line(supporter))?;
            }
        }
        if supporters.is_empty() {
            session.note("There is nobody yet, and nobody sees anything of your journal.")?;
        }
        Ok(Exit::Done)
    }
}
