//! Valid changes with bytes changed at random: nothing escapes, nothing hangs, and whatever is taken
//! leaves a sound document.

use crate::fuzz::{self, assert_sound, base, chunk, content, offered};
use automerge::{
    ActorId, Automerge, ObjType, ROOT, ReadDoc, ScalarValue, hydrate,
    marks::{ExpandMark, Mark},
    transaction::{Transactable, Transaction},
};
use daymark_core::gate::{Offered, Outcome, admit, inspect};
use daymark_wire::DeviceId;
use std::{
    slice::from_ref,
    time::{Duration, Instant},
};

const ROUNDS: u32 = 20_000;
const SLOWEST: Duration = Duration::from_secs(5);

/// Changes of every kind that [`base`] can take, as chunk contents.
pub(crate) fn samples() -> Vec<Vec<u8>> {
    let edits: [fn(&mut Transaction<'_>); 8] = [
        |edit| {
            let (_, text) = edit.get(ROOT, "text").unwrap().unwrap();
            edit.splice_text(&text, 2, 1, "some more words, żółć 🙂")
                .unwrap();
        },
        |edit| {
            let (_, text) = edit.get(ROOT, "text").unwrap().unwrap();
            edit.splice_text(&text, 0, 4, "").unwrap();
        },
        |edit| {
            let (_, list) = edit.get(ROOT, "list").unwrap().unwrap();
            edit.put(&list, 0, 2.5).unwrap();
            edit.insert(&list, 1, ScalarValue::Timestamp(-5)).unwrap();
            edit.insert(&list, 1, vec![1_u8, 2, 3]).unwrap();
            edit.delete(&list, 0).unwrap();
        },
        |edit| edit.increment(ROOT, "count", -300).unwrap(),
        |edit| {
            edit.put(ROOT, "key", u64::MAX).unwrap();
            edit.delete(ROOT, "key").unwrap();
            edit.put(ROOT, "key", "again").unwrap();
        },
        |edit| {
            let inner = edit.put_object(ROOT, "inner", ObjType::Map).unwrap();
            let list = edit.put_object(&inner, "list", ObjType::List).unwrap();
            edit.insert_object(&list, 0, ObjType::Text).unwrap();
            edit.put(&inner, "null", ()).unwrap();
            edit.put(&inner, "yes", true).unwrap();
        },
        |edit| {
            let (_, text) = edit.get(ROOT, "text").unwrap().unwrap();
            let mark = Mark::new("bold".to_owned(), true, 0, 3);
            edit.mark(&text, mark, ExpandMark::After).unwrap();
        },
        |edit| {
            let (_, text) = edit.get(ROOT, "text").unwrap().unwrap();
            edit.splice_text(&text, 4, 0, &"long ".repeat(60)).unwrap();
        },
    ];
    edits.iter().map(|edit| content_of(&base(), edit)).collect()
}

/// The content of the change that `edit` makes.
pub(crate) fn content_of(document: &Automerge, edit: impl Fn(&mut Transaction<'_>)) -> Vec<u8> {
    let mut document = document.clone();
    let mut transaction = document.transaction();
    edit(&mut transaction);
    let hash = transaction.commit().0.unwrap();
    let change = document.get_change_by_hash(&hash).unwrap();
    content(change.raw_bytes()).to_vec()
}

/// A small generator of numbers: the same seed, the same story.
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit.max(1)
    }

    /// Changes one to four things.
    pub(crate) fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            let place = self.below(bytes.len());
            match self.below(7) {
                0 => bytes[place] ^= 1 << self.below(8),
                1 => bytes[place] = self.next() as u8,
                2 => bytes.insert(place, self.next() as u8),
                3 => drop(bytes.remove(place)),
                4 => bytes[place] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
                5 => bytes[place] = bytes[place].wrapping_add([1, 255][self.below(2)]),
                _ => {
                    let other = self.below(bytes.len());
                    bytes.swap(place, other);
                }
            }
            if bytes.is_empty() {
                bytes.push(0);
            }
        }
    }
}

#[test]
fn the_samples_themselves_are_taken() {
    for sample in samples() {
        let admission = admit(&base(), vec![offered(chunk(&sample))]);
        assert_eq!(admission.settled[0].outcome, Outcome::Applied);
        assert_sound(&admission.admitted.unwrap());
    }
}

#[test]
fn k5_k11_mutated_changes_never_hurt() {
    let (samples, base) = (samples(), base());
    let mut seeded = Seeded(0x5eed_0001);
    let mut applied = 0;
    for round in 0..ROUNDS {
        let mut bytes = samples[seeded.below(samples.len())].clone();
        seeded.mutate(&mut bytes);
        let start = Instant::now();
        let admission = admit(&base, vec![offered(chunk(&bytes))]);
        assert!(start.elapsed() < SLOWEST, "round {round} hung");
        if let Some(admitted) = admission.admitted {
            applied += 1;
            assert_sound(&admitted);
        }
    }
    assert!(applied > 100, "some mutations are still honest: {applied}");
}

/// Devices receive in different orders and batches. What one takes all must take, and all must arrive
/// at the same bytes.
#[test]
fn k11_what_one_device_takes_all_take_alike() {
    let (samples, base) = (samples(), base());
    let mut seeded = Seeded(0x5eed_0004);
    for _ in 0..ROUNDS {
        let mut bytes = samples[seeded.below(samples.len())].clone();
        seeded.mutate(&mut bytes);
        let mutated = offered(chunk(&bytes));
        if inspect(&mutated).is_err() {
            continue;
        }
        let honest = concurrent(&base, seeded.below(samples.len()) as u8);
        let together = deliver(&base, &[&[honest.clone(), mutated.clone()]]);
        let before = deliver(&base, &[from_ref(&mutated), from_ref(&honest)]);
        let after = deliver(&base, &[&[honest], &[mutated]]);
        assert!(together == before && before == after, "{bytes:?}");
    }
}

/// An edit of another device beside a mutated one.
fn concurrent(base: &Automerge, kind: u8) -> Offered {
    let other = DeviceId::from_bytes([2; 16]);
    let mut document = base.clone().with_actor(ActorId::from(*other.as_bytes()));
    let mut edit = document.transaction();
    let (_, text) = edit.get(ROOT, "text").unwrap().unwrap();
    let (_, list) = edit.get(ROOT, "list").unwrap().unwrap();
    match kind % 4 {
        0 => edit.splice_text(&text, 2, 1, "beside").unwrap(),
        1 => edit.delete(ROOT, "text").unwrap(),
        2 => edit.put(&list, 0, "beside").unwrap(),
        _ => edit.increment(ROOT, "count", 4).unwrap(),
    }
    edit.put(ROOT, "key", "beside").unwrap();
    let hash = edit.commit().0.unwrap();
    Offered {
        author: other,
        bytes: document
            .get_change_by_hash(&hash)
            .unwrap()
            .raw_bytes()
            .to_vec(),
    }
}

/// What the document is after the batches: heads, number of operations, content.
fn deliver(base: &Automerge, batches: &[&[Offered]]) -> (Vec<u8>, hydrate::Value) {
    let mut document = base.clone();
    for batch in batches {
        if let Some(admitted) = admit(&document, batch.to_vec()).admitted {
            document = admitted.document;
        }
    }
    let mut heads: Vec<_> = document
        .get_heads()
        .into_iter()
        .flat_map(|head| head.0)
        .collect();
    let operations = document.stats().num_ops.to_be_bytes();
    heads.extend(operations);
    (heads, document.hydrate(None))
}

#[test]
fn k11_mutated_chunks_with_a_wrong_checksum_are_refused() {
    let (samples, base) = (samples(), base());
    let mut seeded = Seeded(0x5eed_0002);
    for _ in 0..ROUNDS / 4 {
        let original = chunk(&samples[seeded.below(samples.len())]);
        let mut bytes = original.clone();
        seeded.mutate(&mut bytes);
        let admission = admit(&base, vec![offered(bytes.clone())]);
        assert!(bytes == original || admission.admitted.is_none());
    }
}

#[test]
fn k11_a_damaged_saved_document_never_escapes() {
    let saved = base().save_nocompress();
    let mut seeded = Seeded(0x5eed_0003);
    for round in 0..ROUNDS / 4 {
        let mut bytes = saved.clone();
        seeded.mutate(&mut bytes);
        let start = Instant::now();
        drop(daymark_core::gate::load(&bytes));
        assert!(start.elapsed() < SLOWEST, "round {round} hung");
    }
    assert!(daymark_core::gate::load(&[]).is_err());
    assert!(daymark_core::gate::load(&fuzz::join(&[])).is_err());
}
