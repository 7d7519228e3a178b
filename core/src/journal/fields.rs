//! How an entry lies in its Automerge document: which key holds what.
//!
//! Everything is a key of the root. Title, text and each answer are Automerge texts, so concurrent
//! edits merge character by character. A tag is the key `tag/NAME` with the value true, and so with
//! areas and people: two devices that add one each keep both, and no nested map exists that one device's
//! creation could hide from another's. What has its default value is not there at all.

use super::{
    Area, ContentNote, Day, Entry, ImportNote, Imported, Kind, Person, Prompt, SourceName, Tag,
    Text, Title, When, Zone,
};
use automerge::{Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValueRef, Value, ValueRef};

pub(super) const AT: &str = "at";
pub(super) const ZONE: &str = "zone";
pub(super) const KIND: &str = "kind";
pub(super) const TITLE: &str = "title";
pub(super) const TEXT: &str = "text";
pub(super) const DAY: &str = "day";
pub(super) const CONTENT_NOTE: &str = "content_note";
pub(super) const SENSITIVE: &str = "sensitive";
pub(super) const DO_NOT_BRING_BACK: &str = "do_not_bring_back";
pub(super) const DRAFT: &str = "draft";
pub(super) const TAG: &str = "tag/";
pub(super) const AREA: &str = "area/";
pub(super) const PERSON: &str = "person/";
pub(super) const ANSWER: &str = "answer/";
pub(super) const FROM: &str = "imported";
pub(super) const SOURCE: &str = "imported_id";
pub(super) const NOTE: &str = "imported_note";
pub(super) const ORIGIN: &str = "origin";

/// Between several titles or content notes that were first written on several devices at once.
pub(super) const BESIDE: &str = " / ";
/// Between several texts that were first written on several devices at once.
pub(super) const BELOW: &str = "\n\n";

/// Reads an entry. Whatever stands in the document, something can be shown.
pub(super) fn read(document: &Automerge) -> Entry {
    let mut entry = Entry::new(When::new(jiff::Timestamp::UNIX_EPOCH, Zone::utc()));
    let mut time = (None, None);
    let mut imported = (None, None, None);
    for item in document.map_range(ROOT, ..) {
        let key: &str = &item.key;
        let values = if item.conflict {
            every_value(document, key)
        } else {
            value(document, &item.value, || item.id())
                .into_iter()
                .collect()
        };
        match key {
            AT => time.0 = integer(&values),
            ZONE => time.1 = line(&values, |zone| Zone::parse(zone).ok()),
            KIND => entry.kind = line(&values, Kind::mend).unwrap_or_default(),
            TITLE => entry.title = Title::found(&joined(values, BESIDE)),
            TEXT => entry.text = Text::found(joined(values, BELOW)),
            DAY => entry.day = line(&values, |day| day.parse::<Day>().ok()),
            CONTENT_NOTE => entry.content_note = ContentNote::mend(&joined(values, BESIDE)),
            SENSITIVE => entry.sensitive = flag(&values),
            DO_NOT_BRING_BACK => entry.do_not_bring_back = flag(&values),
            DRAFT => entry.draft = flag(&values),
            FROM => imported.0 = line(&values, SourceName::mend),
            SOURCE => imported.1 = line(&values, SourceName::mend),
            NOTE => imported.2 = Some(ImportNote::keep(joined(values, BELOW))),
            ORIGIN => entry.origin = line(&values, |id| id.parse().ok()),
            _ => named(&mut entry, key, values),
        }
    }
    if let Ok(at) =
        When::from_milliseconds(time.0.unwrap_or_default(), time.1.unwrap_or_else(Zone::utc))
    {
        entry.at = at;
    }
    if let (Some(from), id, note) = imported {
        entry.imported = Some(Imported {
            from,
            id,
            note: note.unwrap_or_default(),
        });
    }
    entry
}

/// What stands at a key, for a reader.
enum Found {
    Text(String),
    Integer(i64),
    Flag(bool),
}

fn named(entry: &mut Entry, key: &str, values: Vec<Found>) {
    if let Some(name) = key.strip_prefix(ANSWER) {
        let answer = joined(values, BELOW);
        if let (Some(prompt), false) = (Prompt::mend(name), answer.is_empty()) {
            entry.answers.insert(prompt, Text::found(answer));
        }
    } else if flag(&values) {
        if let Some(name) = key.strip_prefix(TAG) {
            entry.tags.extend(Tag::mend(name));
        } else if let Some(name) = key.strip_prefix(AREA) {
            entry.areas.extend(Area::mend(name));
        } else if let Some(name) = key.strip_prefix(PERSON) {
            entry.people.extend(Person::mend(name));
        }
    }
}

/// Every value that stands at a key, the one that won first.
fn every_value(document: &Automerge, key: &str) -> Vec<Found> {
    let all = document.get_all(ROOT, key).unwrap_or_default();
    all.into_iter()
        .rev()
        .filter_map(|(value, id)| owned_value(document, &value, &id))
        .collect()
}

fn owned_value(document: &Automerge, value: &Value<'_>, id: &ObjId) -> Option<Found> {
    match value {
        Value::Object(ObjType::Text) => document.text(id).ok().map(Found::Text),
        Value::Object(_) => None,
        Value::Scalar(scalar) => match scalar.as_ref() {
            automerge::ScalarValue::Str(text) => Some(Found::Text(text.to_string())),
            automerge::ScalarValue::Int(number) => Some(Found::Integer(*number)),
            automerge::ScalarValue::Boolean(flag) => Some(Found::Flag(*flag)),
            _ => None,
        },
    }
}

fn value(document: &Automerge, value: &ValueRef<'_>, id: impl Fn() -> ObjId) -> Option<Found> {
    match value {
        ValueRef::Object(ObjType::Text) => document.text(id()).ok().map(Found::Text),
        ValueRef::Scalar(ScalarValueRef::Str(text)) => Some(Found::Text(text.to_string())),
        ValueRef::Scalar(ScalarValueRef::Int(number)) => Some(Found::Integer(*number)),
        ValueRef::Scalar(ScalarValueRef::Boolean(flag)) => Some(Found::Flag(*flag)),
        _ => None,
    }
}

/// Several texts that stand at one key as one: the one that won, then each other that differs.
/// Nothing written is lost, and what was imported on two devices is not doubled.
fn joined(values: Vec<Found>, between: &str) -> String {
    let texts = values.into_iter().filter_map(|value| match value {
        Found::Text(text) => Some(text),
        _ => None,
    });
    join(texts, between)
}

/// See [`joined`].
pub(super) fn join(texts: impl Iterator<Item = String>, between: &str) -> String {
    let mut distinct: Vec<String> = Vec::new();
    for text in texts.filter(|text| !text.is_empty()) {
        if !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    if distinct.len() == 1 {
        distinct.pop().unwrap_or_default()
    } else {
        distinct.join(between)
    }
}

/// The winner's text, read by `parse`.
fn line<T>(values: &[Found], parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    values.iter().find_map(|value| match value {
        Found::Text(text) => parse(text),
        _ => None,
    })
}

fn integer(values: &[Found]) -> Option<i64> {
    values.iter().find_map(|value| match value {
        Found::Integer(number) => Some(*number),
        _ => None,
    })
}

/// Set if it stands set anywhere: what protects wins over what does not.
fn flag(values: &[Found]) -> bool {
    values
        .iter()
        .any(|value| matches!(value, Found::Flag(true)))
}
