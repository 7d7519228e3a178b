//! One entry as a page to read.

use daymark_client::journal::{Area, Entry, Kind, Person, Tag, View};
use std::fmt::Write;

/// The whole entry.
pub(crate) fn page(view: &View) -> String {
    let entry = &view.entry;
    let mut page = String::new();
    if !entry.title.is_empty() {
        line(&mut page, entry.title.as_str());
    }
    line(&mut page, &time(view));
    names(&mut page, entry);
    if let Some(note) = &entry.content_note {
        line(&mut page, &format!("before you read: {note}"));
    }
    if !entry.text.is_empty() {
        line(&mut page, &format!("\n{}", entry.text.as_str()));
    }
    for (prompt, answer) in &entry.answers {
        line(
            &mut page,
            &format!("\n{prompt}\n  {}", answer.as_str().replace('\n', "\n  ")),
        );
    }
    if let Some(imported) = &entry.imported {
        line(&mut page, &format!("\nimported from {}", imported.from));
        for remark in imported.note.as_str().lines() {
            line(&mut page, &format!("  {remark}"));
        }
    }
    // Writing to a String cannot fail.
    let _ = write!(page, "\nid {}", view.id);
    page
}

fn time(view: &View) -> String {
    let entry = &view.entry;
    let wall = entry.at.wall();
    let mut time = format!(
        "{} ({})",
        wall.strftime("%a %-d %B %Y, %H:%M"),
        entry.at.zone()
    );
    if entry.day.is_some() {
        let _ = write!(time, ", for {}", view.date);
    }
    if entry.kind.as_str() != Kind::NOTE {
        let _ = write!(time, " · {}", entry.kind);
    }
    let flags = [
        ("draft", entry.draft),
        ("sensitive", entry.sensitive),
        ("do not bring back", entry.do_not_bring_back),
    ];
    for (flag, _) in flags.into_iter().filter(|(_, set)| *set) {
        let _ = write!(time, " · {flag}");
    }
    time
}

fn names(page: &mut String, entry: &Entry) {
    let tags: Vec<_> = entry.tags.iter().map(Tag::as_str).collect();
    let areas: Vec<_> = entry.areas.iter().map(Area::as_str).collect();
    let people: Vec<_> = entry.people.iter().map(Person::as_str).collect();
    for (what, names) in [("tags", tags), ("areas", areas), ("people", people)] {
        if !names.is_empty() {
            line(page, &format!("{what}: {}", names.join(", ")));
        }
    }
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}
