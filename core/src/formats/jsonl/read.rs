//! JSON Lines to entries.

use super::{FORMAT, SCHEMA};
use crate::{
    formats::{
        FormatError, Item, Skipped, SourceId,
        lines::{Line, Lines},
        parts::{self, Unfinished},
        remarks::Remarks,
        source::source_name,
    },
    journal::{
        Area, ContentNote, Entry, ImportNote, Imported, JournalError, Kind, MAX_NAMES, Person,
        Prompt, Tag, Text, When,
    },
};
use daymark_wire::DocumentId;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, VecDeque},
    io::BufRead,
};

/// Reads an export, an entry at a time. Empty lines are passed over.
#[derive(Debug)]
pub struct Reader<R> {
    lines: Lines<R>,
    ready: VecDeque<Result<Item, Skipped>>,
    refused: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads from `input`.
    pub fn new(input: R) -> Self {
        Self {
            lines: Lines::after(0, input),
            ready: VecDeque::new(),
            refused: false,
        }
    }

    fn line(&mut self, line: &Line) -> Result<(), Skipped> {
        let bytes = line
            .bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&line.bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let at = line.number;
        let typed: Typed = serde_json::from_slice(bytes).map_err(|e| not_json(at, &e))?;
        match typed.r#type.as_str() {
            "journal" if typed.schema.unwrap_or(SCHEMA) > SCHEMA => {
                self.refused = true;
                let schema = typed.schema.unwrap_or_default();
                Err(Skipped {
                    line: at,
                    why: FormatError::Newer { schema },
                })
            }
            "journal" => Ok(()),
            "entry" => {
                let fields: Fields = serde_json::from_slice(bytes).map_err(|e| not_json(at, &e))?;
                let whole = fields.into_entry(at).map_err(Skipped::at(at))?;
                self.ready.extend(parts::finish(whole));
                Ok(())
            }
            _ => Err(Skipped {
                line: at,
                why: FormatError::UnknownType,
            }),
        }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Item, Skipped>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            if self.refused {
                return None;
            }
            let line = self.lines.next()?;
            if let Err(skipped) = line.and_then(|line| self.line(&line)) {
                return Some(Err(skipped));
            }
        }
    }
}

fn not_json(line: u64, _: &serde_json::Error) -> Skipped {
    // What serde_json says quotes the input.
    Skipped {
        line,
        why: FormatError::NotJson,
    }
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    r#type: String,
    schema: Option<u64>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Fields {
    r#type: String,
    id: Option<String>,
    origin: Option<String>,
    kind: Option<String>,
    title: String,
    text: String,
    at: Option<String>,
    day: Option<String>,
    tags: Vec<String>,
    areas: Vec<String>,
    people: Vec<String>,
    content_note: Option<String>,
    sensitive: bool,
    do_not_bring_back: bool,
    draft: bool,
    answers: BTreeMap<String, String>,
    imported: Option<ImportedFields>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ImportedFields {
    from: String,
    id: Option<String>,
    note: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Fields {
    fn into_entry(mut self, line: u64) -> Result<Unfinished, FormatError> {
        let given = self.at.take().ok_or(FormatError::Missing { field: "at" })?;
        let (at, clock) = When::parse(&given, None)?;
        let mut remarks = Remarks::default();
        remarks.clock(clock, &given, at.zone().as_str());
        let mut entry = Entry::new(at);
        self.flags_and_lines(&mut entry, &mut remarks);
        self.names(&mut entry, &mut remarks);
        answers(std::mem::take(&mut self.answers), &mut entry, &mut remarks)?;
        entry.imported = self
            .imported
            .take()
            .and_then(|found| imported(&found, &mut remarks));
        remarks.fields(&self.rest);
        let (document, source) = self.identity(&given, &mut remarks);
        entry.origin = self.origin(document);
        let source = match entry.origin {
            Some(origin) => SourceId::given(FORMAT, &origin.to_string()),
            None => source,
        };
        let text = remarks.title(&mut entry, &self.title, self.text);
        Ok(Unfinished {
            line,
            source,
            document,
            entry,
            text,
            remarks,
        })
    }

    fn flags_and_lines(&self, entry: &mut Entry, remarks: &mut Remarks) {
        entry.sensitive = self.sensitive;
        entry.do_not_bring_back = self.do_not_bring_back;
        entry.draft = self.draft;
        if let Some(given) = &self.kind {
            entry.kind = Kind::parse(given).unwrap_or_else(|_| {
                remarks.add(format!("kind: {given}"));
                Kind::default()
            });
        }
        if let Some(given) = &self.day {
            entry.day = given
                .parse()
                .inspect_err(|_| remarks.add(format!("day: {given}")))
                .ok();
        }
        if let Some(given) = &self.content_note {
            entry.content_note = ContentNote::parse(given)
                .inspect_err(|_| remarks.add(format!("content note: {given}")))
                .ok()
                .or_else(|| ContentNote::mend(given));
        }
    }

    fn names(&mut self, entry: &mut Entry, remarks: &mut Remarks) {
        entry.tags = remarks.names("tag", std::mem::take(&mut self.tags), Tag::parse);
        entry.areas = remarks.names("area", std::mem::take(&mut self.areas), Area::parse);
        entry.people = remarks.names("person", std::mem::take(&mut self.people), Person::parse);
    }

    /// The document that it was first written in: this one, if it came from no other.
    fn origin(&self, document: Option<DocumentId>) -> Option<DocumentId> {
        let given = self.origin.as_deref().and_then(|id| id.parse().ok());
        given.filter(|id: &DocumentId| !id.is_zero()).or(document)
    }

    /// Which document this was; without a good id, the entry is known by its content.
    fn identity(&self, at: &str, remarks: &mut Remarks) -> (Option<DocumentId>, SourceId) {
        let derived = || SourceId::derived(FORMAT, at, &[&self.title, &self.text]);
        match self.id.as_deref().map(str::parse::<DocumentId>) {
            Some(Ok(id)) if !id.is_zero() => (Some(id), SourceId::given(FORMAT, &id.to_string())),
            None => (None, derived()),
            Some(_) => {
                remarks.add(format!("id: {}", self.id.as_deref().unwrap_or_default()));
                (None, derived())
            }
        }
    }
}

fn answers(
    given: BTreeMap<String, String>,
    entry: &mut Entry,
    remarks: &mut Remarks,
) -> Result<(), JournalError> {
    for (prompt, answer) in given.into_iter().filter(|(_, answer)| !answer.is_empty()) {
        match Prompt::parse(&prompt) {
            Ok(parsed)
                if entry.answers.len() < MAX_NAMES && !entry.answers.contains_key(&parsed) =>
            {
                entry.answers.insert(parsed, Text::parse(answer)?);
            }
            _ => remarks.add(format!("{prompt}: {answer}")),
        }
    }
    Ok(())
}

fn imported(found: &ImportedFields, remarks: &mut Remarks) -> Option<Imported> {
    remarks.fields(&found.rest);
    let Some(from) = source_name(&found.from) else {
        let lines = found
            .id
            .iter()
            .map(String::as_str)
            .chain([found.note.as_str()]);
        lines
            .filter(|line| !line.is_empty())
            .for_each(|line| remarks.add(line));
        return None;
    };
    let id = found.id.as_deref().and_then(source_name);
    Some(Imported {
        from,
        id,
        note: ImportNote::keep(found.note.as_str()),
    })
}
