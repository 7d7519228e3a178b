//! An entry as running text, for formats that have no place for its answers.

use crate::journal::Entry;

/// The text, then each answer below its question.
pub(super) fn body(entry: &Entry, heading: &str) -> String {
    let mut body = entry.text.as_str().to_owned();
    for (prompt, answer) in &entry.answers {
        if !body.is_empty() {
            body.push_str(if body.ends_with('\n') { "\n" } else { "\n\n" });
        }
        body.push_str(&format!("{heading}{prompt}\n\n{}", answer.as_str()));
    }
    body
}
