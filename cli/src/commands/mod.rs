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
mod news;
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
mod waiting;
mod who_sees;
mod writing;

use crate::{error::CliError, exit::Exit, session::Session};
use clap::Subcommand;
use daymark_client::DocumentId;
use std::pin::Pin;

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
            Self::Init(args) => apart(|| args.run(session)).await,
            Self::Add(args) => apart(|| args.run(session)).await,
            Self::List(args) => apart(|| args.run(session)).await,
            Self::Show(args) => apart(|| args.run(session)).await,
            Self::Edit(args) => apart(|| args.run(session)).await,
            Self::Search(args) => apart(|| args.run(session)).await,
            Self::Share(args) => apart(|| args.run(session)).await,
            Self::Unshare(args) => apart(|| args.run(session)).await,
            Self::WhoSees(args) => apart(|| args.run(session)).await,
            Self::Replies(args) => apart(|| args.run(session)).await,
            Self::Supporter(args) => apart(|| args.run(session)).await,
            Self::Shared(args) => apart(|| args.run(session)).await,
            Self::Reply(args) => apart(|| args.run(session)).await,
            Self::People(args) => apart(|| args.run(session)).await,
            Self::Sync(args) => apart(|| args.run(session)).await,
            Self::Status(args) => apart(|| args.run(session)).await,
            Self::Unlock(args) => apart(|| args.run(session)).await,
            Self::Lock(args) => apart(|| args.run(session)).await,
            Self::Device(args) => apart(|| args.run(session)).await,
            Self::Relay(args) => apart(|| args.run(session)).await,
            Self::Export(args) => apart(|| args.run(session)).await,
            Self::Import(args) => apart(|| args.run(session)).await,
        }
    }
}

/// What a command does, on the heap from the start: on the stack, what they need in a build for tests comes to more
/// than a thread has.
fn apart<F: Future>(run: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(run())
}

/// How a command ends that gave all entries but these, which are damaged.
fn all_but(session: &mut Session, unreadable: &[DocumentId]) -> Result<Exit, CliError> {
    if unreadable.is_empty() {
        return Ok(Exit::Done);
    }
    session.flush()?;
    Err(CliError::Unreadable(unreadable.to_vec()))
}
