//! A person: keys, logs and chains, made by hand.

use daymark_wire::{
    AccountId, ChainId, DeviceId, DocumentId, EpochId, Hash, Have, Header, Incarnation, KeyId,
    LogId, Nonce, Record, RecordKind, Seq, Signed, SigningKey, SpaceId, Suite,
    hash::Domain,
    logs::{
        AccountContent, AccountLink, AccountState, Author, Enter, EpochCommitment, EpochContent,
        JournalContent, JournalLink, JournalState, LinkBody, MadeFor, NewDevice,
        NewDeviceStatement, Rekey, TravelLink,
    },
    record::{ExpiryDay, Replaces},
    sync::{KnownLog, SpaceRequest, SyncRequest},
    wrapping::{Recipient, WrappingPublicKey},
};
use zeroize::Zeroizing;

/// One device.
pub(crate) struct Device {
    pub(crate) key: SigningKey,
    pub(crate) id: DeviceId,
    wrapping: WrappingPublicKey,
}

impl Device {
    /// The device of this number: the same number, the same keys.
    pub(crate) fn new(number: u16) -> Self {
        let mut seed = [0xd0; 32];
        seed[..2].copy_from_slice(&number.to_be_bytes());
        let key = SigningKey::from_seed(&Zeroizing::new(seed));
        let mut wrapping = [7; WrappingPublicKey::SIZE];
        // In the seed of its ML-KEM half, which may be any bytes.
        wrapping[1152..1154].copy_from_slice(&number.to_be_bytes());
        Self {
            id: key.verifying_key().device_id(),
            key,
            wrapping: WrappingPublicKey::from_bytes(wrapping).unwrap(),
        }
    }

    pub(crate) fn statement(&self, account: AccountId) -> NewDevice {
        let statement = NewDeviceStatement {
            signing: self.key.verifying_key(),
            wrapping: self.wrapping.hash(),
            account,
            nonce: Nonce::from_bytes([3; 16]),
        };
        NewDevice::sign(statement, &self.key)
    }
}

/// A person with an account of one device, and what their logs say.
pub(crate) struct Person {
    pub(crate) device: Device,
    pub(crate) account: AccountState,
    pub(crate) journal: JournalState,
    /// Every link of both logs, in an order in which each can be judged.
    pub(crate) links: Vec<TravelLink>,
}

impl Person {
    /// Genesis, open, epoch 1, made offline.
    pub(crate) fn new(number: u16) -> Self {
        let device = Device::new(number);
        let root = Self::root(number);
        let genesis: AccountLink = Signed::sign(
            LinkBody {
                suite: Suite::One,
                log: LogId::ZERO,
                position: 1,
                previous: Hash::ZERO,
                author: Author::Root,
                rests_on: Vec::new(),
                content: AccountContent::Genesis {
                    root: root.verifying_key(),
                    recovery: WrappingPublicKey::from_bytes([5; WrappingPublicKey::SIZE]).unwrap(),
                    device: device.statement(AccountId::ZERO),
                    account_key: WrappingPublicKey::from_bytes([6; WrappingPublicKey::SIZE])
                        .unwrap(),
                    home: None,
                },
            },
            &root,
        );
        let account = AccountState::begin(&genesis).unwrap();
        let open: JournalLink = Signed::sign(
            LinkBody {
                suite: Suite::One,
                log: LogId::ZERO,
                position: 1,
                previous: Hash::ZERO,
                author: Author::Device(device.id),
                rests_on: vec![account.head()],
                content: JournalContent::Open {
                    account: account.id(),
                    wrapping: device.wrapping.clone(),
                    nonce: Nonce::from_bytes([4; 16]),
                },
            },
            &device.key,
        );
        let journal = JournalState::begin(&open, &account).unwrap();
        let mut person = Self {
            device,
            account,
            journal,
            links: vec![genesis.to_travel(None), open.to_travel(None)],
        };
        person.epoch(Have::new(), None);
        person
    }

    /// The root key of the person of this number.
    pub(crate) fn root(number: u16) -> SigningKey {
        let mut seed = [0x70; 32];
        seed[..2].copy_from_slice(&number.to_be_bytes());
        SigningKey::from_seed(&Zeroizing::new(seed))
    }

    pub(crate) fn id(&self) -> AccountId {
        self.account.id()
    }

    pub(crate) fn space(&self) -> SpaceId {
        self.journal.space()
    }

    pub(crate) fn epoch_id(&self) -> EpochId {
        self.journal.newest_epoch().unwrap().id
    }

    pub(crate) fn known(&self) -> Vec<KnownLog> {
        vec![
            KnownLog {
                log: self.id().into(),
                head: self.account.head(),
            },
            KnownLog {
                log: self.space().into(),
                head: self.journal.head(),
            },
        ]
    }

    /// A request that knows all and brings nothing.
    pub(crate) fn request(&self) -> SyncRequest {
        SyncRequest {
            known: self.known(),
            append: Vec::new(),
            spaces: vec![SpaceRequest {
                space: self.space(),
                have: Have::new(),
                want: Vec::new(),
                push: Vec::new(),
            }],
            invite: None,
        }
    }

    /// A request that registers this account.
    pub(crate) fn registration(&self, invite: Option<String>) -> SyncRequest {
        SyncRequest {
            append: self.links.clone(),
            invite,
            ..self.request()
        }
    }

    /// A request that brings links and names no head.
    pub(crate) fn bringing(&self, links: Vec<TravelLink>) -> SyncRequest {
        SyncRequest {
            known: Vec::new(),
            ..self.appending(links)
        }
    }

    /// A request that brings links, and knows the heads with them.
    pub(crate) fn appending(&self, links: Vec<TravelLink>) -> SyncRequest {
        SyncRequest {
            append: links,
            ..self.request()
        }
    }

    /// A request that pushes records.
    pub(crate) fn pushing(&self, records: Vec<Record>) -> SyncRequest {
        let mut request = self.request();
        request.spaces[0].push = records;
        request
    }

    /// The next link of the account log, signed by the first device.
    pub(crate) fn account_link(&self, content: AccountContent) -> AccountLink {
        self.account_link_by(Author::Device(self.device.id), &self.device.key, content)
    }

    /// The same, signed by root or another.
    pub(crate) fn account_link_by(
        &self,
        author: Author,
        key: &SigningKey,
        content: AccountContent,
    ) -> AccountLink {
        let body = LinkBody {
            suite: Suite::One,
            log: self.id().into(),
            position: self.account.length() + 1,
            previous: self.account.last(),
            author,
            rests_on: Vec::new(),
            content,
        };
        Signed::sign(body, key)
    }

    /// The next link of the journal log, signed by the first device.
    pub(crate) fn journal_link(&self, content: JournalContent) -> JournalLink {
        let body = LinkBody {
            suite: Suite::One,
            log: self.space().into(),
            position: self.journal.length() + 1,
            previous: self.journal.last(),
            author: Author::Device(self.device.id),
            rests_on: vec![self.account.head()],
            content,
        };
        Signed::sign(body, &self.device.key)
    }

    /// Takes an account link of one's own making.
    pub(crate) fn say_account(&mut self, content: AccountContent) -> TravelLink {
        let link = self.account_link(content);
        self.account.apply(&link).unwrap();
        self.keep(link.to_travel(None))
    }

    fn say_journal(&mut self, content: JournalContent, blob: Option<Vec<u8>>) -> TravelLink {
        let link = self.journal_link(content);
        self.journal.apply(&link, &self.account).unwrap();
        self.keep(link.to_travel(blob))
    }

    fn keep(&mut self, link: TravelLink) -> TravelLink {
        self.links.push(link.clone());
        link
    }

    /// Adds a device: *add* and *enter*.
    pub(crate) fn add(&mut self, device: &Device) -> Vec<TravelLink> {
        let content = AccountContent::Add {
            device: device.statement(self.id()),
        };
        let add = self.say_account(content);
        let blob = b"a wrap for the new device".to_vec();
        let content = JournalContent::Enter(Enter {
            device: device.id,
            wrapping: device.wrapping.clone(),
            epoch: self.epoch_id(),
            wraps: Hash::of(Domain::Blob, &[&blob]),
        });
        vec![add, self.say_journal(content, Some(blob))]
    }

    pub(crate) fn revoke(&mut self, device: &Device) -> TravelLink {
        self.say_account(AccountContent::Revoke { device: device.id })
    }

    pub(crate) fn rekey(&mut self) -> TravelLink {
        let content = JournalContent::Rekey(Rekey {
            wrapping: self.device.wrapping.clone(),
            epoch: self.epoch_id(),
            locked: false,
        });
        self.say_journal(content, None)
    }

    pub(crate) fn epoch(&mut self, have: Have, made_for: Option<MadeFor>) -> TravelLink {
        self.epoch_that_forgets(Vec::new(), have, made_for)
    }

    pub(crate) fn epoch_that_forgets(
        &mut self,
        forgets: Vec<DocumentId>,
        have: Have,
        made_for: Option<MadeFor>,
    ) -> TravelLink {
        let (content, blob) = self.epoch_content(forgets, have, made_for);
        self.say_journal(content, Some(blob))
    }

    pub(crate) fn epoch_content(
        &self,
        forgets: Vec<DocumentId>,
        have: Have,
        made_for: Option<MadeFor>,
    ) -> (JournalContent, Vec<u8>) {
        let number = self
            .journal
            .newest_epoch()
            .map_or(1, |epoch| epoch.number + 1);
        let blob = format!("wraps of epoch {number}").into_bytes();
        let devices = self.account.active_devices();
        let recipients = devices
            .map(|(id, _)| Recipient::Device(id))
            .chain([Recipient::Recovery]);
        let content = JournalContent::Epoch(EpochContent {
            number,
            commitment: EpochCommitment::from_bytes([8; 32]),
            wraps: Hash::of(Domain::Blob, &[&blob]),
            recipients: recipients.collect(),
            have,
            forgets,
            made_for,
        });
        (content, blob)
    }
}

/// Writes one chain.
#[derive(Clone)]
pub(crate) struct Pen {
    pub(crate) chain: ChainId,
    pub(crate) seq: Seq,
    pub(crate) previous: Hash,
    pub(crate) replaces: Option<Replaces>,
    /// The document of the next records.
    pub(crate) document: DocumentId,
}

impl Pen {
    pub(crate) fn new(device: &Device, incarnation: u16) -> Self {
        let mut bytes = [1; 8];
        bytes[..2].copy_from_slice(&incarnation.to_be_bytes());
        Self {
            chain: ChainId {
                device: device.id,
                incarnation: Incarnation::from_bytes(bytes),
            },
            seq: Seq(0),
            previous: Hash::ZERO,
            replaces: None,
            document: DocumentId::from_bytes([9; 16]),
        }
    }

    /// The next record, with any bytes as its body.
    pub(crate) fn write(&mut self, person: &Person, device: &Device, body: &[u8]) -> Record {
        self.write_with(person, device, body, |_| ())
    }

    /// The next record, its header changed before it is signed.
    pub(crate) fn write_with(
        &mut self,
        person: &Person,
        device: &Device,
        body: &[u8],
        change: impl FnOnce(&mut Header),
    ) -> Record {
        let mut header = Header {
            suite: Suite::One,
            kind: RecordKind::Change,
            space: person.space(),
            document: self.document,
            chain: self.chain,
            seq: self.seq.next().unwrap(),
            previous: self.previous,
            epoch: person.epoch_id(),
            heads: vec![person.account.head(), person.journal.head()],
            expires: ExpiryDay(0),
            key: KeyId::from_bytes([2; 16]),
            introduces: None,
            replaces: self.replaces.take(),
            body_length: u32::try_from(body.len()).unwrap(),
            body_hash: Hash::of(Domain::Body, &[body]),
        };
        change(&mut header);
        let signed = Signed::sign(header, &device.key);
        let record = Record::new(signed, Some(body.to_vec())).unwrap();
        self.seq = record.place().seq;
        self.previous = record.hash();
        record
    }

    /// Several records in a row.
    pub(crate) fn write_many(
        &mut self,
        person: &Person,
        device: &Device,
        count: usize,
    ) -> Vec<Record> {
        (0..count)
            .map(|n| self.write(person, device, format!("sealed {n}").as_bytes()))
            .collect()
    }

    /// How far this chain is written.
    pub(crate) fn have(&self) -> Have {
        Have::from_iter([(self.chain, self.seq)])
    }
}
