//! `daymark export`: takes everything out, readable by anything.

use super::all_but;
use crate::{
    error::CliError,
    exit::Exit,
    files::{self, FileError, NewFile},
    output::{Escaping, sentence},
    session::Session,
};
use clap::{Args, ValueEnum};
use daymark_client::{
    formats::{jsonl, markdown},
    vault::Views,
};
use serde::Serialize;
use std::{
    collections::BTreeSet,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// Take all entries out, in a format that other programs read
///
/// What comes out is not encrypted: whoever gets it can read it. JSON Lines loses nothing and can be imported
/// again; Markdown is one file for each entry.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The format
    #[arg(long, value_enum)]
    format: Format,
    /// Yes, plain text: without this you are asked
    #[arg(long)]
    plaintext: bool,
    /// A new file, or for Markdown a folder, that only you can read; without it, standard output
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Write over what is there
    #[arg(long, requires = "output")]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Jsonl,
    Markdown,
}

#[derive(Serialize)]
struct Exported<'p> {
    exported: usize,
    output: &'p str,
}

impl ExportArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        may_be_plaintext(session, self.plaintext)?;
        let target = self
            .output
            .as_deref()
            .filter(|path| *path != Path::new("-"));
        let there = match (target, self.format) {
            (Some(path), Format::Jsonl) => files::is_there(path)?,
            (Some(path), Format::Markdown) => files::make_folder(path)?,
            (None, _) => false,
        };
        may_be_over(session, target, there, self.force)?;
        let vault = session.unlock().await?;
        allow_plaintext(session, self.plaintext).await?;
        let over = allow_over(session, target, there, self.force).await?;
        let views = vault.views().await?;
        vault.close().await;
        let Some(path) = target else {
            self.to_output(session, &views)?;
            return all_but(session, views.unreadable());
        };
        match self.format {
            Format::Jsonl => to_file(path, &views, over)?,
            Format::Markdown => to_folder(path, &views, over)?,
        }
        told(session, path, views.len())?;
        all_but(session, views.unreadable())
    }

    fn to_output(&self, session: &mut Session, views: &Views) -> Result<(), CliError> {
        let terminal = session.io().terminal().out;
        let out = session.io().out();
        if terminal {
            self.write(views, &mut Escaping::new(out))?;
        } else {
            self.write(views, out)?;
        }
        Ok(())
    }

    fn write(&self, views: &Views, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Jsonl => write_jsonl(views, out),
            Format::Markdown => {
                let mut out = out;
                markdown::write_all(&mut out, views.iter().rev().map(AsRef::as_ref))
            }
        }
    }
}

/// Refuses plain text before the passphrase is asked for, where nobody said it and nobody can be asked.
pub(super) fn may_be_plaintext(session: &Session, said: bool) -> Result<(), CliError> {
    match said || session.can_ask() {
        true => Ok(()),
        false => Err(CliError::NotSaid),
    }
}

/// Whether plain text may leave.
pub(super) async fn allow_plaintext(session: &mut Session, said: bool) -> Result<(), CliError> {
    let question = "An export is not encrypted: whoever gets it can read it. Go on?";
    match said || session.io().confirm(question).await? {
        true => Ok(()),
        false => Err(CliError::NotSaid),
    }
}

/// Refuses to write over what is there before the passphrase is asked for, where nobody said it and nobody can be
/// asked.
pub(super) fn may_be_over(
    session: &Session,
    target: Option<&Path>,
    there: bool,
    force: bool,
) -> Result<(), CliError> {
    match target {
        Some(path) if there && !force && !session.can_ask() => {
            Err(FileError::Exists(path.to_owned()).into())
        }
        _ => Ok(()),
    }
}

/// Whether what is there may be written over.
pub(super) async fn allow_over(
    session: &mut Session,
    target: Option<&Path>,
    there: bool,
    force: bool,
) -> Result<bool, CliError> {
    let Some(path) = target.filter(|_| there && !force) else {
        return Ok(force);
    };
    let error = FileError::Exists(path.to_owned());
    let question = format!("{} Write over it?", sentence(&error.to_string()));
    match session.io().confirm(&question).await? {
        true => Ok(true),
        false => Err(error.into()),
    }
}

/// Oldest first, as it was written.
fn write_jsonl(views: &Views, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = jsonl::Writer::new(out)?;
    views.iter().rev().try_for_each(|view| writer.entry(view))?;
    writer.finish().map(drop)
}

fn to_file(path: &Path, views: &Views, over: bool) -> Result<(), FileError> {
    let failed = |why| FileError::Write {
        path: path.to_owned(),
        why,
    };
    files::sweep_beside(path);
    let mut file = BufWriter::new(NewFile::begin(path)?);
    write_jsonl(views, &mut file).map_err(failed)?;
    let file = file
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    file.finish(over)
}

fn to_folder(folder: &Path, views: &Views, over: bool) -> Result<(), FileError> {
    files::sweep_beside(&folder.join("entry.md"));
    let mut names = BTreeSet::new();
    for view in views.iter().rev() {
        let markdown::File { mut name, bytes } = markdown::file(view);
        if names.contains(&name) {
            name = format!("{}-{}.md", view.date, view.id);
        }
        let path = folder.join(&name);
        let mut file = NewFile::begin(&path)?;
        file.write_all(&bytes)
            .map_err(|why| FileError::Write { path, why })?;
        file.finish(over)?;
        names.insert(name);
    }
    Ok(())
}

/// Says where it is.
pub(super) fn told(session: &mut Session, path: &Path, exported: usize) -> Result<(), CliError> {
    let output = path.to_string_lossy();
    if session.json() {
        session.print_json(&Exported {
            exported,
            output: &output,
        })
    } else {
        let entries = match exported {
            1 => "1 entry is".to_owned(),
            more => format!("{more} entries are"),
        };
        session.say(&format!("{entries} in {output}."))
    }
}
