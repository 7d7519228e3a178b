//! A shared copy: the chosen parts of an entry as it reads now, and nothing else of it (rule B1).
//!
//! No history, no Automerge, no id of the entry, no time but what was chosen (threats K1, K2).

use super::{
    Aliases, CopyNumber, Part, Parts, ShareId, SharedLine, SharedText, SharingError, words,
};
use crate::journal::{Day, Entry, MAX_NAMES, Prompt, Tag, When, Zone};
use daymark_wire::cbor;
use minicbor::{Decode, Decoder, Encode, decode};
use ring::digest;
use std::{collections::BTreeSet, fmt};

/// The longest content, in bytes as it is sealed: the longest text of an entry, twice, since aliases can
/// be longer than names; padded it still fits a record.
pub const MAX_CONTENT_BYTES: usize = 512 * 1024;

/// A copy as it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SharedCopy {
    /// Of which share.
    #[n(0)]
    pub share: ShareId,
    /// Which copy of it.
    #[n(1)]
    pub number: CopyNumber,
    /// What a preview showed.
    #[n(2)]
    pub content: SharedContent,
}

/// What a supporter reads. A preview shows this value, and this value is sealed: the same
/// [`ContentDigest`] says that they are the same, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SharedContent {
    #[n(0)]
    title: Option<SharedLine>,
    #[n(1)]
    text: Option<SharedText>,
    #[n(2)]
    when: Option<SharedWhen>,
    #[n(3)]
    kind: Option<SharedLine>,
    #[cbor(n(4), decode_with = "few_answers")]
    answers: Vec<SharedAnswer>,
    #[cbor(n(5), decode_with = "few_tags")]
    tags: BTreeSet<SharedLine>,
}

/// When it was, as exactly as the person chose.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum SharedWhen {
    /// Only the day.
    #[n(0)]
    Day(#[n(0)] Day),
    /// The exact time and its zone.
    #[n(1)]
    Time(#[cbor(n(0), decode_with = "time")] When),
}

/// One answer with its question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct SharedAnswer {
    /// The question.
    #[n(0)]
    pub question: SharedLine,
    /// The answer.
    #[n(1)]
    pub answer: SharedText,
}

/// SHA-256 of a content's bytes: two contents with one digest read the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentDigest([u8; 32]);

impl SharedContent {
    /// The chosen parts of an entry, with aliases in place of names. Parts that the entry does not have
    /// are left out; [`Parts::unanswered`] tells of questions without an answer.
    ///
    /// Who may receive it is not asked here: see [`super::needs_verified`].
    ///
    /// # Errors
    /// [`SharingError::Nothing`] when none of the parts has anything in it, [`SharingError::TooLong`].
    pub fn from_entry(
        entry: &Entry,
        parts: &Parts,
        aliases: &Aliases,
    ) -> Result<Self, SharingError> {
        let content = Self {
            title: chosen(parts, &Part::Title, entry.title.as_str(), aliases)?,
            text: parts
                .has(&Part::Text)
                .then(|| text(entry.text.as_str(), aliases))
                .flatten(),
            when: when(entry, parts),
            kind: chosen(parts, &Part::Kind, entry.kind.as_str(), aliases)?,
            answers: answers(entry, parts, aliases)?,
            tags: tags(entry, parts, aliases)?,
        };
        if content == Self::EMPTY {
            return Err(SharingError::Nothing);
        }
        let bytes = content.to_bytes().len();
        if bytes > MAX_CONTENT_BYTES {
            return Err(SharingError::TooLong {
                what: "shared text",
                bytes,
                limit: MAX_CONTENT_BYTES,
            });
        }
        Ok(content)
    }

    const EMPTY: Self = Self {
        title: None,
        text: None,
        when: None,
        kind: None,
        answers: Vec::new(),
        tags: BTreeSet::new(),
    };

    /// The title.
    #[must_use]
    pub const fn title(&self) -> Option<&SharedLine> {
        self.title.as_ref()
    }

    /// The text.
    #[must_use]
    pub const fn text(&self) -> Option<&SharedText> {
        self.text.as_ref()
    }

    /// The day, or the exact time.
    #[must_use]
    pub const fn when(&self) -> Option<&SharedWhen> {
        self.when.as_ref()
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> Option<&SharedLine> {
        self.kind.as_ref()
    }

    /// The answers, sorted by question.
    #[must_use]
    pub fn answers(&self) -> &[SharedAnswer] {
        &self.answers
    }

    /// The tags.
    #[must_use]
    pub const fn tags(&self) -> &BTreeSet<SharedLine> {
        &self.tags
    }

    /// Words in it that begin with a name and go on, for a preview to point to: aliases stand for whole
    /// words only.
    #[must_use]
    pub fn longer_words(&self, aliases: &Aliases) -> BTreeSet<&str> {
        let lines = self.title.iter().chain(&self.kind).chain(&self.tags);
        let questions = self.answers.iter().map(|answer| &answer.question);
        let answers = self.answers.iter().map(|answer| &answer.answer);
        let texts = self.text.iter().chain(answers).map(SharedText::as_str);
        let all = lines.chain(questions).map(SharedLine::as_str).chain(texts);
        all.flat_map(|text| aliases.longer_words(text)).collect()
    }

    /// The bytes that stand in a sealed copy.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    /// What these bytes hash to.
    #[must_use]
    pub fn digest(&self) -> ContentDigest {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(b"daymark/1/shared-content\0");
        hash.update(&self.to_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hash.finish().as_ref());
        ContentDigest(bytes)
    }
}

impl Parts {
    /// Questions that were chosen and have no answer in the entry.
    #[must_use]
    pub fn unanswered(&self, entry: &Entry) -> Vec<&Prompt> {
        let asked = self.iter().filter_map(|part| match part {
            Part::Answer(prompt) => Some(prompt),
            _ => None,
        });
        asked
            .filter(|prompt| !entry.answers.keys().any(|answered| same(answered, prompt)))
            .collect()
    }

    fn has_answer(&self, prompt: &Prompt) -> bool {
        self.iter().any(|part| match part {
            Part::Answers => true,
            Part::Answer(asked) => same(asked, prompt),
            _ => false,
        })
    }
}

impl ContentDigest {
    /// A digest that was kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Shows nothing of it: a short text can be guessed from its digest.
impl fmt::Debug for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentDigest([redacted])")
    }
}

/// A person types a question in whatever case.
fn same(one: &Prompt, other: &Prompt) -> bool {
    one == other || words::folded(one.as_str()) == words::folded(other.as_str())
}

fn chosen(
    parts: &Parts,
    part: &Part,
    written: &str,
    aliases: &Aliases,
) -> Result<Option<SharedLine>, SharingError> {
    if parts.has(part) {
        line(written, aliases)
    } else {
        Ok(None)
    }
}

fn line(written: &str, aliases: &Aliases) -> Result<Option<SharedLine>, SharingError> {
    match SharedLine::written(written)? {
        None => Ok(None),
        Some(line) => SharedLine::written(&aliases.replace(line.as_str())),
    }
}

fn text(written: &str, aliases: &Aliases) -> Option<SharedText> {
    let text = SharedText::written(written)?;
    SharedText::written(&aliases.replace(text.as_str()))
}

fn when(entry: &Entry, parts: &Parts) -> Option<SharedWhen> {
    if parts.has(&Part::Time) {
        Some(SharedWhen::Time(entry.at.clone()))
    } else {
        let day = parts.has(&Part::Day);
        day.then(|| SharedWhen::Day(entry.effective_day()))
    }
}

fn answers(
    entry: &Entry,
    parts: &Parts,
    aliases: &Aliases,
) -> Result<Vec<SharedAnswer>, SharingError> {
    let mut answers = Vec::new();
    for (prompt, answer) in &entry.answers {
        if parts.has_answer(prompt)
            && let (Some(question), Some(answer)) = (
                line(prompt.as_str(), aliases)?,
                text(answer.as_str(), aliases),
            )
        {
            answers.push(SharedAnswer { question, answer });
        }
    }
    // Sorted anew: the order of the entry is that of the names which aliases replaced.
    answers.sort();
    Ok(answers)
}

fn tags(
    entry: &Entry,
    parts: &Parts,
    aliases: &Aliases,
) -> Result<BTreeSet<SharedLine>, SharingError> {
    if !parts.has(&Part::Tags) {
        return Ok(BTreeSet::new());
    }
    let tags = entry.tags.iter().map(Tag::as_str);
    tags.filter_map(|tag| line(tag, aliases).transpose())
        .collect()
}

fn few_answers<C>(
    d: &mut Decoder<'_>,
    context: &mut C,
) -> Result<Vec<SharedAnswer>, decode::Error> {
    few(d, context)
}

fn few_tags<C>(
    d: &mut Decoder<'_>,
    context: &mut C,
) -> Result<BTreeSet<SharedLine>, decode::Error> {
    few(d, context)
}

/// A list of at most [`MAX_NAMES`]; its length is known before anything of it is read.
pub(super) fn few<'b, C, T: Decode<'b, C>, L: FromIterator<T>>(
    d: &mut Decoder<'b>,
    context: &mut C,
) -> Result<L, decode::Error> {
    match d.array()?.map(usize::try_from) {
        Some(Ok(count)) if count <= MAX_NAMES => {
            (0..count).map(|_| T::decode(d, context)).collect()
        }
        _ => Err(decode::Error::message(
            "a list of unknown or too great length",
        )),
    }
}

/// A time whose zone has the form of one.
fn time<C>(d: &mut Decoder<'_>, context: &mut C) -> Result<When, decode::Error> {
    let when = When::decode(d, context)?;
    match Zone::parse(when.zone().as_str()) {
        Ok(zone) if zone == *when.zone() => Ok(when),
        _ => Err(decode::Error::message("not a zone")),
    }
}
