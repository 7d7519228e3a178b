//! What the owner keeps of one share: what, with whom, why, since when, on which terms.
//!
//! The terms are one value at one key, written whole whenever the person gives some. Where several devices gave some
//! at once, none of them knowing of the others, nothing holds that one of them did not say: it is kept up to date if
//! all say so of the same parts, and ends on the earliest day. So until the person gives terms again (ADR 0033).

use super::fields::{Field, Fields, Laid};
use crate::{
    journal::{Day, Reason},
    sharing::{ContentDigest, CopyNumber, Parts},
};
use daymark_wire::{DocumentId, SpaceId, cbor, record::ExpiryDay};
use jiff::{Timestamp, Unit, civil::date};
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};

const ENTRY: &str = "entry";
const BOND: &str = "bond";
const TERMS: &str = "terms";
const WHY: &str = "why";
const SINCE: &str = "since";
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
    /// When the person gave these terms: parts, last day, and whether it is kept up to date. In whole milliseconds.
    /// Who gives the same ones again says them anew by it.
    pub said: Timestamp,
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
    /// What stands in its header: the day from which on it is gone by itself.
    pub expires: ExpiryDay,
    /// By what it may leave.
    pub made: Made,
}

/// How a copy came about, and whether it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Made {
    /// The person looked at it, and shared it.
    #[n(0)]
    ByPerson,
    /// The share was kept up to date. It leaves only while the share still is.
    #[n(1)]
    ByItself,
    /// Either of these, and it may not leave any more: every device has it forgotten.
    #[n(2)]
    TakenBack,
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
            said: since,
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

    /// Whether a copy that no relay has yet may leave on the terms that stand.
    #[must_use]
    pub const fn lets_go(&self, copy: &Published) -> bool {
        match copy.made {
            Made::ByPerson => true,
            Made::ByItself => self.keep_updated,
            Made::TakenBack => false,
        }
    }

    /// The copies that were taken back before they left, and that no epoch has named.
    pub fn taken_back(&self) -> impl Iterator<Item = DocumentId> {
        let copies = self.copies.iter();
        let taken_back = copies.filter(|(_, copy)| copy.made == Made::TakenBack);
        taken_back.map(|(document, _)| *document)
    }

    /// Whether the supporter is to have it on this day.
    #[must_use]
    pub fn is_open(&self, today: Day) -> bool {
        self.ended.is_none() && self.until.is_none_or(|until| today <= until)
    }

    /// Whether somebody may have a copy of it: one that was not forgotten, and is not gone by its own header.
    #[must_use]
    pub fn may_be_had(&self, today: ExpiryDay) -> bool {
        let mut copies = self.copies.values();
        copies.any(|copy| !copy.expires.has_come(today))
    }

    /// What is to stand in the header of its copies: the day after the last one.
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
        let since = fields.time(SINCE)?;
        let terms = Terms::read(fields);
        Some(Self {
            entry: DocumentId::from_bytes(fields.bytes(ENTRY)?),
            bond: SpaceId::from_bytes(fields.bytes(BOND)?),
            parts: terms.parts,
            why: fields.text(WHY).and_then(Reason::mend),
            since,
            until: terms.until,
            keep_updated: terms.keep_updated,
            said: terms.said.unwrap_or(since),
            copies: published(fields, COPY),
            forgotten: published(fields, FORGOTTEN),
            ended: fields.time(ENDED),
        })
    }

    fn laid(&self) -> Fields {
        let why = self.why.as_ref().map(ToString::to_string);
        let ended = self.ended.map(Timestamp::as_millisecond);
        let mut fields = Fields::default()
            .with(ENTRY, Some(Field::Bytes(self.entry.as_bytes().to_vec())))
            .with(BOND, Some(Field::Bytes(self.bond.as_bytes().to_vec())))
            .with(TERMS, Some(Terms::laid(self)))
            .with(WHY, why.map(Field::Text))
            .with(SINCE, Some(Field::Number(self.since.as_millisecond())))
            .with(ENDED, ended.map(Field::Number));
        lay(&mut fields, COPY, &self.copies);
        lay(&mut fields, FORGOTTEN, &self.forgotten);
        fields
    }
}

/// What lies at the key of a copy.
type LaidCopy = (CopyNumber, minicbor::bytes::ByteArray<32>, ExpiryDay, Made);

fn lay(fields: &mut Fields, prefix: &str, copies: &BTreeMap<DocumentId, Published>) {
    for (document, copy) in copies {
        let published: LaidCopy = (
            copy.number,
            minicbor::bytes::ByteArray::from(*copy.digest.as_bytes()),
            copy.expires,
            copy.made,
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
    let (number, digest, expires, made): LaidCopy = minicbor::decode(bytes).ok()?;
    let published = Published {
        number,
        digest: ContentDigest::from_bytes(digest.into()),
        expires,
        made,
    };
    Some((document, published))
}

/// What lies at the key: parts, last day, whether it is kept up to date, and when that was said.
type LaidTerms<'t> = (Option<&'t str>, Option<&'t str>, bool, u64);

#[derive(Clone, Default)]
struct Terms {
    parts: Option<Parts>,
    until: Option<Day>,
    keep_updated: bool,
    said: Option<Timestamp>,
}

impl Terms {
    /// See the module. Parts are those of the value that wins.
    fn read(fields: &Fields) -> Self {
        let all = fields.all(TERMS).iter();
        let all: Vec<Option<Self>> = all.map(|one| Self::one(one.as_ref())).collect();
        let stand = all.last().cloned().flatten().unwrap_or_default();
        let updates = |one: &Self| one.keep_updated && one.parts == stand.parts;
        let all_update = all.iter().all(|one| one.as_ref().is_some_and(updates));
        Self {
            until: all.iter().flatten().filter_map(|one| one.until).min(),
            keep_updated: stand.keep_updated && all_update,
            ..stand
        }
    }

    /// None where a later version wrote them otherwise.
    fn one(field: Option<&Field>) -> Option<Self> {
        let Some(Field::Bytes(bytes)) = field else {
            return None;
        };
        let (parts, until, keep_updated, said): LaidTerms<'_> = minicbor::decode(bytes).ok()?;
        Some(Self {
            parts: parts.and_then(|parts| parts.parse().ok()),
            until: until.map(str::parse).transpose().ok()?,
            keep_updated,
            said: Some(Timestamp::from_millisecond(i64::try_from(said).ok()?).ok()?),
        })
    }

    fn laid(share: &ShareEntry) -> Field {
        let parts = share.parts.as_ref().map(ToString::to_string);
        let until = share.until.map(|day| day.to_string());
        let said = u64::try_from(share.said.as_millisecond()).unwrap_or_default();
        let terms: LaidTerms<'_> = (parts.as_deref(), until.as_deref(), share.keep_updated, said);
        Field::Bytes(cbor::to_vec(&terms))
    }
}
