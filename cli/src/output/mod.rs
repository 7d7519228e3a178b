//! How things are shown: entries as lines, as a page, as JSON; errors; progress; a link as a picture.

mod entries;
pub(crate) mod error;
mod escaping;
mod ids;
mod json;
mod moment;
mod page;
mod picture;
mod progress;
mod quoted;
mod shared;
mod supporters;
mod sync;

pub(crate) use daymark_client::journal::{
    escape_directions as undirected, escape_for_terminal as escaped,
};
pub(crate) use entries::print_entries;
pub(crate) use error::sentence;
pub(crate) use escaping::Escaping;
pub(crate) use ids::{Shortest, more_of_the_id, short_id, told_apart};
pub(crate) use json::{EntryJson, write_json};
pub(crate) use moment::{ago, iso, on, utc};
pub(crate) use page::page;
pub(crate) use picture::picture;
pub(crate) use progress::{reading_bar, sync_line, tell};
pub(crate) use quoted::{in_quotes, quoted};
pub(crate) use shared::{
    ContentJson, SharedJson, content_glimpse, content_page, content_parts, shared_page,
};
pub(crate) use supporters::{SupporterJson, supporter_line};
pub(crate) use sync::{
    FaultJson, SyncJson, WatchJson, fault_exit, print_faults, print_held_up, short_device,
};
