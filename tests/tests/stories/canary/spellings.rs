//! A word in every spelling in which it might lie somewhere.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use std::collections::HashMap;

/// Bytes of a spelling by which it is looked for. The search compares the whole spelling then.
const BEGINNING: usize = 8;

/// Words in every spelling, to be looked for all at once.
pub(super) struct Spellings {
    by_beginning: HashMap<[u8; BEGINNING], Vec<(Vec<u8>, &'static str)>>,
    /// Whether any begins with these two bytes: most places need no closer look.
    begins: Vec<[bool; 256]>,
}

impl Spellings {
    pub(super) fn of(words: &[&'static str]) -> Self {
        let mut by_beginning: HashMap<_, Vec<_>> = HashMap::new();
        let mut begins = vec![[false; 256]; 256];
        for word in words {
            for spelled in every_spelling(word) {
                let beginning = *spelled.first_chunk().expect("a long word");
                begins[usize::from(spelled[0])][usize::from(spelled[1])] = true;
                by_beginning
                    .entry(beginning)
                    .or_default()
                    .push((spelled, *word));
            }
        }
        Self {
            by_beginning,
            begins,
        }
    }

    /// The first word that stands somewhere in the bytes.
    pub(super) fn found_in(&self, bytes: &[u8]) -> Option<&'static str> {
        for (at, pair) in bytes.windows(2).enumerate() {
            if !self.begins[usize::from(pair[0])][usize::from(pair[1])] {
                continue;
            }
            let rest = &bytes[at..];
            let beginning = rest.first_chunk::<BEGINNING>();
            let candidates = beginning.and_then(|beginning| self.by_beginning.get(beginning));
            let mut found = candidates.into_iter().flatten();
            if let Some((_, word)) = found.find(|(spelled, _)| rest.starts_with(spelled)) {
                return Some(word);
            }
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
