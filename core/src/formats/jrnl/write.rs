//! Entries to jrnl's formats. They have no zone: the time is the one that the clock on the wall showed.

use super::{tags_in, text};
use crate::{
    formats::plain,
    journal::{Entry, Tag, View},
};
use jiff::civil::DateTime;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

/// Writes jrnl's text file.
#[derive(Debug)]
pub struct TextWriter<W> {
    out: W,
    begun: bool,
}

impl<W: io::Write> TextWriter<W> {
    /// Begins a file.
    pub const fn new(out: W) -> Self {
        Self { out, begun: false }
    }

    /// Writes one entry.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn entry(&mut self, view: &View) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            self.out.write_all(b"\n")?;
        }
        let (title, body) = title_and_body(&view.entry);
        writeln!(
            self.out,
            "[{} {}] {title}",
            date(&view.entry),
            time(&view.entry)
        )?;
        for line in body.lines() {
            // Such a line would begin an entry; a space before it keeps it where it is.
            let mark = if text::begins_entry(line) { " " } else { "" };
            writeln!(self.out, "{mark}{line}")?;
        }
        Ok(())
    }

    /// Ends the file and hands the output back.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Writes jrnl's JSON.
#[derive(Debug)]
pub struct JsonWriter<W> {
    out: W,
    tags: BTreeMap<String, u64>,
    begun: bool,
}

impl<W: io::Write> JsonWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(b"{\n  \"entries\": [")?;
        Ok(Self {
            out,
            tags: BTreeMap::new(),
            begun: false,
        })
    }

    /// Writes one entry.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn entry(&mut self, view: &View) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.begun, true);
        self.out
            .write_all(if first { b"\n    " } else { b",\n    " })?;
        let (title, body) = title_and_body(&view.entry);
        let tags: BTreeSet<String> = tags_in(&title)
            .chain(tags_in(&body))
            .map(|tag| format!("@{}", tag.to_lowercase()))
            .collect();
        for tag in &tags {
            *self.tags.entry(tag.clone()).or_default() += 1;
        }
        let fields = Fields {
            title: &title,
            body: &body,
            date: &date(&view.entry),
            time: &time(&view.entry),
            tags,
            starred: false,
            uuid: &view.id.to_string(),
        };
        serde_json::to_writer(&mut self.out, &fields)?;
        Ok(())
    }

    /// Ends the file and hands the output back.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"\n  ],\n  \"tags\": ")?;
        serde_json::to_writer(&mut self.out, &self.tags)?;
        self.out.write_all(b"\n}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

#[derive(Serialize)]
struct Fields<'e> {
    title: &'e str,
    body: &'e str,
    date: &'e str,
    time: &'e str,
    tags: BTreeSet<String>,
    starred: bool,
    uuid: &'e str,
}

fn date(entry: &Entry) -> String {
    entry.at.wall().date().to_string()
}

fn time(entry: &Entry) -> String {
    let wall: DateTime = entry.at.wall();
    format!("{:02}:{:02}", wall.hour(), wall.minute())
}

/// jrnl has only these two: what to know before reading stands first, answers follow the text, and tags
/// that are not in it stand at its end. Without a title the text's first line is it.
fn title_and_body(entry: &Entry) -> (String, String) {
    let mut body = plain::body(entry, "");
    let title = if entry.title.is_empty() {
        let (first, rest) = body.split_once('\n').unwrap_or((&body, ""));
        let split = (
            first.trim().to_owned(),
            rest.trim_start_matches('\n').to_owned(),
        );
        body = split.1;
        split.0
    } else {
        entry.title.as_str().to_owned()
    };
    if let Some(note) = &entry.content_note {
        body = format!("Content note: {note}\n\n{body}");
    }
    let tags = missing_tags(&entry.tags, &title, &body);
    if !tags.is_empty() {
        let gap = if body.is_empty() || body.ends_with("\n\n") {
            ""
        } else {
            "\n\n"
        };
        body = format!("{body}{gap}{tags}");
    }
    (title, body)
}

fn missing_tags(tags: &BTreeSet<Tag>, title: &str, body: &str) -> String {
    let there: BTreeSet<String> = tags_in(title)
        .chain(tags_in(body))
        .map(str::to_lowercase)
        .collect();
    let words = tags.iter().map(|tag| as_word(tag.as_str()));
    let missing = words.filter(|word| !there.contains(&word.to_lowercase()));
    missing
        .map(|word| format!("@{word}"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A tag as one word that jrnl takes for a tag.
fn as_word(tag: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || "-+*#/_".contains(c);
    tag.chars().map(|c| if fits(c) { c } else { '_' }).collect()
}
