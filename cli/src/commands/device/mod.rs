//! `daymark device`: the devices that hold this journal.

mod join;
mod list;
mod pair;

use crate::{error::CliError, exit::Exit, session::Session};
use clap::{Args, Subcommand};

/// Your devices: let another one in, or join from a new one
#[derive(Debug, Args)]
pub(crate) struct DeviceArgs {
    #[command(subcommand)]
    command: DeviceCommand,
}

#[derive(Debug, Subcommand)]
enum DeviceCommand {
    Pair(pair::PairArgs),
    Join(join::JoinArgs),
    List(list::ListArgs),
}

impl DeviceArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        match self.command {
            DeviceCommand::Pair(args) => args.run(session).await,
            DeviceCommand::Join(args) => args.run(session).await,
            DeviceCommand::List(args) => args.run(session).await,
        }
    }
}
