//! `daymark add`: writes a new entry.

use super::writing::{self, Written, text_from_input};
use crate::{
    entry::{EntryError, FieldArgs, TextSource},
    error::CliError,
    exit::Exit,
    output::short_id,
    session::Session,
};
use clap::Args;
use daymark_client::{
    DocumentId,
    journal::{Entry, Text},
};
use jiff::Timestamp;
use serde::Serialize;

/// Write an entry
///
/// The words after the command are the text; a single - reads it from standard input; without either, your
/// editor opens. The entry is kept on this device at once, with no network.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// The text, or - for standard input
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    #[command(flatten)]
    fields: FieldArgs,
}

#[derive(Serialize)]
struct Added {
    id: String,
}

impl AddArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let (entry, repeated) = self.fields.entry(Timestamp::now())?;
        let id = match TextSource::from_arguments(&self.words) {
            TextSource::Words(text) => keep(session, entry, text).await?,
            TextSource::Input => {
                let text = text_from_input(session).await?;
                keep(session, entry, text).await?
            }
            TextSource::Unsaid if session.may_open_editor() => from_editor(session, entry).await?,
            // A title by itself is an entry, where no editor is.
            TextSource::Unsaid if !entry.title.is_empty() => {
                keep(session, entry, String::new()).await?
            }
            TextSource::Unsaid => return Err(EntryError::NoText.into()),
        };
        if repeated {
            session.note("The clock showed that time twice; the first one was taken.")?;
        }
        if session.json() {
            session.print_json(&Added { id: id.to_string() })?;
        } else {
            session.say(&format!("Kept as {}.", short_id(id)))?;
        }
        Ok(Exit::Done)
    }
}

async fn keep(
    session: &mut Session,
    mut entry: Entry,
    text: String,
) -> Result<DocumentId, CliError> {
    fill(&mut entry, text)?;
    let vault = session.unlock().await?;
    let id = vault.write(&entry, None).await?;
    vault.close().await;
    Ok(id)
}

/// The vault is unlocked first, so that nobody writes for nothing.
async fn from_editor(session: &mut Session, entry: Entry) -> Result<DocumentId, CliError> {
    let vault = session.unlock().await?;
    let keep = async |text, written| {
        let mut entry = entry.clone();
        entry.draft |= written == Written::SoFar;
        fill(&mut entry, text)?;
        Ok(vault.write(&entry, None).await?)
    };
    // A draft is told of after the vault is closed.
    let stop = session.io().stop();
    let _last_words = stop.have_last_words();
    let written = writing::from_editor(session, &vault, "", "daymark add -", keep).await;
    vault.close().await;
    match written? {
        (id, Written::Whole) => Ok(id),
        (id, Written::SoFar) => Err(CliError::SoFar { id, is_new: true }),
    }
}

fn fill(entry: &mut Entry, text: String) -> Result<(), CliError> {
    if text.trim().is_empty() && entry.title.is_empty() {
        return Err(EntryError::Nothing.into());
    }
    entry.text = Text::parse(text)?;
    Ok(())
}
