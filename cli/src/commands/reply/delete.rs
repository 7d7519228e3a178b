//! `daymark reply delete`: a reply that is to be gone.

use crate::{
    commands::{
        carrying::{agree, carry_in},
        replies::lines,
    },
    error::CliError,
    exit::Exit,
    session::Session,
};
use clap::Args;
use serde::Serialize;

/// Delete a reply that somebody sent you
///
/// Here at once; at the relay and on their devices as these hear of it. It cannot be brought back.
#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The beginning of the reply's id, or @1 for the newest that `daymark replies` shows
    #[arg(value_name = "REPLY")]
    reply: String,
    /// Delete it without being asked
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct DeletedJson {
    id: String,
    synced: bool,
}

impl DeleteArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let reply = vault.find_reply(&self.reply).await?;
        let meaning = format!(
            "{}\n\nThis reply is deleted: here at once, at the relay, and on the devices of {} as these hear of it. It \
             cannot be brought back.",
            lines(&reply),
            reply.name
        );
        let instead = "Add --yes to delete it.";
        agree(session, self.yes, &meaning, "Delete it?", instead).await?;
        vault.delete_reply(reply.id).await?;
        let later = "It is gone here, and deleted elsewhere once a sync works.";
        let carried = carry_in(session, &vault, reply.id.bond, later, |one| {
            one.taking_back > 0
        })
        .await?;
        vault.close().await;
        if session.json() {
            session.print_json(&DeletedJson {
                id: reply.id.document.to_string(),
                synced: carried.synced,
            })?;
        } else {
            session.say("Deleted.")?;
        }
        Ok(carried.exit)
    }
}
