//! A device that drives core's sync machine as a client does. It can be killed before any step.

use super::{Answer, Caller, Disk, Ledger, Line, Notary, random, store::Kept};
use daymark_core::{
    gate,
    journal::{Actor, Edit, Entry, EntryDocument, Step, Tag, Text, View, When, Zone},
    random::{Purpose, Random},
    sync::{
        Event, Fault, Intake, Machine, Machines, OneWorker, Outcome, SealingError,
        Step as SyncStep, Work,
    },
};
use daymark_wire::{
    AccountId, DocumentId, EpochId, SpaceId, limits,
    logs::TravelLink,
    sync::{News, SyncReply, SyncRequest},
};
use std::collections::{BTreeMap, BTreeSet};

/// Steps after which a sync that should have ended has not. The longest honest one takes some dozens.
const MOST_STEPS: usize = 600;

/// Why a sync did not end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The program was killed.
    Killed,
    /// The connection broke.
    Offline,
    /// The relay does not know this device.
    Unauthorized,
}

/// See the module.
pub(crate) struct Device {
    pub(crate) disk: Disk,
    pub(crate) random: Random,
    /// Which vault this is: a copy is another.
    pub(crate) vault: u64,
    pub(crate) notary: Notary,
    /// The page of the journal on which a person's invitations are.
    pub(crate) ledger: Ledger,
    /// Steps until it is killed.
    pub(crate) fuse: Option<u32>,
    /// Records offered in one go.
    pub(crate) offers: usize,
    /// Whether the next sealing adds a checkpoint.
    pub(crate) checkpoint: bool,
    actors: BTreeMap<DocumentId, Actor>,
    openings: u64,
    /// Brought its whole logs in this sync.
    introduced: bool,
}

/// What an exchange came to.
enum Heard {
    Reply(SyncReply),
    UnknownAccount,
    UnknownDevice,
}

impl Device {
    pub(crate) fn open(disk: Disk, vault: u64, notary: Notary) -> Self {
        Self {
            disk,
            ledger: Ledger::default(),
            random: random(vault << 32),
            vault,
            notary,
            fuse: None,
            offers: limits::MAX_RECORDS_PER_PUSH,
            checkpoint: false,
            actors: BTreeMap::new(),
            openings: 0,
            introduced: false,
        }
    }

    /// The program ends and begins again with what is on disk.
    pub(crate) fn reopen(&mut self) {
        self.openings += 1;
        self.random = random((self.vault << 32) + self.openings);
        self.actors.clear();
        self.fuse = None;
    }

    fn step(&mut self) -> Result<(), Stopped> {
        match &mut self.fuse {
            Some(0) => {
                self.reopen();
                return Err(Stopped::Killed);
            }
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(())
    }

    /// Writes a new entry.
    pub(crate) fn write(&mut self, text: &str) -> DocumentId {
        let document = DocumentId::from_bytes(self.random.bytes(Purpose::Id).unwrap());
        let mut entry = Entry::new(When::from_milliseconds(0, Zone::utc()).unwrap());
        entry.text = Text::parse(text).unwrap();
        let actor = self.actor(document);
        let (entry, change) = EntryDocument::create(actor, &entry).unwrap();
        self.save(document, &entry, change.into_bytes());
        document
    }

    /// Edits an entry; false when it is not here.
    pub(crate) fn edit(&mut self, document: DocumentId, edit: &Edit) -> bool {
        let Some(saved) = self.disk.documents.get(&document) else {
            return false;
        };
        let loaded = gate::load(&saved.bytes).unwrap();
        let mut entry = EntryDocument::from_automerge(loaded);
        let actor = self.actor(document);
        if let Some(change) = entry.edit(actor, edit).unwrap() {
            self.save(document, &entry, change.into_bytes());
        }
        true
    }

    /// Adds a tag: what is written is found again, whatever else was written meanwhile.
    pub(crate) fn tag(&mut self, document: DocumentId, tag: &str) -> bool {
        let tag = Tag::parse(tag).unwrap();
        self.edit(document, &Step::AddTag(tag).into())
    }

    fn save(&mut self, document: DocumentId, entry: &EntryDocument, change: Vec<u8>) {
        let saved = super::disk::SavedDocument {
            bytes: entry.save(),
            view: entry.view(document),
        };
        self.disk.documents.insert(document, saved);
        self.disk.put_content(document, change);
    }

    fn actor(&mut self, document: DocumentId) -> Actor {
        let (device, random) = (self.disk.device(), &self.random);
        let new = || Actor::new(device, random.bytes(Purpose::Id).unwrap());
        *self.actors.entry(document).or_insert_with(new)
    }

    /// Syncs, bringing an answer that waits.
    pub(crate) fn sync(&mut self, line: &mut dyn Line) -> Result<Outcome, Stopped> {
        let answer = self.disk.answers.iter().next();
        let Some((bond, answer)) = answer.map(|(bond, waits)| (*bond, waits.links.to_vec())) else {
            return self.sync_with(Vec::new(), line);
        };
        let outcome = self.sync_with(answer, line)?;
        self.answered(bond, &outcome.append);
        Ok(outcome)
    }

    /// Syncs, bringing links of its own.
    pub(crate) fn sync_with(
        &mut self,
        append: Vec<TravelLink>,
        line: &mut dyn Line,
    ) -> Result<Outcome, Stopped> {
        self.run(line, |machines, random| {
            machines.start(append, &OneWorker, random).unwrap()
        })
    }

    /// Takes what a live socket brought.
    pub(crate) fn news(&mut self, news: News, line: &mut dyn Line) -> Result<Outcome, Stopped> {
        self.run(line, |machines, random| {
            machines.news(&news, &OneWorker, random).unwrap()
        })
    }

    fn run(
        &mut self,
        line: &mut dyn Line,
        begin: impl FnOnce(&mut Machines, &Random) -> SyncStep,
    ) -> Result<Outcome, Stopped> {
        let bonds = self.disk.bonds.values();
        let bonds = bonds.map(|bond| Machine::new(bond.replica(&self.disk)));
        let mut machines = Machines::new(Machine::new(self.disk.replica()), bonds);
        self.introduced = false;
        self.step()?;
        let mut step = begin(&mut machines, &self.random);
        for _ in 0..MOST_STEPS {
            self.step()?;
            step = match step {
                SyncStep::Finished(outcome) => {
                    self.disk.merge();
                    self.meet_bonds(machines.take_aside());
                    self.step()?;
                    return Ok(outcome);
                }
                SyncStep::Send(request) => self.exchange(*request, &mut machines, line)?,
                SyncStep::Work(space, work) => {
                    let event = self.carry_out(space, work, &mut machines);
                    self.step()?;
                    let random = &self.random;
                    machines.handle(space, event, &OneWorker, random).unwrap()
                }
            };
        }
        panic!("a sync does not end");
    }

    fn exchange(
        &mut self,
        request: SyncRequest,
        machines: &mut Machines,
        line: &mut dyn Line,
    ) -> Result<SyncStep, Stopped> {
        let heard = self.send(request, line)?;
        self.step()?;
        let random = &self.random;
        let step = match heard {
            Heard::Reply(reply) => machines.replied(reply, &OneWorker, random),
            Heard::UnknownAccount => machines.unknown_account(None, &OneWorker, random),
            Heard::UnknownDevice => machines.unknown_device(&OneWorker, random),
        };
        Ok(step.unwrap())
    }

    fn carry_out(&mut self, space: SpaceId, work: Work, machines: &mut Machines) -> Event {
        match work {
            Work::Store(intake) => self.store(space, &intake, machines),
            Work::Renew { own, after } => {
                self.disk.store_mut(space).renew(own, after);
                Event::Renewed
            }
            Work::KeepLink(link) => {
                self.disk.store_mut(space).signed = Some(*link);
                Event::LinkKept
            }
            Work::Seal => self.seal(space, machines),
            Work::WrapKeys { epoch } => self.wrap_keys(space, epoch, machines),
            Work::Offer { chain, after } => {
                let store = self.disk.store(space);
                Event::Offered(store.beyond(chain, after, self.offers))
            }
            Work::OfferPlaces(places) => Event::Offered(self.disk.store(space).at(&places)),
        }
    }

    fn store(&mut self, space: SpaceId, intake: &Intake, machines: &mut Machines) -> Event {
        let machine = machines.machine_mut(space).unwrap();
        self.disk.put_intake(space, intake, machine.replica());
        let own = self.account();
        if let Some(bond) = self.disk.bonds.get_mut(&space)
            && bond.agree(own, self.ledger.find(space).as_ref())
        {
            let side = machine.bond_mut().unwrap();
            (side.agreed, side.pin) = (bond.agreed, bond.pin);
        }
        let waiting = !self.disk.store(space).waiting().is_empty();
        Event::Stored { waiting }
    }

    /// Through the bytes, so that what does not fit the limits is found.
    fn send(&mut self, request: SyncRequest, line: &mut dyn Line) -> Result<Heard, Stopped> {
        let request = SyncRequest::from_bytes(&request.to_bytes()).unwrap();
        for space in &request.spaces {
            let store = self.disk.store(space.space);
            for record in &space.push {
                let stored = &store.records[&record.place()].record;
                assert_eq!(stored.hash(), record.hash(), "sent before it was stored");
            }
        }
        let account = self.account();
        let device = self.disk.device();
        match line.exchange(Caller { account, device }, request) {
            Answer::Reply(reply) => match SyncReply::from_bytes(&reply.to_bytes()) {
                Ok(reply) => Ok(Heard::Reply(reply)),
                Err(_) => Err(Stopped::Offline),
            },
            Answer::UnknownAccount => Ok(Heard::UnknownAccount),
            Answer::Unauthorized if !std::mem::replace(&mut self.introduced, true) => {
                Ok(Heard::UnknownDevice)
            }
            Answer::Unauthorized => Err(Stopped::Unauthorized),
            Answer::Nothing => Err(Stopped::Offline),
        }
    }

    fn seal(&mut self, space: SpaceId, machines: &mut Machines) -> Event {
        let machine = machines.machine_mut(space).unwrap();
        let store = self.disk.store_mut(space);
        let waiting = store.waiting();
        let keys = store.keys.iter().cloned().collect();
        let checkpoint = std::mem::take(&mut self.checkpoint);
        match machine.seal(waiting, &keys, checkpoint, &self.random) {
            Ok(sealed) => {
                for record in &sealed.records {
                    self.notary.signed(self.vault, record);
                }
                store.put_sealed(&sealed);
                Event::Sealed(sealed.records)
            }
            Err(SealingError::NoEpoch) => Event::NothingSealed,
            Err(error) => panic!("{error}"),
        }
    }

    fn wrap_keys(&mut self, space: SpaceId, epoch: EpochId, machines: &mut Machines) -> Event {
        let store = self.disk.store_mut(space);
        let lies_there = |document, key| store.wrapped.contains(&(epoch, document, key));
        let missing: Vec<_> = store
            .keys
            .iter()
            .filter(|(document, known)| {
                known.epoch != epoch && !lies_there(*document, known.key.id())
            })
            .map(|(document, known)| (*document, known.key.clone()))
            .collect();
        if missing.is_empty() {
            return Event::NothingSealed;
        }
        let machine = machines.machine_mut(space).unwrap();
        let sealed = machine.wrap_keys(&missing, &self.random).unwrap();
        for record in &sealed.records {
            self.notary.signed(self.vault, record);
        }
        store.put_sealed(&sealed);
        Event::Sealed(sealed.records)
    }

    pub(crate) fn account(&self) -> AccountId {
        self.disk.logs.account().id()
    }

    /// A record of the space itself under an epoch that was over before this device came.
    pub(crate) fn is_before_its_time(&self, kept: &Kept) -> bool {
        let header = kept.record.claimed();
        header.kind.is_of_the_space() && !self.disk.epochs.contains_key(&header.epoch)
    }

    /// Every view, by document.
    pub(crate) fn views(&self) -> BTreeMap<DocumentId, View> {
        let documents = self.disk.documents.iter();
        documents
            .map(|(id, saved)| (*id, saved.view.clone()))
            .collect()
    }

    pub(crate) fn tags(&self, document: DocumentId) -> BTreeSet<String> {
        let saved = self.disk.documents.get(&document);
        let tags = saved.map(|saved| saved.view.entry.tags.clone());
        let tags = tags.unwrap_or_default();
        tags.iter().map(|tag| tag.as_str().to_owned()).collect()
    }

    /// The faults named since somebody last looked, by code.
    pub(crate) fn take_faults(&mut self) -> BTreeSet<&'static str> {
        let faults = std::mem::take(&mut self.disk.faults);
        faults.iter().map(Fault::code).collect()
    }
}
