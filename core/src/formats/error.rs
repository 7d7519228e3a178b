//! Why something of an import was skipped. No message holds any of it.

use super::MAX_LINE_BYTES;
use crate::journal::JournalError;
use thiserror::Error;

/// Why a part of an import could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// The input broke off; nothing after this is read.
    #[error("the input broke off: what came after this is not here")]
    Input(std::io::ErrorKind),
    /// Longer than anything that is read at once.
    #[error("longer than {MAX_LINE_BYTES} bytes: divide it and import it again")]
    TooLong,
    /// Not the JSON that this format has.
    #[error("not well-formed JSON of this format: see whether the file was cut or edited")]
    NotJson,
    /// Bytes that are no text.
    #[error("not text in UTF-8: save the file as UTF-8 and import it again")]
    NotUtf8,
    /// A field that everything hangs on.
    #[error("it has no \"{field}\": add one and import it again")]
    Missing {
        /// The field's name.
        field: &'static str,
    },
    /// A date or time that is none.
    #[error("its date or time cannot be read: write them like 2021-03-04 and 21:10")]
    NotATime,
    /// Written by a later version, whose fields could mean something else.
    #[error("the file has schema {schema}, made by a newer version: update this program first")]
    Newer {
        /// The schema that it has.
        schema: u64,
    },
    /// A line of another type than is known.
    #[error("a line of a type that this version does not read")]
    UnknownType,
    /// Text before the first entry.
    #[error("text before the first entry: give it a line like [2021-03-04 21:10] Title")]
    Stray,
    /// It was read, but cannot be an entry.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// One thing that was not read, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {why}")]
pub struct Skipped {
    /// Where it begins, counted from 1.
    pub line: u64,
    /// Why.
    #[source]
    pub why: FormatError,
}

impl Skipped {
    /// For `map_err`: skipped at `line`.
    pub(super) fn at<E: Into<FormatError>>(line: u64) -> impl FnOnce(E) -> Self {
        move |why| Self {
            line,
            why: why.into(),
        }
    }
}
