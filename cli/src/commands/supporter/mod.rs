//! `daymark supporter`: the people with whom there is a bond, on either side of it.

mod accept;
mod end;
mod invite;
mod leave;
mod link;
mod list;
mod mute;
mod prefer;
mod verify;

use crate::{error::CliError, exit::Exit, session::Session};
use clap::{Args, Subcommand};

/// Your supporters, and the people whom you support
///
/// Nobody sees anything of your journal by default. You invite somebody, they agree, and then you choose single
/// entries to share with them. Either of you can end it at any time.
///
/// In this order: `daymark supporter invite` makes a link, which you hand to them; they take it with
/// `daymark supporter accept`; both of you compare a number with `daymark supporter verify`; and `daymark share`
/// shares a first entry.
#[derive(Debug, Args)]
pub(crate) struct SupporterArgs {
    #[command(subcommand)]
    command: SupporterCommand,
}

#[derive(Debug, Subcommand)]
enum SupporterCommand {
    Invite(invite::InviteArgs),
    Accept(accept::AcceptArgs),
    Verify(verify::VerifyArgs),
    List(list::ListArgs),
    End(end::EndArgs),
    Leave(leave::LeaveArgs),
    Mute(mute::MuteArgs),
    Prefer(prefer::PreferArgs),
}

impl SupporterArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        match self.command {
            SupporterCommand::Invite(args) => args.run(session).await,
            SupporterCommand::Accept(args) => args.run(session).await,
            SupporterCommand::Verify(args) => args.run(session).await,
            SupporterCommand::List(args) => args.run(session).await,
            SupporterCommand::End(args) => args.run(session).await,
            SupporterCommand::Leave(args) => args.run(session).await,
            SupporterCommand::Mute(args) => args.run(session).await,
            SupporterCommand::Prefer(args) => args.run(session).await,
        }
    }
}
