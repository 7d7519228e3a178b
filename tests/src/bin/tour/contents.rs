//! What a relay has on its disk, and whether any word of a journal is in it.

use super::processes::Wrong;
use std::{collections::HashSet, fs, path::Path};

/// Bytes of a word that are looked for. Eight bytes do not meet by chance in a few megabytes.
const PROBE: usize = 8;

/// Every file of a folder, one after the other.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<u8>, Wrong> {
    let mut all = Vec::new();
    for file in fs::read_dir(folder)? {
        all.extend(fs::read(file?.path())?);
    }
    Ok(all)
}

/// The beginnings of all words of a text that are long enough to be looked for.
pub(crate) fn probes(text: &str) -> HashSet<[u8; PROBE]> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter_map(|word| word.as_bytes().first_chunk().copied())
        .collect()
}

/// Those of the probes that stand somewhere in the bytes.
pub(crate) fn found(bytes: &[u8], probes: &HashSet<[u8; PROBE]>) -> HashSet<[u8; PROBE]> {
    let windows = bytes
        .windows(PROBE)
        .filter_map(|window| <[u8; PROBE]>::try_from(window).ok());
    windows.filter(|window| probes.contains(window)).collect()
}

/// A piece of what is held, past the middle, that is not empty space.
pub(crate) fn piece(bytes: &[u8]) -> String {
    let pieces = bytes.chunks_exact(24).skip(bytes.len() / 48);
    let full = pieces
        .into_iter()
        .find(|piece| piece.iter().filter(|byte| **byte == 0).count() < 2);
    let hex = full
        .unwrap_or_default()
        .iter()
        .map(|byte| format!("{byte:02x}"));
    hex.collect::<Vec<_>>().join(" ")
}
