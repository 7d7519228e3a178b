//! `daymark reply take-back`: a reply of one's own that the other side is not to have any more.

use crate::{
    commands::{
        carrying::{agree, carry_in},
        replies::own_lines,
    },
    error::CliError,
    exit::Exit,
    session::Session,
};
use clap::Args;
use daymark_client::sharing::{BondStatus, OwnReply};
use serde::Serialize;

/// Take a reply back that you sent
///
/// It is deleted at the relay, and on their devices and yours as these hear of it. It does not reach what somebody
/// remembers, photographed or copied: what was read was read. They are not told; they may see that it is gone.
#[derive(Debug, Args)]
pub(crate) struct TakeBackArgs {
    /// The beginning of the reply's id, or @1 for the newest that `daymark replies --sent` shows
    #[arg(value_name = "REPLY")]
    reply: String,
    /// Take it back without being asked
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct TakenBackJson<'r> {
    id: String,
    name: &'r str,
    never_left: bool,
    synced: bool,
}

impl TakeBackArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let reply = vault.find_own_reply(&self.reply).await?;
        let instead = "Add --yes to take it back.";
        agree(
            session,
            self.yes,
            &meaning(&reply),
            "Take it back?",
            instead,
        )
        .await?;
        let never_left = vault.take_back_reply(reply.id).await?;
        let (mut synced, mut exit) = (false, Exit::Done);
        if !never_left {
            let later = "They have it until a sync works.";
            let waits = |one: &BondStatus| one.taking_back > 0;
            let carried = carry_in(session, &vault, reply.bond, later, waits).await?;
            (synced, exit) = (carried.synced, carried.exit);
        }
        vault.close().await;
        if session.json() {
            session.print_json(&TakenBackJson {
                id: reply.id.document.to_string(),
                name: reply.name.as_str(),
                never_left,
                synced,
            })?;
        } else {
            session.say(&told(&reply, never_left, synced))?;
        }
        Ok(exit)
    }
}

fn meaning(reply: &OwnReply) -> String {
    let name = &reply.name;
    let goes = match reply.may_have_left {
        false => format!("This reply has not left yet: taken back, it never reaches {name}."),
        true => format!(
            "This reply is deleted: at the relay, and on your devices and those of {name} as these hear of it. What was \
             read was read: it does not reach what {name} remembers, photographed or copied."
        ),
    };
    format!("{}\n\n{goes} It cannot be brought back.", own_lines(reply))
}

fn told(reply: &OwnReply, never_left: bool, synced: bool) -> String {
    let name = &reply.name;
    match (never_left, synced) {
        (true, _) => format!("Taken back: it had not left, and {name} never gets it."),
        (false, true) => format!(
            "Taken back: it is gone from the relay, and from {name}'s devices with their next sync. What they read, \
             they have read."
        ),
        (false, false) => format!(
            "Taken back here. {name} has it until a sync has said so: `daymark status` says what waits. What they \
             read, they have read."
        ),
    }
}
