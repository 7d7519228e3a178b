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
    /// None of the chosen parts has anything in it.
    #[error("the entry has nothing in the parts that are chosen: choose others")]
    Nothing,
    /// Longer than there is room for.
    #[error("the {what} is {bytes} bytes long and there is room for {limit}: shorten it")]
    TooLong {
        /// What was to be shared.
        what: &'static str,
        /// Its length in bytes.
        bytes: usize,
        /// The bound in bytes.
        limit: usize,
    },
    /// A reply without a word in it.
    #[error("the reply is empty: write at least a word")]
    EmptyReply,
    /// A topic without a word in it.
    #[error("the topic is empty: give at least a word")]
    EmptyTopic,
    /// More topics than one supporter has.
    #[error("there are {count} topics and there is room for {limit}: leave some out")]
    TooManyTopics {
        /// How many were given.
        count: usize,
        /// The bound.
        limit: usize,
    },
    /// An alias that says the name that it stands for.
    #[error("the alias says the name that it stands for: choose another")]
    AliasSaysName,
    /// A question that cannot be one, or a page that cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
}
