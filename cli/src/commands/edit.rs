//! `daymark edit`: changes an entry.

use super::writing::{self, Written, text_from_input};
use crate::{
    editor::Purpose,
    entry::{EntryError, FieldArgs, RemovalArgs, TextSource},
    error::CliError,
    exit::Exit,
    output::{quoted, short_id},
    session::Session,
};
use clap::Args;
use daymark_client::{
    DocumentId,
    journal::{Edit, Rewrite, Step, Text, View},
    sharing::WhoSees,
    vault::Vault,
};
use jiff::Timestamp;
use serde::Serialize;

/// Change an entry
///
/// The words after the entry become its whole text; a single - reads it from standard input. Without either,
/// your editor opens, unless only options were given. Only what differs is written, so that a change made on
/// another device meanwhile stays.
#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// The beginning of its id, or @1 for the newest, @2 for the one before
    #[arg(value_name = "ENTRY")]
    entry: String,
    /// The new text, or - for standard input
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    /// Begin with the text of another entry, such as a draft that was kept
    #[arg(long, value_name = "DRAFT", conflicts_with_all = ["words", "empty"])]
    from: Option<String>,
    /// Take the whole text away
    #[arg(long, conflicts_with = "words")]
    empty: bool,
    #[command(flatten)]
    fields: FieldArgs,
    #[command(flatten)]
    removals: RemovalArgs,
}

#[derive(Serialize)]
struct Edited {
    id: String,
    changed: bool,
}

impl EditArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let name = session.entry_name(&self.entry).await?;
        let from = match &self.from {
            Some(draft) => Some(session.entry_name(draft).await?),
            None => None,
        };
        let source = TextSource::from_arguments(&self.words);
        // The input is read before anything is asked: a passphrase may come from a terminal.
        let text = match &source {
            TextSource::Words(text) => Some(text.clone()),
            TextSource::Input => Some(text_from_input(session).await?),
            TextSource::Unsaid => None,
        };
        let vault = session.unlock().await?;
        let id = vault.find(&name).await?;
        let view = vault.read(id).await?;
        let (edit, repeated) =
            self.fields
                .edit(&self.removals, &view.entry.at, Timestamp::now())?;
        let says_more = self.fields.say_something(&self.removals);
        let draft = match from {
            Some(draft) => Some(vault.read(vault.find(&draft).await?).await?),
            None => None,
        };
        let draft = draft.map(|draft| draft.entry.text.as_str().to_owned());
        let (text, began) = match draft {
            Some(draft) if says_more || !session.may_open_editor() => (Some(draft), None),
            draft => (text, draft),
        };
        let changed = match text {
            _ if self.empty => {
                let step = rewrite(&view, Text::default());
                vault.edit(id, &edit.with(step)).await?
            }
            Some(text) => {
                let step = rewritten(&view, text)?;
                vault.edit(id, &edit.with(step)).await?
            }
            None if says_more => vault.edit(id, &edit).await?,
            None => in_editor(session, &vault, &view, began).await?,
        };
        let shared = match changed && !session.json() {
            true => vault.who_sees(Some(id)).await?,
            false => Vec::new(),
        };
        vault.close().await;
        if repeated {
            session.note("The clock shows that time twice; the first one was taken.")?;
        }
        told(session, id, changed)?;
        tell_who_sees(session, id, &shared)?;
        Ok(Exit::Done)
    }
}

/// Whom it goes to by itself, and who goes on reading it as it was.
fn tell_who_sees(
    session: &mut Session,
    id: DocumentId,
    shared: &[WhoSees],
) -> Result<(), CliError> {
    let (waits, goes): (Vec<_>, Vec<_>) = shared.iter().partition(|one| one.needs_verified);
    for one in waits {
        let name = one.name.as_str();
        session.say(&format!(
            "It waits for {name}, and they keep what they have: it is marked sensitive, and they are not verified. \
             `daymark supporter verify {}` compares the number.",
            quoted(name)
        ))?;
    }
    let named = |updated: bool| -> Vec<_> {
        let theirs = goes
            .iter()
            .filter(|one| one.differs == Some(true) && one.keep_updated == updated);
        theirs.map(|one| one.name.as_str()).collect()
    };
    let (updated, others) = (named(true).join(", "), named(false));
    if !updated.is_empty() {
        session.say(&format!(
            "It is kept up to date for {updated}: it goes there as it reads now, with the next sync."
        ))?;
    }
    if !others.is_empty() {
        let with = others
            .iter()
            .map(|name| format!(" --with {}", quoted(name)));
        session.say(&format!(
            "{}: what they have reads as it did. `daymark share {}{}` sends it anew.",
            others.join(", "),
            short_id(id),
            with.collect::<String>()
        ))?;
    }
    Ok(())
}

fn told(session: &mut Session, id: DocumentId, changed: bool) -> Result<Exit, CliError> {
    if session.json() {
        session.print_json(&Edited {
            id: id.to_string(),
            changed,
        })?;
    } else if changed {
        session.say(&format!("Changed {}.", short_id(id)))?;
    } else {
        session.say(&format!("{} reads like that already.", short_id(id)))?;
    }
    Ok(Exit::Done)
}

/// Begins with the text of the entry, or with another one.
async fn in_editor(
    session: &mut Session,
    vault: &Vault,
    view: &View,
    began: Option<String>,
) -> Result<bool, CliError> {
    if !session.may_open_editor() {
        return Err(EntryError::NoText.into());
    }
    let id = view.id;
    let again = format!("daymark edit {} -", short_id(id));
    let keep = async |text, _| {
        let edit = Edit::from(rewritten(view, text)?);
        Ok(vault.edit(id, &edit).await?)
    };
    let began = began.as_deref().unwrap_or(view.entry.text.as_str());
    let began = (Purpose::Edit(id), began);
    match writing::from_editor(session, vault, began, &again, keep).await? {
        (changed, Written::Whole) => Ok(changed),
        (_, Written::SoFar) => Err(CliError::SoFar { id, is_new: false }),
    }
}

/// From the text that was read at the beginning: what another device or program wrote meanwhile stays. A text does
/// not vanish because nothing came in its place.
fn rewritten(began: &View, wanted: String) -> Result<Step, CliError> {
    if wanted.trim().is_empty() && !began.entry.text.as_str().trim().is_empty() {
        return Err(EntryError::Empties.into());
    }
    Ok(rewrite(began, Text::parse(wanted)?))
}

fn rewrite(began: &View, wanted: Text) -> Step {
    Step::Text(Rewrite::between(began.entry.text.clone(), wanted))
}
