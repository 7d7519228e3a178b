//! `daymark import`: puts entries in, from other programs or from an export.
//!
//! A thread reads and parses; here what it found is written, a few hundred entries at a time. One that cannot
//! be read never stops the rest.

mod known;
mod reading;
mod report;

use crate::{
    entry::{known as known_zone, own_zone},
    error::CliError,
    exit::Exit,
    output::reading_bar,
    session::Session,
};
use clap::{Args, ValueEnum};
use daymark_client::{
    journal::Zone,
    vault::{NewEntry, Vault},
};
use known::Known;
use reading::{Found, Source};
use report::Report;
use std::path::PathBuf;

/// Entries that are written together.
const AT_ONCE: usize = 500;

/// Put entries in from another program, or from an export
///
/// The same file twice adds nothing. What cannot be read is named and left out; what has no place in an entry
/// is kept as a note at its end.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The format that the file has
    #[arg(long, value_enum, alias = "format")]
    from: Format,
    /// The file, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only say what would be added
    #[arg(long)]
    dry_run: bool,
    /// The zone of times that have none, like Europe/London; without it, this device's
    #[arg(long, value_name = "ZONE")]
    zone: Option<Zone>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// An export of Daymark, in JSON Lines
    Jsonl,
    /// A journal of jrnl, as text or as JSON
    Jrnl,
}

impl ImportArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let zone = known_zone(self.zone.clone().unwrap_or_else(own_zone))?;
        let source = Source::open(session, &self.file)?;
        let vault = session.unlock().await?;
        let bar = reading_bar(session.shows_progress(), source.bytes);
        let mut found = reading::begin(source, self.from, zone, bar.clone());
        let mut known = Known::load(&vault).await?;
        let mut report = Report::new(self.dry_run);
        let mut batch = Vec::with_capacity(AT_ONCE);
        while found.recv_many(&mut batch, AT_ONCE).await > 0 {
            self.write(&vault, &mut known, &mut report, batch.drain(..))
                .await?;
        }
        bar.finish_and_clear();
        vault.close().await;
        report.told(session, self.from)
    }

    async fn write(
        &self,
        vault: &Vault,
        known: &mut Known,
        report: &mut Report,
        batch: impl Iterator<Item = Found>,
    ) -> Result<(), CliError> {
        let (mut lines, mut entries) = (Vec::new(), Vec::new());
        for found in batch {
            match found {
                Ok(item) => match known.new_id(&item) {
                    None => report.already_there += 1,
                    id => {
                        lines.push(item.line);
                        entries.push(NewEntry {
                            id,
                            entry: item.entry,
                        });
                    }
                },
                Err(skipped) => report.skip(skipped.line, &skipped.why),
            }
        }
        if self.dry_run {
            report.added += entries.len();
            return Ok(());
        }
        let written = vault.write_many(entries, |_| ()).await?;
        report.added += written.added;
        report.already_there += written.already_there;
        for (place, why) in written.refused {
            report.skip(lines.get(place).copied().unwrap_or_default(), &why.into());
        }
        Ok(())
    }
}
