//! Finding whole words in a text, whatever their case and however their accents are written.
//!
//! A text is folded into letters that each know where in the text they stand. A word may begin, or end,
//! where Unicode sees a word boundary (UAX 29), and beside everything that is neither letter nor digit:
//! so `Anna` is found in `Anna's`, `l'Anna`, `Anna.Then` and `anna_visit`, and not in `Hannah` or `Annan`.
//! In scripts that are written without spaces UAX 29 parts nearly every character; a name is found there.

use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// A text, folded for comparing.
#[derive(Debug)]
pub(super) struct Folded(Vec<Letter>);

/// One folded character.
#[derive(Debug)]
struct Letter {
    character: char,
    /// Where the character that it was folded from stands, in bytes.
    place: Range<usize>,
    /// Whether a word may begin here, and the one before end.
    boundary: bool,
}

impl Folded {
    pub(super) fn new(text: &str) -> Self {
        Self::with(text, |_| true)
    }

    /// The same without accents, to find what was written without them.
    pub(super) fn bare(text: &str) -> Self {
        Self::with(text, |character| !is_accent(character))
    }

    fn with(text: &str, is_wanted: impl Fn(char) -> bool) -> Self {
        let mut letters: Vec<Letter> = Vec::with_capacity(text.len());
        let mut boundaries = text.split_word_bound_indices().map(|(at, _)| at).peekable();
        // Whether what stands before, accents and all, is a letter or a digit.
        let mut inside = false;
        for (at, cluster) in text.grapheme_indices(true) {
            let place = at..at + cluster.len();
            while boundaries.next_if(|boundary| *boundary < at).is_some() {}
            let parted = boundaries.peek() == Some(&at);
            if cluster.chars().all(char::is_whitespace) {
                inside = false;
                match letters.last_mut() {
                    // White space is one space, whether it is a space or a line's end.
                    Some(last) if last.character == ' ' => last.place.end = place.end,
                    _ => letters.push(Letter::new(' ', place, true)),
                }
                continue;
            }
            let before = inside;
            let wanted = fold(cluster).filter(|character| is_wanted(*character));
            for (number, character) in wanted.enumerate() {
                let joined = before && character.is_alphanumeric();
                let boundary = number == 0 && (parted || !joined);
                letters.push(Letter::new(character, place.clone(), boundary));
                inside = character.is_alphanumeric() || number > 0 && inside;
            }
        }
        Self(letters)
    }

    /// How many letters there are.
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// The letter at which a word may begin; `None` where none may.
    pub(super) fn word_begins(&self, at: usize) -> Option<char> {
        let letter = self.0.get(at)?;
        letter.boundary.then_some(letter.character)
    }

    /// Whether these letters stand here as a whole word. It is for the caller that a word may begin here.
    pub(super) fn has_word(&self, at: usize, word: &[char]) -> bool {
        self.has_letters(at, word) && self.word_end(at + word.len()) == at + word.len()
    }

    /// Whether these letters stand here, whatever follows.
    pub(super) fn has_letters(&self, at: usize, letters: &[char]) -> bool {
        let found = self.0.get(at..at + letters.len());
        found.is_some_and(|found| found.iter().map(|letter| &letter.character).eq(letters))
    }

    /// The first letter from here on before which a word may end.
    pub(super) fn word_end(&self, at: usize) -> usize {
        let rest = self.0.get(at..).unwrap_or_default();
        let inside = rest.iter().position(|letter| letter.boundary);
        at + inside.unwrap_or(rest.len())
    }

    /// Where in the text, in bytes, `count` letters stand.
    pub(super) fn place(&self, at: usize, count: usize) -> Option<Range<usize>> {
        let letters = self.0.get(at..at + count)?;
        Some(letters.first()?.place.start..letters.last()?.place.end)
    }

    /// Whether the word stands anywhere.
    pub(super) fn contains(&self, word: &[char]) -> bool {
        !word.is_empty()
            && (0..self.len()).any(|at| self.word_begins(at).is_some() && self.has_word(at, word))
    }
}

impl Letter {
    const fn new(character: char, place: Range<usize>, boundary: bool) -> Self {
        Self {
            character,
            place,
            boundary,
        }
    }
}

/// A word or several, folded like a text; spaces around it are dropped.
pub(super) fn folded(word: &str) -> Vec<char> {
    let letters = Folded::new(word.trim()).0;
    letters.into_iter().map(|letter| letter.character).collect()
}

/// Accents apart from their letters, no case (through capitals, so that `ß` is `ss` and both small sigmas
/// are one), one apostrophe, one hyphen, and nothing that cannot be seen.
fn fold(cluster: &str) -> impl Iterator<Item = char> + '_ {
    cluster
        .nfd()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|character| !is_invisible(*character))
        .map(|character| match character {
            '\u{2019}' | '\u{2bc}' => '\'',
            '\u{2010}' | '\u{2011}' => '-',
            other => other,
        })
}

/// Whether it is one of the accents that Latin, Greek and Cyrillic letters bear.
pub(super) const fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// Soft hyphens, joiners, marks of direction, signs that only mathematics sees, variants of an emoji.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fe00}'..='\u{fe0f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands(word: &str, text: &str) -> bool {
        Folded::new(text).contains(&folded(word))
    }

    #[test]
    fn a_word_is_found_whole_beside_whatever_is_no_letter() {
        for text in [
            "Anna",
            "anna's",
            "ANNA’s",
            "l'Anna",
            "(Anna)",
            "Anna.Then",
            "Anna:",
            "anna_visit",
            "Anna-Lena",
            "with 🌿Anna🌿",
            "\u{2068}Anna\u{2069}",
            "An\u{ad}na",
            "An\u{200b}na",
            "An\u{34f}na",
            "An\u{2063}na",
        ] {
            assert!(stands("Anna", text), "{text}");
        }
        for text in [
            "",
            "Hannah",
            "Annan",
            "anna2",
            "Susanna",
            "An na",
            "Ann\u{e4}",
        ] {
            assert!(!stands("Anna", text), "{text}");
        }
    }

    #[test]
    fn accents_and_capitals_may_be_written_either_way() {
        for (word, text) in [
            ("Zoë", "ZOE\u{308} came"),
            ("Zoe\u{308}", "zoë"),
            ("Strauß", "Herr STRAUSS"),
            ("ΣΟΦΟΣ", "σοφός".replace('ό', "ο").as_str()),
            ("İpek", "i\u{307}pek"),
            ("O'Brien", "o’brien’s"),
            ("Jean-Luc", "Jean\u{2011}Luc"),
        ] {
            assert!(stands(word, text), "{word} in {text}");
        }
        assert!(!stands("Zoe", "Zoë"));
        assert!(!stands("Zoe", "Zoe\u{308}"));
    }

    #[test]
    fn a_word_does_not_end_at_an_accent() {
        for (word, text) in [
            ("Zoë", "Zoëtrope"),
            ("André", "Andrés"),
            ("Zoe\u{308}", "ZOE\u{308}S"),
        ] {
            assert!(!stands(word, text), "{word} in {text}");
        }
        assert!(stands("Zoë", "Zoë’s, Zoë-Ann"));
    }

    #[test]
    fn words_with_spaces_are_found_over_a_lines_end() {
        assert!(stands("Anna  Maria", "with Anna\n\tMaria."));
        assert!(stands("Anna Maria", "Anna\u{a0}Maria"));
        assert!(!stands("Anna Maria", "AnnaMaria"));
    }

    #[test]
    fn scripts_without_spaces_have_words_too() {
        assert!(stands("安娜", "我和安娜去了"));
        assert!(stands("לאה", "עם לאה, בים"));
        assert!(!stands("лев", "левый"));
    }

    #[test]
    fn nothing_is_no_word() {
        for nothing in ["", " ", "\u{ad}"] {
            assert!(!stands(nothing, "a text"));
        }
    }

    #[test]
    fn a_letter_knows_its_place() {
        let text = "é Straße\r\n x";
        let folded = Folded::new(text);
        let letters: Vec<_> = (0..folded.len())
            .map(|at| &text[folded.place(at, 1).unwrap()])
            .collect();
        assert_eq!(
            letters,
            [
                "é", "é", " ", "S", "t", "r", "a", "ß", "ß", "e", "\r\n ", "x"
            ]
        );
    }
}
