//! One entry: what a person wrote, without how it is stored.

use super::{
    Area, ContentNote, Day, ImportNote, JournalError, Kind, Person, Prompt, SourceName, Tag, Text,
    Title, When,
};
use daymark_wire::{DocumentId, limits::MAX_ENTRY_TEXT_BYTES};
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};

/// How many tags, areas, people or answers one entry holds, of each.
pub const MAX_NAMES: usize = 100;

/// The content of one entry. Only the time is needed; everything else may be empty.
///
/// Each piece is checked by its own type. [`Entry::check`] checks what concerns several of them, and is
/// called by whatever writes an entry.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Entry {
    /// When it was, and in which zone.
    #[n(0)]
    pub at: When,
    /// What sort of entry it is.
    #[cbor(n(1), skip_if = "is_note")]
    pub kind: Kind,
    /// One line above it.
    #[cbor(n(2), skip_if = "Title::is_empty")]
    pub title: Title,
    /// The text.
    #[cbor(n(3), skip_if = "Text::is_empty")]
    pub text: Text,
    /// The person's own day, where it is not that of the clock on the wall.
    #[n(4)]
    pub day: Option<Day>,
    /// Words that it is found by.
    #[cbor(n(5), skip_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<Tag>,
    /// Parts of life that it is about.
    #[cbor(n(6), skip_if = "BTreeSet::is_empty")]
    pub areas: BTreeSet<Area>,
    /// Who occurs in it.
    #[cbor(n(7), skip_if = "BTreeSet::is_empty")]
    pub people: BTreeSet<Person>,
    /// What to know before reading it.
    #[n(8)]
    pub content_note: Option<ContentNote>,
    /// Shown only to verified supporters, and never by surprise.
    #[cbor(n(9), skip_if = "is_false")]
    pub sensitive: bool,
    /// Never brought back by "on this day".
    #[cbor(n(10), skip_if = "is_false")]
    pub do_not_bring_back: bool,
    /// Not finished.
    #[cbor(n(11), skip_if = "is_false")]
    pub draft: bool,
    /// Answers to the kind's questions, or to any other.
    #[cbor(n(12), skip_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<Prompt, Text>,
    /// Where it came from, when it was imported.
    #[n(13)]
    pub imported: Option<Imported>,
    /// The document that it was first written in, when it was taken over from another journal: by that it is
    /// known again, wherever it goes from here.
    #[n(14)]
    pub origin: Option<DocumentId>,
}

/// Where an imported entry came from.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Imported {
    /// The format: `jrnl`, `day-one` and so on.
    #[n(0)]
    pub from: SourceName,
    /// Its id there, where it had one.
    #[n(1)]
    pub id: Option<SourceName>,
    /// What had no place here, for the person to see.
    #[n(2)]
    pub note: ImportNote,
}

impl Entry {
    /// An empty note at a time.
    #[must_use]
    pub fn new(at: When) -> Self {
        Self {
            at,
            kind: Kind::default(),
            title: Title::default(),
            text: Text::default(),
            day: None,
            tags: BTreeSet::new(),
            areas: BTreeSet::new(),
            people: BTreeSet::new(),
            content_note: None,
            sensitive: false,
            do_not_bring_back: false,
            draft: false,
            answers: BTreeMap::new(),
            imported: None,
            origin: None,
        }
    }

    /// The person's own day, else the day on the wall's calendar.
    #[must_use]
    pub fn effective_day(&self) -> Day {
        self.day.unwrap_or_else(|| self.at.day())
    }

    /// Whether one document holds it.
    ///
    /// # Errors
    /// [`JournalError::TextTooLong`] for text and answers together, [`JournalError::TooMany`].
    pub fn check(&self) -> Result<(), JournalError> {
        let answers: usize = self
            .answers
            .values()
            .map(|answer| answer.as_str().len())
            .sum();
        let bytes = self.text.as_str().len() + answers;
        if bytes > MAX_ENTRY_TEXT_BYTES {
            return Err(JournalError::TextTooLong {
                bytes,
                limit: MAX_ENTRY_TEXT_BYTES,
            });
        }
        at_most("tags", self.tags.len())?;
        at_most("areas", self.areas.len())?;
        at_most("people", self.people.len())?;
        at_most("answers", self.answers.len())
    }
}

fn at_most(what: &'static str, count: usize) -> Result<(), JournalError> {
    if count > MAX_NAMES {
        return Err(JournalError::TooMany {
            what,
            count,
            limit: MAX_NAMES,
        });
    }
    Ok(())
}

fn is_note(kind: &Kind) -> bool {
    kind.as_str() == Kind::NOTE
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the derive macro hands a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn at(text: &str) -> When {
        When::parse(text, None).unwrap().0
    }

    /// An entry with something in every field.
    pub(crate) fn full() -> Entry {
        let mut entry = Entry::new(at("2021-03-04T01:10:00.5+00:00[Europe/London]"));
        entry.kind = Kind::parse("check-in").unwrap();
        entry.title = Title::parse("A walk, כן 🌿").unwrap();
        entry.text = Text::parse("First line\n\nsecond 👨‍👩‍👧 line\n").unwrap();
        entry.day = Some("2021-03-03".parse().unwrap());
        entry.tags = ["kew", "évasion"]
            .map(|tag| Tag::parse(tag).unwrap())
            .into();
        entry.areas = [Area::parse("hope").unwrap()].into();
        entry.people = [Person::parse("a supporter").unwrap()].into();
        entry.content_note = Some(ContentNote::parse("loss").unwrap());
        entry.sensitive = true;
        entry.do_not_bring_back = true;
        entry.draft = true;
        entry.answers = [(
            Prompt::parse("Sleep").unwrap(),
            Text::parse("six hours").unwrap(),
        )]
        .into();
        entry.imported = Some(Imported {
            from: SourceName::parse("jrnl").unwrap(),
            id: Some(SourceName::parse("42").unwrap()),
            note: ImportNote::keep("starred"),
        });
        entry.origin = Some(DocumentId::from_bytes([9; 16]));
        entry
    }

    #[test]
    fn an_entry_round_trips_in_cbor() {
        for entry in [full(), Entry::new(at("2021-03-04T21:10Z"))] {
            let bytes = minicbor::to_vec(&entry).unwrap();
            assert_eq!(minicbor::decode::<Entry>(&bytes).unwrap(), entry);
        }
        let least = minicbor::to_vec(Entry::new(at("2021-03-04T21:10Z"))).unwrap();
        assert!(least.len() < 24, "{} bytes", least.len());
    }

    #[test]
    fn the_persons_own_day_goes_before_the_calendars() {
        assert_eq!(full().effective_day().to_string(), "2021-03-03");
        let entry = Entry::new(at("2021-03-04T01:10Z"));
        assert_eq!(entry.effective_day().to_string(), "2021-03-04");
    }

    #[test]
    fn text_and_answers_together_have_a_limit() {
        let mut entry = full();
        entry.text = Text::parse("x".repeat(MAX_ENTRY_TEXT_BYTES)).unwrap();
        assert_eq!(
            entry.check(),
            Err(JournalError::TextTooLong {
                bytes: MAX_ENTRY_TEXT_BYTES + "six hours".len(),
                limit: MAX_ENTRY_TEXT_BYTES
            })
        );
    }

    #[test]
    fn there_is_room_for_a_hundred_tags() {
        let mut entry = full();
        entry.tags = (0..101)
            .map(|n| Tag::parse(&format!("t{n}")).unwrap())
            .collect();
        let refused = JournalError::TooMany {
            what: "tags",
            count: 101,
            limit: 100,
        };
        assert_eq!(entry.check(), Err(refused));
    }
}
