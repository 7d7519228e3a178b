//! Text that others wrote, on its way to a terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// Shows what a terminal would obey instead of obeying it: control characters (C0, DEL, C1) and the
/// marks that turn the direction of writing (U+202A–202E, U+2066–2069) become `\u{1b}` and the like.
/// Line breaks and tabs stay.
#[must_use]
pub fn escape_for_terminal(text: &str) -> Cow<'_, str> {
    escape(text, is_obeyed)
}

/// The same of the marks that turn the direction of writing alone: for what goes to another program, or to a file that
/// somebody looks at. All else stays as it was written.
#[must_use]
pub fn escape_directions(text: &str) -> Cow<'_, str> {
    escape(text, turns_direction)
}

fn escape(text: &str, is_shown: fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = text.find(is_shown) else {
        return Cow::Borrowed(text);
    };
    let (plain, rest) = text.split_at(first);
    let mut shown = String::with_capacity(text.len() + 8);
    shown.push_str(plain);
    for character in rest.chars() {
        if is_shown(character) {
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
        other => turns_direction(other) || other.is_control(),
    }
}

const fn turns_direction(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
        assert_eq!(
            escape_directions("\u{1b}[2J\u{202e}y"),
            "\u{1b}[2J\\u{202e}y"
        );
    }
}
