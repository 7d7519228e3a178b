//! A word in every spelling in which it might lie somewhere.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use std::collections::HashMap;

/// Bytes of a spelling by which it is looked for. The search compares the whole spelling then.
const BEGINNING: usize = 8;

/// Words in every spelling, to be looked for all at once.
pub(super) struct Spellings(HashMap<[u8; BEGINNING], Vec<(Vec<u8>, &'static str)>>);

impl Spellings {
    pub(super) fn of(words: &[&'static str]) -> Self {
        let mut by_beginning: HashMap<_, Vec<_>> = HashMap::new();
        for word in words {
            for spelled in every_spelling(word) {
                let beginning = *spelled.first_chunk().expect("a long word");
                by_beginning
                    .entry(beginning)
                    .or_default()
                    .push((spelled, *word));
            }
        }
        Self(by_beginning)
    }

    /// The first word that stands somewhere in the bytes.
    pub(super) fn found_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let mut rest = bytes;
        while let Some(beginning) = rest.first_chunk::<BEGINNING>() {
            let candidates = self.0.get(beginning).into_iter().flatten();
            let mut found = candidates.filter(|(spelled, _)| rest.starts_with(spelled));
            if let Some((_, word)) = found.next() {
                return Some(word);
            }
            rest = &rest[1..];
        }
        None
    }
}

/// As it is, in capitals, backwards, as hexadecimal digits, as base64 at each of three places, as UTF-16.
pub(super) fn every_spelling(word: &str) -> Vec<Vec<u8>> {
    let bytes = word.as_bytes();
    let hex = hex::encode(word);
    let mut all = vec![
        bytes.to_vec(),
        word.to_uppercase().into_bytes(),
        bytes.iter().rev().copied().collect(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        word.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        word.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ];
    for before in 0..3 {
        let encoded = STANDARD_NO_PAD.encode([vec![0; before], bytes.to_vec()].concat());
        // Characters that hold bits of what stands before or after are left out.
        let first = (before * 8).div_ceil(6);
        let last = (before + bytes.len()) * 8 / 6;
        all.push(encoded.as_bytes()[first..last].to_vec());
    }
    all
}
