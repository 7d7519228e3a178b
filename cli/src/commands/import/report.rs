//! What an import came to.

use super::Format;
use crate::{error::CliError, exit::Exit, output::sentence, session::Session};
use daymark_client::formats::FormatError;
use serde::Serialize;

/// Lines that are named on a terminal, of those that were left out.
const NAMED: usize = 20;

/// What an import came to, which is also its JSON.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) added: usize,
    pub(super) already_there: usize,
    skipped: Vec<Left>,
    dry_run: bool,
    /// The file says that it comes from a later version.
    #[serde(skip)]
    newer: bool,
}

/// One that was left out.
#[derive(Debug, Serialize)]
struct Left {
    line: u64,
    reason: String,
}

impl Report {
    pub(super) const fn new(dry_run: bool) -> Self {
        Self {
            added: 0,
            already_there: 0,
            skipped: Vec::new(),
            dry_run,
            newer: false,
        }
    }

    pub(super) fn skip(&mut self, line: u64, why: &FormatError) {
        self.newer |= matches!(why, FormatError::Newer { .. });
        self.skipped.push(Left {
            line,
            reason: why.to_string(),
        });
    }

    /// Says it, and how the command ends.
    pub(super) fn told(&self, session: &mut Session, format: Format) -> Result<Exit, CliError> {
        if session.json() {
            session.print_json(self)?;
        } else {
            self.print(session)?;
        }
        if self.skipped.is_empty() {
            return Ok(Exit::Done);
        }
        if self.added + self.already_there > 0 {
            return Ok(Exit::Partly);
        }
        let format = match format {
            Format::Jsonl => "JSON Lines of Daymark",
            Format::Jrnl => "a journal of jrnl",
        };
        Err(CliError::NothingReadable {
            format,
            newer: self.newer,
        })
    }

    fn print(&self, session: &mut Session) -> Result<(), CliError> {
        if self.added + self.already_there + self.skipped.len() == 0 {
            session.note("There is no entry in it.")?;
        }
        for left in self.skipped.iter().take(NAMED) {
            session.note(&format!("Line {}: {}", left.line, sentence(&left.reason)))?;
        }
        if let Some(more) = self
            .skipped
            .len()
            .checked_sub(NAMED)
            .filter(|more| *more > 0)
        {
            session.note(&format!("… and {more} more that could not be read."))?;
        }
        let verb = if self.dry_run {
            "would be added"
        } else {
            "added"
        };
        let mut line = format!("{} {verb}", self.added);
        if self.already_there > 0 {
            line.push_str(&format!(", {} here already", self.already_there));
        }
        if !self.skipped.is_empty() {
            line.push_str(&format!(", {} left out", self.skipped.len()));
        }
        session.say(&format!("{line}."))
    }
}
