//! Entries of jrnl's JSON export.

use super::{Found, Remarks};
use crate::formats::{
    FormatError, Skipped,
    elements::{Element, Elements},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::io::BufRead;

#[derive(Debug)]
pub(super) struct Entries<R> {
    elements: Elements<R>,
}

impl<R: BufRead> Entries<R> {
    pub(super) const fn new(elements: Elements<R>) -> Self {
        Self { elements }
    }
}

impl<R: BufRead> Iterator for Entries<R> {
    type Item = Result<Found, Skipped>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.elements.next()?.and_then(|element| {
            let line = element.line;
            read(element).map_err(Skipped::at(line))
        }))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Fields {
    title: Option<String>,
    body: Option<String>,
    date: Option<String>,
    time: Option<String>,
    tags: Option<Vec<String>>,
    starred: Option<bool>,
    uuid: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

fn read(element: Element) -> Result<Found, FormatError> {
    // What serde_json says quotes the input.
    let fields: Fields =
        serde_json::from_slice(&element.bytes).map_err(|_| FormatError::NotJson)?;
    let mut remarks = Remarks::default();
    remarks.fields(&fields.rest);
    Ok(Found {
        line: element.line,
        id: fields.uuid.filter(|id| !id.is_empty()),
        title: fields.title.unwrap_or_default(),
        body: fields.body.unwrap_or_default(),
        date: fields.date.ok_or(FormatError::Missing { field: "date" })?,
        time: fields.time.unwrap_or_default(),
        tags: fields.tags.unwrap_or_default(),
        starred: fields.starred.unwrap_or_default(),
        remarks,
    })
}
