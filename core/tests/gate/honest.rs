//! The law: whatever honest devices make is taken, in any order, and all arrive at the same document.

use automerge::{
    ActorId, Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value,
    transaction::{Transactable, Transaction},
};
use daymark_core::gate::{Offered, Outcome, admit};
use daymark_wire::DeviceId;
use proptest::prelude::*;

const DEVICES: usize = 3;

/// One thing that happens in a story.
#[derive(Debug, Clone)]
enum Step {
    /// A device edits: each kind of edit at a place.
    Edit(usize, Vec<(u8, u16)>),
    /// A device opens its vault anew.
    Reopen(usize),
    /// One device takes what another has made so far.
    Fetch { to: usize, from: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let device = 0..DEVICES;
    let edits = prop::collection::vec((any::<u8>(), any::<u16>()), 1..5);
    prop_oneof![
        6 => (device.clone(), edits).prop_map(|(device, edits)| Step::Edit(device, edits)),
        1 => device.clone().prop_map(Step::Reopen),
        4 => (device.clone(), device).prop_map(|(to, from)| Step::Fetch { to, from }),
    ]
}

struct Device {
    id: DeviceId,
    openings: u8,
    document: Automerge,
    records: Vec<Offered>,
    /// Whether the last record was not sent yet, and takes more changes.
    open: bool,
}

impl Device {
    fn new(number: usize) -> Self {
        let mut device = Self {
            id: DeviceId::from_bytes([number as u8 + 1; 16]),
            openings: 0,
            document: Automerge::new(),
            records: Vec::new(),
            open: false,
        };
        device.reopen();
        device
    }

    fn reopen(&mut self) {
        // The random half varies so that actors of different devices interleave in their order.
        let mut actor = [self.openings.wrapping_mul(91) ^ self.id.as_bytes()[0]; 16];
        actor[..8].copy_from_slice(&self.id.prefix());
        self.document.set_actor(ActorId::from(actor));
        self.openings += 1;
    }

    /// Makes one change and puts it into a record: a new one, or the last if that was not sent yet.
    fn edit(&mut self, edits: &[(u8, u16)]) {
        let mut edit = self.document.transaction();
        for (kind, place) in edits {
            edit_once(&mut edit, *kind, usize::from(*place));
        }
        let Some(hash) = edit.commit().0 else { return };
        let change = self.document.get_change_by_hash(&hash).unwrap();
        match self.records.last_mut() {
            Some(last) if self.open => last.bytes.extend(change.raw_bytes()),
            _ => self.records.push(Offered {
                author: self.id,
                bytes: change.raw_bytes().to_vec(),
            }),
        }
        self.open = edits.len() > 1;
    }

    /// Takes records; they may wait, but none is refused.
    fn take(&mut self, records: Vec<Offered>) -> Vec<Offered> {
        let admission = admit(&self.document, records);
        if let Some(admitted) = admission.admitted {
            self.document = admitted.document;
        }
        let mut waiting = Vec::new();
        for settled in admission.settled {
            match settled.outcome {
                Outcome::Applied | Outcome::AlreadyKnown => {}
                Outcome::Waiting(_) => waiting.push(settled.offered),
                Outcome::Refused(refusal) => panic!("refused: {refusal}"),
            }
        }
        waiting
    }
}

fn edit_once(edit: &mut Transaction<'_>, kind: u8, place: usize) {
    let key = ["mood", "tags", "żółć", "日記", "a key of some length"][place % 5];
    let words = ["a", "today was better", "źdźbło", "🙂👩‍👩‍👧", "\n\n"][place % 5];
    match kind % 12 {
        0..=4 => splice(edit, place, usize::from(kind / 64), words),
        5 => edit.put(ROOT, key, place as i64).unwrap(),
        6 => edit.put(ROOT, key, words).unwrap(),
        7 => edit.delete(ROOT, key).unwrap_or_default(),
        8 => insert(edit, place, words),
        9 => change_item(edit, kind, place, words),
        10 => increment(edit, place),
        _ => nest(edit, key, place),
    }
}

/// The object under a key, made when it is not there.
fn object(edit: &mut Transaction<'_>, key: &str, kind: ObjType) -> ObjId {
    match edit.get(ROOT, key).unwrap() {
        Some((Value::Object(found), id)) if found == kind => id,
        _ => edit.put_object(ROOT, key, kind).unwrap(),
    }
}

fn splice(edit: &mut Transaction<'_>, place: usize, delete: usize, words: &str) {
    let text = object(edit, "text", ObjType::Text);
    let length = edit.length(&text);
    let place = place % (length + 1);
    let delete = delete.min(length - place);
    edit.splice_text(&text, place, delete as isize, words)
        .unwrap();
}

fn insert(edit: &mut Transaction<'_>, place: usize, words: &str) {
    let list = object(edit, "list", ObjType::List);
    let place = place % (edit.length(&list) + 1);
    edit.insert(&list, place, words).unwrap();
    edit.insert(&list, place, 1.5).unwrap();
}

fn change_item(edit: &mut Transaction<'_>, kind: u8, place: usize, words: &str) {
    let list = object(edit, "list", ObjType::List);
    let length = edit.length(&list);
    match length {
        0 => {}
        _ if kind >= 128 => edit.delete(&list, place % length).unwrap(),
        _ => edit
            .put(&list, place % length, words.as_bytes().to_vec())
            .unwrap(),
    }
}

fn increment(edit: &mut Transaction<'_>, by: usize) {
    match edit.get(ROOT, "count").unwrap() {
        Some(_) => edit.increment(ROOT, "count", by as i64 - 30_000).unwrap(),
        None => edit.put(ROOT, "count", ScalarValue::counter(7)).unwrap(),
    }
}

fn nest(edit: &mut Transaction<'_>, key: &str, place: usize) {
    let outer = object(edit, "nested", ObjType::Map);
    let inner = edit.put_object(&outer, key, ObjType::Map).unwrap();
    edit.put(&inner, key, ScalarValue::Timestamp(place as i64))
        .unwrap();
    edit.put(&inner, "flag", place.is_multiple_of(2)).unwrap();
    edit.put(&inner, "nothing", ()).unwrap();
    edit.put(&inner, "size", place as u64).unwrap();
}

fn play(steps: &[Step]) -> Vec<Device> {
    let mut devices: Vec<_> = (0..DEVICES).map(Device::new).collect();
    for step in steps {
        match step {
            Step::Edit(device, edits) => devices[*device].edit(edits),
            Step::Reopen(device) => devices[*device].reopen(),
            Step::Fetch { to, from } if to != from => {
                devices.iter_mut().for_each(|device| device.open = false);
                // What the other knows, it may know from a third.
                let all = devices.iter().flat_map(|device| device.records.clone());
                let known = devices[*from].document.clone();
                let all: Vec<_> = all.filter(|record| knows(&known, record)).collect();
                let waiting = devices[*to].take(all);
                assert!(waiting.is_empty());
            }
            Step::Fetch { .. } => {}
        }
    }
    devices
}

fn knows(document: &Automerge, record: &Offered) -> bool {
    let settled = admit(document, vec![record.clone()]).settled;
    settled[0].outcome == Outcome::AlreadyKnown
}

/// Mixes records with a seed, some of them twice.
fn shuffled(devices: &[Device], mut seed: u64) -> Vec<Offered> {
    let all = devices.iter().flat_map(|device| device.records.clone());
    let mut keyed = Vec::new();
    for record in all {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        keyed.push((seed >> 20, record.clone()));
        if seed >> 62 == 0 {
            keyed.push((seed << 7, record));
        }
    }
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, record)| record).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn k4_k6_honest_changes_are_taken_in_any_order(
        steps in prop::collection::vec(step(), 1..40),
        seed in any::<u64>(),
        at_once in 1..20_usize,
    ) {
        let mut devices = play(&steps);
        let records = shuffled(&devices, seed);
        let mut newcomer = Device::new(DEVICES);
        let mut waiting = Vec::new();
        for batch in records.chunks(at_once) {
            waiting.extend(batch.to_vec());
            waiting = newcomer.take(waiting);
        }
        prop_assert!(waiting.is_empty());
        for device in &mut devices {
            let waiting = device.take(records.clone());
            prop_assert!(waiting.is_empty());
            prop_assert_eq!(device.document.get_heads(), newcomer.document.get_heads());
            let same = device.document.hydrate(None) == newcomer.document.hydrate(None);
            prop_assert!(same);
        }
    }
}
