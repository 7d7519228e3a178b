//! Entries as a list: one line each, newest first.

use super::{EntryJson, Shortest, escaped, undirected, write_json};
use crate::{error::CliError, session::Session};
use daymark_client::{
    journal::{Entry, Tag, View},
    sharing::SharedWith,
};
use std::sync::Arc;

/// Characters of a text that stand in a list.
const GLIMPSE: usize = 60;

/// Prints the entries, as lines or as JSON.
pub(crate) fn print_entries(
    session: &mut Session,
    entries: &[Arc<View>],
    shared: &SharedWith,
    names: Shortest,
) -> Result<(), CliError> {
    let (json, terminal) = (session.json(), session.io().terminal().out);
    let out = session.io().out();
    for view in entries {
        if json {
            write_json(out, &EntryJson::of(view, shared))?;
        } else {
            let mut line = line(view, names);
            if shared.contains_key(&view.id) {
                line.push_str(" (shared)");
            }
            let line = match terminal {
                true => escaped(&line),
                false => undirected(&line),
            };
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn line(view: &View, names: Shortest) -> String {
    let entry = &view.entry;
    let time = entry.at.wall().strftime("%H:%M");
    let mut line = format!(
        "{}  {} {time}  {}",
        names.name(view.id),
        view.date,
        glimpse(entry)
    );
    for tag in entry.tags.iter().map(Tag::as_str) {
        line.push_str(" #");
        line.push_str(tag);
    }
    if entry.draft {
        line.push_str(" (draft)");
    }
    line
}

/// The title, else how the text begins. What is sensitive or has a note before it is not shown unasked.
fn glimpse(entry: &Entry) -> String {
    let kind = match entry.kind.as_str() {
        daymark_client::journal::Kind::NOTE => String::new(),
        kind => format!("[{kind}] "),
    };
    let title = entry.title.as_str();
    let shown = match (&entry.content_note, entry.sensitive) {
        (Some(note), _) if title.is_empty() => format!("(note: {note})"),
        (Some(note), _) => format!("{title} (note: {note})"),
        (None, true) if title.is_empty() => "(sensitive)".to_owned(),
        (None, true) => format!("{title} (sensitive)"),
        (None, false) if title.is_empty() => beginning(entry),
        (None, false) => title.to_owned(),
    };
    kind + &shown
}

fn beginning(entry: &Entry) -> String {
    let texts = std::iter::once(&entry.text).chain(entry.answers.values());
    let first = texts
        .flat_map(|text| text.as_str().lines())
        .find(|line| !line.trim().is_empty());
    shortened(first.unwrap_or_default().trim())
}

/// At most so many characters as stand in a list.
pub(super) fn shortened(line: &str) -> String {
    match line.char_indices().nth(GLIMPSE) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(line).trim_end()),
        None => line.to_owned(),
    }
}
