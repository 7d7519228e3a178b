//! Carries out the effects of core's sync machine.

use super::{
    OnProgress, Progress, SyncError, again, bonds, cores::Cores, journal_logs,
    storing::MERGED_WITH_INTAKE,
};
use crate::{
    connection::{Relay, RelayError},
    vault::{HeldUpSince, Slot, StatusName, Vault},
};
use daymark_core::{
    journal::Page,
    random::{NoRandomness, Random},
    sync::{
        Event, Fault, KnownKey, Machine, Machines, Outcome, OwnChain, PutOff, Sealed, Step,
        Waiting, Work,
    },
};
use daymark_wire::{
    DeviceId, DocumentId, Record, Seq, SpaceId,
    logs::TravelLink,
    problem::Code,
    record::{ExpiryDay, Place},
    sync::{News, SyncReply, SyncRequest},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Changes sealed at a time: as many as one request can push.
const SEALED_AT_ONCE: usize = daymark_wire::limits::MAX_RECORDS_PER_PUSH;

/// How requests reach the relay: by POST or over the live socket.
pub(crate) trait Line {
    /// Sends a request and waits for its reply.
    async fn exchange(&mut self, request: SyncRequest) -> Result<SyncReply, RelayError>;
}

impl Line for &Relay {
    async fn exchange(&mut self, request: SyncRequest) -> Result<SyncReply, RelayError> {
        self.sync(&request).await
    }
}

/// What happened.
pub(crate) enum Told {
    /// Begin, bringing links of this device's own making.
    Started { append: Vec<TravelLink> },
    /// The relay pushed something over the live socket.
    News(Box<News>),
    /// Something of one space.
    Of(SpaceId, Event),
    /// Something of several spaces.
    Together(Vec<(SpaceId, Event)>),
    /// The relay answered.
    Replied(Box<SyncReply>),
    /// The relay does not know the account.
    UnknownAccount { invite: Option<String> },
    /// The relay knows the account, but not this device.
    UnknownDevice,
}

/// Sync machines with the vault that they work on.
pub(crate) struct Driver<'a> {
    pub(super) vault: &'a Vault,
    slot: Arc<Mutex<Slot>>,
    pub(super) progress: OnProgress<'a>,
    pub(super) faults: BTreeSet<Fault>,
    pub(super) merged: usize,
    /// Whether records are stored that were not merged with their intake.
    pub(super) unmerged: bool,
    /// When records of each device were last noted to have come.
    pub(super) heard: BTreeMap<DeviceId, u64>,
    /// Places whose content the gate refused, as last stored.
    pub(super) quarantined: Vec<Place>,
    checkpoint: bool,
    /// Whether something came, or was written, by which bonds may stand otherwise than when they were last taken in.
    pub(super) bonds_changed: bool,
    /// Whether something of a bond itself came.
    pub(super) bonds_brought: bool,
    /// Whether sealing wrote into the ledger, of which the journal's machine is not told yet.
    pub(super) ledger_written: bool,
    /// The day on which bonds were last looked at for what has passed.
    pub(super) day: ExpiryDay,
    /// Since when something waits for the relay's next minute, in milliseconds since 1970.
    pub(super) held_up_since: Option<u64>,
    /// For how long the relay puts off what waits, as stored.
    pub(super) put_off: BTreeMap<(SpaceId, PutOff), HeldUpSince>,
    /// The page that says which bonds this person has.
    pub(super) ledger: DocumentId,
}

impl<'a> Driver<'a> {
    pub(crate) async fn load(
        vault: &'a Vault,
        progress: OnProgress<'a>,
    ) -> Result<Self, SyncError> {
        let slot = vault.live().slot();
        let journal = Machine::new(vault.load_replica().await?);
        let bonds = bonds::load(vault, journal_logs(journal.replica())?).await?;
        *slot.lock().await = Slot {
            machines: Some(Machines::new(journal, bonds)),
            sealed: Vec::new(),
        };
        let checkpoint = vault.checkpoint_is_due().await?;
        let mut reading = vault.reading().await?;
        let quarantined = reading.quarantined().await?;
        let put_off = reading.status(StatusName::HeldUpSince).await?;
        drop(reading);
        Ok(Self {
            vault,
            slot,
            progress,
            faults: BTreeSet::new(),
            merged: 0,
            unmerged: true,
            heard: BTreeMap::new(),
            quarantined,
            checkpoint,
            bonds_changed: true,
            bonds_brought: false,
            ledger_written: false,
            day: bonds::day_of(vault),
            held_up_since: None,
            put_off: put_off.unwrap_or_default(),
            ledger: vault.page_id(Page::Ledger).await?,
        })
    }

    /// Runs until no machine has anything more to do.
    pub(crate) async fn run(
        &mut self,
        first: Told,
        line: &mut impl Line,
    ) -> Result<Outcome, SyncError> {
        let mut told = first;
        let (mut registering, mut introducing, mut uninvited) = (false, false, false);
        loop {
            told = match self.handle(told).await? {
                Step::Send(request) => match line.exchange(*request).await {
                    Ok(reply) => Told::Replied(Box::new(reply)),
                    Err(RelayError::Refused {
                        code: Code::UnknownAccount,
                        ..
                    }) if !registering => {
                        registering = true;
                        let invite = self.vault.stored_invite().await?;
                        uninvited = invite.is_none();
                        Told::UnknownAccount { invite }
                    }
                    Err(RelayError::Refused {
                        code: Code::BadInvite,
                        ..
                    }) if uninvited => return Err(RelayError::InviteNeeded.into()),
                    Err(RelayError::Refused {
                        code: Code::Unauthorized,
                        ..
                    }) if !introducing => {
                        introducing = true;
                        Told::UnknownDevice
                    }
                    Err(error) => return Err(error.into()),
                },
                Step::Work(space, work) => Told::Of(space, self.carry_out(space, work).await?),
                Step::Finished(outcome) => return Ok(outcome),
            };
        }
    }

    /// Does what the machine of one space asks for.
    async fn carry_out(&mut self, space: SpaceId, work: Work) -> Result<Event, SyncError> {
        Ok(match work {
            Work::Store(intake) => {
                let waiting = self.store(space, &intake).await?;
                let is_journal = space == self.vault.journal();
                // Whether a bond has its keys, its own state says.
                let is_named =
                    |fault: &Fault| is_journal || !matches!(fault, Fault::Stale | Fault::LockedOut);
                self.faults
                    .extend(intake.faults.into_iter().filter(is_named));
                self.tell().await?;
                if machine_of(&*self.slot().await, space)?.brings_records() {
                    self.look_at_what_leaves(space).await?;
                }
                Event::Stored { waiting }
            }
            Work::KeepLink(link) => {
                self.vault.keep_link(space, &link).await?;
                Event::LinkKept
            }
            Work::Renew { own, after } => {
                self.renew(space, &own, after).await?;
                Event::Renewed
            }
            Work::Seal => self.seal(space).await?,
            Work::WrapKeys { epoch } => self.wrap_keys(space, epoch).await?,
            Work::Offer { chain, after } => self.offer(space, chain, after).await?,
            Work::OfferPlaces(places) => self.offer_places(space, &places).await?,
        })
    }

    /// One step of the machines. Off the threads that drive tasks where it may verify a thousand signatures;
    /// one edit is not worth the way there and back.
    async fn handle(&mut self, told: Told) -> Result<Step, SyncError> {
        let random = Arc::clone(self.vault.random());
        if told.is_small() {
            let mut slot = self.slot().await;
            let machines = slot.machines.as_mut().ok_or(SyncError::MachineGone)?;
            return Ok(told.to(machines, &random)?);
        }
        self.with_machines(move |machines| Ok(told.to(machines, &random)?))
            .await
    }

    /// A new chain of this device's own, in which is said again what the old one leaves unsaid.
    async fn renew(&self, space: SpaceId, own: &OwnChain, after: Seq) -> Result<(), SyncError> {
        let again = again::to_say_again(self.vault, space, own, after).await?;
        let mut writing = self.vault.writing().await?;
        writing.renew_own_chain(space, own).await?;
        writing.put_first(space, &again).await?;
        writing.renew_keys_of_what_waits(space).await?;
        Ok(writing.commit().await?)
    }

    /// What waits in the outbox is sealed and stored; it is sent when the machine asks for that.
    async fn seal(&mut self, space: SpaceId) -> Result<Event, SyncError> {
        if space != self.vault.journal() {
            return self.seal_bond(space).await;
        }
        let mut reading = self.vault.reading().await?;
        let slot = self.slot().await;
        let forgotten = &machine_of(&slot, space)?.replica().forgotten;
        let waiting = reading.outbox_waiting(forgotten, SEALED_AT_ONCE).await?;
        drop(slot);
        if waiting.is_empty() {
            return Ok(Event::NothingSealed);
        }
        let keys = reading.newest_keys(&documents_of(&waiting)).await?;
        drop(reading);
        let checkpoint = std::mem::take(&mut self.checkpoint);
        let sealed = self
            .seal_with_machine(space, waiting, keys, checkpoint)
            .await?;
        let mut writing = self.vault.writing().await?;
        writing.put_sealed(&sealed).await?;
        if checkpoint {
            self.vault.note_checkpoint(&mut writing).await?;
        }
        writing.commit().await?;
        Ok(Event::Sealed(sealed.records))
    }

    /// The same of a bond, in one change: nothing is taken back while it is looked at and sealed.
    async fn seal_bond(&mut self, bond: SpaceId) -> Result<Event, SyncError> {
        self.merge_rest().await?;
        let mut writing = self.vault.writing().await?;
        let updated = self.update_what_waits_in(&mut writing, bond).await?;
        let waiting = writing
            .versions_waiting(bond, &updated.held, SEALED_AT_ONCE)
            .await?;
        if waiting.is_empty() || !updated.is_active {
            writing.commit().await?;
            return Ok(Event::NothingSealed);
        }
        let keys = writing.newest_keys(&documents_of(&waiting)).await?;
        let sealed = self.seal_with_machine(bond, waiting, keys, false).await?;
        writing.put_sealed(&sealed).await?;
        writing.commit().await?;
        Ok(Event::Sealed(sealed.records))
    }

    async fn seal_with_machine(
        &mut self,
        space: SpaceId,
        waiting: Vec<Waiting>,
        keys: BTreeMap<DocumentId, KnownKey>,
        checkpoint: bool,
    ) -> Result<Sealed, SyncError> {
        let random = Arc::clone(self.vault.random());
        self.with_machine(space, move |machine| {
            Ok(machine.seal(waiting, &keys, checkpoint, &random)?)
        })
        .await
    }

    pub(super) async fn with_machine<T: Send + 'static>(
        &mut self,
        space: SpaceId,
        work: impl FnOnce(&mut Machine) -> Result<T, SyncError> + Send + 'static,
    ) -> Result<T, SyncError> {
        self.with_machines(move |machines| {
            let machine = machines.machine_mut(space);
            work(machine.ok_or(SyncError::MachineGone)?)
        })
        .await
    }

    async fn with_machines<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Machines) -> Result<T, SyncError> + Send + 'static,
    ) -> Result<T, SyncError> {
        let mut slot = Arc::clone(&self.slot).lock_owned().await;
        let mut machines = slot.machines.take().ok_or(SyncError::MachineGone)?;
        let (machines, result) = tokio::task::spawn_blocking(move || {
            let result = work(&mut machines);
            (machines, result)
        })
        .await
        .map_err(|_| SyncError::Failed)?;
        slot.machines = Some(machines);
        result
    }

    /// What is known so far; nobody else works on it while this is held.
    pub(crate) async fn slot(&self) -> OwnedMutexGuard<Slot> {
        Arc::clone(&self.slot).lock_owned().await
    }

    /// How far the machines have come.
    pub(crate) async fn counts(&self) -> Result<Counts, SyncError> {
        let slot = self.slot().await;
        let outcome = machines(&slot)?.outcome();
        Ok(Counts {
            round_trips: outcome.round_trips,
            sent: outcome.sent,
            received: outcome.received,
        })
    }

    /// What was sealed at once since this was last asked, to be sent.
    pub(crate) async fn take_sealed(&self) -> Vec<Record> {
        std::mem::take(&mut self.slot().await.sealed)
    }

    async fn tell(&self) -> Result<(), SyncError> {
        let counts = self.counts().await?;
        (self.progress)(Progress::Received(counts.received));
        (self.progress)(Progress::Sent(counts.sent));
        Ok(())
    }
}

fn documents_of(waiting: &[Waiting]) -> Vec<DocumentId> {
    let documents: BTreeSet<_> = waiting.iter().map(|change| change.document).collect();
    documents.into_iter().collect()
}

/// How far the machines have come since they were made.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) round_trips: u32,
    pub(crate) sent: usize,
    pub(crate) received: usize,
}

impl Told {
    fn to(self, machines: &mut Machines, random: &Random) -> Result<Step, NoRandomness> {
        match self {
            Self::Started { append } => machines.start(append, &Cores, random),
            Self::News(news) => machines.news(&news, &Cores, random),
            Self::Of(space, event) => machines.handle(space, event, &Cores, random),
            Self::Together(events) => machines.together(events, &Cores, random),
            Self::Replied(reply) => machines.replied(*reply, &Cores, random),
            Self::UnknownAccount { invite } => machines.unknown_account(invite, &Cores, random),
            Self::UnknownDevice => machines.unknown_device(&Cores, random),
        }
    }

    /// Whether it brings so little that it is handled where it arrives.
    fn is_small(&self) -> bool {
        let (links, records) = match self {
            Self::News(news) => (news.links.len(), news.records.len()),
            Self::Replied(reply) => (
                reply.links.len(),
                reply.spaces.iter().map(|space| space.records.len()).sum(),
            ),
            Self::UnknownAccount { .. } => return false,
            _ => return true,
        };
        links == 0 && records <= MERGED_WITH_INTAKE
    }
}

/// The machines between their steps.
pub(super) fn machines(slot: &Slot) -> Result<&Machines, SyncError> {
    slot.machines.as_ref().ok_or(SyncError::MachineGone)
}

/// The journal's.
pub(super) fn journal(slot: &Slot) -> Result<&Machine, SyncError> {
    Ok(machines(slot)?.journal())
}

/// That of one space.
pub(super) fn machine_of(slot: &Slot, space: SpaceId) -> Result<&Machine, SyncError> {
    machines(slot)?.machine(space).ok_or(SyncError::MachineGone)
}
