//! The machines themselves: the journal's, and one for each bond.

use super::{Machine, Machines};
use crate::sync::{Fault, PutOff};
use daymark_wire::{SpaceId, logs::TravelLink};
use std::collections::{BTreeMap, BTreeSet};

impl Machines {
    /// The journal's machine.
    #[must_use]
    pub const fn journal(&self) -> &Machine {
        &self.journal
    }

    /// The journal's machine, to seal what was just written.
    pub const fn journal_mut(&mut self) -> &mut Machine {
        &mut self.journal
    }

    /// One space's machine.
    #[must_use]
    pub fn machine(&self, space: SpaceId) -> Option<&Machine> {
        if space == self.journal.replica().space() {
            Some(&self.journal)
        } else {
            self.bonds.get(&space)
        }
    }

    /// One space's machine, to seal what waits for it.
    pub fn machine_mut(&mut self, space: SpaceId) -> Option<&mut Machine> {
        if space == self.journal.replica().space() {
            Some(&mut self.journal)
        } else {
            self.bonds.get_mut(&space)
        }
    }

    /// Every machine; the journal's first.
    pub fn iter(&self) -> impl Iterator<Item = &Machine> {
        std::iter::once(&self.journal).chain(self.bonds.values())
    }

    /// Spaces of which something waits, since the relay takes no more links of this device for now (rule L11). All
    /// else went on without it.
    #[must_use]
    pub fn held_up(&self) -> BTreeSet<SpaceId> {
        let held_up = self.iter().filter(|machine| machine.is_held_up());
        held_up.map(|machine| machine.replica().space()).collect()
    }

    /// Named states of what this device said and the relay did not take, as far as it is still to be said.
    #[must_use]
    pub fn untaken(&self) -> BTreeSet<Fault> {
        let untaken = self.iter().filter(|machine| machine.is_untaken());
        let logs = untaken.map(|machine| machine.replica().space().into());
        logs.map(|log| Fault::NotTaken { log }).collect()
    }

    /// What of each space is to be said and waits, as the relay answered it with *not now*; with a count of what the
    /// relay took of that sort so far: as long as it gets no more, the relay took none.
    #[must_use]
    pub fn put_off(&self) -> BTreeMap<(SpaceId, PutOff), u64> {
        let put_off = self.iter().flat_map(|machine| {
            let space = machine.replica().space();
            machine
                .put_off()
                .map(move |(what, taken)| ((space, what), taken))
        });
        put_off.collect()
    }

    /// A minute went by since something was held up: it is brought with what each machine says next.
    pub fn go_on(&mut self) {
        self.journal.go_on();
        self.bonds.values_mut().for_each(Machine::go_on);
    }

    /// A bond that came to be known; begin with [`Event::Started`](crate::sync::Event::Started).
    /// One that is known already stays as it is.
    pub fn add(&mut self, bond: Machine) {
        let space = bond.replica().space();
        self.bonds.entry(space).or_insert(bond);
    }

    /// Links that were shown of bonds which have no machine, of both accounts too: another device of this account
    /// made such a bond, and whether it did the journal's ledger says.
    pub fn take_aside(&mut self) -> Vec<TravelLink> {
        self.aside.take()
    }
}
