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
    /// What others read instead
    #[arg(long, value_name = "ALIAS")]
    alias: Alias,
}

impl AddArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        set(session, &self.name, Some(&self.alias)).await
    }
}
