//! What a person writes: entries and pages as Automerge documents, and the views that lists and searches show.
//!
//! The first room on an entry's way. Input is parsed into an [`Entry`] (bad input stops here, with a
//! reason), [`EntryDocument::create`] makes one change of it, and [`EntryDocument::view`] the plain
//! [`View`] that is stored beside the document. Another device's changes come in through the gate, which
//! hands back the merged document; only its view is made here.
//!
//! Time and randomness are handed in: a [`When`] from the caller's clock and zone, an [`Actor`] with
//! the caller's random bytes.

mod actor;
mod day;
mod document;
mod edit;
mod entry;
mod error;
mod fields;
mod kinds;
mod names;
mod pages;
mod query;
mod rewrite;
mod splice;
mod terminal;
mod text;
mod view;
mod when;
mod zone;

pub use actor::{Actor, ChangeBytes};
pub use day::Day;
pub use document::EntryDocument;
pub use edit::{Edit, Step};
#[cfg(test)]
pub(crate) use entry::tests as entry_tests;
pub use entry::{Entry, Imported, MAX_NAMES};
pub use error::JournalError;
pub use kinds::{AREAS, KINDS, KindTemplate, template};
pub use names::{
    Alias, Area, ContentNote, DeviceName, Kind, OwnerName, Person, Prompt, Reason, SourceName, Tag,
};
pub use pages::{DevicesPage, Page};
pub use query::Query;
pub use rewrite::Rewrite;
pub use terminal::{escape_directions, escape_for_terminal, is_obeyed};
pub use text::{ImportNote, Text, Title};
pub use view::View;
pub use when::{Clock, When};
pub use zone::Zone;
