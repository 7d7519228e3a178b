//! `daymark reply`: answers something that was shared; hides or deletes an answer.

mod delete;
mod hide;
mod take_back;
mod unsent;

use super::{
    carrying::carry_in,
    writing::{self, Written, text_from_input},
};
use crate::{
    editor::Purpose,
    entry::{EntryError, TextSource},
    error::CliError,
    exit::Exit,
    session::Session,
};
use clap::{Args, Subcommand};
use daymark_client::{
    journal::Text,
    sharing::{ReplyId, ShareError, Shared, SharedName},
    vault::Vault,
};
use serde::Serialize;

/// Reply to something that was shared with you
///
/// The words after the entry are the reply; a single - reads it from standard input; without either, your editor
/// opens. When you wrote it is not said. The one who shared it can hide or delete it (`reply hide`, `reply delete`); you can take
/// it back (`reply take-back`; --json gives its id), which does not reach what they have read. Where they end it, your
/// words are kept as a draft, unless it is known that they have them.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ReplyArgs {
    #[command(subcommand)]
    command: Option<ReplyCommand>,
    /// What was shared with you: the beginning of its id, or @1 for the newest that `daymark shared list` shows
    #[arg(value_name = "ENTRY", required = true)]
    entry: Option<String>,
    /// The reply, or - for standard input
    #[arg(value_name = "TEXT")]
    words: Vec<String>,
    /// Begin with the text of an entry of yours, such as a draft that was kept
    #[arg(long, value_name = "DRAFT", conflicts_with = "words")]
    from: Option<String>,
}

#[derive(Debug, Subcommand)]
enum ReplyCommand {
    Hide(hide::HideArgs),
    Delete(delete::DeleteArgs),
    TakeBack(take_back::TakeBackArgs),
}

#[derive(Serialize)]
struct RepliedJson {
    id: String,
    reply: String,
    synced: bool,
}

impl ReplyArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        match self.command {
            Some(ReplyCommand::Hide(args)) => args.run(session).await,
            Some(ReplyCommand::Delete(args)) => args.run(session).await,
            Some(ReplyCommand::TakeBack(args)) => args.run(session).await,
            None => {
                let entry = self.entry.unwrap_or_default();
                write(session, &entry.parse()?, &self.words, self.from).await
            }
        }
    }
}

async fn write(
    session: &mut Session,
    name: &SharedName,
    words: &[String],
    from: Option<String>,
) -> Result<Exit, CliError> {
    let from = match &from {
        Some(draft) => Some(session.entry_name(draft).await?),
        None => None,
    };
    let text = match TextSource::from_arguments(words) {
        TextSource::Words(text) => Some(text),
        TextSource::Input => Some(text_from_input(session).await?),
        TextSource::Unsaid if session.may_open_editor() || from.is_some() => None,
        TextSource::Unsaid => return Err(EntryError::NoText.into()),
    };
    let vault = session.unlock().await?;
    let shared = vault.find_shared(name).await?;
    let began = match from {
        Some(draft) => vault.read(vault.find(&draft).await?).await?.entry.text,
        None => Text::default(),
    };
    let (text, reply) = match text {
        None if session.may_open_editor() => {
            in_editor(session, &vault, &shared, began.as_str()).await?
        }
        text => {
            let text = text.unwrap_or_else(|| began.as_str().to_owned());
            let reply = vault.reply(shared.share, &text).await?;
            (text, reply)
        }
    };
    let later = "Your reply is kept here, and goes with the next sync.";
    let carried = carry_in(session, &vault, shared.bond, later, |one| one.waiting > 0).await?;
    let lost = unsent::kept(&vault, &shared, text).await?;
    vault.close().await;
    if let Some(id) = lost {
        let name = shared.name.to_string();
        return Err(CliError::ReplyKept { name, id });
    }
    if session.json() {
        session.print_json(&RepliedJson {
            id: shared.share.to_string(),
            reply: reply.document.to_string(),
            synced: carried.synced,
        })?;
    } else if carried.synced {
        session.say(&format!("{} has it with their next sync.", shared.name))?;
    } else {
        session.say("It waits here for a sync: `daymark status` says what keeps it.")?;
    }
    Ok(carried.exit)
}

async fn in_editor(
    session: &mut Session,
    vault: &Vault,
    shared: &Shared,
    began: &str,
) -> Result<(String, ReplyId), CliError> {
    let again = format!("daymark reply {} -", shared.share);
    let keep = async |text: String, written| {
        // Half a reply is no reply: it is left in a file.
        if written == Written::SoFar {
            return Err(CliError::Interrupted);
        }
        if text.trim().is_empty() {
            return Err(EntryError::NoReply.into());
        }
        match vault.reply(shared.share, &text).await {
            Err(ShareError::UnknownShared) => {
                let id = unsent::keep(vault, &shared.name, text).await?;
                Err(CliError::TakenBackMeanwhile { id })
            }
            Err(why) => Err(why.into()),
            Ok(reply) => Ok((text, reply)),
        }
    };
    let began = (Purpose::Reply(shared.share), began);
    let (replied, _) = writing::from_editor(session, vault, began, &again, keep).await?;
    Ok(replied)
}
