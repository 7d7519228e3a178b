//! Any bytes as the content of one change: the walker reads or refuses them.
#![no_main]

libfuzzer_sys::fuzz_target!(|content: &[u8]| daymark_fuzz::walker(content));
