//! What the owner keeps of one share: what, with whom, why, since when, until when.

use super::fields::{Field, Fields, Laid};
use crate::{
    journal::{Day, Reason},
    sharing::{ContentDigest, CopyNumber, Parts},
};
use daymark_wire::{DocumentId, SpaceId, cbor, record::ExpiryDay};
use jiff::{Timestamp, Unit, civil::date};
use std::collections::{BTreeMap, BTreeSet};

const ENTRY: &str = "entry";
const BOND: &str = "bond";
const PARTS: &str = "parts";
const WHY: &str = "why";
const SINCE: &str = "since";
const UNTIL: &str = "until";
const KEEP_UPDATED: &str = "keep_updated";
/// Before the id of a document in the bond. One key each, so that what two devices publish at once is all
/// known, and all of it forgotten when the time comes.
const COPY: &str = "copy/";
/// Before the id of such a document in the place of the one above: an epoch named it.
const FORGOTTEN: &str = "forgotten/";
/// Final: whoever ends a share, it stays ended.
pub(super) const ENDED: &str = "ended";

/// A share: one entry, shared with one supporter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareEntry {
    /// The entry.
    pub entry: DocumentId,
    /// The bond with the supporter.
    pub bond: SpaceId,
    /// The chosen parts; none where a later version chose parts that this one does not know.
    pub parts: Option<Parts>,
    /// Why, in the person's own words, for themselves.
    pub why: Option<Reason>,
    /// Since when, in whole milliseconds.
    pub since: Timestamp,
    /// The last day on which the supporter has it.
    pub until: Option<Day>,
    /// Whether a changed entry is shared again without being asked.
    pub keep_updated: bool,
    /// The documents in the bond that hold it and were not forgotten. Several where devices shared again at
    /// once, or an older one waits to be forgotten.
    pub copies: BTreeMap<DocumentId, Published>,
    /// Those that an epoch named, as one of this person's devices knows the bond's log. Another may be shown another
    /// history of it, on which they are not forgotten ([`Self::with_forgotten`]).
    pub forgotten: BTreeMap<DocumentId, Published>,
    /// When the person took it back, in whole milliseconds. Once set it stays.
    pub ended: Option<Timestamp>,
}

/// A copy that was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Its number.
    pub number: CopyNumber,
    /// What its content hashes to: whether the entry reads otherwise now.
    pub digest: ContentDigest,
}

impl ShareEntry {
    /// A new share, before its first copy is published.
    #[must_use]
    pub const fn new(entry: DocumentId, bond: SpaceId, parts: Parts, since: Timestamp) -> Self {
        Self {
            entry,
            bond,
            parts: Some(parts),
            why: None,
            since,
            until: None,
            keep_updated: false,
            copies: BTreeMap::new(),
            forgotten: BTreeMap::new(),
            ended: None,
        }
    }

    /// The share where the bond's log names these documents as forgotten and no others: what only another history
    /// names is a copy as before, to be forgotten here too.
    #[must_use]
    pub fn with_forgotten(mut self, named: &BTreeSet<DocumentId>) -> Self {
        let not_here = |document: &DocumentId, _: &mut _| !named.contains(document);
        self.copies.extend(self.forgotten.extract_if(.., not_here));
        self
    }

    /// The number for the next copy; `None` at the end of the number range.
    #[must_use]
    pub fn next_number(&self) -> Option<CopyNumber> {
        let copies = self.copies.values().chain(self.forgotten.values());
        let newest = copies.map(|copy| copy.number).max();
        newest.map_or(Some(CopyNumber::FIRST), CopyNumber::next)
    }

    /// Whether the supporter is to have it on this day.
    #[must_use]
    pub fn is_open(&self, today: Day) -> bool {
        self.ended.is_none() && self.until.is_none_or(|until| today <= until)
    }

    /// What stands in the header of its copies: the day after the last one.
    #[must_use]
    pub fn expires(&self) -> ExpiryDay {
        let last = self.until.map(Day::date);
        let days = last.and_then(|last| {
            let since = last.since((Unit::Day, date(1970, 1, 1))).ok()?;
            u32::try_from(since.get_days().max(0)).ok()
        });
        ExpiryDay(days.map_or(0, |days| days.saturating_add(1)))
    }
}

impl Laid for ShareEntry {
    fn read(fields: &Fields) -> Option<Self> {
        Some(Self {
            entry: DocumentId::from_bytes(fields.bytes(ENTRY)?),
            bond: SpaceId::from_bytes(fields.bytes(BOND)?),
            parts: fields.text(PARTS).and_then(|parts| parts.parse().ok()),
            why: fields.text(WHY).and_then(Reason::mend),
            since: fields.time(SINCE)?,
            until: fields.text(UNTIL).and_then(|day| day.parse().ok()),
            keep_updated: fields.flag(KEEP_UPDATED),
            copies: published(fields, COPY),
            forgotten: published(fields, FORGOTTEN),
            ended: fields.time(ENDED),
        })
    }

    fn laid(&self) -> Fields {
        let parts = self.parts.as_ref().map(ToString::to_string);
        let why = self.why.as_ref().map(ToString::to_string);
        let until = self.until.map(|day| day.to_string());
        let ended = self.ended.map(Timestamp::as_millisecond);
        let mut fields = Fields::default()
            .with(ENTRY, Some(Field::Bytes(self.entry.as_bytes().to_vec())))
            .with(BOND, Some(Field::Bytes(self.bond.as_bytes().to_vec())))
            .with(PARTS, parts.map(Field::Text))
            .with(WHY, why.map(Field::Text))
            .with(SINCE, Some(Field::Number(self.since.as_millisecond())))
            .with(UNTIL, until.map(Field::Text))
            .with(KEEP_UPDATED, self.keep_updated.then_some(Field::Flag))
            .with(ENDED, ended.map(Field::Number));
        lay(&mut fields, COPY, &self.copies);
        lay(&mut fields, FORGOTTEN, &self.forgotten);
        fields
    }
}

fn lay(fields: &mut Fields, prefix: &str, copies: &BTreeMap<DocumentId, Published>) {
    for (document, copy) in copies {
        let published = (
            copy.number,
            minicbor::bytes::ByteArray::from(*copy.digest.as_bytes()),
        );
        let bytes = cbor::to_vec(&published);
        fields.put(format!("{prefix}{document}"), Field::Bytes(bytes));
    }
}

fn published(fields: &Fields, prefix: &str) -> BTreeMap<DocumentId, Published> {
    let copies = fields.iter();
    copies
        .filter_map(|(name, field)| copy(name.strip_prefix(prefix)?, field))
        .collect()
}

fn copy(document: &str, field: &Field) -> Option<(DocumentId, Published)> {
    let document = document.parse().ok()?;
    let Field::Bytes(bytes) = field else {
        return None;
    };
    let (number, digest): (CopyNumber, minicbor::bytes::ByteArray<32>) =
        minicbor::decode(bytes).ok()?;
    let digest = ContentDigest::from_bytes(digest.into());
    Some((document, Published { number, digest }))
}
