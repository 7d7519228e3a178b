//! What a supporter would read, exactly, and what to think of before they do.

use crate::output::{ContentJson, content_parts};
use daymark_client::{
    journal::Prompt,
    sharing::{Preview, Supporter, Topic},
};
use serde::Serialize;
use std::fmt::Write;

/// A preview as JSON.
#[derive(Serialize)]
pub(super) struct PreviewJson<'p> {
    entry: String,
    parts: String,
    content: ContentJson<'p>,
    bytes: usize,
    unanswered: Vec<&'p str>,
    longer_words: Vec<&'p str>,
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
}

impl<'p> PreviewJson<'p> {
    pub(super) fn of(preview: &'p Preview, supporters: &[Supporter]) -> Self {
        let receivers = preview.receivers.iter().map(|receiver| ReceiverJson {
            bond: receiver.bond.to_string(),
            name: receiver.name.as_str(),
            verified: supporters
                .iter()
                .any(|known| known.bond == receiver.bond && known.verified),
            rather_not: receiver.rather_not.iter().map(Topic::as_str).collect(),
            again: receiver.again,
            same: receiver.same,
        });
        Self {
            entry: preview.entry.to_string(),
            parts: preview.parts.to_string(),
            content: ContentJson::of(&preview.content),
            bytes: preview.bytes(),
            unanswered: preview.unanswered.iter().map(Prompt::as_str).collect(),
            longer_words: preview.longer_words.iter().map(String::as_str).collect(),
            receivers: receivers.collect(),
        }
    }
}

/// The whole preview: each part under its name, then what is worth a thought.
pub(super) fn lines(preview: &Preview, supporters: &[Supporter]) -> String {
    let names = preview
        .receivers
        .iter()
        .map(|receiver| receiver.name.as_str());
    let names: Vec<_> = names.collect();
    let mut lines = format!(
        "This is what {} will read, and nothing else ({} bytes):\n",
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
    for thought in thoughts(preview, supporters) {
        let _ = writeln!(lines, "{thought}");
    }
    lines.push_str(
        "They can remember it, photograph it or copy it. Taking it back deletes the copy that they were sent, and \
         nothing of that.",
    );
    lines
}

fn thoughts(preview: &Preview, supporters: &[Supporter]) -> Vec<String> {
    let mut thoughts = Vec::new();
    for receiver in &preview.receivers {
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
                "You have not compared the number with {name} yet: `daymark supporter verify`."
            ));
        }
        if receiver.again && !receiver.same {
            thoughts.push(format!(
                "{name} gets this in place of what they have of it."
            ));
        }
    }
    if !preview.longer_words.is_empty() {
        let words: Vec<_> = preview.longer_words.iter().map(String::as_str).collect();
        thoughts.push(format!(
            "These begin with the name of somebody who has an alias, and stay as they are: {}.",
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
