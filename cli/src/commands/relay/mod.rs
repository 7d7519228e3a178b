//! `daymark relay`: which relay carries this journal.

mod set;
mod show;

use super::writing::given;
use crate::{error::CliError, exit::Exit, session::Session};
use clap::{Args, Subcommand};
use daymark_client::connection::{Invite, RelayAddress, RelayError, capabilities};

/// Choose the relay that carries your journal between devices
#[derive(Debug, Args)]
pub(crate) struct RelayArgs {
    #[command(subcommand)]
    command: RelayCommand,
}

#[derive(Debug, Subcommand)]
enum RelayCommand {
    Set(set::SetArgs),
    Show(show::ShowArgs),
}

impl RelayArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        match self.command {
            RelayCommand::Set(args) => args.run(session).await,
            RelayCommand::Show(args) => args.run(session).await,
        }
    }
}

/// Reads an address and an invite. The invite carries the relay's key; without one the relay is asked, which
/// needs https or this machine itself.
pub(super) async fn address(
    url: &str,
    invite: Option<Invite>,
) -> Result<(RelayAddress, Option<Invite>), CliError> {
    let url = RelayAddress::parse_url(url)?;
    let key = match &invite {
        Some(invite) => *invite.relay(),
        None => capabilities(&url).await?.1,
    };
    Ok((RelayAddress { url, key }, invite))
}

/// An invite as an argument; - reads it from the input.
pub(super) async fn invite(
    session: &mut Session,
    argument: Option<&str>,
) -> Result<Option<Invite>, CliError> {
    let Some(argument) = argument else {
        return Ok(None);
    };
    let given = given(session, argument, "The invite: ").await?;
    let invite = Invite::parse(given.trim()).map_err(|_| RelayError::BadInvite)?;
    Ok(Some(invite))
}
