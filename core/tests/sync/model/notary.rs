//! Sees every record that any device signs and stores, across crashes, and holds the law: one vault never
//! signs two records for one place.

use daymark_wire::{Hash, Record, record::Place};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// See the module. Clones share what they saw.
#[derive(Clone, Default)]
pub(crate) struct Notary(Rc<RefCell<Seen>>);

#[derive(Default)]
struct Seen {
    signed: BTreeMap<(u64, Place), Hash>,
    bodies: BTreeSet<usize>,
}

impl Notary {
    /// A vault stored what it signed.
    pub(crate) fn signed(&self, vault: u64, record: &Record) {
        let mut seen = self.0.borrow_mut();
        let hash = record.hash();
        let before = seen.signed.insert((vault, record.place()), hash);
        assert!(
            before.is_none_or(|before| before == hash),
            "vault {vault} signed two records at {:?}",
            record.place()
        );
        seen.bodies.extend(record.body().map(<[u8]>::len));
    }

    /// A copied vault has signed what the original had.
    pub(crate) fn copied(&self, vault: u64, copy: u64) {
        let mut seen = self.0.borrow_mut();
        let signed: Vec<_> = seen
            .signed
            .iter()
            .filter(|((by, _), _)| *by == vault)
            .map(|((_, place), hash)| ((copy, *place), *hash))
            .collect();
        seen.signed.extend(signed);
    }

    /// Every length of a sealed body.
    pub(crate) fn body_lengths(&self) -> BTreeSet<usize> {
        self.0.borrow().bodies.clone()
    }

    /// How many records were signed.
    pub(crate) fn count(&self) -> usize {
        self.0.borrow().signed.len()
    }
}
