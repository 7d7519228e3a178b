//! One entry as it comes out of a reader, and the name by which it is known again.

use crate::journal::{Entry, SourceName};
use daymark_wire::DocumentId;
use ring::digest;
use std::fmt;

/// Names an imported entry the same each time it is read. The document's id is computed from it, so that
/// the same file twice adds nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(String);

impl SourceId {
    /// The id that the entry has in its source.
    pub(super) fn given(format: &str, id: &str) -> Self {
        Self(format!("{format}/id/{id}"))
    }

    /// For an entry without an id: its time as written, and its text without white space, which other
    /// ways of writing the same entry lay out differently.
    pub(super) fn derived(format: &str, time: &str, text: &[&str]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"daymark/1/import\0");
        context.update(time.as_bytes());
        context.update(&[0]);
        for word in text.iter().flat_map(|part| part.split_whitespace()) {
            context.update(word.as_bytes());
        }
        let hash = context.finish();
        let hex = hash
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>();
        Self(format!("{format}/text/{hex}"))
    }

    /// One of the parts that a long text was split into; the first has the whole's name.
    pub(super) fn part(&self, number: usize) -> Self {
        if number == 1 {
            self.clone()
        } else {
            Self(format!("{}/part/{number}", self.0))
        }
    }

    /// The name from which the document's id is computed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An entry that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it begins in the input, counted from 1.
    pub line: u64,
    /// The name by which it is known again.
    pub source: SourceId,
    /// The document that it was exported from, where it says so: if the vault holds it, nothing is to be
    /// added.
    pub document: Option<DocumentId>,
    /// The entry.
    pub entry: Entry,
}

/// A source's name or id, made fit.
pub(in crate::formats) fn source_name(found: &str) -> Option<SourceName> {
    SourceName::mend(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_entry_in_another_layout_has_the_same_name() {
        let one = SourceId::derived("jrnl", "2021-03-04 21:10", &["A walk.", "By the canal\n"]);
        let other = SourceId::derived("jrnl", "2021-03-04 21:10", &["A walk. By the\ncanal"]);
        assert_eq!(one, other);
        let later = SourceId::derived("jrnl", "2021-03-04 21:11", &["A walk. By the\ncanal"]);
        assert_ne!(one, later);
    }

    #[test]
    fn parts_and_given_ids_have_names_of_their_own() {
        let whole = SourceId::given("jrnl", "42");
        assert_eq!(whole.to_string(), "jrnl/id/42");
        assert_eq!(whole.part(1), whole);
        assert_eq!(whole.part(2).as_str(), "jrnl/id/42/part/2");
    }
}
