//! What one person shares with another: its parts, as a page, as JSON.

use super::{in_quotes, on, utc};
use daymark_client::{
    journal::When,
    sharing::{Shared, SharedContent, SharedLine, SharedText, SharedWhen},
};
use serde::Serialize;
use std::fmt::Write;

/// A copy as JSON: the parts that were chosen; the others are null or empty.
#[derive(Debug, Serialize)]
pub(crate) struct ContentJson<'c> {
    title: Option<&'c str>,
    text: Option<&'c str>,
    day: Option<String>,
    time: Option<String>,
    kind: Option<&'c str>,
    answers: Vec<AnswerJson<'c>>,
    tags: Vec<&'c str>,
}

#[derive(Debug, Serialize)]
struct AnswerJson<'c> {
    question: &'c str,
    answer: &'c str,
}

/// Something that was shared with this person, as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct SharedJson<'s> {
    id: String,
    bond: String,
    name: &'s str,
    number: u32,
    content: ContentJson<'s>,
    received: Option<String>,
    until: Option<String>,
    replies: Vec<&'s str>,
    seen: bool,
}

impl<'c> ContentJson<'c> {
    pub(crate) fn of(content: &'c SharedContent) -> Self {
        let (day, time) = match content.when() {
            None => (None, None),
            Some(SharedWhen::Day(day)) => (Some(day.to_string()), None),
            Some(SharedWhen::Time(time)) => (None, Some(time.to_string())),
        };
        let answers = content.answers().iter().map(|answer| AnswerJson {
            question: answer.question.as_str(),
            answer: answer.answer.as_str(),
        });
        Self {
            title: content.title().map(SharedLine::as_str),
            text: content.text().map(SharedText::as_str),
            day,
            time,
            kind: content.kind().map(SharedLine::as_str),
            answers: answers.collect(),
            tags: content.tags().iter().map(SharedLine::as_str).collect(),
        }
    }
}

impl<'s> SharedJson<'s> {
    pub(crate) fn of(shared: &'s Shared) -> Self {
        Self {
            id: shared.share.to_string(),
            bond: shared.bond.to_string(),
            name: shared.name.as_str(),
            number: shared.number.get(),
            content: ContentJson::of(&shared.content),
            received: utc(shared.received),
            until: shared.until.as_ref().map(ToString::to_string),
            replies: shared.replies.iter().map(|reply| reply.as_str()).collect(),
            seen: shared.seen,
        }
    }
}

/// Each part of a copy with its name: all that is in it.
pub(crate) fn content_parts(content: &SharedContent) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    let mut part = |name: &str, text: String| parts.push((name.to_owned(), text));
    if let Some(title) = content.title() {
        part("title", title.as_str().to_owned());
    }
    match content.when() {
        None => {}
        Some(SharedWhen::Day(day)) => part("day", day.to_string()),
        Some(SharedWhen::Time(time)) => part("time", exact(time)),
    }
    if let Some(kind) = content.kind() {
        part("kind", kind.as_str().to_owned());
    }
    if !content.tags().is_empty() {
        part("tags", tags(content));
    }
    if let Some(text) = content.text() {
        part("text", text.as_str().to_owned());
    }
    for answer in content.answers() {
        let question = format!("answer to {}", in_quotes(answer.question.as_str()));
        part(&question, answer.answer.as_str().to_owned());
    }
    parts
}

/// What was shared, to be read.
pub(crate) fn shared_page(shared: &Shared) -> String {
    let mut page = format!("{} shares this with you:\n\n", shared.name);
    for line in content_page(&shared.content, "").lines() {
        // What somebody else wrote stands apart from what is said about it.
        let _ = writeln!(page, "  {line}");
    }
    let _ = write!(page, "\ncame {}", on(shared.received));
    if let Some(until) = &shared.until {
        let _ = write!(page, ", here until {until}");
    }
    if shared.seen {
        page.push_str(", you said that you have seen it");
    }
    for reply in &shared.replies {
        let _ = write!(page, "\n\nyou replied:");
        for line in reply.as_str().lines() {
            let _ = write!(page, "\n  {line}");
        }
    }
    let _ = write!(page, "\n\nid {}", shared.share);
    page
}

/// A copy as text. `heading` stands before its title, and twice before each question.
pub(crate) fn content_page(content: &SharedContent, heading: &str) -> String {
    let mut page = String::new();
    if let Some(title) = content.title() {
        let _ = writeln!(page, "{heading}{}", title.as_str());
    }
    let when = content.when().map(|when| match when {
        SharedWhen::Day(day) => day.to_string(),
        SharedWhen::Time(time) => exact(time),
    });
    let kind = content.kind().map(|kind| kind.as_str().to_owned());
    let tags = (!content.tags().is_empty()).then(|| format!("tags: {}", tags(content)));
    let about: Vec<_> = [when, kind, tags].into_iter().flatten().collect();
    if !about.is_empty() {
        let _ = writeln!(page, "{}", about.join(" · "));
    }
    if let Some(text) = content.text() {
        let _ = writeln!(page, "{}{}", gap(&page), text.as_str());
    }
    for answer in content.answers() {
        let question = answer.question.as_str();
        let before = heading.trim_end();
        let space = if before.is_empty() { "" } else { " " };
        let _ = writeln!(page, "{}{before}{before}{space}{question}", gap(&page));
        let _ = writeln!(page, "{}{}", gap(heading), answer.answer.as_str());
    }
    page
}

const fn gap(before: &str) -> &'static str {
    if before.is_empty() { "" } else { "\n" }
}

/// How it begins, for a list.
pub(crate) fn content_glimpse(content: &SharedContent) -> String {
    let answers = content
        .answers()
        .iter()
        .map(|answer| answer.answer.as_str());
    let texts = content.text().map(SharedText::as_str).into_iter();
    let lines = texts.chain(answers).flat_map(str::lines);
    let title = content.title().map(SharedLine::as_str).into_iter();
    let mut all = title.chain(lines).map(str::trim);
    let first = all.find(|line| !line.is_empty());
    super::entries::shortened(first.unwrap_or("(no words)"))
}

fn tags(content: &SharedContent) -> String {
    let tags: Vec<_> = content.tags().iter().map(SharedLine::as_str).collect();
    tags.join(", ")
}

fn exact(time: &When) -> String {
    let wall = time.wall();
    format!("{} ({})", wall.strftime("%a %-d %B %Y, %H:%M"), time.zone())
}
