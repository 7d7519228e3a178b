//! Which parts of an entry are shared: what the person chose, and nothing by itself.

use super::SharingError;
use crate::journal::Prompt;
use std::{collections::BTreeSet, fmt, str::FromStr};

/// Before the question of one answer.
const ANSWER: &str = "answer:";

/// One part of an entry that can be shared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The title.
    Title,
    /// The text.
    Text,
    /// Every answer.
    Answers,
    /// The answer to one question.
    Answer(Prompt),
    /// The tags.
    Tags,
    /// The exact time, with its zone.
    Time,
    /// Only the day: the person's own, where they gave one.
    Day,
    /// The kind.
    Kind,
}

/// The chosen parts, at least one. [`Parts::default`] is title and text: who wants more says so.
///
/// Its text form is a list with commas: `title, text, answer:"Sleep", day`. A question stands in quotation
/// marks, since it may hold a comma; a quotation mark in it is written twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts(BTreeSet<Part>);

impl Parts {
    /// These parts. One that another contains is dropped: the day beside the time, one answer beside all.
    ///
    /// # Errors
    /// [`SharingError::NoParts`].
    pub fn new(parts: impl IntoIterator<Item = Part>) -> Result<Self, SharingError> {
        let mut parts: BTreeSet<Part> = parts.into_iter().collect();
        if parts.contains(&Part::Time) {
            parts.remove(&Part::Day);
        }
        if parts.contains(&Part::Answers) {
            parts.retain(|part| !matches!(part, Part::Answer(_)));
        }
        if parts.is_empty() {
            return Err(SharingError::NoParts);
        }
        Ok(Self(parts))
    }

    /// Whether this part was chosen.
    #[must_use]
    pub fn has(&self, part: &Part) -> bool {
        self.0.contains(part)
    }

    /// The parts, in the order in which they are listed.
    pub fn iter(&self) -> impl Iterator<Item = &Part> {
        self.0.iter()
    }
}

impl Default for Parts {
    fn default() -> Self {
        Self([Part::Title, Part::Text].into())
    }
}

impl FromStr for Parts {
    type Err = SharingError;

    fn from_str(given: &str) -> Result<Self, SharingError> {
        let pieces = pieces(given)?;
        let parts = (1..)
            .zip(&pieces)
            .filter(|(_, piece)| !piece.is_empty())
            .map(|(position, piece)| parse(position, piece));
        Self::new(parts.collect::<Result<Vec<_>, _>>()?)
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, part) in self.0.iter().enumerate() {
            let between = if number == 0 { "" } else { ", " };
            write!(f, "{between}{part}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Title => "title",
            Self::Text => "text",
            Self::Answers => "answers",
            Self::Answer(prompt) => {
                let quoted = prompt.as_str().replace('"', "\"\"");
                return write!(f, "{ANSWER}\"{quoted}\"");
            }
            Self::Tags => "tags",
            Self::Time => "time",
            Self::Day => "day",
            Self::Kind => "kind",
        })
    }
}

fn parse(position: usize, piece: &str) -> Result<Part, SharingError> {
    if let Some((before, question)) = piece.split_at_checked(ANSWER.len())
        && before.eq_ignore_ascii_case(ANSWER)
    {
        return Ok(Part::Answer(Prompt::parse(question)?));
    }
    Ok(match piece.to_ascii_lowercase().as_str() {
        "title" => Part::Title,
        "text" => Part::Text,
        "answers" => Part::Answers,
        "tags" => Part::Tags,
        "time" => Part::Time,
        "day" => Part::Day,
        "kind" => Part::Kind,
        "attachments" => return Err(SharingError::NoAttachments),
        _ => return Err(SharingError::UnknownPart { position }),
    })
}

/// Parts a list at its commas, but not at those within quotation marks, and takes the marks off.
fn pieces(list: &str) -> Result<Vec<String>, SharingError> {
    let mut pieces = vec![String::new()];
    let mut quoted = false;
    let mut characters = list.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => push(&mut pieces, '"'),
            '"' => quoted = !quoted,
            ',' if !quoted => pieces.push(String::new()),
            other => push(&mut pieces, other),
        }
    }
    if quoted {
        return Err(SharingError::OpenQuote);
    }
    Ok(pieces.iter().map(|piece| piece.trim().to_owned()).collect())
}

fn push(pieces: &mut [String], character: char) {
    if let Some(last) = pieces.last_mut() {
        last.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::JournalError;
    use proptest::prelude::*;

    fn parts(list: &str) -> Result<Parts, SharingError> {
        list.parse()
    }

    fn answer(question: &str) -> Part {
        Part::Answer(Prompt::parse(question).unwrap())
    }

    #[test]
    fn title_and_text_are_shared_unless_more_is_asked_for() {
        assert_eq!(Parts::default().to_string(), "title, text");
        for part in [Part::Answers, Part::Tags, Part::Time, Part::Day, Part::Kind] {
            assert!(!Parts::default().has(&part));
        }
    }

    #[test]
    fn a_list_is_read_however_it_is_spaced() {
        assert_eq!(
            parts(" Title,text , TAGS,,day").unwrap().to_string(),
            "title, text, tags, day"
        );
    }

    #[test]
    fn a_question_may_hold_commas_and_quotation_marks() {
        let chosen = parts(r#"text, answer:"What helped, even a ""little""?", Answer:Sleep"#);
        let expected = [
            Part::Text,
            answer("What helped, even a \"little\"?"),
            answer("Sleep"),
        ];
        assert_eq!(chosen, Parts::new(expected));
    }

    #[test]
    fn what_another_part_contains_is_dropped() {
        assert_eq!(
            parts("day, time, answer:Sleep, answers")
                .unwrap()
                .to_string(),
            "answers, time"
        );
    }

    #[test]
    fn what_is_no_part_is_refused_and_says_what_there_is() {
        assert_eq!(parts(" , "), Err(SharingError::NoParts));
        assert_eq!(parts("attachments"), Err(SharingError::NoAttachments));
        assert_eq!(parts("text, answer:\"Sleep"), Err(SharingError::OpenQuote));
        let empty = JournalError::Empty { what: "prompt" };
        assert_eq!(parts("answer:"), Err(SharingError::Journal(empty)));
        let unknown = parts("title, pictures").unwrap_err();
        assert_eq!(unknown, SharingError::UnknownPart { position: 2 });
        let said = unknown.to_string();
        for there_is in ["title", "text", "answers", "tags", "time", "day", "kind"] {
            assert!(said.contains(there_is), "{there_is}");
        }
    }

    fn part() -> impl Strategy<Value = Part> {
        prop_oneof![
            prop::sample::select(vec![
                Part::Title,
                Part::Text,
                Part::Answers,
                Part::Tags,
                Part::Time,
                Part::Day,
                Part::Kind,
            ]),
            "[a,\" :é]{0,8}[?a]".prop_map(|question| answer(&question)),
        ]
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_the_same(chosen in prop::collection::vec(part(), 1..6)) {
            let chosen = Parts::new(chosen).unwrap();
            prop_assert_eq!(parts(&chosen.to_string()), Ok(chosen));
        }

        #[test]
        fn no_list_makes_it_panic(list in any::<String>()) {
            let _ = parts(&list);
        }
    }
}
