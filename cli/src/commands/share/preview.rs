//! What a supporter would read, exactly, and what to think of before they do.

use super::terms::Terms;
use crate::output::{ContentJson, content_parts, quoted};
use daymark_client::{
    journal::{Alias, Entry, Person, Prompt},
    sharing::{Preview, Supporter, Topic, is_same_name},
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt::Write};

/// A preview as JSON.
#[derive(Serialize)]
pub(super) struct PreviewJson<'p> {
    entry: String,
    parts: String,
    sensitive: bool,
    content: ContentJson<'p>,
    bytes: usize,
    unanswered: Vec<&'p str>,
    longer_words: Vec<&'p str>,
    why: Option<&'p str>,
    receivers: Vec<ReceiverJson<'p>>,
}

#[derive(Serialize)]
struct ReceiverJson<'p> {
    bond: String,
    name: &'p str,
    verified: bool,
    rather_not: Vec<&'p str>,
    again: bool,
    same: bool,
    until: Option<String>,
    keep_updated: bool,
}

impl<'p> PreviewJson<'p> {
    pub(super) fn of(
        preview: &'p Preview,
        supporters: &[Supporter],
        terms: &'p [Terms],
        sensitive: bool,
    ) -> Self {
        let receivers = preview.receivers.iter().zip(terms);
        let receivers = receivers.map(|(receiver, terms)| ReceiverJson {
            bond: receiver.bond.to_string(),
            name: receiver.name.as_str(),
            verified: supporters
                .iter()
                .any(|known| known.bond == receiver.bond && known.verified),
            rather_not: receiver.rather_not.iter().map(Topic::as_str).collect(),
            again: receiver.again,
            same: receiver.same,
            until: terms.until.map(|until| until.to_string()),
            keep_updated: terms.keep_updated,
        });
        let why = terms.first().and_then(|terms| terms.why.as_ref());
        Self {
            entry: preview.entry.to_string(),
            parts: preview.parts.to_string(),
            sensitive,
            content: ContentJson::of(&preview.content),
            bytes: preview.bytes(),
            unanswered: preview.unanswered.iter().map(Prompt::as_str).collect(),
            longer_words: preview.longer_words.iter().map(String::as_str).collect(),
            why: why.map(|why| why.as_str()),
            receivers: receivers.collect(),
        }
    }
}

/// The whole preview: each part under its name, then what is worth a thought.
pub(super) fn lines(
    preview: &Preview,
    supporters: &[Supporter],
    terms: &[Terms],
    about: &[String],
) -> String {
    let names = preview
        .receivers
        .iter()
        .map(|receiver| receiver.name.as_str());
    let names: Vec<_> = names.collect();
    let only = match terms.iter().any(|terms| terms.keep_updated) {
        true => "now, and later as you change it",
        false => "and nothing else",
    };
    let mut lines = format!(
        "This is what {} will read, {only} ({} bytes):\n",
        names.join(", "),
        preview.bytes()
    );
    for (part, text) in content_parts(&preview.content) {
        // Writing to a String cannot fail.
        let _ = write!(lines, "\n{part}\n");
        for line in text.split('\n') {
            let _ = writeln!(lines, "  │ {line}");
        }
    }
    lines.push('\n');
    for thought in about
        .iter()
        .cloned()
        .chain(thoughts(preview, supporters, terms))
    {
        let _ = writeln!(lines, "{thought}");
    }
    lines.push_str(
        "They can remember it, photograph it or copy it. Taking it back deletes the copy that they were sent, and \
         nothing of that.",
    );
    lines
}

/// What the entry itself gives to think of.
pub(super) fn about(entry: &Entry, people: &BTreeMap<Person, Option<Alias>>) -> Vec<String> {
    let mut about = Vec::new();
    if entry.draft {
        about.push("The entry is a draft still.".to_owned());
    }
    if entry.sensitive {
        about.push("The entry is marked sensitive.".to_owned());
    }
    if let Some(note) = &entry.content_note {
        about.push(format!(
            "Your note before it ({note}) is not sent: say it to them, if they should know before they read."
        ));
    }
    let without = entry.people.iter();
    let without = without.filter(|person| !has_alias(person, people));
    let without: Vec<_> = without.map(Person::as_str).collect();
    if !without.is_empty() {
        about.push(format!(
            "{}: in it, and without an alias, so the name is sent wherever it stands in these parts. `daymark people \
             alias NAME ALIAS` gives one.",
            without.join(", ")
        ));
    }
    about
}

/// Whether one is known under the name as it was written elsewhere.
fn has_alias(person: &Person, people: &BTreeMap<Person, Option<Alias>>) -> bool {
    people
        .iter()
        .any(|(known, alias)| alias.is_some() && is_same_name(known, person))
}

fn thoughts(preview: &Preview, supporters: &[Supporter], terms: &[Terms]) -> Vec<String> {
    let mut thoughts = Vec::new();
    for (receiver, terms) in preview.receivers.iter().zip(terms) {
        let name = &receiver.name;
        let topics: Vec<_> = receiver.rather_not.iter().map(Topic::as_str).collect();
        if !topics.is_empty() {
            thoughts.push(format!(
                "{name} said that they would rather not receive: {}. It is up to you.",
                topics.join(", ")
            ));
        }
        let unverified = |known: &&Supporter| known.bond == receiver.bond && !known.verified;
        if supporters.iter().any(|known| unverified(&known)) {
            thoughts.push(format!(
                "You have not compared the number with {name} yet: `daymark supporter verify {}`.",
                quoted(name.as_str())
            ));
        }
        thoughts.extend(terms.lines(name));
        if receiver.again && !receiver.same {
            thoughts.push(format!(
                "{name} gets this in place of what they have of it."
            ));
        }
    }
    if let Some(why) = terms.first().and_then(|terms| terms.why.as_ref()) {
        thoughts.push(format!("Why, for your eyes only: {why}"));
    }
    if !preview.longer_words.is_empty() {
        let words: Vec<_> = preview.longer_words.iter().map(String::as_str).collect();
        thoughts.push(format!(
            "These begin with, or resemble, the name of somebody who has an alias, and stay as they are: {}.",
            words.join(", ")
        ));
    }
    if !preview.unanswered.is_empty() {
        let questions: Vec<_> = preview.unanswered.iter().map(Prompt::as_str).collect();
        thoughts.push(format!(
            "These have no answer, so nothing of them is shared: {}.",
            questions.join(", ")
        ));
    }
    thoughts
}
