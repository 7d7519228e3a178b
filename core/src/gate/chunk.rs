//! Takes a record's body apart into change chunks and checks what stands before each one's content.
//!
//! A chunk is `magic(4) ‖ checksum(4) ‖ type(1) ‖ length(LEB128) ‖ content`; its hash is the SHA-256 of
//! everything from the type on, and the checksum the hash's first four bytes (Automerge storage format,
//! "chunks"). Automerge takes a change whose checksum is wrong; the gate does not.

use super::{reader::Reader, refusal::Refusal};
use automerge::ChangeHash;
use daymark_wire::limits::MAX_RECORD_BYTES;
use ring::digest;
use std::ops::Range;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHECKSUM_BYTES: usize = 4;
const BEFORE_TYPE: usize = MAGIC.len() + CHECKSUM_BYTES;

const DOCUMENT: u8 = 0;
const CHANGE: u8 = 1;
const COMPRESSED: u8 = 2;

/// One change, still unread, with a checksum that fits.
#[derive(Debug)]
pub(super) struct Chunk<'a> {
    /// SHA-256 over type, length and content: the change's name.
    pub(super) hash: ChangeHash,
    /// Where the whole chunk lies in the record's body.
    pub(super) place: Range<usize>,
    /// What follows the header.
    pub(super) content: &'a [u8],
}

/// Splits a record's body into its change chunks: at least one, nothing between or after them.
pub(super) fn split(body: &[u8]) -> Result<Vec<Chunk<'_>>, Refusal> {
    if body.is_empty() || body.len() > MAX_RECORD_BYTES {
        return Err(Refusal::Size);
    }
    let mut chunks = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let start = body.len() - rest.len();
        let (chunk, after) = first(rest, start)?;
        chunks.push(chunk);
        rest = after;
    }
    Ok(chunks)
}

/// The first chunk of `bytes`, which begin at `start` of the body, and what follows it.
fn first(bytes: &[u8], start: usize) -> Result<(Chunk<'_>, &[u8]), Refusal> {
    let mut reader = Reader::new(bytes);
    if reader.array()? != MAGIC {
        return Err(Refusal::NotAChunk);
    }
    let checksum: [u8; CHECKSUM_BYTES] = reader.array()?;
    match reader.array()? {
        [CHANGE] => {}
        [COMPRESSED] => return Err(Refusal::Compressed),
        [DOCUMENT] => return Err(Refusal::Document),
        _ => return Err(Refusal::UnknownChunk),
    }
    let content = reader.prefixed()?;
    let rest = reader.rest();
    let length = bytes.len() - rest.len();
    let hashed = bytes.get(BEFORE_TYPE..length).unwrap_or_default();
    let hash = sha256(hashed);
    if !hash.starts_with(&checksum) {
        return Err(Refusal::Checksum);
    }
    let chunk = Chunk {
        hash: ChangeHash(hash),
        place: start..start + length,
        content,
    };
    Ok((chunk, rest))
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::refusal::Malformed;
    use crate::gate::testing::{chunk_of_type, written_change};

    #[test]
    fn the_hash_is_automerges_own() {
        let change = written_change("one line");
        let chunks = split(change.raw_bytes()).unwrap();
        assert_eq!(chunks.len(), 1);
        assert_eq!(chunks[0].hash, change.hash());
        assert_eq!(chunks[0].place, 0..change.raw_bytes().len());
    }

    #[test]
    fn several_chunks_are_told_apart() {
        let (a, b) = (written_change("one"), written_change("two"));
        let body = [a.raw_bytes(), b.raw_bytes()].concat();
        let chunks = split(&body).unwrap();
        assert_eq!(&body[chunks[1].place.clone()], b.raw_bytes());
        assert_eq!(chunks[1].hash, b.hash());
    }

    #[test]
    fn other_chunk_types_are_refused_by_name() {
        let refusal = |kind| split(&chunk_of_type(kind, b"abc")).unwrap_err();
        assert_eq!(refusal(0), Refusal::Document);
        assert_eq!(refusal(2), Refusal::Compressed);
        assert_eq!(refusal(3), Refusal::UnknownChunk);
        assert_eq!(refusal(255), Refusal::UnknownChunk);
    }

    #[test]
    fn k11_a_wrong_checksum_is_refused_though_automerge_takes_it() {
        let mut bytes = written_change("one").raw_bytes().to_vec();
        bytes[4] ^= 1;
        assert!(automerge::Change::try_from(&bytes[..]).is_ok());
        assert_eq!(split(&bytes).unwrap_err(), Refusal::Checksum);
    }

    #[test]
    fn lengths_and_leftovers_are_checked() {
        let bytes = written_change("one").raw_bytes().to_vec();
        let short = &bytes[..bytes.len() - 1];
        assert_eq!(split(short).unwrap_err(), Malformed::Truncated.into());
        let leftover = [&bytes[..], b"\0"].concat();
        assert!(split(&leftover).is_err());
        assert_eq!(split(&[]).unwrap_err(), Refusal::Size);
        let large = vec![0; MAX_RECORD_BYTES + 1];
        assert_eq!(split(&large).unwrap_err(), Refusal::Size);
        assert_eq!(split(&[0; 64]).unwrap_err(), Refusal::NotAChunk);
    }
}
