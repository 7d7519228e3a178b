//! Text that others wrote, on its way to a terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// Shows what a terminal would obey instead of obeying it: control characters (C0, DEL, C1) and the
/// marks that turn the direction of writing (U+202A–202E, U+2066–2069) become `\u{1b}` and the like.
/// Line breaks and tabs stay.
#[must_use]
pub fn escape_for_terminal(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(is_obeyed) else {
        return Cow::Borrowed(text);
    };
    let (plain, rest) = text.split_at(first);
    let mut shown = String::with_capacity(text.len() + 8);
    shown.push_str(plain);
    for character in rest.chars() {
        if is_obeyed(character) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Whether a terminal obeys this character instead of showing it. Line breaks and tabs do no harm.
#[must_use]
pub fn is_obeyed(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        let text = "two\nlines\twith 🌿, שלום and é";
        assert!(matches!(escape_for_terminal(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn what_a_terminal_obeys_is_shown() {
        assert_eq!(
            escape_for_terminal("a\u{1b}[2Jb\r\n"),
            "a\\u{1b}[2Jb\\u{d}\n"
        );
        assert_eq!(
            escape_for_terminal("\u{9b}31m\u{7f}\0"),
            "\\u{9b}31m\\u{7f}\\u{0}"
        );
        assert_eq!(
            escape_for_terminal("x\u{202e}y\u{2069}"),
            "x\\u{202e}y\\u{2069}"
        );
    }
}
