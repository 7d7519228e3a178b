//! What the gate's own tests share: honest changes, and bytes put together by hand.

use super::Offered;
use automerge::{
    ActorId, Automerge, Change, ChangeHash, ObjType, ROOT, ReadDoc, transaction::Transactable,
};
use daymark_wire::DeviceId;
use ring::digest;
use std::collections::BTreeMap;

pub(super) fn unsigned(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

pub(super) fn signed(mut value: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        let done = (value == 0 && low & 0x40 == 0) || (value == -1 && low & 0x40 != 0);
        if done {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// A chunk of any type with a checksum that fits.
pub(super) fn chunk_of_type(kind: u8, content: &[u8]) -> Vec<u8> {
    let hashed = [&[kind], &unsigned(content.len() as u64)[..], content].concat();
    let hash = digest::digest(&digest::SHA256, &hashed);
    [&[0x85, 0x6f, 0x4a, 0x83], &hash.as_ref()[..4], &hashed].concat()
}

/// A change chunk with a checksum that fits.
pub(super) fn repaired(content: &[u8]) -> Vec<u8> {
    chunk_of_type(1, content)
}

/// What follows a chunk's header.
pub(super) fn content(chunk: &[u8]) -> Vec<u8> {
    let length = chunk[9..]
        .iter()
        .take_while(|byte| **byte & 0x80 != 0)
        .count()
        + 1;
    chunk[9 + length..].to_vec()
}

pub(super) fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 16])
}

/// An actor of the device, as at its `opening`th opening of a vault.
pub(super) fn actor(number: u8, opening: u8) -> ActorId {
    let mut bytes = [opening; 16];
    bytes[..8].copy_from_slice(&device(number).prefix());
    ActorId::from(bytes)
}

pub(super) fn offered(number: u8, bytes: &[u8]) -> Offered {
    Offered {
        author: device(number),
        bytes: bytes.to_vec(),
    }
}

pub(super) fn change(document: &Automerge, hash: ChangeHash) -> Change {
    document.get_change_by_hash(&hash).unwrap()
}

/// Sets a key in the root map and returns the change.
pub(super) fn put(document: &mut Automerge, key: &str, value: i64) -> Change {
    let mut edit = document.transaction();
    edit.put(ROOT, key, value).unwrap();
    let hash = edit.commit().0.unwrap();
    change(document, hash)
}

/// A new document of one device.
pub(super) fn document(number: u8) -> Automerge {
    Automerge::new().with_actor(actor(number, 0))
}

/// The first change of a document with a text, by the device.
pub(super) fn honest_change(number: u8, text: &str) -> Change {
    let mut document = document(number);
    let mut edit = document.transaction();
    let object = edit.put_object(ROOT, "text", ObjType::Text).unwrap();
    edit.splice_text(&object, 0, 0, text).unwrap();
    let hash = edit.commit().0.unwrap();
    change(&document, hash)
}

/// The same, by a device that does not matter.
pub(super) fn written_change(text: &str) -> Change {
    honest_change(1, text)
}

/// A change's content, put together column by column.
#[derive(Clone)]
pub(super) struct Built {
    dependencies: Vec<[u8; 32]>,
    seq: u64,
    start_op: u64,
    others: Vec<[u8; 16]>,
    columns: BTreeMap<u64, Vec<u8>>,
}

impl Built {
    /// Who made it: [`actor`] of device 1.
    pub(super) const AUTHOR: [u8; 16] = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0];

    /// Sets the root's key `k` to null.
    pub(super) fn set() -> Self {
        let columns = [
            (0x15, vec![0x7f, 1, b'k']),
            (0x34, vec![1]),
            (0x42, vec![0x7f, 1]),
            (0x56, vec![0x7f, 0]),
            (0x70, vec![0x7f, 0]),
        ];
        Self {
            dependencies: Vec::new(),
            seq: 1,
            start_op: 1,
            others: Vec::new(),
            columns: columns.into(),
        }
    }

    /// The same, `count` times, in runs.
    pub(super) fn repeated(count: u64) -> Self {
        let key = [&signed(count as i64)[..], &[1, b'k']].concat();
        Self::set()
            .with(0x15, &key)
            .with(0x34, &unsigned(count))
            .with(0x42, &Self::repeat(count, 1))
            .with(0x56, &Self::repeat(count, 0))
            .with(0x70, &Self::repeat(count, 0))
    }

    pub(super) fn repeat(count: u64, value: u64) -> Vec<u8> {
        [signed(count as i64), unsigned(value)].concat()
    }

    pub(super) fn column(&self, specification: u64) -> Option<&[u8]> {
        self.columns.get(&specification).map(Vec::as_slice)
    }

    pub(super) fn with(mut self, specification: u64, column: &[u8]) -> Self {
        self.columns.insert(specification, column.to_vec());
        self
    }

    pub(super) fn without(mut self, specification: u64) -> Self {
        self.columns.remove(&specification);
        self
    }

    pub(super) fn depending_on(mut self, dependencies: &[[u8; 32]]) -> Self {
        self.dependencies = dependencies.to_vec();
        self
    }

    pub(super) fn naming(mut self, others: &[[u8; 16]]) -> Self {
        self.others = others.to_vec();
        self
    }

    pub(super) fn starting_at(mut self, start_op: u64) -> Self {
        self.start_op = start_op;
        self
    }

    pub(super) fn in_place(mut self, seq: u64) -> Self {
        self.seq = seq;
        self
    }

    pub(super) fn content(&self) -> Vec<u8> {
        let mut bytes = unsigned(self.dependencies.len() as u64);
        bytes.extend(self.dependencies.concat());
        bytes.push(16);
        bytes.extend(Self::AUTHOR);
        bytes.extend(unsigned(self.seq));
        bytes.extend(unsigned(self.start_op));
        bytes.extend([0, 0]);
        bytes.extend(unsigned(self.others.len() as u64));
        for other in &self.others {
            bytes.push(16);
            bytes.extend(other);
        }
        bytes.extend(unsigned(self.columns.len() as u64));
        for (specification, column) in &self.columns {
            bytes.extend(unsigned(*specification));
            bytes.extend(unsigned(column.len() as u64));
        }
        bytes.extend(self.columns.values().flatten());
        bytes
    }

    pub(super) fn offered(&self) -> Offered {
        offered(1, &repaired(&self.content()))
    }
}
