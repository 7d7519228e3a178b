//! How an entry is given: its fields as options, its time, its text as words, from the input or an editor.

mod arriving;
mod error;
mod fields;
mod text;
mod time;

pub(crate) use arriving::Arriving;
pub(crate) use error::EntryError;
pub(crate) use fields::{FieldArgs, RemovalArgs};
pub(crate) use text::{TextSource, read_text};
pub(crate) use time::{TimeArgs, known, own_zone};
