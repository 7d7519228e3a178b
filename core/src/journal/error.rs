//! What can be wrong with what is written. No message holds any of it.

use thiserror::Error;

/// Why something was not written, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JournalError {
    /// A name, tag, prompt or note without a letter in it.
    #[error("the {what} is empty: give it at least one character")]
    Empty {
        /// What was to be written.
        what: &'static str,
    },
    /// Longer than there is room for.
    #[error("the {what} is {bytes} bytes long and there is room for {limit}: shorten it")]
    TooLong {
        /// What was to be written.
        what: &'static str,
        /// Its length in bytes.
        bytes: usize,
        /// The bound in bytes.
        limit: usize,
    },
    /// A line break or another control character where one line is meant.
    #[error("the {what} holds a line break or control character: keep it to one line")]
    ControlCharacter {
        /// What was to be written.
        what: &'static str,
    },
    /// Text and answers of one entry together are longer than one entry holds.
    #[error(
        "the text is {bytes} bytes long and one entry holds {limit}: make several entries of it"
    )]
    TextTooLong {
        /// Length of the text, or of text and answers together, in bytes.
        bytes: usize,
        /// The bound in bytes.
        limit: usize,
    },
    /// More tags, areas, people or answers than one entry holds.
    #[error("there are {count} {what} and one entry holds {limit}: leave some out")]
    TooMany {
        /// Tags, areas, people or answers.
        what: &'static str,
        /// How many were given.
        count: usize,
        /// The bound.
        limit: usize,
    },
    /// Not the name of a time zone, nor an offset.
    #[error("that is not a time zone: write one like Europe/London, UTC or +02:00")]
    NotAZone,
    /// Not a time that can be read.
    #[error("that is not a time: write one like 2021-03-04T21:10:00[Europe/London]")]
    NotATime,
    /// A time without a zone, and no zone to fall back on.
    #[error("the time has no zone: add one like [Europe/London]")]
    NoZone,
    /// Outside of the years that a calendar here can show.
    #[error("a journal has room for times from -9999-01-03 to 9999-12-30")]
    TimeOutOfRange,
    /// Not a day of the calendar.
    #[error("that is not a day: write one like 2021-03-04")]
    NotADay,
    /// One edit that replaces more than one change may carry.
    #[error(
        "this changes too much at once ({operations} steps, at most {limit}): change it in parts"
    )]
    TooMuchAtOnce {
        /// Operations that the change would have.
        operations: u64,
        /// The bound.
        limit: u64,
    },
    /// So many edits over the years that one document holds no more.
    #[error("this was edited so often that it is full: go on in a new entry")]
    Full,
    /// Automerge refused the document or the operation.
    #[error("the document cannot be read or changed: it may be damaged")]
    Document,
}
