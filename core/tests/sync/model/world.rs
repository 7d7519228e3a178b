//! A few devices of one account, and a relay.

use super::{Device, Disk, ModelRelay, Notary, State, Store, random, relay::relay_key};
use daymark_core::{
    account::{DeviceRequest, admit_device, found, open_newest},
    keys::{DeviceKey, WrappingKey},
    random::Random,
    sync::OwnChain,
};
use daymark_wire::{
    LogId, Nonce, Signed, Suite,
    logs::{AccountContent, AccountLink, Author, Home, LinkBody, TravelLink},
    wrapping::Recipient,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{Index, IndexMut},
    sync::OnceLock,
};

/// Devices of the account that worlds are made from.
const DEVICES: usize = 4;

const NONCE: Nonce = Nonce::from_bytes([7; 16]);

/// Rounds of honest syncs after which everybody knows everything. Each mend (a renewed chain, an epoch, keys
/// wrapped again, a body offered) takes its author one and the others another.
const ROUNDS: usize = 6;

/// See the module.
pub(crate) struct World {
    pub(crate) devices: Vec<Device>,
    pub(crate) relay: ModelRelay,
    pub(crate) notary: Notary,
}

impl Index<usize> for World {
    type Output = Device;

    fn index(&self, index: usize) -> &Device {
        &self.devices[index]
    }
}

impl IndexMut<usize> for World {
    fn index_mut(&mut self, index: usize) -> &mut Device {
        &mut self.devices[index]
    }
}

impl World {
    /// So many devices, which have synced once.
    pub(crate) fn new(devices: usize) -> Self {
        static ACCOUNT: OnceLock<(Vec<Disk>, ModelRelay)> = OnceLock::new();
        let (disks, relay) = ACCOUNT.get_or_init(|| {
            let mut world = Self::of(&account(1), ModelRelay::new());
            world.settle();
            let disks = world.devices.iter().map(|device| device.disk.clone());
            (disks.collect(), world.relay)
        });
        Self::of(&disks[..devices], relay.clone())
    }

    /// These devices and this relay.
    pub(crate) fn of(disks: &[Disk], relay: ModelRelay) -> Self {
        let notary = Notary::default();
        let open =
            |(n, disk): (usize, &Disk)| Device::open(disk.clone(), n as u64 + 1, notary.clone());
        Self {
            devices: disks.iter().enumerate().map(open).collect(),
            relay,
            notary,
        }
    }

    /// One device syncs with the honest relay.
    pub(crate) fn sync(&mut self, device: usize) -> daymark_core::sync::Outcome {
        self.devices[device].sync(&mut self.relay).unwrap()
    }

    /// Every device syncs until nothing more comes.
    pub(crate) fn settle(&mut self) {
        for _ in 0..ROUNDS {
            let mut nothing_new = true;
            for device in &mut self.devices {
                let outcome = device.sync(&mut self.relay).unwrap();
                nothing_new &= outcome.round_trips == 1 && outcome.received == 0;
            }
            if nothing_new {
                return;
            }
        }
    }

    /// A copy of a vault as it is now: another machine restored it, or was cloned.
    pub(crate) fn copy(&mut self, device: usize) -> usize {
        let vault = self.devices.len() as u64 + 100;
        let original = &self.devices[device];
        self.notary.copied(original.vault, vault);
        let copy = Device::open(original.disk.clone(), vault, self.notary.clone());
        self.devices.push(copy);
        self.devices.len() - 1
    }

    /// All devices show the same, nothing waits to be sent, and nothing new comes.
    pub(crate) fn assert_converged(&mut self) {
        for n in 0..self.devices.len() {
            let device = &self.devices[n];
            assert!(
                device.disk.outbox.is_empty(),
                "device {n} has unsent changes"
            );
            assert_eq!(device.views(), self.devices[0].views(), "device {n}");
            let stuck: Vec<_> = device
                .disk
                .records
                .values()
                .filter(|kept| !matches!(kept.state, State::Merged | State::Stub))
                .filter(|kept| !device.is_before_its_time(kept))
                .map(|kept| (kept.state, kept.record.claimed().kind, kept.record.place()))
                .collect();
            assert_eq!(stuck, Vec::new(), "device {n} could not use everything");
        }
        for n in 0..self.devices.len() {
            let outcome = self.sync(n);
            let nothing_new = (outcome.round_trips, outcome.received, outcome.sent);
            assert_eq!(nothing_new, (1, 0, 0), "device {n}");
        }
    }

    /// What every view should hold, whoever wrote it.
    pub(crate) fn assert_tags(
        &self,
        written: &BTreeMap<daymark_wire::DocumentId, BTreeSet<String>>,
    ) {
        for (n, device) in self.devices.iter().enumerate() {
            for (document, tags) in written {
                let missing: Vec<_> = tags.difference(&device.tags(*document)).cloned().collect();
                assert!(
                    missing.is_empty(),
                    "device {n} lacks {missing:?} of {document}"
                );
            }
        }
    }

    /// Every link that a device has.
    pub(crate) fn links(&self, device: usize) -> Vec<TravelLink> {
        self.devices[device].disk.logs.links_in_order(0, 0)
    }

    /// The link by which one device revokes another.
    pub(crate) fn revocation(&self, by: usize, revoked: usize) -> TravelLink {
        let logs = self.devices[by].disk.logs.clone();
        let account = logs.account();
        let key = DeviceKey::from_seed(self.devices[by].disk.device_seed.clone());
        let link: AccountLink = Signed::sign(
            LinkBody {
                suite: Suite::One,
                log: LogId::from(account.id()),
                position: account.length() + 1,
                previous: account.last(),
                author: Author::Device(key.id()),
                rests_on: Vec::new(),
                content: AccountContent::Revoke {
                    device: self.devices[revoked].disk.device(),
                },
            },
            key.signing(),
        );
        link.to_travel(None)
    }

    /// One device revokes another and syncs.
    pub(crate) fn revoke(&mut self, by: usize, revoked: usize) {
        let link = self.revocation(by, revoked);
        let relay = &mut self.relay;
        self.devices[by].sync_with(vec![link], relay).unwrap();
    }

    /// A device that all others let in now.
    pub(crate) fn admit(&mut self, by: usize) -> usize {
        self.sync(by);
        let vault = self.devices.len() as u64 + 1;
        let owner = &self.devices[by];
        // Another one each time, also where one that was let in before is gone.
        let seed = (vault << 40) + owner.disk.logs.account().length();
        let (disk, links) = admitted(&owner.disk, &random(seed));
        self.devices[by].sync_with(links, &mut self.relay).unwrap();
        let mut new = Device::open(disk, vault, self.notary.clone());
        new.ledger = self.devices[by].ledger.clone();
        self.devices.push(new);
        self.devices.len() - 1
    }
}

/// The first device of a new account.
fn founded(random: &Random) -> Disk {
    let home = Home {
        relay: relay_key(),
        url: "https://relay.example".to_owned(),
    };
    let founded = found(Some(home), random).unwrap();
    let own = OwnChain::first(founded.device.id(), random).unwrap();
    Disk {
        device_seed: founded.device.seed().clone(),
        wrapping: founded.wrapping,
        account_keys: founded.account_keys,
        logs: founded.logs,
        documents: BTreeMap::new(),
        journal: Store {
            epochs: BTreeMap::from([founded.epoch]),
            ..Store::new(own)
        },
        bonds: BTreeMap::new(),
        answers: BTreeMap::new(),
    }
}

/// A new device's vault, and the links that let it in.
fn admitted(by: &Disk, random: &Random) -> (Disk, Vec<TravelLink>) {
    let device = DeviceKey::generate(random).unwrap();
    let wrapping = WrappingKey::generate(random).unwrap();
    let mut logs = by.logs.clone();
    let request = DeviceRequest::new(&device, &wrapping, logs.account().id(), NONCE);
    let newest = logs.journal().newest_epoch().unwrap().id;
    let owner = DeviceKey::from_seed(by.device_seed.clone());
    let secret = &by.epochs[&newest];
    let admission = admit_device(&logs, &request, NONCE, secret, &owner, random).unwrap();
    let links = vec![admission.add, admission.enter];
    assert_eq!(logs.take(&links).fault, None);
    let opened = open_newest(&logs, Recipient::Device(device.id()), &wrapping).unwrap();
    let own = OwnChain::first(device.id(), random).unwrap();
    let disk = Disk {
        device_seed: device.seed().clone(),
        wrapping,
        account_keys: opened.account_keys.unwrap(),
        logs,
        documents: BTreeMap::new(),
        journal: Store {
            epochs: BTreeMap::from([opened.epoch]),
            ..Store::new(own)
        },
        bonds: BTreeMap::new(),
        answers: BTreeMap::new(),
    };
    (disk, links)
}

/// An account with a few devices, none of which has met a relay.
pub(crate) fn account(seed: u64) -> Vec<Disk> {
    let random = random(seed << 48);
    let mut first = founded(&random);
    let mut others = Vec::new();
    for _ in 1..DEVICES {
        let (disk, links) = admitted(&first, &random);
        assert_eq!(first.logs.take(&links).fault, None);
        others.push(disk);
    }
    [vec![first], others].concat()
}
