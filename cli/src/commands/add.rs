//! `daymark add`: writes a new entry.

use super::writing::{self, Written, left_in_file};
use crate::{
    editor::Purpose,
    entry::{Arriving, EntryError, FieldArgs, TextSource, read_text},
    error::CliError,
    exit::Exit,
    output::short_id,
    session::Session,
};
use clap::Args;
use daymark_client::{
    DocumentId,
    journal::{Entry, Text},
    vault::Vault,
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
            TextSource::Input => from_input(session, entry).await?,
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

async fn keep(session: &mut Session, entry: Entry, text: String) -> Result<DocumentId, CliError> {
    // What no entry holds is said before a passphrase is asked for.
    let entry = filled(entry, text)?;
    let vault = session.unlock().await?;
    put(vault, &entry).await
}

/// Where somebody types, the vault is unlocked first, so that nobody writes for nothing; a program that makes the
/// text may ask for something itself, and is let finish. What came before an interruption is kept.
async fn from_input(session: &mut Session, entry: Entry) -> Result<DocumentId, CliError> {
    let mut vault = match session.io().terminal().input {
        true => Some(session.unlock().await?),
        false => None,
    };
    let stop = session.io().stop();
    let _last_words = stop.have_last_words();
    let mut arriving = Arriving::from(session.io().reader());
    let whole = tokio::select! {
        biased;
        () = stop.wished() => Err(CliError::Interrupted),
        whole = once_whole(session, &entry, &mut arriving, &mut vault) => whole,
    };
    match whole {
        Ok((vault, entry)) => put(vault, &entry).await,
        Err(why) if is_broken_off(&why) => {
            keep_so_far(session, vault, entry, &arriving.so_far(), why).await
        }
        Err(why) => Err(why),
    }
}

/// The entry and its vault. May be given up at any time.
async fn once_whole(
    session: &mut Session,
    entry: &Entry,
    arriving: &mut Arriving,
    vault: &mut Option<Vault>,
) -> Result<(Vault, Entry), CliError> {
    arriving.whole().await?;
    let entry = filled(entry.clone(), read_text(arriving.bytes())?)?;
    let vault = match vault.take() {
        Some(vault) => vault,
        None => session.unlock().await?,
    };
    Ok((vault, entry))
}

/// Whether a text did not come to its end, or whoever would have kept it was interrupted.
fn is_broken_off(why: &CliError) -> bool {
    why.exit() == Exit::Interrupted || matches!(why, CliError::Entry(EntryError::Input(_)))
}

/// Keeps the beginning of a text as a draft, or else leaves it in a file.
async fn keep_so_far(
    session: &mut Session,
    vault: Option<Vault>,
    entry: Entry,
    text: &[u8],
    why: CliError,
) -> Result<DocumentId, CliError> {
    if text.trim_ascii().is_empty() {
        return Err(why);
    }
    match draft(session, vault, entry, text).await {
        Ok(id) => Err(CliError::SoFar { id, is_new: true }),
        Err(_) => Err(left_in_file(text, "daymark add -", why)),
    }
}

async fn draft(
    session: &mut Session,
    vault: Option<Vault>,
    mut entry: Entry,
    text: &[u8],
) -> Result<DocumentId, CliError> {
    entry.draft = true;
    let entry = filled(entry, read_text(text)?)?;
    let vault = match vault {
        Some(vault) => vault,
        None => session.unlock_unasked().await?,
    };
    put(vault, &entry).await
}

async fn put(vault: Vault, entry: &Entry) -> Result<DocumentId, CliError> {
    let id = vault.write(entry, None).await?;
    vault.close().await;
    Ok(id)
}

/// The vault is unlocked first, so that nobody writes for nothing.
async fn from_editor(session: &mut Session, entry: Entry) -> Result<DocumentId, CliError> {
    let vault = session.unlock().await?;
    let keep = async |text, written| {
        let mut entry = filled(entry.clone(), text)?;
        entry.draft |= written == Written::SoFar;
        Ok(vault.write(&entry, None).await?)
    };
    // A draft is told of after the vault is closed.
    let stop = session.io().stop();
    let _last_words = stop.have_last_words();
    let written =
        writing::from_editor(session, &vault, (Purpose::Entry, ""), "daymark add -", keep).await;
    vault.close().await;
    match written? {
        (id, Written::Whole) => Ok(id),
        (id, Written::SoFar) => Err(CliError::SoFar { id, is_new: true }),
    }
}

fn filled(mut entry: Entry, text: String) -> Result<Entry, CliError> {
    if text.trim().is_empty() && entry.title.is_empty() {
        return Err(EntryError::Nothing.into());
    }
    entry.text = Text::parse(text)?;
    Ok(entry)
}
