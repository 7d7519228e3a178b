//! What stands at the keys below one bond or share, and how a typed value lies there.

use automerge::{ScalarValue, Value};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A plain value at one key. Has no `Debug`: one of them is a secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Field {
    Text(String),
    Number(i64),
    Bytes(Vec<u8>),
    Flag,
}

/// What stands at one key: of several that devices wrote at once the last wins. None is what nobody writes yet.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Found(Vec<Option<Field>>);

/// Values by the last part of their keys.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Fields(BTreeMap<String, Found>);

/// A typed value that lies in the ledger as several fields, each with a key of its own. Fields that it does
/// not read, it does not write either: a later version's stay as they are.
pub(super) trait Laid: Sized {
    /// Reads it; `None` when what it cannot be without is not there.
    fn read(fields: &Fields) -> Option<Self>;

    /// All its fields.
    fn laid(&self) -> Fields;
}

impl Field {
    /// What stands in the page; `None` for values that nobody writes yet, or that are no flag.
    fn found(value: &Value<'_>) -> Option<Self> {
        match value.as_scalar()? {
            ScalarValue::Str(text) => Some(Self::Text(text.to_string())),
            ScalarValue::Int(number) => Some(Self::Number(*number)),
            ScalarValue::Bytes(bytes) => Some(Self::Bytes(bytes.clone())),
            ScalarValue::Boolean(true) => Some(Self::Flag),
            _ => None,
        }
    }

    pub(super) fn into_scalar(self) -> ScalarValue {
        match self {
            Self::Text(text) => text.into(),
            Self::Number(number) => ScalarValue::Int(number),
            Self::Bytes(bytes) => ScalarValue::Bytes(bytes),
            Self::Flag => ScalarValue::Boolean(true),
        }
    }
}

impl Found {
    pub(super) fn new<'v>(values: impl IntoIterator<Item = Value<'v>>) -> Self {
        Self(
            values
                .into_iter()
                .map(|value| Field::found(&value))
                .collect(),
        )
    }

    /// The one that wins.
    pub(super) fn standing(&self) -> Option<&Field> {
        self.0.last()?.as_ref()
    }
}

impl Fields {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Field::Text(text) => Some(text),
            _ => None,
        }
    }

    fn number(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Field::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A time in milliseconds since 1970.
    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.number(name)?).ok()
    }

    pub(super) fn bytes<const N: usize>(&self, name: &str) -> Option<[u8; N]> {
        match self.get(name)? {
            Field::Bytes(bytes) => <[u8; N]>::try_from(bytes.as_slice()).ok(),
            _ => None,
        }
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Field::Flag))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Field> {
        self.0.get(name)?.standing()
    }

    /// All that devices wrote there at once, the one that wins last.
    pub(super) fn all(&self, name: &str) -> &[Option<Field>] {
        self.0.get(name).map_or(&[], |found| &found.0)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Field)> {
        let found = self.0.iter();
        found.filter_map(|(name, found)| Some((name.as_str(), found.standing()?)))
    }

    pub(super) fn put(&mut self, name: impl Into<String>, field: Field) {
        self.put_found(name.into(), Found(vec![Some(field)]));
    }

    pub(super) fn put_found(&mut self, name: String, found: Found) {
        self.0.insert(name, found);
    }

    /// Sets a field that may be absent.
    pub(super) fn with(mut self, name: &str, field: Option<Field>) -> Self {
        if let Some(field) = field {
            self.put(name, field);
        }
        self
    }
}
