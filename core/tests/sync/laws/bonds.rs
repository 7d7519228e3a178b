//! Two people, whatever happens to their devices, their connections and their relay (threats A2, F1, J3, L1).

use crate::model::{Couple, ModelRelay, OWNER, PHONE, SUPPORTER, Troubled};
use daymark_wire::DocumentId;
use proptest::prelude::*;

/// Devices of a tale at most, newcomers included.
const MOST_DEVICES: usize = 7;

/// One thing that happens. Numbers choose what it happens to.
#[derive(Debug, Clone)]
enum Happening {
    /// Something is shared, or answered.
    Say(usize),
    /// Something that this device shows is taken back.
    Forget(usize, usize),
    /// The supporter accepts, on either device.
    Accept(bool),
    /// A device syncs; something may happen to each of its first requests.
    Sync(usize, Vec<u8>),
    /// The same, with small replies and offers.
    SyncInParts(usize, usize),
    /// A device syncs and is killed after so many steps.
    Killed(usize, u32),
    Reopened(usize),
    /// A device lets a new one in.
    Admitted(usize),
    /// A device takes another of the same person out.
    Revoked(usize, usize),
    /// The relay is copied.
    BackedUp,
    /// The relay is what it was when it was copied; empty if it never was.
    Restored,
    /// One of them ends it.
    End(usize),
}

fn device() -> impl Strategy<Value = usize> {
    0..MOST_DEVICES
}

fn everyday() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => device().prop_map(Happening::Say),
        2 => (device(), any::<usize>()).prop_map(|(n, which)| Happening::Forget(n, which)),
        2 => any::<bool>().prop_map(Happening::Accept),
        8 => (device(), prop::collection::vec(any::<u8>(), 0..4))
            .prop_map(|(n, troubles)| Happening::Sync(n, troubles)),
        2 => (device(), 1_usize..4).prop_map(|(n, size)| Happening::SyncInParts(n, size)),
        5 => (device(), 0_u32..40).prop_map(|(n, fuse)| Happening::Killed(n, fuse)),
        1 => device().prop_map(Happening::Reopened),
    ]
}

fn with_members() -> impl Strategy<Value = Happening> {
    prop_oneof![
        14 => everyday(),
        1 => device().prop_map(Happening::Admitted),
        1 => (device(), device()).prop_map(|(by, who)| Happening::Revoked(by, who)),
    ]
}

fn with_losses() -> impl Strategy<Value = Happening> {
    prop_oneof![
        12 => with_members(),
        1 => Just(Happening::BackedUp),
        1 => Just(Happening::Restored),
    ]
}

struct Tale {
    couple: Couple,
    backup: ModelRelay,
    said: usize,
}

impl Tale {
    fn new(couple: Couple) -> Self {
        let backup = ModelRelay::new();
        Self {
            couple,
            backup,
            said: 0,
        }
    }

    fn device(&self, n: usize) -> usize {
        n % self.couple.world.devices.len()
    }

    fn happens(&mut self, what: &Happening) {
        match what {
            Happening::Say(n) => self.say(self.device(*n)),
            Happening::Forget(n, which) => self.forget(self.device(*n), *which),
            Happening::Accept(on_phone) => self.accept(if *on_phone { PHONE } else { SUPPORTER }),
            Happening::Sync(n, troubles) => {
                let n = self.device(*n);
                let world = &mut self.couple.world;
                let mut line = Troubled::new(&mut world.relay, troubles);
                let _ = world.devices[n].sync(&mut line);
            }
            Happening::SyncInParts(n, size) => {
                let n = self.device(*n);
                let world = &mut self.couple.world;
                let whole = (world.relay.page, world.relay.links, world[n].offers);
                (world.relay.page, world.relay.links) = (*size, *size);
                world[n].offers = *size;
                world.sync(n);
                (world.relay.page, world.relay.links, world[n].offers) = whole;
            }
            Happening::Killed(n, fuse) => {
                let n = self.device(*n);
                let world = &mut self.couple.world;
                world[n].fuse = Some(*fuse);
                let _ = world.devices[n].sync(&mut world.relay);
                world[n].reopen();
            }
            Happening::Reopened(n) => {
                let n = self.device(*n);
                self.couple.world[n].reopen();
            }
            Happening::Admitted(by) => {
                if self.couple.world.devices.len() < MOST_DEVICES {
                    let by = self.device(*by);
                    self.couple.world.admit(by);
                }
            }
            Happening::Revoked(by, who) => self.revoke(self.device(*by), self.device(*who)),
            Happening::BackedUp => self.backup = self.couple.world.relay.clone(),
            Happening::Restored => {
                // What nobody but the relay had is gone with it.
                self.couple.settle();
                let lost = self.couple.world.relay.clone().in_new_generation();
                let mut relay = self.backup.clone();
                relay.generation = lost.generation;
                self.couple.world.relay = relay;
            }
            Happening::End(n) => {
                let n = self.device(*n);
                let is_owner = self.couple.devices_of(OWNER).contains(&n);
                let bond = self.couple.bond();
                let knows = self.couple.world[n].disk.bonds.contains_key(&bond);
                if self.couple.is_agreed(n) || is_owner && knows {
                    self.couple.end(n);
                }
            }
        }
    }

    fn say(&mut self, n: usize) {
        if self.couple.is_agreed(n) {
            self.said += 1;
            self.couple.say(n, &format!("{} by {n}", self.said));
        }
    }

    fn forget(&mut self, n: usize, which: usize) {
        if !self.couple.is_agreed(n) {
            return;
        }
        let is_owner = self.couple.devices_of(OWNER).contains(&n);
        let shown = &self.couple.world[n].bond(self.couple.bond()).read;
        let may = |document: &DocumentId| is_owner || self.couple.is_by_supporter(*document);
        let may: Vec<DocumentId> = shown.keys().copied().filter(may).collect();
        if let Some(document) = may.get(which % may.len().max(1)) {
            self.couple.forget(n, *document);
        }
    }

    fn accept(&mut self, n: usize) {
        let device = &self.couple.world[n];
        let bond = self.couple.bond();
        let answered =
            device.disk.answers.contains_key(&bond) || device.disk.bonds.contains_key(&bond);
        if !answered {
            self.couple.accept(n);
        }
    }

    /// All that the removed device knew and wanted is known to the others before.
    fn revoke(&mut self, by: usize, who: usize) {
        let are_first = who <= PHONE;
        if by == who || are_first || !self.couple.devices_of(by).contains(&who) {
            return;
        }
        self.couple.settle();
        self.couple.world.revoke(by, who);
        self.couple.world.devices.remove(who);
    }

    /// Honest times: everything heals.
    fn ends_well(mut self) {
        self.couple.settle();
        let bond = self.couple.bond();
        let supporters = self.couple.devices_of(SUPPORTER);
        let mut supporters = supporters.iter().map(|n| &self.couple.world[*n]);
        if supporters.all(|device| !device.disk.bonds.contains_key(&bond)) {
            self.accept(SUPPORTER);
        }
        self.couple.ends_well();
    }
}

fn tell(couple: Couple, tale: &[Happening]) {
    let mut told = Tale::new(couple);
    for happening in tale {
        told.happens(happening);
    }
    told.ends_well();
}

proptest! {
    #![proptest_config(crate::laws::seeded(24))]

    #[test]
    fn f1_however_they_meet_and_whatever_is_lost_both_read_the_same(
        tale in prop::collection::vec(everyday(), 1..30)
    ) {
        tell(Couple::inviting(), &tale);
    }

    #[test]
    fn l7_however_devices_come_and_go_both_read_the_same(
        tale in prop::collection::vec(with_members(), 1..30)
    ) {
        tell(Couple::active(), &tale);
    }

    #[test]
    fn l1_whatever_the_relay_loses_both_read_the_same(
        tale in prop::collection::vec(with_losses(), 1..30)
    ) {
        tell(Couple::active(), &tale);
    }

    #[test]
    fn j3_whenever_and_by_whomever_it_is_ended_nothing_is_left(
        before in prop::collection::vec(with_members(), 0..12),
        ends in prop::collection::vec(device().prop_map(Happening::End), 1..3),
        after in prop::collection::vec(with_losses(), 0..12),
    ) {
        tell(Couple::invited(), &[before, ends, after].concat());
    }
}
