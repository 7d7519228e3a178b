//! jrnl's two formats: its text file, and its JSON export. Which one it is, the reader sees by itself.
//!
//! The text file: `[2020-06-28 18:22] Title` begins an entry, a star at that line's end marks it, and the
//! body follows. JSON: `{"tags": {…}, "entries": [{title, body, date, time, tags, starred}]}`. Neither
//! has a zone, so the zone is handed in. A star has no place here and is kept in the import note. Checked
//! against jrnl 4.2 (`Journal.py`, `Entry.py`).

mod json;
mod text;
mod write;

use super::{
    FormatError, Item, Skipped, SourceId,
    elements::Elements,
    lines::Lines,
    parts::{self, Unfinished},
    remarks::Remarks,
};
use crate::journal::{Entry, ImportNote, Imported, SourceName, Tag, When, Zone};
use jiff::civil::{Date, DateTime, Time};
use std::{collections::VecDeque, io::BufRead};

pub use write::{JsonWriter, TextWriter};

/// The format's name in a source id and in an entry.
const FORMAT: &str = "jrnl";

/// Reads a jrnl file of either format, an entry at a time.
#[derive(Debug)]
pub struct Reader<R> {
    entries: Entries<R>,
    zone: Zone,
    ready: VecDeque<Result<Item, Skipped>>,
}

#[derive(Debug)]
enum Entries<R> {
    Json(json::Entries<R>),
    Text(text::Entries<R>),
    Broken(Option<Skipped>),
}

impl<R: BufRead> Reader<R> {
    /// Reads from `input`; the times in it are meant in `zone`.
    pub fn new(mut input: R, zone: Zone) -> Self {
        let entries = match begins_with(&mut input) {
            Ok((passed, Some(b'{'))) => Entries::Json(json::Entries::new(Elements::after(
                passed, input, "entries",
            ))),
            Ok((passed, _)) => Entries::Text(text::Entries::new(Lines::after(passed, input))),
            Err(why) => Entries::Broken(Some(Skipped { line: 1, why })),
        };
        Self {
            entries,
            zone,
            ready: VecDeque::new(),
        }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Item, Skipped>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(ready) = self.ready.pop_front() {
            return Some(ready);
        }
        let found = match &mut self.entries {
            Entries::Json(entries) => entries.next(),
            Entries::Text(entries) => entries.next(),
            Entries::Broken(skipped) => skipped.take().map(Err),
        }?;
        let line = found
            .as_ref()
            .map_or_else(|skipped| skipped.line, |found| found.line);
        match found.and_then(|found| found.into_entry(&self.zone).map_err(Skipped::at(line))) {
            Ok(whole) => self.ready.extend(parts::finish(whole)),
            Err(skipped) => return Some(Err(skipped)),
        }
        self.ready.pop_front()
    }
}

/// The first byte that says something, and how many lines were passed to get to it.
fn begins_with(input: &mut impl BufRead) -> Result<(u64, Option<u8>), FormatError> {
    let mut lines = 0;
    loop {
        let buffer = input.fill_buf().map_err(|e| FormatError::Input(e.kind()))?;
        let mark = if buffer.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        let white = |byte: &&u8| byte.is_ascii_whitespace();
        let blank = mark + buffer.iter().skip(mark).take_while(white).count();
        let breaks = buffer
            .iter()
            .take(blank)
            .filter(|byte| **byte == b'\n')
            .count();
        lines += u64::try_from(breaks).unwrap_or(u64::MAX);
        let first = buffer.get(blank).copied();
        let ended = buffer.is_empty();
        input.consume(blank);
        if first.is_some() || ended {
            return Ok((lines, first));
        }
    }
}

/// An entry as jrnl has it.
#[derive(Debug, Default)]
struct Found {
    line: u64,
    id: Option<String>,
    title: String,
    body: String,
    date: String,
    time: String,
    tags: Vec<String>,
    starred: bool,
    remarks: Remarks,
}

impl Found {
    fn into_entry(self, zone: &Zone) -> Result<Unfinished, FormatError> {
        let wall = wall(&self.date, &self.time).ok_or(FormatError::NotATime)?;
        let (at, clock) = When::from_wall(wall, zone.clone())?;
        let mut remarks = self.remarks;
        remarks.clock(
            clock,
            &format!("{} {}", self.date, self.time),
            zone.as_str(),
        );
        if self.starred {
            remarks.add("Starred in jrnl.");
        }
        let mut entry = Entry::new(at);
        let names = self
            .tags
            .iter()
            .map(|tag| tag.trim_start_matches(['@', '#']).to_owned());
        entry.tags = remarks.names("tag", names, Tag::parse);
        entry.imported = SourceName::mend(FORMAT).map(|from| Imported {
            from,
            id: self.id.as_deref().and_then(SourceName::mend),
            note: ImportNote::default(),
        });
        let source = match &self.id {
            Some(id) => SourceId::given(FORMAT, id),
            None => SourceId::derived(FORMAT, &wall.to_string(), &[&self.title, &self.body]),
        };
        let text = remarks.title(&mut entry, &self.title, self.body);
        Ok(Unfinished {
            line: self.line,
            source,
            document: None,
            entry,
            text,
            remarks,
        })
    }
}

/// A date and a time of day as jrnl writes them, with a 12-hour clock too. Without a time: midnight.
fn wall(date: &str, time: &str) -> Option<DateTime> {
    let date: Date = date.trim().replace('/', "-").parse().ok()?;
    let mut words = time.split_whitespace();
    let Some(digits) = words.next() else {
        return Some(date.to_datetime(Time::midnight()));
    };
    let mut parts = digits.split(':').map(str::parse::<i8>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let second = parts.next().unwrap_or(Ok(0)).ok()?;
    let hour = match words.next().map(str::to_ascii_lowercase).as_deref() {
        None => hour,
        Some("am" | "a.m.") if (1..=12).contains(&hour) => hour % 12,
        Some("pm" | "p.m.") if (1..=12).contains(&hour) => hour % 12 + 12,
        Some(_) => return None,
    };
    if parts.next().is_some() || words.next().is_some() {
        return None;
    }
    Some(date.to_datetime(Time::new(hour, minute, second, 0).ok()?))
}

/// The words that jrnl takes for tags: `@` or `#` at a word's beginning, then letters, digits, `-+*#/_`.
fn tags_in(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().filter_map(|word| {
        let name = word.strip_prefix(['@', '#'])?;
        let end = name.find(|c: char| !(c.is_alphanumeric() || "-+*#/_".contains(c)));
        let name = name.get(..end.unwrap_or(name.len()))?;
        name.chars().any(char::is_alphanumeric).then_some(name)
    })
}

#[cfg(test)]
mod tests;
