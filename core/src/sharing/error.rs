//! What can be wrong with what is to be shared. No message holds any of it.

use crate::journal::JournalError;
use thiserror::Error;

/// Why something cannot be shared like this, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SharingError {
    /// An empty list of parts.
    #[error(
        "no part is chosen: choose among title, text, answers, answer:\"QUESTION\", tags, time, day, kind"
    )]
    NoParts,
    /// A part of another name.
    #[error(
        "number {position} of the parts is none that there is: choose among title, text, answers, answer:\"QUESTION\", tags, time, day, kind"
    )]
    UnknownPart {
        /// Its place in the list, from 1.
        position: usize,
    },
    /// Attachments, which no entry holds yet.
    #[error("an entry holds no attachments yet, so none can be shared: leave them out")]
    NoAttachments,
    /// A quotation mark that is opened and not closed.
    #[error("a quotation mark is not closed: write a question as answer:\"QUESTION\"")]
    OpenQuote,
    /// A question that cannot be one.
    #[error(transparent)]
    Question(#[from] JournalError),
}
