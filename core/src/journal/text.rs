//! The longer pieces of an entry: its title, its text, the note about what an import had no place for.

use super::{JournalError, names};
use daymark_wire::limits::MAX_ENTRY_TEXT_BYTES;
use minicbor::{Decode, Encode};
use std::fmt;

/// A text of any number of lines: an entry's body, or one answer. May be empty.
///
/// What a person gives is at most [`MAX_ENTRY_TEXT_BYTES`]; a merge of two long texts can be longer.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Text(#[n(0)] String);

impl Text {
    /// Takes a text as it is, not trimmed.
    ///
    /// # Errors
    /// [`JournalError::TextTooLong`].
    pub fn parse(given: impl Into<String>) -> Result<Self, JournalError> {
        let text = given.into();
        if text.len() > MAX_ENTRY_TEXT_BYTES {
            return Err(JournalError::TextTooLong {
                bytes: text.len(),
                limit: MAX_ENTRY_TEXT_BYTES,
            });
        }
        Ok(Self(text))
    }

    /// What stands in a document: whatever its length, it is shown.
    pub(super) fn found(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Shows the length only: this is what a person wrote.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

/// One line above an entry. May be empty.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Title(#[n(0)] String);

impl Title {
    /// The longest, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 1024;

    /// Reads a title; spaces around it are dropped.
    ///
    /// # Errors
    /// [`JournalError::TooLong`], [`JournalError::ControlCharacter`].
    pub fn parse(given: &str) -> Result<Self, JournalError> {
        if given.trim().is_empty() {
            return Ok(Self::default());
        }
        names::one_line("title", given, Self::MAX_BYTES).map(Self)
    }

    /// What stands in a document, made fit for one line.
    pub(super) fn found(text: &str) -> Self {
        Self(names::mend(text, 4 * Self::MAX_BYTES))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Shows the length only: this is what a person wrote.
impl fmt::Debug for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Title({} bytes)", self.0.len())
    }
}

/// What an import had no place for, kept where the person sees it. May be empty.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct ImportNote(#[n(0)] String);

impl ImportNote {
    /// The longest, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 32 * 1024;

    const CUT: &'static str = "\n(cut here: the rest is in the imported file only)";

    /// Keeps the note; one that is too long is cut, and says so at its end.
    #[must_use]
    pub fn keep(note: impl Into<String>) -> Self {
        let mut note = note.into();
        if note.len() > Self::MAX_BYTES {
            note.truncate(note.floor_char_boundary(Self::MAX_BYTES - Self::CUT.len()));
            note.push_str(Self::CUT);
        }
        Self(note)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether everything had its place.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Shows the length only: this is what a person wrote.
impl fmt::Debug for ImportNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImportNote({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_as_it_is_up_to_the_limit() {
        assert_eq!(Text::parse(" a \r\n").unwrap().as_str(), " a \r\n");
        assert!(Text::parse("x".repeat(MAX_ENTRY_TEXT_BYTES)).is_ok());
        assert_eq!(
            Text::parse("x".repeat(MAX_ENTRY_TEXT_BYTES + 1)),
            Err(JournalError::TextTooLong {
                bytes: MAX_ENTRY_TEXT_BYTES + 1,
                limit: MAX_ENTRY_TEXT_BYTES
            })
        );
    }

    #[test]
    fn a_title_is_one_line_and_may_be_empty() {
        assert!(Title::parse("  ").unwrap().is_empty());
        assert_eq!(
            Title::parse("one\ntwo"),
            Err(JournalError::ControlCharacter { what: "title" })
        );
        assert!(matches!(
            Title::parse(&"t".repeat(1025)),
            Err(JournalError::TooLong {
                what: "title",
                bytes: 1025,
                limit: 1024
            })
        ));
    }

    #[test]
    fn a_long_note_is_cut_and_says_so() {
        let note = ImportNote::keep("é".repeat(ImportNote::MAX_BYTES));
        assert!(note.as_str().len() <= ImportNote::MAX_BYTES);
        assert!(note.as_str().ends_with("in the imported file only)"));
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(
            format!("{:?}", Text::parse("dear diary").unwrap()),
            "Text(10 bytes)"
        );
        assert_eq!(
            format!("{:?}", Title::parse("dear").unwrap()),
            "Title(4 bytes)"
        );
        assert_eq!(
            format!("{:?}", ImportNote::keep("dear")),
            "ImportNote(4 bytes)"
        );
    }
}
