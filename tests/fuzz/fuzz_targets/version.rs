//! Any bytes as the content of a `version` record: a shared copy, a reply, or refused.
#![no_main]

#[path = "../src/version.rs"]
mod version;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| version::version(bytes));
