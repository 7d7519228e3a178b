//! A device that drives core's sync machine as a client does. It can be killed before any step.

use super::{Answer, Caller, Disk, Line, Notary, disk::Kept, random};
use daymark_core::{
    gate,
    journal::{Actor, Edit, Entry, EntryDocument, Step, Tag, Text, View, When, Zone},
    random::{Purpose, Random},
    sync::{Effect, Event, Fault, Machine, OneWorker, Outcome, SealingError, Work},
};
use daymark_wire::{
    AccountId, DocumentId, EpochId, limits,
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

impl Device {
    pub(crate) fn open(disk: Disk, vault: u64, notary: Notary) -> Self {
        Self {
            disk,
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
        self.disk.put_change(document, change);
    }

    fn actor(&mut self, document: DocumentId) -> Actor {
        let (device, random) = (self.disk.device(), &self.random);
        let new = || Actor::new(device, random.bytes(Purpose::Id).unwrap());
        *self.actors.entry(document).or_insert_with(new)
    }

    pub(crate) fn sync(&mut self, line: &mut dyn Line) -> Result<Outcome, Stopped> {
        self.sync_with(Vec::new(), line)
    }

    /// Syncs, bringing links of its own.
    pub(crate) fn sync_with(
        &mut self,
        append: Vec<TravelLink>,
        line: &mut dyn Line,
    ) -> Result<Outcome, Stopped> {
        self.run(Event::Started { append }, line)
    }

    /// Takes what a live socket brought.
    pub(crate) fn news(&mut self, news: News, line: &mut dyn Line) -> Result<Outcome, Stopped> {
        self.run(Event::News(Box::new(news)), line)
    }

    fn run(&mut self, first: Event, line: &mut dyn Line) -> Result<Outcome, Stopped> {
        let mut machine = Machine::new(self.disk.replica());
        self.introduced = false;
        let mut event = first;
        for _ in 0..MOST_STEPS {
            self.step()?;
            let effect = machine.handle(event, &OneWorker, &self.random).unwrap();
            self.step()?;
            if let Effect::Finished(outcome) = effect {
                self.disk.merge();
                self.step()?;
                return Ok(outcome);
            }
            event = self.carry_out(effect, &mut machine, line)?;
        }
        panic!("a sync does not end");
    }

    fn carry_out(
        &mut self,
        effect: Effect,
        machine: &mut Machine,
        line: &mut dyn Line,
    ) -> Result<Event, Stopped> {
        Ok(match effect {
            Effect::Send => self.send(machine.request(), line)?,
            Effect::Work(Work::Store(intake)) => {
                self.disk.put_intake(&intake, &machine.replica().forgotten);
                let waiting = !self.disk.waiting().is_empty();
                Event::Stored { waiting }
            }
            Effect::Work(Work::Renew { own, after }) => {
                self.disk.renew(own, after);
                Event::Renewed
            }
            Effect::Work(Work::Seal) => self.seal(machine),
            Effect::Work(Work::WrapKeys { epoch }) => self.wrap_keys(epoch, machine),
            Effect::Work(Work::Offer { chain, after }) => {
                Event::Offered(self.disk.beyond(chain, after, self.offers))
            }
            Effect::Work(Work::OfferPlaces(places)) => Event::Offered(self.disk.at(&places)),
            Effect::Finished(_) => panic!("handled above"),
        })
    }

    /// Through the bytes, so that what does not fit the limits is found.
    fn send(&mut self, request: SyncRequest, line: &mut dyn Line) -> Result<Event, Stopped> {
        let request = SyncRequest::from_bytes(&request.to_bytes()).unwrap();
        for record in request.spaces.iter().flat_map(|space| &space.push) {
            let stored = &self.disk.records[&record.place()].record;
            assert_eq!(stored.hash(), record.hash(), "sent before it was stored");
        }
        let account = self.account();
        let device = self.disk.device();
        match line.exchange(Caller { account, device }, request) {
            Answer::Reply(reply) => match SyncReply::from_bytes(&reply.to_bytes()) {
                Ok(reply) => Ok(Event::Replied(Box::new(reply))),
                Err(_) => Err(Stopped::Offline),
            },
            Answer::UnknownAccount => Ok(Event::UnknownAccount { invite: None }),
            Answer::Unauthorized if !std::mem::replace(&mut self.introduced, true) => {
                Ok(Event::UnknownDevice)
            }
            Answer::Unauthorized => Err(Stopped::Unauthorized),
            Answer::Nothing => Err(Stopped::Offline),
        }
    }

    fn seal(&mut self, machine: &mut Machine) -> Event {
        let waiting = self.disk.waiting();
        let keys = self.disk.keys.iter().cloned().collect();
        let checkpoint = std::mem::take(&mut self.checkpoint);
        match machine.seal(waiting, &keys, checkpoint, &self.random) {
            Ok(sealed) => {
                for record in &sealed.records {
                    self.notary.signed(self.vault, record);
                }
                self.disk.put_sealed(&sealed);
                Event::Sealed(sealed.records)
            }
            Err(SealingError::NoEpoch) => Event::NothingSealed,
            Err(error) => panic!("{error}"),
        }
    }

    fn wrap_keys(&mut self, epoch: EpochId, machine: &mut Machine) -> Event {
        let lies_there = |document, key| self.disk.wrapped.contains(&(epoch, document, key));
        let missing: Vec<_> = self
            .disk
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
        let sealed = machine.wrap_keys(&missing, &self.random).unwrap();
        for record in &sealed.records {
            self.notary.signed(self.vault, record);
        }
        self.disk.put_sealed(&sealed);
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
