//! `daymark people alias`: what stands for a name in what is shared.

use super::{print, set};
use crate::{error::CliError, exit::Exit, session::Session};
use clap::Args;
use daymark_client::journal::{Alias, Person};

/// Show or set the alias of a person
///
/// It stands for the name wherever that is a word of its own: in a title, text, answers and tags, in everything you
/// share from then on, in any case and however its accents are written. Your own entries stay as they are.
#[derive(Debug, Args)]
pub(crate) struct AliasArgs {
    /// The name as you write it
    #[arg(value_name = "NAME")]
    name: Person,
    /// What others read instead; without it, the alias is shown
    #[arg(value_name = "ALIAS")]
    alias: Option<Alias>,
    /// Take the alias away
    #[arg(long, conflicts_with = "alias")]
    none: bool,
    /// Change it without being asked, though what is kept up to date for somebody goes there anew
    #[arg(long)]
    yes: bool,
}

impl AliasArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        if self.none || self.alias.is_some() {
            return set(session, vault, &self.name, self.alias.as_ref(), self.yes).await;
        }
        let known = vault.alias_of(&self.name).await?;
        vault.close().await;
        match &known {
            Some((name, alias)) => print(session, name, Some(alias))?,
            None => print(session, &self.name, None)?,
        }
        Ok(Exit::Done)
    }
}
