//! The commands, one file each: its arguments with their help, then what it does.

mod add;
mod device;
mod edit;
mod export;
mod import;
mod init;
mod list;
mod lock;
mod relay;
mod search;
mod show;
mod status;
mod sync;
mod unlock;
mod writing;

use crate::{error::CliError, exit::Exit, session::Session};
use clap::Subcommand;

/// Everything that `daymark` does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::InitArgs),
    Add(add::AddArgs),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Edit(Box<edit::EditArgs>),
    Search(search::SearchArgs),
    Sync(sync::SyncArgs),
    Status(status::StatusArgs),
    Unlock(unlock::UnlockArgs),
    Lock(lock::LockArgs),
    Device(device::DeviceArgs),
    Relay(relay::RelayArgs),
    Export(export::ExportArgs),
    Import(import::ImportArgs),
}

impl Command {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        match self {
            Self::Init(args) => args.run(session).await,
            Self::Add(args) => args.run(session).await,
            Self::List(args) => args.run(session).await,
            Self::Show(args) => args.run(session).await,
            Self::Edit(args) => args.run(session).await,
            Self::Search(args) => args.run(session).await,
            Self::Sync(args) => args.run(session).await,
            Self::Status(args) => args.run(session).await,
            Self::Unlock(args) => args.run(session).await,
            Self::Lock(args) => args.run(session).await,
            Self::Device(args) => args.run(session).await,
            Self::Relay(args) => args.run(session).await,
            Self::Export(args) => args.run(session).await,
            Self::Import(args) => args.run(session).await,
        }
    }
}
