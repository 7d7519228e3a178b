//! What a person changed in the text that they began with, put into the text as it is by now.
//!
//! Both ways from the beginning, theirs to the text as it is now and the person's own to the text that they
//! want, are compared word by word: where two changed one word, letters of both would be no word at all.
//! Places that only one of them touched read as that one left them. A place that both touched reads as it is
//! now, and then as the person wants it.

use super::{Hunk, by_line, by_word, by_word_or_whole, refined};
use std::{iter::Peekable, ops::Range, vec};

/// `now`, with what leads from `began` to `wanted`.
pub(in crate::journal) fn rebased(began: &str, wanted: &str, now: &str) -> String {
    if now == began || now == wanted {
        return wanted.to_owned();
    }
    if wanted == began {
        return now.to_owned();
    }
    merged(began, wanted, now)
}

fn merged(began: &str, wanted: &str, now: &str) -> String {
    let (theirs, mine) = (hunks(began, now), hunks(began, wanted));
    let mut merged = String::with_capacity(now.len() + wanted.len().saturating_sub(began.len()));
    let mut kept_to = 0;
    for place in Places::of(theirs, mine) {
        merged.push_str(part(began, kept_to..place.old.start));
        let reads = |side: &Option<Hunk>, text| {
            let changed = side.as_ref();
            changed.map(|changed| part(text, around(changed, &place.old)))
        };
        match (reads(&place.theirs, now), reads(&place.mine, wanted)) {
            (Some(theirs), Some(mine)) if theirs != mine => put_both(&mut merged, theirs, mine),
            (Some(reads), _) | (None, Some(reads)) => merged.push_str(reads),
            (None, None) => {}
        }
        kept_to = place.old.end;
    }
    merged.push_str(part(began, kept_to..began.len()));
    merged
}

/// Two words do not run into one.
fn put_both(merged: &mut String, theirs: &str, mine: &str) {
    merged.push_str(theirs);
    let ends_open = theirs.ends_with(|last: char| !last.is_whitespace());
    if ends_open && mine.starts_with(char::is_alphanumeric) {
        let lines = theirs.contains('\n') || mine.contains('\n');
        merged.push(if lines { '\n' } else { ' ' });
    }
    merged.push_str(mine);
}

/// What one side changed. Changes with only white space between are one: a sentence that was written anew is
/// not taken apart at its spaces.
fn hunks(began: &str, after: &str) -> Vec<Hunk> {
    let found = by_word(began, after)
        .or_else(|| {
            by_line(began, after).map(|lines| refined(began, after, lines, by_word_or_whole))
        })
        .unwrap_or_else(|| by_word_or_whole(began, after));
    let mut hunks: Vec<Hunk> = Vec::with_capacity(found.len());
    for hunk in found {
        match hunks.last_mut() {
            Some(last) if part(began, last.old.end..hunk.old.start).trim().is_empty() => {
                last.join(&hunk);
            }
            _ => hunks.push(hunk),
        }
    }
    hunks
}

/// A place in the text that both began with, and the change of each side there.
#[derive(Default)]
struct Place {
    old: Range<usize>,
    theirs: Option<Hunk>,
    mine: Option<Hunk>,
}

/// The places that changed, in order.
struct Places {
    theirs: Peekable<vec::IntoIter<Hunk>>,
    mine: Peekable<vec::IntoIter<Hunk>>,
}

impl Places {
    fn of(theirs: Vec<Hunk>, mine: Vec<Hunk>) -> Self {
        Self {
            theirs: theirs.into_iter().peekable(),
            mine: mine.into_iter().peekable(),
        }
    }

    /// The place of the change that comes first; at one beginning an insertion comes before a replacement.
    fn first(&mut self) -> Option<Range<usize>> {
        let order = |hunk: &Hunk| (hunk.old.start, hunk.old.end);
        let (theirs, mine) = (self.theirs.peek(), self.mine.peek());
        let first = theirs
            .into_iter()
            .chain(mine)
            .min_by_key(|hunk| order(hunk));
        first.map(|hunk| hunk.old.clone())
    }
}

impl Iterator for Places {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        let mut place = Place {
            old: self.first()?,
            ..Place::default()
        };
        while take(&mut self.theirs, &mut place.old, &mut place.theirs)
            || take(&mut self.mine, &mut place.old, &mut place.mine)
        {}
        Some(place)
    }
}

/// Takes a side's next change into a place that it has a part in.
fn take(
    side: &mut Peekable<vec::IntoIter<Hunk>>,
    old: &mut Range<usize>,
    taken: &mut Option<Hunk>,
) -> bool {
    let Some(hunk) = side.next_if(|hunk| hunk.old == *old || hunk.old.start < old.end) else {
        return false;
    };
    old.end = old.end.max(hunk.old.end);
    match taken {
        Some(taken) => taken.join(&hunk),
        None => *taken = Some(hunk),
    }
    true
}

/// Where the new text of a side holds what became of the whole place.
const fn around(changed: &Hunk, place: &Range<usize>) -> Range<usize> {
    let before = changed.old.start - place.start;
    let after = place.end - changed.old.end;
    changed.new.start - before..changed.new.end + after
}

fn part(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::splice::words;
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    const BEGAN: &str = "Up late. A walk by the canal. Tea. 🌿";

    #[test]
    fn what_changed_in_different_places_is_all_there() {
        let mine = BEGAN.replace("Up late", "Up at six");
        let now = BEGAN.replace("🌿", "🌻");
        let both = "Up at six. A walk by the canal. Tea. 🌻";
        assert_eq!(rebased(BEGAN, &mine, &now), both);
        assert_eq!(rebased(BEGAN, &now, &mine), both);
    }

    #[test]
    fn where_only_one_changed_it_that_stands() {
        assert_eq!(rebased(BEGAN, "mine", BEGAN), "mine");
        assert_eq!(rebased(BEGAN, BEGAN, "theirs"), "theirs");
        assert_eq!(rebased(BEGAN, "same", "same"), "same");
        let (both, more) = ("Up late. Tea.", "Up late. Tea. Cake.");
        assert_eq!(rebased("Up late. A walk. Tea.", both, more), more);
    }

    #[test]
    fn where_both_changed_the_same_place_both_stay() {
        for (began, mine, now, both) in [
            (
                "by the canal.",
                "by the river.",
                "by the sea wall.",
                "by the sea wall river.",
            ),
            ("", "Tea.", "A walk.", "A walk. Tea."),
            (
                "",
                "Tea.",
                "A walk\nin the rain.",
                "A walk\nin the rain.\nTea.",
            ),
            (
                "For: .",
                "For: coffee.",
                "For: quiet.",
                "For: quiet coffee.",
            ),
            (
                "I went out.",
                "I often went out.",
                "I walked out.",
                "I often walked out.",
            ),
            (
                "I went out.",
                "I went far out.",
                "I walked out.",
                "I walked far out.",
            ),
            ("a b c.", "x y z.", "p q r.", "p q r x y z."),
        ] {
            assert_eq!(rebased(began, mine, now), both);
        }
    }

    #[test]
    fn only_what_the_person_saw_is_deleted() {
        let began = "Keep this. Drop all of this. Keep that.";
        let mine = "Keep this. Keep that.";
        let beside = began.replace("this. Drop", "this, too. Drop");
        assert_eq!(rebased(began, mine, &beside), "Keep this, too. Keep that.");
        let within = began.replace("all of", "nearly all of");
        assert_eq!(rebased(began, mine, &within), within);
        assert_eq!(rebased(began, &within, mine), within);
    }

    #[test]
    fn a_word_is_never_less_than_a_character() {
        assert_eq!(words("a bc, 👨‍👩‍👧🌿"), ["a", " ", "bc", ",", " ", "👨‍👩‍👧", "🌿"]);
        // A word's bound lies within this one.
        assert_eq!(words("กำ"), ["กำ"]);
    }

    #[test]
    fn long_texts_are_quick_too() {
        let line = |n: u32| format!("{n} it rained on the roof of house {}\n", n % 7);
        let began: String = (0..6_000).map(line).collect();
        let mine = began.replacen("roof", "barn", 200);
        let now = began.replace("\n77 it rained", "\n77 it snowed");
        let both = mine.replace("\n77 it rained", "\n77 it snowed");
        assert!(rebased(&began, &mine, &now) == both);
        // More than is compared: all of it is one place.
        let mine = began.replace("roof", "barn");
        let both = rebased(&began, &mine, &now);
        assert!(both.contains("\n77 it snowed") && both.contains("barn of house 6\n5999"));
    }

    /// Characters that are easily taken apart.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "a",
            "b",
            "walk",
            "tea",
            "é",
            "e\u{301}",
            "👨‍👩‍👧",
            "👨‍👩‍👦",
            "👍🏽",
            "👍",
            "🇬🇧",
            "🇬🇷",
            "กำ",
            "क्ष",
            " ",
            ". ",
            "\n",
        ]);
        prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
    }

    /// A text, and the same with a word put somewhere.
    fn put(began: &str, at: prop::sample::Index, word: &str) -> String {
        let mut words = words(began);
        words.insert(at.index(words.len() + 1), word);
        words.concat()
    }

    proptest! {
        #[test]
        fn alone_it_reads_as_the_person_wants_it(began in text(), wanted in text()) {
            prop_assert_eq!(merged(&began, &wanted, &began), wanted.clone());
            prop_assert_eq!(merged(&began, &began, &wanted), wanted.clone());
            prop_assert_eq!(merged(&began, &wanted, &wanted), wanted);
        }

        /// Nothing that one of them wrote is lost, whoever saves first.
        #[test]
        fn what_either_wrote_is_there(began in text(), one in text(), other in text()) {
            for (mine, now) in [(&one, &other), (&other, &one)] {
                let both = rebased(&began, mine, now);
                for after in [mine, now] {
                    for written in hunks(&began, after) {
                        let written = part(after, written.new);
                        prop_assert!(both.contains(written), "{both:?} lacks {written:?}");
                    }
                }
            }
        }

        #[test]
        fn two_words_put_anywhere_are_both_there_once(
            began in "([a-d]{1,3}[ \n]){0,20}",
            one in any::<prop::sample::Index>(),
            other in any::<prop::sample::Index>(),
        ) {
            let (one, other) = (put(&began, one, " one "), put(&began, other, " other "));
            for (mine, now) in [(&one, &other), (&other, &one)] {
                let both = rebased(&began, mine, now);
                prop_assert_eq!(both.matches("one").count(), 1, "{}", both);
                prop_assert_eq!(both.matches("other").count(), 1, "{}", both);
                let rest = both.replace("one", "").replace("other", "");
                let bare = |text: &str| text.split_whitespace().collect::<String>();
                prop_assert_eq!(bare(&rest), bare(&began));
            }
        }

        #[test]
        fn no_character_is_parted(began in text(), mine in text(), now in text()) {
            let whole: Vec<&str> = [&began, &mine, &now]
                .into_iter()
                .flat_map(|text| text.graphemes(true))
                .collect();
            for character in rebased(&began, &mine, &now).graphemes(true) {
                prop_assert!(whole.contains(&character) || character == " ", "{character:?}");
            }
        }
    }
}
