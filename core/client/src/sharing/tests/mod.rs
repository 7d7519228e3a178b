//! Two people with real vaults on disk. The relay between them is this test: it carries links and records by hand.

mod agreeing;
mod receiving;
mod sharing;
mod spaces;
mod status;
mod wiping;

use super::{BondError, Preview, ShareError, ShareId, SpaceId, Standing, bond::Bonds};
use crate::{
    system::{Clock, SystemBytes, SystemClock},
    vault::{PendingAcceptance, Vault},
};
use daymark_core::{
    account::found,
    bonds::{self, BegunEpoch, NewEpoch, Offer},
    journal::{Entry, Person, Text, Title, When},
    keys::DocumentKey,
    random::Random,
    seal::{self, BodyKey},
    sync::{Intake, KnownKey, OwnChain, Sealed, SealedItem, StoredRecord, Wishes},
};
use daymark_wire::{
    DocumentId, Hash, Header, LogId, Record, RecordKind, Seq, SigningKey, Suite,
    logs::{Home, TravelLink},
    record::ExpiryDay,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use tempfile::TempDir;
use zeroize::Zeroizing;

struct Side {
    folder: TempDir,
    vault: Vault,
}

struct Couple {
    owner: Side,
    supporter: Side,
    bond: SpaceId,
}

fn home() -> Home {
    let key = SigningKey::from_seed(&Zeroizing::new([7; 32])).verifying_key();
    Home {
        relay: key,
        url: "http://localhost:1".to_owned(),
    }
}

fn person(name: &str) -> Person {
    Person::parse(name).unwrap()
}

fn in_a_week() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(7 * 24)
}

fn entry(title: &str, text: &str) -> Entry {
    let mut entry = Entry::new(When::parse("2021-03-04T21:10Z", None).unwrap().0);
    entry.title = Title::parse(title).unwrap();
    entry.text = Text::parse(text).unwrap();
    entry
}

async fn side() -> Side {
    let folder = TempDir::new().unwrap();
    let random = Random::first(Box::new(SystemBytes::new())).unwrap();
    let founded = found(Some(home()), &random).unwrap();
    let vault = Vault::create(folder.path(), "pass", founded.into(), random).await;
    let vault = vault.unwrap();
    Side { folder, vault }
}

impl Side {
    async fn bonds(&self) -> Bonds {
        let mut reading = self.vault.reading().await.unwrap();
        Bonds::load(&mut reading).await.unwrap()
    }

    async fn links(&self, log: LogId) -> Vec<TravelLink> {
        let mut reading = self.vault.reading().await.unwrap();
        reading.links_of(log).await.unwrap()
    }

    /// Stores links as a sync does that was shown them.
    async fn take_links(&self, log: LogId, links: &[TravelLink]) {
        let mut writing = self.vault.writing().await.unwrap();
        let placed = (1..)
            .zip(links)
            .map(|(position, link)| (log, position, link));
        writing.put_links(placed).await.unwrap();
        writing.commit().await.unwrap();
    }

    /// Opens the newest epoch, as a sync does.
    async fn open_epoch(&self, bond: SpaceId) {
        let bonds = self.bonds().await;
        let known = bonds.all.get(&bond).unwrap();
        let (logs, agreed) = (known.logs.as_ref().unwrap(), known.agreed.unwrap());
        let mut writing = self.vault.writing().await.unwrap();
        let keys = writing.account_keys().await.unwrap();
        let epoch = bonds::open_newest(logs, &agreed, bonds.own.id(), &keys).unwrap();
        writing.put_epochs(bond, &[epoch]).await.unwrap();
        writing.commit().await.unwrap();
    }

    async fn standing(&self, bond: SpaceId) -> Standing {
        let supporters = self.vault.supporters().await.unwrap();
        let mut one = supporters.iter().filter(|one| one.bond == bond);
        one.next().unwrap().standing
    }

    /// How many rows of a table are there for a space.
    async fn rows(&self, table: &'static str, bond: SpaceId) -> i64 {
        let mut reading = self.vault.reading().await.unwrap();
        reading.count_of(table, bond).await
    }

    /// Seals what waits in a bond, as a sync does; gives the records.
    async fn seal(&self, bond: SpaceId) -> Vec<Record> {
        let mut reading = self.vault.reading().await.unwrap();
        let waiting = reading
            .versions_waiting(bond, &BTreeSet::new(), 100)
            .await
            .unwrap();
        drop(reading);
        let mut records = Vec::new();
        for version in waiting {
            let item = version.item;
            let (record, key, own) = self
                .record(bond, version.document, version.expires, &version.content)
                .await;
            let sealed = Sealed {
                items: vec![SealedItem { item, seq: own.seq }],
                keys: vec![(version.document, key)],
                own,
                records: vec![record.clone()],
            };
            let mut writing = self.vault.writing().await.unwrap();
            writing.put_sealed(&sealed).await.unwrap();
            writing.commit().await.unwrap();
            records.push(record);
        }
        records
    }

    /// The next record of this device in a bond, not stored.
    async fn record(
        &self,
        bond: SpaceId,
        document: DocumentId,
        expires: ExpiryDay,
        content: &[u8],
    ) -> (Record, KnownKey, OwnChain) {
        let bonds = self.bonds().await;
        let logs = bonds.all.get(&bond).unwrap().logs.as_ref().unwrap();
        let mut reading = self.vault.reading().await.unwrap();
        let epochs = reading.epochs_of(bond).await.unwrap();
        let newest = logs.state().newest_epoch().unwrap().id;
        let (random, device) = (self.vault.random(), self.vault.device_key());
        let own = reading.own_chain_of(bond).await.unwrap();
        let own = own.unwrap_or_else(|| OwnChain::first(device.id(), random).unwrap());
        let key = DocumentKey::generate(random).unwrap();
        let header = Header {
            suite: Suite::One,
            kind: RecordKind::Version,
            space: bond,
            document,
            chain: own.chain,
            seq: Seq(own.seq.0 + 1),
            previous: own.hash,
            epoch: newest,
            heads: logs.heads(&bonds.own).unwrap().to_vec(),
            expires,
            key: key.id(),
            introduces: Some(epochs.get(&newest).unwrap().wrap_key(document, &key)),
            replaces: None,
            body_length: 0,
            body_hash: Hash::ZERO,
        };
        let record = seal::seal(header, content, BodyKey::Document(&key), device, random);
        let record = record.unwrap();
        let own = OwnChain {
            seq: record.place().seq,
            hash: record.hash(),
            ..own
        };
        let known = KnownKey { epoch: newest, key };
        (record, known, own)
    }

    /// A relay took these records of this device.
    async fn acknowledged(&self, bond: SpaceId, records: &[Record]) {
        let Some(last) = records.last() else {
            return;
        };
        let mut writing = self.vault.writing().await.unwrap();
        writing.acknowledge(bond, last.place()).await.unwrap();
        writing.commit().await.unwrap();
    }

    /// Stores records as a sync does that was shown them, and takes them in.
    async fn receive(&self, bond: SpaceId, from: &Self, records: Vec<Record>) -> (usize, usize) {
        let key = from.vault.device_key().verifying_key();
        let stored = records.into_iter().map(|record| {
            let (header, body) = record.into_parts();
            let header = header.verify(&key).unwrap();
            StoredRecord { header, body }
        });
        let mut intake = Intake::default();
        intake.records.extend(stored);
        let mut writing = self.vault.writing().await.unwrap();
        let forgotten = BTreeSet::new();
        let put = writing.put_intake(bond, &intake, &forgotten);
        put.await.unwrap();
        writing.commit().await.unwrap();
        let taken = self.vault.take_in_bonds().await.unwrap();
        (taken.received, taken.refused)
    }

    async fn write(&self, title: &str, text: &str) -> DocumentId {
        let entry = entry(title, text);
        self.vault.write(&entry, None).await.unwrap()
    }

    async fn wishes(&self, bond: SpaceId) -> Wishes {
        let mut reading = self.vault.reading().await.unwrap();
        let bonds = Bonds::load(&mut reading).await.unwrap();
        bonds.wishes(&mut reading, bond).await.unwrap()
    }
}

/// What the supporter's device considered, from what the owner's device has.
async fn offer(owner: &Side, text: &str) -> (Offer, Vec<TravelLink>) {
    let invitation: super::Invitation = text.parse().unwrap();
    let mut shown = owner.links(owner.vault.account().into()).await;
    shown.extend(owner.links(invitation.bond().into()).await);
    (bonds::consider(invitation, &shown).unwrap(), shown)
}

impl Couple {
    /// Invited, and accepted by the supporter; the owner has heard nothing yet.
    async fn accepted() -> Self {
        let (owner, supporter) = (side().await, side().await);
        let name = person("a supporter");
        let invitation = owner.vault.invite(&name, None, in_a_week()).await.unwrap();
        let (offer, shown) = offer(&owner, &invitation.to_string()).await;
        let own = supporter.vault.reading().await.unwrap().own_account().await;
        let device = supporter.vault.device_key();
        let now = SystemClock.now_ms() / 1000;
        let random = supporter.vault.random();
        let accepted = offer.accept(&own.unwrap(), now, None, device, random);
        let accepted = accepted.unwrap();
        let pending = PendingAcceptance::new(
            "the owner".to_owned(),
            String::new(),
            shown,
            accepted.links.to_vec(),
            &accepted.epoch,
        );
        let bond = invitation.bond();
        supporter.vault.keep_bond(bond, &pending).await.unwrap();
        Self {
            owner,
            supporter,
            bond,
        }
    }

    /// Both agreed, and both devices know.
    async fn agreed() -> Self {
        let couple = Self::accepted().await;
        couple.tell_owner().await;
        couple.owner.open_epoch(couple.bond).await;
        couple
    }

    /// Shows the owner's device what the supporter's did.
    async fn tell_owner(&self) {
        let account = LogId::from(self.supporter.vault.account());
        let links = self.supporter.links(account).await;
        self.owner.take_links(account, &links).await;
        self.copy_bond(&self.supporter, &self.owner).await;
        self.owner.vault.take_in_bonds().await.unwrap();
    }

    async fn copy_bond(&self, from: &Side, to: &Side) {
        let log = LogId::from(self.bond);
        to.take_links(log, &from.links(log).await).await;
    }

    /// Seals what waits on one side, and shows it to the other: how much was taken, and refused.
    async fn carry(&self, from: &Side, to: &Side) -> (usize, usize) {
        let records = from.seal(self.bond).await;
        from.acknowledged(self.bond, &records).await;
        from.vault.take_in_bonds().await.unwrap();
        to.receive(self.bond, from, records).await
    }

    /// Carries out what one side wants forgotten, as a sync does.
    async fn forget(&self, by: &Side, other: &Side) -> usize {
        let bonds = by.bonds().await;
        let known = bonds.all.get(&self.bond).unwrap();
        let (logs, agreed) = (known.logs.as_ref().unwrap(), known.agreed.unwrap());
        let says = NewEpoch {
            forgets: by.wishes(self.bond).await.forget.into_iter().collect(),
            ..NewEpoch::default()
        };
        let count = says.forgets.len();
        let (device, random) = (by.vault.device_key(), by.vault.random());
        let begun = bonds::begin_epoch(logs, &agreed, &bonds.own, says, device, random);
        self.add(by, other, begun_link(begun)).await;
        by.open_epoch(self.bond).await;
        other.open_epoch(self.bond).await;
        by.vault.take_in_bonds().await.unwrap();
        other.vault.take_in_bonds().await.unwrap();
        count
    }

    /// Adds a link to the bond's log, on both sides.
    async fn add(&self, by: &Side, other: &Side, link: TravelLink) {
        let log = LogId::from(self.bond);
        let links = [by.links(log).await, vec![link]].concat();
        by.take_links(log, &links).await;
        other.take_links(log, &links).await;
    }

    async fn preview(&self, entry: DocumentId) -> Result<Preview, ShareError> {
        let parts = super::Parts::default();
        self.owner.vault.preview(entry, &parts, &[self.bond]).await
    }

    /// Shares an entry, and carries it over.
    async fn share(&self, entry: DocumentId) -> ShareId {
        let preview = self.preview(entry).await.unwrap();
        let shared = self.owner.vault.share(&preview, &Default::default()).await;
        assert_eq!(self.carry(&self.owner, &self.supporter).await, (1, 0));
        shared.unwrap()[0]
    }
}

fn begun_link(begun: Result<BegunEpoch, BondError>) -> TravelLink {
    begun.unwrap().link
}
