//! JSON Lines: the export that loses nothing.
//!
//! The first line is `{"type":"journal","schema":1,"app":"daymark"}`; then one object a line:
//! `{"type":"entry","id":"…","at":"2021-03-04T21:10:00+00:00[Europe/London]","text":"…",…}`. What has its
//! default value is left out. The text and each answer may be of any length; a reader splits what one
//! entry does not hold.

mod read;
mod write;

pub use read::Reader;
pub use write::Writer;

/// The number in the first line. It rises when a field changes its meaning, not when one is added.
pub const SCHEMA: u64 = 1;

/// The format's name in a source id.
const FORMAT: &str = "daymark";

#[cfg(test)]
mod tests;
