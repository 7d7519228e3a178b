//! What comes in and what goes out: readers and writers over [`std::io::BufRead`] and [`std::io::Write`].
//!
//! No file is opened here, and no zone or time is looked up. A reader is an iterator: what it cannot read
//! comes out as [`Skipped`], with its line and the reason, and the rest follows. What has a place
//! nowhere in an entry is kept in its import note, where the person sees it.
//!
//! [`jsonl`] loses nothing, in both directions. [`jrnl`] reads and writes both of that program's
//! formats. [`markdown`] writes one file an entry.

mod elements;
mod error;
pub mod jrnl;
pub mod jsonl;
mod lines;
pub mod markdown;
mod parts;
mod plain;
mod remarks;
mod source;

pub use error::{FormatError, Skipped};
pub use source::{Item, SourceId};

/// The longest line, or single entry of a JSON file, that is read. What is longer is skipped.
pub const MAX_LINE_BYTES: usize = 10 * 1024 * 1024;
