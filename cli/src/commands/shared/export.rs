//! `daymark shared export`: takes out what was shared, readable by anything.

use crate::{
    commands::export::{allow_over, allow_plaintext, may_be_over, may_be_plaintext, told},
    error::CliError,
    exit::Exit,
    files::{self, FileError, NewFile},
    output::{Escaping, SharedJson, content_page, on, write_json},
    session::Session,
};
use clap::{Args, ValueEnum};
use daymark_client::sharing::Shared;
use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// Take out what was shared with you, in a format that other programs read
///
/// What comes out is not encrypted, and taking back or ending does not reach it: keep it as carefully as they would.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The format
    #[arg(long, value_enum, default_value = "markdown")]
    format: Format,
    /// Yes, plain text: without this you are asked
    #[arg(long)]
    plaintext: bool,
    /// A new file that only you can read; without it, standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over what is there
    #[arg(long, requires = "output")]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object a line, as `shared list --json` prints them
    Jsonl,
    /// One text, the oldest first, each as a quotation
    Markdown,
}

impl ExportArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        may_be_plaintext(session, self.plaintext)?;
        let target = self.output.as_deref();
        let target = target.filter(|path| *path != Path::new("-"));
        let there = match target {
            Some(path) => files::is_there(path)?,
            None => false,
        };
        may_be_over(session, target, there, self.force)?;
        let vault = session.unlock().await?;
        allow_plaintext(session, self.plaintext).await?;
        let over = allow_over(session, target, there, self.force).await?;
        let shared = vault.shared().await?;
        vault.close().await;
        match target {
            Some(path) => {
                self.to_file(path, &shared, over)?;
                told(session, path, shared.len())?;
            }
            None => self.to_output(session, &shared)?,
        }
        Ok(Exit::Done)
    }

    fn to_output(&self, session: &mut Session, shared: &[Shared]) -> Result<(), CliError> {
        let terminal = session.io().terminal().out;
        let out = session.io().out();
        if terminal {
            self.write(shared, &mut Escaping::new(out))?;
        } else {
            self.write(shared, out)?;
        }
        Ok(())
    }

    fn to_file(&self, path: &Path, shared: &[Shared], over: bool) -> Result<(), FileError> {
        let failed = |why| FileError::Write {
            path: path.to_owned(),
            why,
        };
        files::sweep_beside(path);
        let mut file = BufWriter::new(NewFile::begin(path)?);
        self.write(shared, &mut file).map_err(failed)?;
        let file = file
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        file.finish(over)
    }

    /// Oldest first, as it came.
    fn write(&self, shared: &[Shared], out: &mut dyn Write) -> io::Result<()> {
        for one in shared.iter().rev() {
            match self.format {
                Format::Jsonl => write_json(out, &SharedJson::of(one))?,
                Format::Markdown => write!(
                    out,
                    "<!-- shared by {}, came {} -->\n\n{}\n",
                    comment(one.name.as_str()),
                    on(one.received),
                    quote(&content_page(&one.content, "# "))
                )?,
            }
        }
        out.flush()
    }
}

/// As a quotation, so that nothing in it can pass for what stands between two of them.
fn quote(page: &str) -> String {
    let lines = page.lines().map(|line| match line {
        "" => ">\n".to_owned(),
        line => format!("> {line}\n"),
    });
    lines.collect()
}

/// A name that does not end the comment it stands in.
fn comment(name: &str) -> String {
    name.replace("--", "- -").replace('>', "›")
}
