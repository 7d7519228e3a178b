//! The commands, one file each: its arguments with their help, then what it does.

mod add;
mod carrying;
mod device;
mod edit;
mod export;
mod import;
mod init;
#[cfg(unix)]
mod left;
mod list;
mod lock;
mod people;
mod relay;
mod replies;
mod reply;
mod search;
mod share;
mod shared;
mod show;
mod status;
mod supporter;
mod sync;
mod unlock;
mod unshare;
mod who_sees;
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
    Share(share::ShareArgs),
    Unshare(unshare::UnshareArgs),
    WhoSees(who_sees::WhoSeesArgs),
    Replies(replies::RepliesArgs),
    Supporter(supporter::SupporterArgs),
    Shared(shared::SharedArgs),
    Reply(reply::ReplyArgs),
    People(people::PeopleArgs),
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
            Self::Share(args) => args.run(session).await,
            Self::Unshare(args) => args.run(session).await,
            Self::WhoSees(args) => args.run(session).await,
            Self::Replies(args) => args.run(session).await,
            Self::Supporter(args) => args.run(session).await,
            Self::Shared(args) => args.run(session).await,
            Self::Reply(args) => args.run(session).await,
            Self::People(args) => args.run(session).await,
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
