//! An owner with two devices, a supporter with two, their relay, and what they say to each other.

use super::{Device, Disk, Ledger, Meanwhile, ModelRelay, State, World, account};
use daymark_core::bonds::Invitation;
use daymark_wire::{DocumentId, SpaceId};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

/// The owner's first device.
pub(crate) const OWNER: usize = 0;
/// The owner's second device.
pub(crate) const TABLET: usize = 1;
/// The supporter's first device.
pub(crate) const SUPPORTER: usize = 2;
/// The supporter's second device.
pub(crate) const PHONE: usize = 3;

/// Rounds of honest syncs after which both know everything: what one side mends the other has to see, and may
/// have to answer.
const ROUNDS: usize = 12;

/// See the module.
pub(crate) struct Couple {
    pub(crate) world: World,
    pub(crate) invitation: Invitation,
    said: BTreeMap<DocumentId, Vec<u8>>,
    by_supporter: BTreeSet<DocumentId>,
}

/// A couple as it was made once, to make others from.
struct Kept {
    disks: Vec<Disk>,
    relay: ModelRelay,
    invitation: Invitation,
    said: BTreeMap<DocumentId, Vec<u8>>,
    by_supporter: BTreeSet<DocumentId>,
}

impl Couple {
    /// The owner has invited, which nobody knows of.
    pub(crate) fn inviting() -> Self {
        static PEOPLE: OnceLock<Vec<Disk>> = OnceLock::new();
        let people = || [1, 2].map(|seed| account(seed)[..2].to_vec()).concat();
        let mut world = World::of(PEOPLE.get_or_init(people), ModelRelay::new());
        for people in [[OWNER, TABLET], [SUPPORTER, PHONE]] {
            let ledger = Ledger::default();
            for device in people {
                world[device].ledger = ledger.clone();
            }
        }
        let invitation = world[OWNER].invite();
        Self {
            world,
            invitation,
            said: BTreeMap::new(),
            by_supporter: BTreeSet::new(),
        }
    }

    /// The relay knows of the invitation.
    pub(crate) fn invited() -> Self {
        static INVITED: OnceLock<Kept> = OnceLock::new();
        Self::of(INVITED.get_or_init(|| {
            let mut couple = Self::inviting();
            couple.settle();
            couple.kept()
        }))
    }

    /// The supporter has accepted, and all devices know.
    pub(crate) fn active() -> Self {
        static ACTIVE: OnceLock<Kept> = OnceLock::new();
        Self::of(ACTIVE.get_or_init(|| {
            let mut couple = Self::invited();
            assert!(couple.accept(SUPPORTER));
            couple.settle();
            couple.kept()
        }))
    }

    /// Both have said something that all have read.
    pub(crate) fn talking() -> Self {
        static TALKING: OnceLock<Kept> = OnceLock::new();
        Self::of(TALKING.get_or_init(|| {
            let mut couple = Self::active();
            for device in [OWNER, SUPPORTER] {
                couple.say(device, "kept");
            }
            couple.settle();
            couple.kept()
        }))
    }

    fn kept(&self) -> Kept {
        let devices = self.world.devices.iter();
        Kept {
            disks: devices.map(|device| device.disk.clone()).collect(),
            relay: self.world.relay.clone(),
            invitation: self.invitation.clone(),
            said: self.said.clone(),
            by_supporter: self.by_supporter.clone(),
        }
    }

    fn of(kept: &Kept) -> Self {
        let mut world = World::of(&kept.disks, kept.relay.clone());
        for people in [[OWNER, TABLET], [SUPPORTER, PHONE]] {
            let ledger = Ledger::default();
            for device in people {
                world[device].ledger = ledger.clone();
                // What was drawn before is not drawn again.
                world[device].reopen();
            }
        }
        world[OWNER].ledger.put(&kept.invitation);
        Self {
            world,
            invitation: kept.invitation.clone(),
            said: kept.said.clone(),
            by_supporter: kept.by_supporter.clone(),
        }
    }

    /// Devices of the same person, which were not removed.
    pub(crate) fn devices_of(&self, device: usize) -> Vec<usize> {
        let devices = &self.world.devices;
        let of = devices[device].account();
        (0..devices.len())
            .filter(|n| devices[*n].account() == of)
            .collect()
    }

    /// Whether a device knows that both agreed, and of no end.
    pub(crate) fn is_agreed(&self, device: usize) -> bool {
        let bond = self.world[device].disk.bonds.get(&self.bond());
        bond.is_some_and(|bond| bond.agreed.is_some() && !bond.is_over())
    }

    pub(crate) fn bond(&self) -> SpaceId {
        self.invitation.bond()
    }

    pub(crate) fn accept(&mut self, device: usize) -> bool {
        let World { devices, relay, .. } = &mut self.world;
        devices[device].accept(&self.invitation, relay)
    }

    /// Whether the supporter said it.
    pub(crate) fn is_by_supporter(&self, document: DocumentId) -> bool {
        self.by_supporter.contains(&document)
    }

    /// One of them says something, on a device that knows the bond.
    pub(crate) fn say(&mut self, device: usize, content: &str) -> DocumentId {
        let bond = self.bond();
        let document = self.world[device].say(bond, content);
        self.said.insert(document, content.as_bytes().to_vec());
        if self.world[device].account() == self.world[SUPPORTER].account() {
            self.by_supporter.insert(document);
        }
        document
    }

    /// One of them wants something to be forgotten, which they may.
    pub(crate) fn forget(&mut self, device: usize, document: DocumentId) {
        let bond = self.bond();
        self.world[device].wish_to_forget(bond, document);
        self.said.remove(&document);
    }

    pub(crate) fn end(&mut self, device: usize) {
        let bond = self.bond();
        self.world[device].wish_to_end(bond);
    }

    /// A device syncs, and another does just before one of its exchanges, counted from 0.
    pub(crate) fn sync_beside(&mut self, device: usize, exchange: usize, other: usize) {
        let World { devices, relay, .. } = &mut self.world;
        let [device, other] = devices.get_disjoint_mut([device, other]).unwrap();
        let mut line = Meanwhile {
            relay,
            before: exchange,
            happens: Some(|relay: &mut ModelRelay| {
                other.sync(relay).unwrap();
            }),
        };
        device.sync(&mut line).unwrap();
    }

    /// A device of each person more: what their bond rests on is past.
    pub(crate) fn go_on(&mut self) {
        self.world.admit(OWNER);
        self.world.admit(SUPPORTER);
    }

    /// Everybody syncs until nothing more comes: links alone are no more than a round trip, so twice.
    pub(crate) fn settle(&mut self) {
        let mut quiet = 0;
        for _ in 0..ROUNDS {
            let devices = 0..self.world.devices.len();
            let outcomes: Vec<_> = devices.map(|n| self.world.sync(n)).collect();
            let nothing_new = outcomes
                .iter()
                .all(|outcome| (outcome.round_trips, outcome.received, outcome.sent) == (1, 0, 0));
            quiet = if nothing_new { quiet + 1 } else { 0 };
            if quiet == 2 {
                return;
            }
        }
    }

    /// How each device knows the bond.
    fn knowing(&self) -> impl Iterator<Item = &Device> {
        let bond = self.bond();
        let devices = self.world.devices.iter();
        devices.filter(move |device| device.disk.bonds.contains_key(&bond))
    }

    /// Honest times: both sides agree, what was said and not forgotten is read by all, and nothing is left after
    /// an end.
    pub(crate) fn ends_well(&mut self) {
        self.settle();
        let bond = self.bond();
        let heads: BTreeSet<_> = self
            .knowing()
            .map(|device| device.bond(bond).logs.state().head())
            .map(|head| (head.length, *head.hash.as_bytes()))
            .collect();
        assert_eq!(heads.len(), 1, "they see different histories");
        for (n, device) in self.world.devices.iter().enumerate() {
            if let Some(bond) = device.disk.bonds.get(&bond) {
                assert!(!bond.forks.pause(), "device {n} was shown two histories");
            }
        }
        if self.knowing().all(|device| device.bond(bond).is_over()) {
            self.is_over_for_all();
        } else {
            self.is_read_by_all();
        }
        let signed = self.world.notary.count();
        for n in 0..self.world.devices.len() {
            let outcome = self.world.sync(n);
            let nothing_new = (outcome.round_trips, outcome.received, outcome.sent);
            assert_eq!(nothing_new, (1, 0, 0), "device {n}");
        }
        assert_eq!(self.world.notary.count(), signed, "nothing more is sealed");
    }

    fn is_over_for_all(&mut self) {
        let bond = self.bond();
        for (n, device) in self.knowing().enumerate() {
            let disk = device.bond(bond);
            let left = (
                disk.store.records.len(),
                disk.store.keys.len(),
                disk.read.len(),
            );
            assert_eq!(left, (0, 0, 0), "the {n}th to know it keeps something");
        }
        assert!(self.world.relay.chains(bond).is_empty());
    }

    fn is_read_by_all(&self) {
        let bond = self.bond();
        assert_eq!(self.knowing().count(), self.world.devices.len());
        for (n, device) in self.knowing().enumerate() {
            let disk = device.bond(bond);
            assert!(disk.agreed.is_some(), "device {n}");
            assert_eq!(disk.unsent().len(), 0, "device {n} has something unsent");
            assert_eq!(disk.read, self.said, "device {n}");
            let stuck: Vec<_> = disk
                .store
                .records
                .values()
                .filter(|kept| !matches!(kept.state, State::Merged | State::Stub))
                .map(|kept| (kept.state, kept.record.claimed().kind, kept.record.place()))
                .collect();
            assert_eq!(stuck, Vec::new(), "device {n} could not use everything");
        }
    }

    /// No device named anything wrong since it was last asked.
    pub(crate) fn is_faultless(&mut self) {
        let bond = self.bond();
        for (n, device) in self.world.devices.iter_mut().enumerate() {
            assert_eq!(device.take_faults(), BTreeSet::new(), "device {n}");
            if let Some(bond) = device.disk.bonds.get_mut(&bond) {
                let faults = std::mem::take(&mut bond.store.faults);
                assert_eq!(faults, BTreeSet::new(), "device {n}");
            }
        }
    }
}
