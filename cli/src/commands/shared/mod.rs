//! `daymark shared`: what others shared with this person.

mod export;
mod list;
mod seen;
mod show;
mod watch;

use crate::{error::CliError, exit::Exit, session::Session};
use clap::{Args, Subcommand};

/// What people whom you support shared with you
///
/// `daymark sync` fetches what is new; these commands show what is here, also with no network. What was taken back, or
/// has had its last day, is gone. Nobody is told when you read it, and you owe no reply.
#[derive(Debug, Args)]
pub(crate) struct SharedArgs {
    #[command(subcommand)]
    command: SharedCommand,
}

#[derive(Debug, Subcommand)]
enum SharedCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Seen(seen::SeenArgs),
    Watch(watch::WatchArgs),
    Export(export::ExportArgs),
}

impl SharedArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        match self.command {
            SharedCommand::List(args) => args.run(session).await,
            SharedCommand::Show(args) => args.run(session).await,
            SharedCommand::Seen(args) => args.run(session).await,
            SharedCommand::Watch(args) => args.run(session).await,
            SharedCommand::Export(args) => args.run(session).await,
        }
    }
}
