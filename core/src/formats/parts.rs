//! The last step of every reader: an entry whose text is too long becomes several, and says so.

use super::{Item, Skipped, SourceId, remarks::Remarks};
use crate::journal::{Entry, JournalError, Text, Title};
use daymark_wire::{DocumentId, limits::MAX_ENTRY_TEXT_BYTES};

/// An entry that was read, before its text is in it.
#[derive(Debug)]
pub(super) struct Unfinished {
    pub(super) line: u64,
    pub(super) source: SourceId,
    pub(super) document: Option<DocumentId>,
    /// Everything but the text.
    pub(super) entry: Entry,
    pub(super) text: String,
    pub(super) remarks: Remarks,
}

/// Puts text and remarks into the entry, or into as many as the text needs.
pub(super) fn finish(whole: Unfinished) -> Vec<Result<Item, Skipped>> {
    let answers: usize = whole
        .entry
        .answers
        .values()
        .map(|answer| answer.as_str().len())
        .sum();
    let room = MAX_ENTRY_TEXT_BYTES.saturating_sub(answers);
    if room == 0 {
        let why = JournalError::TextTooLong {
            bytes: answers,
            limit: MAX_ENTRY_TEXT_BYTES,
        };
        return vec![Err(Skipped {
            line: whole.line,
            why: why.into(),
        })];
    }
    let texts = split(&whole.text, room);
    let count = texts.len();
    let item = |(number, text): (usize, &str)| part(&whole, number, count, text);
    (1..).zip(texts).map(item).collect()
}

fn part(whole: &Unfinished, number: usize, count: usize, text: &str) -> Result<Item, Skipped> {
    let line = whole.line;
    let mut entry = whole.entry.clone();
    let mut remarks = whole.remarks.clone();
    entry.text = Text::parse(text).map_err(Skipped::at(line))?;
    if count > 1 {
        remarks.add(format!(
            "Part {number} of {count}: the text was longer than one entry holds."
        ));
    }
    if number > 1 {
        entry.answers.clear();
        entry.origin = None;
        entry.title = continued(&entry.title, number);
    }
    note(&mut entry, &whole.source, &remarks);
    entry.check().map_err(Skipped::at(line))?;
    let document = whole.document.filter(|_| number == 1);
    Ok(Item {
        line,
        source: whole.source.part(number),
        document,
        entry,
    })
}

/// Remarks go into the note of the import; an entry that was not imported before was by now.
fn note(entry: &mut Entry, source: &SourceId, remarks: &Remarks) {
    if remarks.is_empty() {
        return;
    }
    let format = source.as_str().split('/').next().unwrap_or_default();
    let imported = entry.imported.take().or_else(|| {
        let from = super::source::source_name(format)?;
        Some(crate::journal::Imported {
            from,
            id: None,
            note: Default::default(),
        })
    });
    entry.imported = imported.map(|imported| crate::journal::Imported {
        note: remarks.below(&imported.note),
        ..imported
    });
}

fn continued(title: &Title, number: usize) -> Title {
    let mark = format!("(continued, {number})");
    let with_title = format!("{} {mark}", title.as_str());
    Title::parse(&with_title)
        .or_else(|_| Title::parse(&mark))
        .unwrap_or_default()
}

/// Parts of at most `room` bytes that together are the text: cut after a paragraph, else a line, else a
/// word, if one ends in the second half, else anywhere between two characters.
fn split(text: &str, room: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > room {
        let most = rest.floor_char_boundary(room).max(1);
        let window = rest.get(..most).unwrap_or(rest);
        let cut = ["\n\n", "\n", " "]
            .into_iter()
            .find_map(|end| {
                let cut = window.rfind(end)? + end.len();
                (cut > room / 2).then_some(cut)
            })
            .unwrap_or(window.len());
        // A room smaller than one character still takes one, so that this ends.
        let (part, after) = rest.split_at_checked(cut).unwrap_or((rest, ""));
        parts.push(part);
        rest = after;
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(rest);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Prompt, When, Zone};

    fn unfinished(text: String) -> Unfinished {
        let at = When::from_milliseconds(0, Zone::utc()).unwrap();
        let mut entry = Entry::new(at);
        entry.title = Title::parse("Long").unwrap();
        Unfinished {
            line: 7,
            source: SourceId::given("jrnl", "1"),
            document: Some(DocumentId::from_bytes([1; 16])),
            entry,
            text,
            remarks: Remarks::default(),
        }
    }

    #[test]
    fn a_text_that_fits_is_one_entry_without_remark() {
        let items = finish(unfinished("short".into()));
        assert_eq!(items.len(), 1);
        let item = items[0].clone().unwrap();
        assert_eq!((item.line, item.entry.text.as_str()), (7, "short"));
        assert_eq!(item.entry.imported, None);
        assert!(item.document.is_some());
    }

    #[test]
    fn a_long_text_becomes_several_entries_that_say_so() {
        let text = "A paragraph of a long text. 🌿\n\n".repeat(20_000);
        let items: Vec<_> = finish(unfinished(text.clone()))
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert_eq!(items.len(), 3);
        let together: String = items.iter().map(|item| item.entry.text.as_str()).collect();
        assert_eq!(together, text);
        assert!(
            items
                .iter()
                .all(|item| item.entry.text.as_str().ends_with("\n\n"))
        );
        assert_eq!(items[1].entry.title.as_str(), "Long (continued, 2)");
        let note = items[2].entry.imported.as_ref().unwrap().note.as_str();
        assert_eq!(
            note,
            "Part 3 of 3: the text was longer than one entry holds."
        );
        assert_eq!(items[2].source.as_str(), "jrnl/id/1/part/3");
        assert_eq!(
            (items[0].document.is_some(), items[1].document),
            (true, None)
        );
    }

    #[test]
    fn answers_that_fill_an_entry_are_refused() {
        let mut whole = unfinished("text".into());
        let long = Text::parse("x".repeat(MAX_ENTRY_TEXT_BYTES)).unwrap();
        whole
            .entry
            .answers
            .insert(Prompt::parse("Sleep").unwrap(), long);
        assert!(finish(whole)[0].is_err());
    }

    #[test]
    fn text_is_cut_between_characters_and_nothing_is_lost() {
        for room in 4..40 {
            let text = "🌿🌿 ab\ncd\n\nefgh שלום לך é\u{301}".repeat(5);
            let parts = split(&text, room);
            assert_eq!(parts.concat(), text);
            assert!(
                parts
                    .iter()
                    .all(|part| part.len() <= room && !part.is_empty()),
                "{room}"
            );
        }
        assert_eq!(split("", 10), [""]);
    }
}
