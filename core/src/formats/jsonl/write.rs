//! Entries to JSON Lines.

use super::SCHEMA;
use crate::journal::{Area, Entry, Imported, Kind, Person, Tag, View};
use serde::Serialize;
use std::{collections::BTreeMap, io};

/// Writes the first line at once, then a line for each entry.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
}

impl<W: io::Write> Writer<W> {
    /// Begins an export.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = Self { out };
        writer.line(&Header {
            kind: "journal",
            schema: SCHEMA,
            app: "daymark",
        })?;
        Ok(writer)
    }

    /// Writes one entry.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn entry(&mut self, view: &View) -> io::Result<()> {
        let id = view.id.to_string();
        let at = view.entry.at.to_string();
        let day = view.entry.day.map(|day| day.to_string());
        let origin = view.entry.origin.map(|origin| origin.to_string());
        self.line(&Line {
            origin: origin.as_deref(),
            ..Line::of(&view.entry, &id, &at, day.as_deref())
        })
    }

    /// Ends the export and hands the output back.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }
}

#[derive(Serialize)]
struct Header {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: u64,
    app: &'static str,
}

#[derive(Serialize)]
struct Line<'e> {
    r#type: &'static str,
    id: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'e str>,
    #[serde(skip_serializing_if = "is_note")]
    kind: &'e str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'e str,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'e str,
    at: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<&'e str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'e str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    areas: Vec<&'e str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    people: Vec<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_note: Option<&'e str>,
    #[serde(skip_serializing_if = "is_false")]
    sensitive: bool,
    #[serde(skip_serializing_if = "is_false")]
    do_not_bring_back: bool,
    #[serde(skip_serializing_if = "is_false")]
    draft: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    answers: BTreeMap<&'e str, &'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imported: Option<ImportedField<'e>>,
}

#[derive(Serialize)]
struct ImportedField<'e> {
    from: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'e str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'e str,
}

impl<'e> Line<'e> {
    fn of(entry: &'e Entry, id: &'e str, at: &'e str, day: Option<&'e str>) -> Self {
        Self {
            r#type: "entry",
            id,
            origin: None,
            kind: entry.kind.as_str(),
            title: entry.title.as_str(),
            text: entry.text.as_str(),
            at,
            day,
            tags: entry.tags.iter().map(Tag::as_str).collect(),
            areas: entry.areas.iter().map(Area::as_str).collect(),
            people: entry.people.iter().map(Person::as_str).collect(),
            content_note: entry.content_note.as_ref().map(|note| note.as_str()),
            sensitive: entry.sensitive,
            do_not_bring_back: entry.do_not_bring_back,
            draft: entry.draft,
            answers: entry
                .answers
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect(),
            imported: entry.imported.as_ref().map(ImportedField::of),
        }
    }
}

impl<'e> ImportedField<'e> {
    fn of(imported: &'e Imported) -> Self {
        Self {
            from: imported.from.as_str(),
            id: imported.id.as_ref().map(|id| id.as_str()),
            note: imported.note.as_str(),
        }
    }
}

fn is_note(kind: &str) -> bool {
    kind == Kind::NOTE
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
