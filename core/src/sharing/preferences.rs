//! What a supporter would rather not receive: their own words, seen by the owner before sharing.

use super::{
    SharedLine, SharingError,
    copy::few,
    words::{Folded, folded},
};
use crate::journal::{Area, Entry, MAX_NAMES, Tag};
use minicbor::{Decode, Decoder, Encode, decode};
use std::collections::BTreeSet;

/// A topic: a word or a few.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(transparent)]
pub struct Topic(#[n(0)] SharedLine);

impl Topic {
    /// The longest, in bytes of UTF-8: as long as a tag.
    pub const MAX_BYTES: usize = Tag::MAX_BYTES;

    /// Reads a topic; spaces around it are dropped.
    ///
    /// # Errors
    /// [`SharingError::EmptyTopic`], [`SharingError::TooLong`].
    pub fn parse(given: &str) -> Result<Self, SharingError> {
        let line = SharedLine::written(given)?.ok_or(SharingError::EmptyTopic)?;
        let bytes = line.as_str().len();
        if bytes > Self::MAX_BYTES {
            return Err(SharingError::TooLong {
                what: "topic",
                bytes,
                limit: Self::MAX_BYTES,
            });
        }
        Ok(Self(line))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl<'b, C> Decode<'b, C> for Topic {
    fn decode(d: &mut Decoder<'b>, context: &mut C) -> Result<Self, decode::Error> {
        let line = SharedLine::decode(d, context)?;
        Self::parse(line.as_str()).map_err(|_| decode::Error::message("not a topic"))
    }
}

/// Topics that a supporter would rather not receive. Whole: a newer one replaces it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct Preferences {
    #[cbor(n(0), decode_with = "few_topics")]
    not: BTreeSet<Topic>,
}

impl Preferences {
    /// Preferences not to receive these topics.
    ///
    /// # Errors
    /// [`SharingError::TooManyTopics`].
    pub fn new(not: impl IntoIterator<Item = Topic>) -> Result<Self, SharingError> {
        let not: BTreeSet<Topic> = not.into_iter().collect();
        if not.len() > MAX_NAMES {
            return Err(SharingError::TooManyTopics {
                count: not.len(),
                limit: MAX_NAMES,
            });
        }
        Ok(Self { not })
    }

    /// The topics.
    #[must_use]
    pub const fn not(&self) -> &BTreeSet<Topic> {
        &self.not
    }

    /// The topics that the entry touches by what its person called it: a tag, an area, its kind, its
    /// content note. Its text is not searched: nobody's words are judged by what is in them.
    #[must_use]
    pub fn warns(&self, entry: &Entry) -> Vec<&Topic> {
        let tags = entry.tags.iter().map(Tag::as_str);
        let called: Vec<Folded> = tags
            .chain(entry.areas.iter().map(Area::as_str))
            .chain([entry.kind.as_str()])
            .chain(entry.content_note.iter().map(|note| note.as_str()))
            .map(Folded::new)
            .collect();
        let touched = self.not.iter().filter(|topic| {
            let topic = folded(topic.as_str());
            called.iter().any(|name| name.contains(&topic))
        });
        touched.collect()
    }
}

fn few_topics<C>(d: &mut Decoder<'_>, context: &mut C) -> Result<BTreeSet<Topic>, decode::Error> {
    few(d, context)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::entry_tests::full;

    fn topics(names: &[&str]) -> Preferences {
        Preferences::new(names.iter().map(|name| Topic::parse(name).unwrap())).unwrap()
    }

    #[test]
    fn a_topic_is_looked_for_in_tags_areas_kind_and_content_note() {
        for (topic, in_the) in [
            ("KEW", "tag"),
            ("e\u{301}vasion", "tag"),
            ("hope", "area"),
            ("check-in", "kind"),
            ("Loss", "content note"),
        ] {
            let not = topics(&[topic, "work"]);
            let warned: Vec<_> = not.warns(&full()).iter().map(|t| t.as_str()).collect();
            assert_eq!(warned, [topic], "{in_the}");
        }
    }

    #[test]
    fn no_word_of_the_text_is_looked_for() {
        for in_the_text in ["walk", "line", "first", "six", "sleep", "supporter"] {
            assert!(topics(&[in_the_text]).warns(&full()).is_empty());
        }
    }

    #[test]
    fn preferences_have_limits() {
        assert_eq!(Topic::parse(" "), Err(SharingError::EmptyTopic));
        assert!(matches!(
            Topic::parse(&"t".repeat(129)),
            Err(SharingError::TooLong { what: "topic", .. })
        ));
        let many = (0..101).map(|n| Topic::parse(&n.to_string()).unwrap());
        let refused = SharingError::TooManyTopics {
            count: 101,
            limit: 100,
        };
        assert_eq!(Preferences::new(many), Err(refused));
    }
}
