//! What each fuzz target does with its input, so that an ordinary test does the same with the corpus.
//!
//! Inputs are the *content* of change chunks: header and checksum are put before them here, because no
//! fuzzer guesses a hash.

use automerge::{ActorId, Automerge, ObjType, ROOT, ReadDoc, transaction::Transactable};
use daymark_core::gate::{Admitted, Offered, Outcome, admit, inspect, load};
use daymark_wire::DeviceId;
use ring::digest;

/// The device whose changes the corpus holds.
pub const DEVICE: DeviceId = DeviceId::from_bytes([1; 16]);

/// Offers `content` as one change to the walker alone, and as it is as a whole body.
pub fn walker(content: &[u8]) {
    let _ = inspect(&offered(chunk(content)));
    let _ = inspect(&offered(content.to_vec()));
}

/// Offers each change (two bytes of length, then its content) as a record of its own to [`base`].
///
/// # Panics
/// When the gate's promise is broken: that is what a fuzzer looks for.
pub fn gate(contents: &[u8]) {
    let base = base();
    let records = split(contents)
        .into_iter()
        .map(|content| offered(chunk(content)));
    let admission = admit(&base, records.collect());
    let applied = |settled: &daymark_core::gate::Settled| settled.outcome == Outcome::Applied;
    let any_applied = admission.settled.iter().any(applied);
    assert_eq!(admission.admitted.is_some(), any_applied);
    if let Some(admitted) = admission.admitted {
        assert_sound(&admitted);
    }
}

/// A document can be loaded, edited, saved and loaded again.
///
/// # Panics
/// When it cannot.
pub fn assert_sound(admitted: &Admitted) {
    let mut loaded = load(&admitted.saved).expect("what was saved loads");
    assert_eq!(loaded.get_heads(), admitted.document.get_heads());
    loaded.set_actor(ActorId::from([0xee; 16]));
    let mut edit = loaded.transaction();
    edit.put(ROOT, "after", 1).expect("the root takes an edit");
    let texts: Vec<_> = edit
        .keys(ROOT)
        .filter_map(|key| edit.get(ROOT, key).ok().flatten())
        .filter(|(value, _)| value.to_objtype() == Some(ObjType::Text))
        .map(|(_, id)| id)
        .collect();
    for text in texts {
        let end = edit.length(&text);
        edit.splice_text(&text, end, 0, "z")
            .expect("a text takes an edit");
        edit.splice_text(&text, 0, 1, "a")
            .expect("a text takes an edit");
    }
    edit.commit();
    load(&loaded.save_nocompress()).expect("what was edited loads");
}

/// The document to which changes are offered: always the same bytes. A text, a list, a counter, a key.
///
/// # Panics
/// Never: Automerge takes these edits.
pub fn base() -> Automerge {
    let mut actor = [0; 16];
    actor[..8].copy_from_slice(&DEVICE.prefix());
    let mut document = Automerge::new().with_actor(ActorId::from(actor));
    let mut edit = document.transaction();
    let text = edit
        .put_object(ROOT, "text", ObjType::Text)
        .expect("a text");
    edit.splice_text(&text, 0, 0, "base").expect("a word");
    let list = edit
        .put_object(ROOT, "list", ObjType::List)
        .expect("a list");
    edit.insert(&list, 0, "one").expect("an item");
    let counter = automerge::ScalarValue::counter(1);
    edit.put(ROOT, "count", counter).expect("a counter");
    edit.put(ROOT, "key", true).expect("a key");
    edit.commit();
    document
}

/// A change chunk around `content`, with the checksum that fits.
pub fn chunk(content: &[u8]) -> Vec<u8> {
    let mut hashed = vec![1];
    let mut length = content.len();
    while length >= 0x80 {
        hashed.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    hashed.push(length as u8);
    hashed.extend(content);
    let hash = digest::digest(&digest::SHA256, &hashed);
    [&[0x85, 0x6f, 0x4a, 0x83], &hash.as_ref()[..4], &hashed].concat()
}

/// The content of a change chunk.
pub fn content(chunk: &[u8]) -> &[u8] {
    let length = chunk[9..].iter().take_while(|byte| **byte >= 0x80).count() + 1;
    &chunk[9 + length..]
}

/// Puts contents together to one input of [`gate`].
pub fn join(contents: &[&[u8]]) -> Vec<u8> {
    let mut input = Vec::new();
    for content in contents {
        input.extend((content.len() as u16).to_be_bytes());
        input.extend(*content);
    }
    input
}

fn split(mut input: &[u8]) -> Vec<&[u8]> {
    let mut contents = Vec::new();
    while let Some((length, rest)) = input.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (content, after) = rest.split_at(length);
        contents.push(content);
        input = after;
    }
    contents
}

/// A record of the corpus's device.
pub fn offered(bytes: Vec<u8>) -> Offered {
    Offered {
        author: DEVICE,
        bytes,
    }
}
