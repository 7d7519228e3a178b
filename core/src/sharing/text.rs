//! Texts that go from one person to another. What a terminal would obey is kept out of them on both sides:
//! whoever writes leaves it out, and whoever reads refuses it (threat J5).
//!
//! Marks that turn the direction of writing stay, since some scripts need them; on a terminal they are
//! escaped like everything that others wrote ([`crate::journal::escape_for_terminal`]).

use super::SharingError;
use minicbor::{Decode, Decoder, Encode, decode};
use std::{borrow::Cow, fmt};

/// A piece of one line: a title, a tag, a question, a kind, a topic. Trimmed, never empty.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(transparent)]
pub struct SharedLine(#[n(0)] String);

impl SharedLine {
    /// The longest, in bytes of UTF-8: a title as long as a merge makes it, with aliases in it.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// Takes what was written, made fit for one line; `None` when nothing is left of it.
    ///
    /// # Errors
    /// [`SharingError::TooLong`].
    pub(super) fn written(text: &str) -> Result<Option<Self>, SharingError> {
        let line: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let line = line.trim();
        if line.len() > Self::MAX_BYTES {
            return Err(SharingError::TooLong {
                what: "title, a tag or a question",
                bytes: line.len(),
                limit: Self::MAX_BYTES,
            });
        }
        Ok((!line.is_empty()).then(|| Self(line.to_owned())))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'b, C> Decode<'b, C> for SharedLine {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let found = d.str()?;
        let whole = |line: &Self| line.as_str() == found;
        let line = Self::written(found).ok().flatten();
        line.filter(whole)
            .ok_or_else(|| decode::Error::message("not a line"))
    }
}

/// A text of any number of lines. Never empty; of control characters only line feeds and tabs.
///
/// Its length is bounded by what it stands in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(transparent)]
pub struct SharedText(#[n(0)] String);

impl SharedText {
    /// Takes what was written: every line's end becomes a line feed, other control characters go.
    /// `None` when nothing is left.
    #[must_use]
    pub fn written(text: &str) -> Option<Self> {
        let text = fit(text);
        (!text.is_empty()).then(|| Self(text.into_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'b, C> Decode<'b, C> for SharedText {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let found = d.str()?;
        if found.is_empty() || found.contains(is_kept_out) {
            return Err(decode::Error::message("not a text"));
        }
        Ok(Self(found.to_owned()))
    }
}

fn fit(text: &str) -> Cow<'_, str> {
    if !text.contains(is_kept_out) {
        return Cow::Borrowed(text);
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(lines.replace(is_kept_out, ""))
}

fn is_kept_out(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
}

/// Shows the length only: this is what a person wrote.
impl fmt::Debug for SharedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedLine({} bytes)", self.0.len())
    }
}

/// Shows the length only: this is what a person wrote.
impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedText({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Option<String> {
        let line = SharedLine::written(text).unwrap();
        line.map(|line| line.as_str().to_owned())
    }

    fn text(text: &str) -> Option<String> {
        SharedText::written(text).map(|text| text.as_str().to_owned())
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(line(" a\n\u{1b}b ").as_deref(), Some("a  b"));
        assert_eq!(line("\n"), None);
        assert!(matches!(
            SharedLine::written(&"é".repeat(5000)),
            Err(SharingError::TooLong { bytes: 10_000, .. })
        ));
    }

    #[test]
    fn a_text_keeps_its_lines_and_tabs_and_nothing_that_a_terminal_obeys() {
        assert_eq!(text("a\r\nb\rc\n\td").as_deref(), Some("a\nb\nc\n\td"));
        assert_eq!(text("\u{1b}[2Ja\u{7f}\u{9b}").as_deref(), Some("[2Ja"));
        assert_eq!(text("\u{0}"), None);
        assert_eq!(
            text(" שלום\u{200f} 🌿 ").as_deref(),
            Some(" שלום\u{200f} 🌿 ")
        );
    }

    #[test]
    fn what_whoever_writes_leaves_out_whoever_reads_refuses() {
        for refused in ["", " a", "a\nb", "\u{1b}[2J", "\u{9b}"] {
            let bytes = minicbor::to_vec(refused).unwrap();
            assert!(
                minicbor::decode::<SharedLine>(&bytes).is_err(),
                "{refused:?}"
            );
        }
        for refused in ["", "a\r\n", "\u{1b}[2J", "\u{0}", "\u{9b}"] {
            let bytes = minicbor::to_vec(refused).unwrap();
            assert!(
                minicbor::decode::<SharedText>(&bytes).is_err(),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn debug_shows_no_content() {
        let line = SharedLine::written("dear").unwrap().unwrap();
        assert_eq!(format!("{line:?}"), "SharedLine(4 bytes)");
        let text = SharedText::written("dear diary").unwrap();
        assert_eq!(format!("{text:?}"), "SharedText(10 bytes)");
    }
}
