//! Reading and parsing the file, on a thread of its own.

use super::Format;
use crate::{error::CliError, files, session::Session};
use daymark_client::{
    formats::{Item, Skipped, jrnl, jsonl},
    journal::Zone,
};
use indicatif::ProgressBar;
use std::{
    io::{BufReader, Read},
    path::Path,
};
use tokio::sync::mpsc;

/// Entries that are parsed ahead of the writing.
const AHEAD: usize = 1000;

/// What was read: an entry, or why there is none.
pub(super) type Found = Result<Item, Skipped>;

/// Where the entries come from.
pub(super) struct Source {
    input: Box<dyn Read + Send>,
    /// How long it is, where that is known.
    pub(super) bytes: Option<u64>,
}

impl Source {
    /// A file, or the standard input for `-`.
    pub(super) fn open(session: &mut Session, path: &Path) -> Result<Self, CliError> {
        if path == Path::new("-") {
            return Ok(Self {
                input: Box::new(session.io().reader()),
                bytes: None,
            });
        }
        let (file, bytes) = files::open(path)?;
        Ok(Self {
            input: Box::new(file),
            bytes,
        })
    }
}

/// Begins to read. It ends with the input, or when nobody takes what was read.
pub(super) fn begin(
    source: Source,
    format: Format,
    zone: Zone,
    bar: ProgressBar,
) -> mpsc::Receiver<Found> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let input = BufReader::new(bar.wrap_read(source.input));
        match format {
            Format::Jsonl => send(jsonl::Reader::new(input), &sender),
            Format::Jrnl => send(jrnl::Reader::new(input, zone), &sender),
        }
    });
    receiver
}

fn send(found: impl Iterator<Item = Found>, sender: &mpsc::Sender<Found>) {
    for found in found {
        if sender.blocking_send(found).is_err() {
            return;
        }
    }
}
