//! Any bytes as the contents of several changes, offered to a small document.
#![no_main]

libfuzzer_sys::fuzz_target!(|contents: &[u8]| daymark_fuzz::gate(contents));
