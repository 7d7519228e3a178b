//! Short pieces of one line: kinds, tags, areas, people, prompts, names. Each is its own type.
//!
//! `parse` is for what a person or a file gives. `mend` is for what stands in a document already: it
//! may come from a later version, and a list must show it, so it is made fit instead of refused.

use super::JournalError;
use minicbor::{Decode, Encode};
use std::{fmt, str::FromStr};

/// Declares a trimmed, non-empty piece of text on one line, of at most `$limit` bytes.
macro_rules! one_line {
    ($(#[doc = $doc:literal])+ $name:ident, $what:literal, $limit:literal) => {
        $(#[doc = $doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] String);

        impl $name {
            /// The longest, in bytes of UTF-8.
            pub const MAX_BYTES: usize = $limit;

            /// Reads it from what was given; spaces around it are dropped.
            ///
            /// # Errors
            /// [`JournalError::Empty`], [`JournalError::TooLong`], [`JournalError::ControlCharacter`].
            pub fn parse(given: &str) -> Result<Self, JournalError> {
                one_line($what, given, $limit).map(Self)
            }

            /// Makes what stands in a document or a file fit; `None` when nothing is left of it.
            #[allow(dead_code, reason = "one of a family; not each is mended")]
            pub(crate) fn mend(found: &str) -> Option<Self> {
                let mended = mend(found, $limit);
                (!mended.is_empty()).then_some(Self(mended))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = JournalError;

            fn from_str(given: &str) -> Result<Self, JournalError> {
                Self::parse(given)
            }
        }

        /// Shows the length only: this is what a person wrote.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({} bytes)", stringify!($name), self.0.len())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

one_line!(
    /// What sort of entry it is. Kinds are data: the shipped ones are in [`super::KINDS`], and a
    /// person may use any other word.
    Kind, "kind", 64
);
one_line!(
    /// A word that an entry is found by, without a mark before it.
    Tag, "tag", 128
);
one_line!(
    /// A part of life: a lens, never a checklist. The shipped ones are in [`super::AREAS`].
    Area, "area", 128
);
one_line!(
    /// Someone who occurs in an entry.
    Person, "person", 128
);
one_line!(
    /// What stands for a person's name in what is shared.
    Alias, "alias", 128
);
one_line!(
    /// A question that an answer belongs to.
    Prompt, "prompt", 256
);
one_line!(
    /// What a reader should know before reading the entry.
    ContentNote, "content note", 512
);
one_line!(
    /// Why something was shared, for the person who shared it.
    Reason, "reason", 512
);
one_line!(
    /// What a person calls a device.
    DeviceName, "device name", 128
);
one_line!(
    /// How an owner wants to be shown to the person whom an invitation reaches.
    OwnerName, "name", 64
);
one_line!(
    /// The format that an entry was imported from, or its id there.
    SourceName, "source", 256
);

impl Kind {
    /// The kind of an entry that has no other.
    pub const NOTE: &'static str = "note";
}

impl Default for Kind {
    fn default() -> Self {
        Self(Self::NOTE.to_owned())
    }
}

/// Trims `given` and checks it.
pub(super) fn one_line(
    what: &'static str,
    given: &str,
    limit: usize,
) -> Result<String, JournalError> {
    let trimmed = given.trim();
    if trimmed.is_empty() {
        return Err(JournalError::Empty { what });
    }
    if trimmed.chars().any(char::is_control) {
        return Err(JournalError::ControlCharacter { what });
    }
    if trimmed.len() > limit {
        return Err(JournalError::TooLong {
            what,
            bytes: trimmed.len(),
            limit,
        });
    }
    Ok(trimmed.to_owned())
}

/// Control characters become spaces, and what is beyond the limit goes.
pub(super) fn mend(found: &str, limit: usize) -> String {
    let trimmed = found.trim();
    if trimmed.len() <= limit && !trimmed.chars().any(char::is_control) {
        return trimmed.to_owned();
    }
    let plain: String = trimmed
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    plain
        .get(..plain.floor_char_boundary(limit))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_kept_as_written() {
        assert_eq!(
            Tag::parse("  Kew Gardens 🌿 ").unwrap().as_str(),
            "Kew Gardens 🌿"
        );
        assert_eq!("שלום".parse::<Person>().unwrap().to_string(), "שלום");
    }

    #[test]
    fn a_name_prints_its_length_only() {
        let printed = [
            format!("{:?}", Kind::parse("mine").unwrap()),
            format!("{:?}", Tag::parse("mine").unwrap()),
            format!("{:?}", Area::parse("mine").unwrap()),
            format!("{:?}", Person::parse("mine").unwrap()),
            format!("{:?}", Alias::parse("mine").unwrap()),
            format!("{:?}", Prompt::parse("mine").unwrap()),
            format!("{:?}", ContentNote::parse("mine").unwrap()),
            format!("{:?}", Reason::parse("mine").unwrap()),
            format!("{:?}", DeviceName::parse("mine").unwrap()),
            format!("{:?}", OwnerName::parse("mine").unwrap()),
            format!("{:?}", SourceName::parse("mine").unwrap()),
        ];
        insta::assert_debug_snapshot!(printed);
    }

    #[test]
    fn what_is_no_name_is_refused_with_a_reason() {
        assert_eq!(Tag::parse(" \t"), Err(JournalError::Empty { what: "tag" }));
        assert_eq!(
            Area::parse("a\nb"),
            Err(JournalError::ControlCharacter { what: "area" })
        );
        assert_eq!(
            Kind::parse(&"k".repeat(65)),
            Err(JournalError::TooLong {
                what: "kind",
                bytes: 65,
                limit: 64
            })
        );
    }

    #[test]
    fn what_stands_in_a_document_is_made_fit() {
        assert_eq!(Tag::mend("a\u{1b}b").unwrap().as_str(), "a b");
        assert_eq!(Tag::mend("\n"), None);
        assert_eq!(Kind::mend(&"é".repeat(60)).unwrap().as_str().len(), 64);
    }
}
