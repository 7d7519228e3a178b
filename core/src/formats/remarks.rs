//! What an import has no place for, collected into the note that the person sees.

use crate::journal::{Clock, Entry, ImportNote, MAX_NAMES, Title};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Remarks on one entry, a line each.
#[derive(Debug, Clone, Default)]
pub(super) struct Remarks(Vec<String>);

impl Remarks {
    pub(super) fn add(&mut self, remark: impl Into<String>) {
        self.0.push(remark.into());
    }

    /// A field that has no place here, with what it holds, unless it holds nothing.
    pub(super) fn field(&mut self, name: &str, value: &Value) {
        match value {
            Value::Null | Value::Bool(false) => {}
            Value::String(text) if text.is_empty() => {}
            Value::Array(list) if list.is_empty() => {}
            Value::Object(fields) if fields.is_empty() => {}
            Value::String(text) => self.add(format!("{name}: {text}")),
            other => self.add(format!("{name}: {other}")),
        }
    }

    pub(super) fn fields(&mut self, fields: &Map<String, Value>) {
        fields
            .iter()
            .for_each(|(name, value)| self.field(name, value));
    }

    /// How a time on the wall was read, where there was a choice.
    pub(super) fn clock(&mut self, clock: Clock, given: &str, zone: &str) {
        match clock {
            Clock::Exact => {}
            Clock::Skipped => self.add(format!(
                "{given} does not exist in {zone}, where the clocks went forward: read as later."
            )),
            Clock::Repeated => self.add(format!(
                "{given} is twice in {zone}, where the clocks went back: read as the first."
            )),
        }
    }

    /// What `parse` makes of the names; those it refuses, and those beyond the limit, are remarked.
    pub(super) fn names<T: Ord, E>(
        &mut self,
        what: &str,
        given: impl IntoIterator<Item = String>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> BTreeSet<T> {
        let mut names = BTreeSet::new();
        for name in given {
            match parse(&name) {
                Ok(parsed) if names.len() < MAX_NAMES || names.contains(&parsed) => {
                    names.insert(parsed);
                }
                _ if name.trim().is_empty() => {}
                _ => self.add(format!("{what}: {name}")),
            }
        }
        names
    }

    /// Sets the title; one that cannot be a title goes on top of the text.
    pub(super) fn title(&mut self, entry: &mut Entry, title: &str, text: String) -> String {
        match Title::parse(title) {
            Ok(title) => {
                entry.title = title;
                text
            }
            Err(_) => {
                self.add("The title did not fit and stands on top of the text.");
                format!("{title}\n\n{text}")
            }
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The note, below what stood in it before.
    pub(super) fn below(&self, before: &ImportNote) -> ImportNote {
        let before = (!before.is_empty()).then(|| before.as_str().to_owned());
        let lines: Vec<String> = before.into_iter().chain(self.0.iter().cloned()).collect();
        ImportNote::keep(lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Tag;
    use serde_json::json;

    fn note(remarks: &Remarks) -> String {
        remarks.below(&ImportNote::default()).as_str().to_owned()
    }

    #[test]
    fn only_fields_that_carry_something_are_remarked() {
        let mut remarks = Remarks::default();
        for value in [json!(null), json!(false), json!(""), json!([]), json!({})] {
            remarks.field("empty", &value);
        }
        assert!(remarks.is_empty());
        remarks.field("mood", &json!("calm"));
        remarks.field("weather", &json!({"c": 11}));
        assert_eq!(note(&remarks), "mood: calm\nweather: {\"c\":11}");
        assert_eq!(
            remarks
                .below(&ImportNote::keep("old"))
                .as_str()
                .lines()
                .next(),
            Some("old")
        );
    }

    #[test]
    fn names_that_do_not_fit_are_remarked() {
        let mut remarks = Remarks::default();
        let given = (0..102)
            .map(|n| format!("t{n:03}"))
            .chain(["a\nb".into(), " ".into()]);
        let tags = remarks.names("tag", given, Tag::parse);
        assert_eq!(tags.len(), MAX_NAMES);
        assert_eq!(note(&remarks), "tag: t100\ntag: t101\ntag: a\nb");
    }
}
