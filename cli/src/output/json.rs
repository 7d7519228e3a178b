//! JSON as it is printed, and an entry as JSON: every field, always. A contract with scripts:
//! `docs/cli-json.schema.json`.

use daymark_client::{
    journal::{Area, Imported, Person, Tag, View, is_obeyed},
    sharing::SharedWith,
};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// Prints a value on one line, in which a terminal obeys nothing: JSON's own escapes leave out DEL, C1 and
/// the marks that turn the direction of writing. It reads back as the same value.
pub(crate) fn write_json(
    out: &mut (impl Write + ?Sized),
    value: &impl Serialize,
) -> io::Result<()> {
    let mut line = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut line, Harmless))?;
    line.push(b'\n');
    out.write_all(&line)
}

/// Compact JSON with more of its strings escaped.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for piece in fragment.split_inclusive(is_obeyed) {
            match piece.char_indices().next_back() {
                // All of them are below U+10000: one escape each.
                Some((plain, last)) if is_obeyed(last) => {
                    let plain = piece.get(..plain).unwrap_or_default();
                    write!(writer, "{plain}\\u{:04x}", u32::from(last))?;
                }
                _ => writer.write_all(piece.as_bytes())?,
            }
        }
        Ok(())
    }
}

/// One entry.
#[derive(Debug, Serialize)]
pub(crate) struct EntryJson<'e> {
    id: String,
    at: String,
    date: String,
    day: Option<String>,
    kind: &'e str,
    title: &'e str,
    text: &'e str,
    answers: BTreeMap<&'e str, &'e str>,
    tags: Vec<&'e str>,
    areas: Vec<&'e str>,
    people: Vec<&'e str>,
    content_note: Option<&'e str>,
    sensitive: bool,
    do_not_bring_back: bool,
    draft: bool,
    imported: Option<ImportedJson<'e>>,
    origin: Option<String>,
    shared_with: Vec<&'e str>,
}

#[derive(Debug, Serialize)]
struct ImportedJson<'e> {
    from: &'e str,
    id: Option<&'e str>,
    note: &'e str,
}

impl<'e> EntryJson<'e> {
    /// With whom it is shared stands in the ledger, and not in the entry.
    pub(crate) fn of(view: &'e View, shared: &'e SharedWith) -> Self {
        let entry = &view.entry;
        let shared_with = shared.get(&view.id).into_iter().flatten();
        let answers = entry.answers.iter();
        Self {
            id: view.id.to_string(),
            at: entry.at.to_string(),
            date: view.date.to_string(),
            day: entry.day.map(|day| day.to_string()),
            kind: entry.kind.as_str(),
            title: entry.title.as_str(),
            text: entry.text.as_str(),
            answers: answers
                .map(|(prompt, text)| (prompt.as_str(), text.as_str()))
                .collect(),
            tags: entry.tags.iter().map(Tag::as_str).collect(),
            areas: entry.areas.iter().map(Area::as_str).collect(),
            people: entry.people.iter().map(Person::as_str).collect(),
            content_note: entry.content_note.as_ref().map(|note| note.as_str()),
            sensitive: entry.sensitive,
            do_not_bring_back: entry.do_not_bring_back,
            draft: entry.draft,
            imported: entry.imported.as_ref().map(ImportedJson::of),
            origin: entry.origin.map(|origin| origin.to_string()),
            shared_with: shared_with.map(Person::as_str).collect(),
        }
    }
}

impl<'e> ImportedJson<'e> {
    fn of(imported: &'e Imported) -> Self {
        Self {
            from: imported.from.as_str(),
            id: imported.id.as_ref().map(|id| id.as_str()),
            note: imported.note.as_str(),
        }
    }
}
