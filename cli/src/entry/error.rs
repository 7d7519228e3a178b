//! What can be wrong with an entry as it was given.

use crate::{exit::Exit, io::Why};
use daymark_client::journal::Zone;
use thiserror::Error;

/// Why what was given is no entry.
#[derive(Debug, Error)]
pub(crate) enum EntryError {
    /// Neither text nor title.
    #[error("there is nothing to keep: no text and no title")]
    Nothing,
    /// A reply with nothing in it.
    #[error("the reply is empty, and was not sent")]
    NoReply,
    /// An edit would leave nothing of a text, and nobody said so.
    #[error("that would take the whole text away")]
    Empties,
    /// No text was given, and there is no way to ask for one.
    #[error("no text was given")]
    NoText,
    /// Not a time that can be read.
    #[error("that is not a time")]
    NotATime,
    /// The clocks went forward over that time.
    #[error("that time does not exist in {zone}: the clocks went forward over it")]
    NoSuchTime {
        /// Where.
        zone: Zone,
    },
    /// This system does not know the zone.
    #[error("this system knows no time zone {zone}")]
    UnknownZone {
        /// As given.
        zone: Zone,
    },
    /// The input is no text.
    #[error("what came in is not text in UTF-8")]
    NotUtf8,
    /// The input broke off.
    #[error("the input cannot be read: {}", Why(.0))]
    Input(#[source] std::io::Error),
}

impl EntryError {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Nothing | Self::NoReply => "nothing-written",
            Self::Empties => "whole-text",
            Self::NoText => "no-text",
            Self::NotATime => "not-a-time",
            Self::NoSuchTime { .. } => "no-such-time",
            Self::UnknownZone { .. } => "unknown-zone",
            Self::NotUtf8 => "not-utf8",
            Self::Input(_) => "input",
        }
    }

    pub(crate) const fn hint(&self) -> &'static str {
        match self {
            Self::Nothing | Self::NoReply => "Whenever you like. Nothing was changed.",
            Self::Empties => {
                "The entry is as it was. If you mean it, give --empty in place of a text."
            }
            Self::NoText => {
                "Give the words as arguments, or - to read them from standard input, or set EDITOR."
            }
            Self::NotATime => "Write it like 2021-03-04T21:10, 2021-03-04, or 21:10 for today.",
            Self::NoSuchTime { .. } => "Give the hour after, or add an offset, as in +01:00.",
            Self::UnknownZone { .. } => "Write it like Europe/London, UTC or +02:00.",
            Self::NotUtf8 => "Save the text as UTF-8, then try again.",
            Self::Input(_) => "Nothing was changed. Try again.",
        }
    }

    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Input(_) => Exit::Failed,
            _ => Exit::Usage,
        }
    }
}
