//! Searching views: words anywhere in what was written, and filters.

use super::{Area, Day, Entry, Kind, Person, Tag, View};
use std::fmt;

/// What to look for. Everything given must hold; an empty query finds every entry.
///
/// Case does not matter, in any script that has it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<String>,
    kind: Option<String>,
    tags: Vec<String>,
    areas: Vec<String>,
    people: Vec<String>,
    from: Option<Day>,
    until: Option<Day>,
}

/// Shows nothing: what somebody looks for says what they wrote.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Query([redacted])")
    }
}

impl Query {
    /// Finds every entry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Each of the words, parted by spaces, stands somewhere in title, text, answers, tags, areas,
    /// people, content note or the kind's name; also inside a longer word.
    #[must_use]
    pub fn words(mut self, words: &str) -> Self {
        self.words.extend(words.split_whitespace().map(folded));
        self
    }

    /// These words stand together, just so.
    #[must_use]
    pub fn phrase(mut self, phrase: &str) -> Self {
        let phrase = phrase.trim();
        if !phrase.is_empty() {
            self.words.push(folded(phrase));
        }
        self
    }

    /// Only entries of this kind.
    #[must_use]
    pub fn kind(mut self, kind: &Kind) -> Self {
        self.kind = Some(folded(kind.as_str()));
        self
    }

    /// Only entries with this tag too.
    #[must_use]
    pub fn tag(mut self, tag: &Tag) -> Self {
        self.tags.push(folded(tag.as_str()));
        self
    }

    /// Only entries about this area too.
    #[must_use]
    pub fn area(mut self, area: &Area) -> Self {
        self.areas.push(folded(area.as_str()));
        self
    }

    /// Only entries with this person too.
    #[must_use]
    pub fn person(mut self, person: &Person) -> Self {
        self.people.push(folded(person.as_str()));
        self
    }

    /// Only entries of this day or later.
    #[must_use]
    pub const fn from(mut self, day: Day) -> Self {
        self.from = Some(day);
        self
    }

    /// Only entries of this day or earlier.
    #[must_use]
    pub const fn until(mut self, day: Day) -> Self {
        self.until = Some(day);
        self
    }

    pub(super) fn finds(&self, view: &View) -> bool {
        let entry = &view.entry;
        self.from.is_none_or(|from| view.date >= from)
            && self.until.is_none_or(|until| view.date <= until)
            && self
                .kind
                .as_deref()
                .is_none_or(|kind| same(entry.kind.as_str(), kind))
            && among(&self.tags, entry.tags.iter().map(Tag::as_str))
            && among(&self.areas, entry.areas.iter().map(Area::as_str))
            && among(&self.people, entry.people.iter().map(Person::as_str))
            && self.finds_words(entry)
    }

    fn finds_words(&self, entry: &Entry) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let mut missing: Vec<&str> = self.words.iter().map(String::as_str).collect();
        for piece in pieces(entry) {
            let folded = folded(piece);
            missing.retain(|word| !folded.contains(word));
            if missing.is_empty() {
                return true;
            }
        }
        false
    }
}

/// Everything of an entry that is searched; the longest first, where most words are found.
fn pieces(entry: &Entry) -> impl Iterator<Item = &str> {
    let answers = entry
        .answers
        .iter()
        .flat_map(|(prompt, text)| [prompt.as_str(), text.as_str()]);
    [
        entry.text.as_str(),
        entry.title.as_str(),
        entry.kind.as_str(),
    ]
    .into_iter()
    .chain(answers)
    .chain(entry.tags.iter().map(Tag::as_str))
    .chain(entry.areas.iter().map(Area::as_str))
    .chain(entry.people.iter().map(Person::as_str))
    .chain(entry.content_note.iter().map(|note| note.as_str()))
    .filter(|piece| !piece.is_empty())
}

/// Lower case, for comparing. Runs of ASCII are folded at once, which is most of most text; the Greek
/// final sigma counts as any other.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest
            .bytes()
            .position(|byte| !byte.is_ascii())
            .unwrap_or(rest.len());
        let (plain, other) = rest.split_at_checked(run).unwrap_or((rest, ""));
        let from = folded.len();
        folded.push_str(plain);
        if let Some(pushed) = folded.get_mut(from..) {
            pushed.make_ascii_lowercase();
        }
        let mut characters = other.chars();
        if let Some(character) = characters.next() {
            let lower = character.to_lowercase();
            folded.extend(lower.map(|c| if c == 'ς' { 'σ' } else { c }));
        }
        rest = characters.as_str();
    }
    folded
}

fn same(text: &str, lower: &str) -> bool {
    folded(text) == lower
}

/// Whether each of the wanted is among the names.
fn among<'n>(wanted: &[String], names: impl Iterator<Item = &'n str> + Clone) -> bool {
    wanted
        .iter()
        .all(|lower| names.clone().any(|name| same(name, lower)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Text, entry::tests::full};
    use daymark_wire::DocumentId;

    fn found(query: &Query) -> bool {
        View::new(DocumentId::ZERO, full()).matches(query)
    }

    #[test]
    fn words_are_found_wherever_they_stand_whatever_their_case() {
        for words in [
            "",
            "FIRST",
            "second line",
            "WALK כן",
            "🌿",
            "check-in",
            "sleep",
            "six HOURS",
            "Kew",
            "ÉVASION",
            "hop",
            "supporter",
            "loss",
        ] {
            assert!(found(&Query::new().words(words)), "{words}");
        }
        for words in ["third", "first third", "starred", "2021"] {
            assert!(!found(&Query::new().words(words)), "{words}");
        }
    }

    #[test]
    fn it_prints_nothing_of_what_is_looked_for() {
        let query = Query::new().words("kingfisher");
        assert_eq!(format!("{query:?}"), "Query([redacted])");
    }

    #[test]
    fn a_phrase_stands_together() {
        assert!(found(&Query::new().phrase("first LINE")));
        assert!(!found(&Query::new().phrase("line first")));
        assert!(found(&Query::new().phrase(" ")));
    }

    #[test]
    fn filters_hold_together() {
        let query = Query::new()
            .kind(&Kind::parse("Check-In").unwrap())
            .tag(&Tag::parse("KEW").unwrap())
            .tag(&Tag::parse("Évasion").unwrap())
            .area(&Area::parse("hope").unwrap())
            .person(&Person::parse("A Supporter").unwrap());
        assert!(found(&query));
        assert!(!found(&query.clone().tag(&Tag::parse("ke").unwrap())));
        assert!(!found(&query.clone().kind(&Kind::default())));
        assert!(!found(
            &query.clone().area(&Area::parse("control").unwrap())
        ));
        assert!(!found(&query.person(&Person::parse("nobody").unwrap())));
    }

    #[test]
    fn days_are_the_persons_own_and_included() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let own = Query::new()
            .from(day("2021-03-03"))
            .until(day("2021-03-03"));
        assert!(found(&own));
        assert!(!found(&Query::new().from(day("2021-03-04"))));
        assert!(!found(&Query::new().until(day("2021-03-02"))));
    }

    #[test]
    fn folding_is_lower_case_but_for_the_final_sigma() {
        for text in ["", "ABC", "Évasion ÀÉ x", "ШЁПОТ", "כן 🌿 A", "aİb"] {
            assert_eq!(folded(text), text.to_lowercase());
        }
        assert_eq!(folded("ΟΔΟΣ"), folded("οδός").replace('ό', "ο"));
    }

    #[test]
    fn an_empty_entry_is_found_by_no_word() {
        let mut entry = full();
        entry.text = Text::default();
        let view = View::new(DocumentId::ZERO, entry);
        assert!(!view.matches(&Query::new().words("second")));
    }
}
