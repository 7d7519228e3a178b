//! Where an entry's text comes from: the words after the command, the input, or an editor.

use super::EntryError;
use std::io::Read;

/// More than any entry holds: what is longer is read no further.
pub(super) const MAX_READ_BYTES: u64 = 16 * 1024 * 1024;

/// Where the text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TextSource {
    /// Nothing was said about it.
    Unsaid,
    /// These words, with spaces between.
    Words(String),
    /// The standard input, to its end.
    Input,
}

impl TextSource {
    /// From the arguments: a single `-` is the input.
    pub(crate) fn from_arguments(words: &[String]) -> Self {
        match words {
            [] => Self::Unsaid,
            [dash] if dash == "-" => Self::Input,
            words => Self::Words(words.join(" ")),
        }
    }
}

/// Reads a text to its end. The line break that ends its last line is not part of it.
pub(crate) fn read_text(input: impl Read) -> Result<String, EntryError> {
    let mut bytes = Vec::new();
    input
        .take(MAX_READ_BYTES)
        .read_to_end(&mut bytes)
        .map_err(EntryError::Input)?;
    let mut text = String::from_utf8(bytes).map_err(|_| EntryError::NotUtf8)?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_dash_is_the_input() {
        let source = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            TextSource::from_arguments(&words)
        };
        assert_eq!(source(&[]), TextSource::Unsaid);
        assert_eq!(source(&["-"]), TextSource::Input);
        assert_eq!(source(&["a", "-", "b"]), TextSource::Words("a - b".into()));
    }

    #[test]
    fn one_line_break_at_the_end_is_dropped() {
        for (given, text) in [
            ("a\n", "a"),
            ("a\r\n", "a"),
            ("a\n\n", "a\n"),
            ("a", "a"),
            ("", ""),
        ] {
            assert_eq!(read_text(given.as_bytes()).unwrap(), text, "{given:?}");
        }
        assert!(matches!(
            read_text(b"\xff".as_slice()),
            Err(EntryError::NotUtf8)
        ));
    }
}
