//! From one text to another in few, small splices, so that a concurrent edit elsewhere is kept.
//!
//! Automerge's own `update_text` is Myers' algorithm without a bound: two texts of 20,000 characters with
//! nothing in common take it 2.8 s, of 256 KiB minutes. Here the same algorithm (E. W. Myers, "An O(ND)
//! difference algorithm", 1986) runs with a bound, over characters as people see them. Where the texts
//! differ by more, lines are compared first and then characters within the lines that differ, else
//! words; and at last everything between the common beginning and end is replaced.

mod myers;
mod rebase;

use myers::myers;
pub(super) use rebase::rebased;
use std::ops::Range;
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// Insertions and deletions that are looked for before coarser pieces are compared.
/// Time is at most length × this; memory this squared, in numbers of 8 bytes.
const MAX_DIFFERENCES: isize = 512;

/// Replaces `delete` characters at `at` (both in Unicode code points) by `insert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Splice<'n> {
    pub(super) at: usize,
    pub(super) delete: usize,
    pub(super) insert: &'n str,
}

/// The splices that make `new` of `old`, to be made in order; each counts on those before it.
pub(super) fn splices<'n>(old: &str, new: &'n str) -> Vec<Splice<'n>> {
    let hunks = by_character(old, new)
        .or_else(|| {
            by_line(old, new).map(|lines| refined(old, new, lines, by_character_or_coarser))
        })
        .unwrap_or_else(|| by_word_or_whole(old, new));
    to_splices(old, new, &hunks)
}

fn by_character(old: &str, new: &str) -> Option<Vec<Hunk>> {
    differences(
        &old.graphemes(true).collect::<Vec<_>>(),
        &new.graphemes(true).collect::<Vec<_>>(),
    )
}

fn by_line(old: &str, new: &str) -> Option<Vec<Hunk>> {
    let split = |text| -> Vec<&str> { str::split_inclusive(text, '\n').collect() };
    differences(&split(old), &split(new))
}

fn by_word(old: &str, new: &str) -> Option<Vec<Hunk>> {
    differences(&words(old), &words(new))
}

fn by_word_or_whole(old: &str, new: &str) -> Vec<Hunk> {
    by_word(old, new).unwrap_or_else(|| vec![trimmed(old, new)])
}

fn by_character_or_coarser(old: &str, new: &str) -> Vec<Hunk> {
    by_character(old, new).unwrap_or_else(|| by_word_or_whole(old, new))
}

/// Words, and what stands between them. In some scripts a word's bounds lie within a character as people see
/// it; there the two words are one.
fn words(text: &str) -> Vec<&str> {
    let is_bound = |at| {
        let mut cursor = GraphemeCursor::new(at, text.len(), true);
        !matches!(cursor.is_boundary(text, 0), Ok(false))
    };
    let mut words = Vec::new();
    let mut start = 0;
    let ends = text
        .split_word_bound_indices()
        .map(|(at, word)| at + word.len());
    for end in ends.filter(|end| is_bound(*end)) {
        words.extend(text.get(start..end));
        start = end;
    }
    words
}

/// Looks into each replaced run of lines for what differs there.
fn refined(
    old: &str,
    new: &str,
    lines: Vec<Hunk>,
    finer: fn(&str, &str) -> Vec<Hunk>,
) -> Vec<Hunk> {
    let within = |lines: Hunk| {
        let (old, new) = (old.get(lines.old.clone()), new.get(lines.new.clone()));
        let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
        finer(old, new)
            .into_iter()
            .map(move |hunk| hunk.moved(lines.old.start, lines.new.start))
    };
    lines.into_iter().flat_map(within).collect()
}

/// A part of the old text and what stands in its place in the new one, in tokens or in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hunk {
    old: Range<usize>,
    new: Range<usize>,
}

impl Hunk {
    /// With the next one, and what lies between.
    const fn join(&mut self, next: &Self) {
        self.old.end = next.old.end;
        self.new.end = next.new.end;
    }

    fn moved(self, old: usize, new: usize) -> Self {
        let moved = |range: Range<usize>, by: usize| range.start + by..range.end + by;
        Self {
            old: moved(self.old, old),
            new: moved(self.new, new),
        }
    }
}

/// Hunks in bytes become splices in code points.
fn to_splices<'n>(old: &str, new: &'n str, hunks: &[Hunk]) -> Vec<Splice<'n>> {
    let mut splices = Vec::new();
    let (mut at, mut counted_to) = (0, 0);
    for hunk in hunks {
        let delete = characters(old.get(hunk.old.clone()));
        let insert = new.get(hunk.new.clone()).unwrap_or_default();
        // Everything before this hunk reads as in the new text by now.
        at += characters(new.get(counted_to..hunk.new.start));
        counted_to = hunk.new.start;
        if delete > 0 || !insert.is_empty() {
            splices.push(Splice { at, delete, insert });
        }
    }
    splices
}

fn characters(part: Option<&str>) -> usize {
    part.map_or(0, |part| part.chars().count())
}

/// Everything between the common beginning and the common end, in bytes.
fn trimmed(old: &str, new: &str) -> Hunk {
    let old: Vec<_> = old.graphemes(true).collect();
    let new: Vec<_> = new.graphemes(true).collect();
    in_bytes(&old, &new, vec![middle(&old, &new)])
        .pop()
        .unwrap_or(Hunk {
            old: 0..0,
            new: 0..0,
        })
}

/// The least differences between two lists of tokens, in bytes; `None` when there are too many.
fn differences(old: &[&str], new: &[&str]) -> Option<Vec<Hunk>> {
    let middle = middle(old, new);
    let hunks = if middle.old.is_empty() || middle.new.is_empty() {
        vec![middle]
    } else {
        let inner = myers(
            old.get(middle.old.clone())?,
            new.get(middle.new.clone())?,
            MAX_DIFFERENCES,
        )?;
        inner
            .into_iter()
            .map(|hunk| hunk.moved(middle.old.start, middle.new.start))
            .collect()
    };
    Some(in_bytes(old, new, at_word_starts(new, hunks)))
}

/// An insertion that makes the same text at several places goes where a word begins. Someone wrote a word there;
/// half of it before and half behind what another device wrote at the same place would part it.
fn at_word_starts(new: &[&str], hunks: Vec<Hunk>) -> Vec<Hunk> {
    let mut free_from = 0;
    let slid = |hunk: Hunk| {
        let hunk = slid(new, hunk, free_from);
        free_from = hunk.new.end;
        hunk
    };
    hunks.into_iter().map(slid).collect()
}

/// The hunk, moved left as far as the next beginning of a word, in tokens; as it is where that changes the text.
fn slid(new: &[&str], hunk: Hunk, free_from: usize) -> Hunk {
    if !hunk.old.is_empty() || hunk.new.is_empty() {
        return hunk;
    }
    let Range { start, end } = hunk.new;
    let begins_word = |by: &usize| match (start - by).checked_sub(1) {
        Some(before) => new.get(before).is_none_or(|token| token.trim().is_empty()),
        None => true,
    };
    let is_the_same = |by: &usize| new.get(start - by) == new.get(end - by);
    let further = (1..=start.saturating_sub(free_from)).take_while(is_the_same);
    let by = std::iter::once(0).chain(further).find(begins_word);
    let by = by.unwrap_or_default();
    Hunk {
        old: hunk.old.start - by..hunk.old.end - by,
        new: start - by..end - by,
    }
}

/// What lies between the common beginning and the common end, in tokens.
fn middle(old: &[&str], new: &[&str]) -> Hunk {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let shorter = old.len().min(new.len());
    let backwards = old.iter().rev().zip(new.iter().rev());
    let end = backwards
        .take(shorter - start)
        .take_while(|(a, b)| a == b)
        .count();
    Hunk {
        old: start..old.len() - end,
        new: start..new.len() - end,
    }
}

/// Token ranges become byte ranges; `hunks` are in order.
fn in_bytes(old: &[&str], new: &[&str], hunks: Vec<Hunk>) -> Vec<Hunk> {
    let (mut old, mut new) = (Bytes::of(old), Bytes::of(new));
    let to_bytes = |hunk: Hunk| Hunk {
        old: old.range(hunk.old),
        new: new.range(hunk.new),
    };
    hunks.into_iter().map(to_bytes).collect()
}

/// Walks a list of tokens once and knows how many bytes lie before each.
struct Bytes<'t> {
    tokens: &'t [&'t str],
    token: usize,
    byte: usize,
}

impl<'t> Bytes<'t> {
    fn of(tokens: &'t [&'t str]) -> Self {
        Self {
            tokens,
            token: 0,
            byte: 0,
        }
    }

    fn range(&mut self, tokens: Range<usize>) -> Range<usize> {
        self.before(tokens.start)..self.before(tokens.end)
    }

    fn before(&mut self, token: usize) -> usize {
        let passed = self.tokens.get(self.token..token).unwrap_or_default();
        self.byte += passed.iter().map(|token| token.len()).sum::<usize>();
        self.token = token;
        self.byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn apply(old: &str, splices: &[Splice<'_>]) -> String {
        let mut text: Vec<char> = old.chars().collect();
        for splice in splices {
            text.splice(splice.at..splice.at + splice.delete, splice.insert.chars());
        }
        text.into_iter().collect()
    }

    #[test]
    fn one_word_in_the_middle_is_one_small_splice() {
        let splices = splices("I went to the park", "I walked to the park");
        assert_eq!(
            apply("I went to the park", &splices),
            "I walked to the park"
        );
        assert!(
            splices.iter().map(|splice| splice.delete).sum::<usize>() <= 4,
            "{splices:?}"
        );
    }

    #[test]
    fn two_places_are_two_splices() {
        assert_eq!(
            splices("one two three", "one, two three!"),
            [
                Splice {
                    at: 3,
                    delete: 0,
                    insert: ","
                },
                Splice {
                    at: 14,
                    delete: 0,
                    insert: "!"
                }
            ]
        );
    }

    #[test]
    fn an_emoji_of_several_code_points_is_replaced_whole() {
        assert_eq!(
            splices("a👨‍👩‍👧b", "a👨‍👩‍👦b"),
            [Splice {
                at: 1,
                delete: 5,
                insert: "👨‍👩‍👦"
            }]
        );
    }

    #[test]
    fn nothing_is_nothing() {
        assert!(splices("same", "same").is_empty());
        assert!(splices("", "").is_empty());
        assert_eq!(
            splices("ab", ""),
            [Splice {
                at: 0,
                delete: 2,
                insert: ""
            }]
        );
    }

    #[test]
    fn a_long_paste_and_a_typo_far_away_leave_the_rest_alone() {
        let line = |n: usize| format!("Day {n}: it rained on teh roof.\n");
        let old: String = (0..200).map(line).collect();
        let (before, after): (String, String) =
            ((0..90).map(line).collect(), (90..200).map(line).collect());
        let pasted = "Pasted from elsewhere, with many words in it.\n".repeat(40);
        let after = after.replacen("95: it rained on teh", "95: it rained on the", 1);
        let new = format!("{before}{pasted}{after}");
        let splices = splices(&old, &new);
        assert_eq!(apply(&old, &splices), new);
        assert!(splices.iter().map(|splice| splice.delete).sum::<usize>() < 10);
    }

    /// Unbounded Myers would need about 10^11 steps here.
    #[test]
    fn the_largest_texts_with_nothing_in_common_are_quick() {
        let old: String = (0..262_144_u32)
            .map(|n| char::from(b'a' + (n % 13) as u8))
            .collect();
        let new: String = (0..262_144_u32)
            .map(|n| char::from(b'n' + (n % 11) as u8))
            .collect();
        assert_eq!(apply(&old, &splices(&old, &new)), new);
        let (old, new) = (
            format!("{}x", "a".repeat(200_000)),
            format!("y{}", "a".repeat(199_900)),
        );
        assert_eq!(apply(&old, &splices(&old, &new)), new);
    }

    #[test]
    fn a_word_that_begins_like_the_next_is_put_in_whole() {
        let put_in = [Splice {
            at: 0,
            delete: 0,
            insert: "phone11 ",
        }];
        assert_eq!(splices("phone1", "phone11 phone1"), put_in);
        let at_the_end = [Splice {
            at: 6,
            delete: 0,
            insert: " phone11",
        }];
        assert_eq!(splices("phone1", "phone1 phone11"), at_the_end);
    }

    proptest! {
        #[test]
        fn splices_lead_from_any_text_to_any_other(old in "\\PC{0,40}", new in "\\PC{0,40}") {
            prop_assert_eq!(apply(&old, &splices(&old, &new)), new);
        }

        #[test]
        fn texts_of_few_letters_too(old in "[ab\n]{0,60}", new in "[ab\n]{0,60}") {
            prop_assert_eq!(apply(&old, &splices(&old, &new)), new);
        }

        #[test]
        fn coarser_steps_too(old in "([a-d]{1,3}[ \n]){0,40}", new in "([a-d]{1,3}[ \n]){0,40}") {
            let hunks = by_word(&old, &new).unwrap();
            prop_assert_eq!(apply(&old, &to_splices(&old, &new, &hunks)), new.clone());
            let whole = [trimmed(&old, &new)];
            prop_assert_eq!(apply(&old, &to_splices(&old, &new, &whole)), new);
        }
    }
}
