//! Markdown with YAML front matter: one file an entry, or all in one stream.
//!
//! Every value is written as JSON, which is YAML too, so that nothing a person wrote can be read as
//! something else. Answers follow the text, each under its question as a heading.

use super::plain;
use crate::journal::{Area, Entry, Kind, Person, Tag, View};
use serde_json::{Value, json};
use std::{fmt::Write as _, io};

/// One entry as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name: the day and the beginning of the document's id, so that it stays the same.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Makes the file of one entry.
#[must_use]
pub fn file(view: &View) -> File {
    File {
        name: name(view),
        bytes: content(view).into_bytes(),
    }
}

/// Writes all entries one after the other, each below a comment with its file's name.
///
/// # Errors
/// What `out` gives.
pub fn write_all<'v>(
    out: &mut impl io::Write,
    views: impl IntoIterator<Item = &'v View>,
) -> io::Result<()> {
    for view in views {
        writeln!(out, "<!-- {} -->\n\n{}", name(view), content(view))?;
    }
    out.flush()
}

fn name(view: &View) -> String {
    let id = view.id.to_string();
    format!("{}-{}.md", view.date, id.get(..8).unwrap_or_default())
}

fn content(view: &View) -> String {
    let mut content = String::from("---\n");
    for (key, value) in front_matter(view) {
        // Writing to a String cannot fail.
        let _ = writeln!(content, "{key}: {}", yaml(&value));
    }
    content.push_str("---\n\n");
    content.push_str(&plain::body(&view.entry, "## "));
    if !content.ends_with('\n') {
        content.push('\n');
    }
    content
}

fn front_matter(view: &View) -> Vec<(&'static str, Value)> {
    let entry = &view.entry;
    let mut fields = vec![
        ("id", json!(view.id.to_string())),
        ("date", json!(view.date.to_string())),
    ];
    fields.push(("at", json!(entry.at.to_string())));
    if entry.kind.as_str() != Kind::NOTE {
        fields.push(("kind", json!(entry.kind.as_str())));
    }
    if !entry.title.is_empty() {
        fields.push(("title", json!(entry.title.as_str())));
    }
    lists(entry, &mut fields);
    if let Some(note) = &entry.content_note {
        fields.push(("content_note", json!(note.as_str())));
    }
    let flags = [
        ("sensitive", entry.sensitive),
        ("do_not_bring_back", entry.do_not_bring_back),
        ("draft", entry.draft),
    ];
    fields.extend(
        flags
            .into_iter()
            .filter(|(_, set)| *set)
            .map(|(key, _)| (key, json!(true))),
    );
    if let Some(imported) = &entry.imported {
        let id = imported.id.as_ref().map(|id| id.as_str());
        let note = Some(imported.note.as_str()).filter(|note| !note.is_empty());
        let imported = json!({ "from": imported.from.as_str(), "id": id, "note": note });
        fields.push(("imported", imported));
    }
    fields
}

fn lists(entry: &Entry, fields: &mut Vec<(&'static str, Value)>) {
    let tags: Vec<_> = entry.tags.iter().map(Tag::as_str).collect();
    let areas: Vec<_> = entry.areas.iter().map(Area::as_str).collect();
    let people: Vec<_> = entry.people.iter().map(Person::as_str).collect();
    for (key, names) in [("tags", tags), ("areas", areas), ("people", people)] {
        if !names.is_empty() {
            fields.push((key, json!(names)));
        }
    }
}

/// JSON, in which also those characters are escaped that YAML breaks lines at or does not allow.
fn yaml(value: &Value) -> String {
    let mut yaml = String::new();
    for character in value.to_string().chars() {
        match character {
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                let _ = write!(yaml, "\\u{:04x}", u32::from(character));
            }
            other => yaml.push(other),
        }
    }
    yaml
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{
        ContentNote, ImportNote, Imported, Prompt, SourceName, Text, Title, When,
    };
    use daymark_wire::DocumentId;

    fn view() -> View {
        let at = When::parse("2021-03-04T01:10:00[Europe/London]", None)
            .unwrap()
            .0;
        let mut entry = Entry::new(at);
        entry.day = Some("2021-03-03".parse().unwrap());
        entry.kind = Kind::parse("check-in").unwrap();
        entry.title = Title::parse("\"A walk\": yes \u{2028}").unwrap();
        entry.text = Text::parse("By the canal\n").unwrap();
        entry.tags = ["kew", "no"].map(|tag| Tag::parse(tag).unwrap()).into();
        entry.people = [Person::parse("a supporter").unwrap()].into();
        entry.content_note = Some(ContentNote::parse("loss").unwrap());
        entry.sensitive = true;
        entry.answers.insert(
            Prompt::parse("Sleep").unwrap(),
            Text::parse("six hours").unwrap(),
        );
        entry.imported = Some(Imported {
            from: SourceName::parse("jrnl").unwrap(),
            id: None,
            note: ImportNote::keep("line\nline"),
        });
        View::new(DocumentId::from_bytes([0xab; 16]), entry)
    }

    const CONTENT: &str = r#"---
id: "abababababababababababababababab"
date: "2021-03-03"
at: "2021-03-04T01:10:00+00:00[Europe/London]"
kind: "check-in"
title: "\"A walk\": yes"
tags: ["kew","no"]
people: ["a supporter"]
content_note: "loss"
sensitive: true
imported: {"from":"jrnl","id":null,"note":"line\nline"}
---

By the canal

## Sleep

six hours
"#;

    #[test]
    fn one_entry_is_one_file_with_a_stable_name() {
        let file = file(&view());
        assert_eq!(file.name, "2021-03-03-abababab.md");
        assert_eq!(String::from_utf8(file.bytes).unwrap(), CONTENT);
    }

    #[test]
    fn an_empty_entry_is_a_file_too() {
        let at = When::parse("2021-03-04T21:10Z", None).unwrap().0;
        let view = View::new(DocumentId::ZERO, Entry::new(at));
        let text = String::from_utf8(file(&view).bytes).unwrap();
        assert!(text.ends_with("[UTC]\"\n---\n\n"), "{text}");
    }

    #[test]
    fn the_stream_holds_every_file_below_its_name() {
        let mut out = Vec::new();
        write_all(&mut out, &[view(), view()]).unwrap();
        let one = format!("<!-- 2021-03-03-abababab.md -->\n\n{CONTENT}\n");
        assert_eq!(String::from_utf8(out).unwrap(), one.repeat(2));
    }

    #[test]
    fn what_yaml_would_break_lines_at_is_escaped() {
        assert_eq!(
            yaml(&json!("a\u{85}b\u{2029}\u{1b}🌿")),
            "\"a\\u0085b\\u2029\\u001b🌿\""
        );
    }
}
