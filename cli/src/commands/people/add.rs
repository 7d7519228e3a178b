//! `daymark people add`: a person, before an entry names them.

use super::set;
use crate::{error::CliError, exit::Exit, session::Session};
use clap::Args;
use daymark_client::journal::{Alias, Person};

/// Add a person with an alias
///
/// People in entries (`daymark add --person NAME`) are known already. The alias stands for the name wherever it is
/// a word of its own in what you share.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// The name as you write it
    #[arg(value_name = "NAME")]
    name: Person,
    /// What others read instead; without it you are asked
    #[arg(long, value_name = "ALIAS")]
    alias: Option<Alias>,
    /// Add it without being asked, though what is kept up to date for somebody goes there anew
    #[arg(long)]
    yes: bool,
}

impl AddArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        if self.alias.is_none() {
            session.require_person(
                "an alias has to be chosen, and nobody can be asked for one here",
                "Give it with --alias.",
            )?;
        }
        // The passphrase comes first: who types it out of habit does not show it.
        let vault = session.unlock().await?;
        let alias = match self.alias {
            Some(alias) => alias,
            None => ask(session).await?,
        };
        set(session, vault, &self.name, Some(&alias), self.yes).await
    }
}

async fn ask(session: &mut Session) -> Result<Alias, CliError> {
    let answer = session.io().ask("What others read instead: ").await?;
    Ok(Alias::parse(&answer)?)
}
