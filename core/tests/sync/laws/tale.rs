//! A tale: things that happen to a few devices, one after the other.

use crate::model::{Stopped, Troubled, World};
use daymark_core::journal::{Step as EditStep, Text};
use daymark_wire::DocumentId;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One thing that happens.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    /// A device writes a new entry.
    Write(usize),
    /// A device writes into an entry that it has.
    Edit(usize, usize),
    /// A device syncs; something may happen to each of its first requests.
    Sync(usize, Vec<u8>),
    /// The same, with small pages and offers.
    SyncInParts(usize, usize),
    /// A device syncs and is killed after so many steps.
    Killed(usize, u32),
    /// A device's program ends and begins.
    Reopened(usize),
    /// A device says what it has seen when it next seals something.
    Checkpoint(usize),
    /// A vault is copied, with everything in it.
    Copied(usize),
    /// A device lets a new one in.
    Admitted(usize),
    /// A device takes another out.
    Revoked(usize, usize),
}

/// Devices of a tale at most, copies and newcomers included.
const MOST_DEVICES: usize = 6;

fn device() -> impl Strategy<Value = usize> {
    0..MOST_DEVICES
}

/// Writing, syncing, bad connections, crashes.
pub(super) fn everyday() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => device().prop_map(Happening::Write),
        6 => (device(), any::<usize>()).prop_map(|(n, entry)| Happening::Edit(n, entry)),
        6 => (device(), prop::collection::vec(any::<u8>(), 0..4))
            .prop_map(|(n, troubles)| Happening::Sync(n, troubles)),
        2 => (device(), 1_usize..4).prop_map(|(n, size)| Happening::SyncInParts(n, size)),
        4 => (device(), 0_u32..40).prop_map(|(n, fuse)| Happening::Killed(n, fuse)),
        1 => device().prop_map(Happening::Reopened),
        1 => device().prop_map(Happening::Checkpoint),
    ]
}

/// The everyday, and vaults that are copied.
pub(super) fn with_copies() -> impl Strategy<Value = Happening> {
    prop_oneof![12 => everyday(), 1 => device().prop_map(Happening::Copied)]
}

/// The everyday, and devices that come and go.
pub(super) fn with_members() -> impl Strategy<Value = Happening> {
    prop_oneof![
        12 => everyday(),
        1 => device().prop_map(Happening::Admitted),
        1 => (device(), device()).prop_map(|(by, who)| Happening::Revoked(by, who)),
    ]
}

/// A world and what was written in it.
pub(super) struct Tale {
    pub(super) world: World,
    written: BTreeMap<DocumentId, BTreeSet<String>>,
    entries: Vec<DocumentId>,
    edits: usize,
    revoked: Vec<usize>,
}

impl Tale {
    pub(super) fn new(devices: usize) -> Self {
        Self {
            world: World::new(devices),
            written: BTreeMap::new(),
            entries: Vec::new(),
            edits: 0,
            revoked: Vec::new(),
        }
    }

    fn device(&self, n: usize) -> usize {
        let standing: Vec<_> = (0..self.world.devices.len())
            .filter(|n| !self.revoked.contains(n))
            .collect();
        standing[n % standing.len()]
    }

    pub(super) fn happens(&mut self, what: &Happening) {
        match what {
            Happening::Write(n) => self.write(self.device(*n)),
            Happening::Edit(n, entry) => self.edit(self.device(*n), *entry),
            Happening::Sync(n, troubles) => {
                let n = self.device(*n);
                let mut line = Troubled::new(&mut self.world.relay, troubles);
                let _ = self.world.devices[n].sync(&mut line);
            }
            Happening::SyncInParts(n, size) => {
                let n = self.device(*n);
                self.world.relay.page = *size;
                self.world[n].offers = *size;
                self.world.sync(n);
                self.world.relay.page = 1000;
            }
            Happening::Killed(n, fuse) => {
                let n = self.device(*n);
                self.world[n].fuse = Some(*fuse);
                let _ = self.world.devices[n].sync(&mut self.world.relay);
                self.world[n].reopen();
            }
            Happening::Reopened(n) => {
                let n = self.device(*n);
                self.world[n].reopen();
            }
            Happening::Checkpoint(n) => {
                let n = self.device(*n);
                self.world[n].checkpoint = true;
            }
            Happening::Copied(n) => {
                if self.world.devices.len() < MOST_DEVICES {
                    self.world.copy(self.device(*n));
                }
            }
            Happening::Admitted(by) => {
                if self.world.devices.len() < MOST_DEVICES {
                    let by = self.device(*by);
                    self.world.sync(by);
                    self.world.admit(by);
                }
            }
            Happening::Revoked(by, who) => self.revoke(self.device(*by), self.device(*who)),
        }
    }

    fn write(&mut self, n: usize) {
        let entry = self.world[n].write("first words");
        self.entries.push(entry);
        self.edit(n, self.entries.len() - 1);
    }

    fn edit(&mut self, n: usize, entry: usize) {
        let Some(entry) = self.entries.get(entry % self.entries.len().max(1)).copied() else {
            return;
        };
        self.edits += 1;
        let tag = format!("t{}", self.edits);
        if !self.world[n].tag(entry, &tag) {
            return;
        }
        self.written.entry(entry).or_default().insert(tag);
        let view = &self.world[n].disk.documents[&entry].view;
        let longer = format!("{} and {}", view.entry.text.as_str(), self.edits);
        let edit = EditStep::Text(Text::parse(longer).unwrap().into()).into();
        assert!(self.world[n].edit(entry, &edit));
    }

    /// The removed device sends what it has before: what it never sent nobody else can have.
    fn revoke(&mut self, by: usize, who: usize) {
        if by == who || self.world.devices.len() - self.revoked.len() < 3 {
            return;
        }
        self.world.sync(who);
        self.world.sync(by);
        self.world.revoke(by, who);
        self.revoked.push(who);
    }

    /// Honest times: everything heals.
    pub(super) fn ends_well(mut self) {
        for n in &self.revoked {
            let gone = self.world.devices[*n].sync(&mut self.world.relay);
            assert_eq!(gone, Err(Stopped::Unauthorized));
        }
        let mut revoked = std::mem::take(&mut self.revoked);
        revoked.sort_unstable();
        for n in revoked.into_iter().rev() {
            self.world.devices.remove(n);
        }
        self.world.settle();
        self.world.assert_converged();
        self.world.assert_tags(&self.written);
    }
}
