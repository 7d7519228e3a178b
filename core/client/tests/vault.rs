//! The vault as an app sees it: real SQLite in temporary folders.

#[path = "vault/support.rs"]
mod support;

#[path = "vault/editing.rs"]
mod editing;
#[path = "vault/finding.rs"]
mod finding;
#[path = "vault/many.rs"]
mod many;
