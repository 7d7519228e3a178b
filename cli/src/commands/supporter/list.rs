//! `daymark supporter list`: who supports whom, and how it stands.

use crate::{
    error::CliError,
    exit::Exit,
    output::{SupporterJson, supporter_line},
    session::Session,
};
use clap::Args;
use daymark_client::sharing::Supporter;

/// List your supporters, and the people whom you support
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Also what is over and has the name of somebody who is listed already
    #[arg(long)]
    all: bool,
}

impl ListArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let supporters = vault.supporters().await?;
        vault.close().await;
        let shown: Vec<_> = match self.all {
            true => supporters.iter().collect(),
            false => first_of_each_name(&supporters),
        };
        for supporter in &shown {
            if session.json() {
                session.print_json(&SupporterJson::of(supporter))?;
            } else {
                let is_of_it = |other: &&&Supporter| other.name == supporter.name;
                let id = shown.iter().filter(is_of_it).count() > 1;
                session.print(&supporter_line(supporter, id))?;
            }
        }
        let rest = supporters.len() - shown.len();
        if rest > 0 {
            session.note(&format!(
                "… and {rest} of the same names that came to nothing or ended: --all shows them."
            ))?;
        }
        if supporters.is_empty() {
            session.note("There is nobody yet, and nobody sees anything of your journal.")?;
        }
        Ok(Exit::Done)
    }
}

/// Of one name, on one side, the one that is not over stands first, then the newest.
fn first_of_each_name(supporters: &[Supporter]) -> Vec<&Supporter> {
    let mut shown: Vec<&Supporter> = Vec::with_capacity(supporters.len());
    for supporter in supporters {
        let is_of_it =
            |known: &&Supporter| (&known.name, known.role) == (&supporter.name, supporter.role);
        let is_listed = shown.iter().any(is_of_it);
        if !is_listed || !supporter.standing.is_over() || supporter.ending {
            shown.push(supporter);
        }
    }
    shown
}
