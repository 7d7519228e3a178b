//! The sync machine. Each event gives one effect; the caller carries it out and comes back.
//!
//! ```text
//! Started ─► Send ─► Replied ─► Store ─► Stored ─┬─► Renew ────► Renewed ─┐
//!              ▲                                  ├─► Offer(s) ─► Offered ─┤
//!              │                                  ├─► WrapKeys ─► Sealed ──┤
//!              │                                  ├─► Seal ─────► Sealed ──┤
//!              └───────────────(more to say)──────┴────────────────────────┴──► Finished
//! ```
//!
//! Links are taken before records; nothing is sealed before a reply showed the newest links; what is sealed
//! is stored before it is sent and sent again as it is, before anything new is sealed (rules S1, S2, R7).
//! Every loop has a bound ([`budget`]), so a relay can waste one sync's time but not more.
//!
//! - `reply`: what a reply or a piece of news changes.
//! - `decide`: what to do next.

mod budget;
mod decide;
mod reply;

use super::{
    Intake, KnownKey, OwnChain, Replica, Sealed, WaitingChange, Workers, sealing::SealingError,
};
use crate::{
    keys::DocumentKey,
    random::{NoRandomness, Random},
};
use budget::Budget;
use daymark_wire::{
    ChainId, DocumentId, EpochId, Generation, Have, Record, Seq, limits,
    logs::TravelLink,
    record::Place,
    sync::{AppendOutcome, KnownLength, News, RecordRefusal, SpaceRequest, SyncReply, SyncRequest},
};
use std::collections::{BTreeMap, VecDeque};

/// Bytes of records, or of links, in one request: the limit of a request, less room for version vectors.
const PUSH_BYTES: usize = limits::MAX_REQUEST_BYTES - 512 * 1024;

/// What happened. News that arrives while a reply is awaited is kept until that was handled.
#[derive(Debug)]
pub enum Event {
    /// Begin. `append` holds links of this device's own making (a new device let in, a move).
    Started {
        /// Links to append.
        append: Vec<TravelLink>,
    },
    /// The relay does not know the account: register it.
    UnknownAccount {
        /// The operator's invite, if there is one.
        invite: Option<String>,
    },
    /// The relay answered [`Effect::Send`].
    Replied(Box<SyncReply>),
    /// Another device brought something; the relay pushed it over the live socket.
    News(Box<News>),
    /// [`Effect::Store`] is on disk; or, while nothing is under way, something new waits.
    Stored {
        /// Whether changes wait in the outbox.
        waiting: bool,
    },
    /// [`Effect::Renew`] is on disk.
    Renewed,
    /// [`Effect::Seal`] or [`Effect::WrapKeys`] was carried out with [`Machine::seal`] or
    /// [`Machine::wrap_keys`] and its result is on disk; these are its records.
    Sealed(Vec<Record>),
    /// There was nothing to seal or wrap, or nothing to do it with.
    NothingSealed,
    /// The stored records that [`Effect::Offer`] or [`Effect::OfferPlaces`] asked for, each chain's in order.
    Offered(Vec<Record>),
}

/// What the caller should do.
#[derive(Debug)]
pub enum Effect {
    /// Send the request; come back with [`Event::Replied`].
    Send(Box<SyncRequest>),
    /// Store everything in one transaction; come back with [`Event::Stored`].
    Store(Box<Intake>),
    /// This device's chain ends and goes on as `own`. In one transaction: store `own`; drop the records
    /// that are signed but not acknowledged; put their changes back in the outbox; and, before these, every
    /// change in acknowledged records of the ended chain beyond `after` (there are some only where the
    /// chain was forked, and others may never take what it held). Come back with [`Event::Renewed`].
    Renew {
        /// The new chain.
        own: OwnChain,
        /// The last place of the ended chain that needs not be said again.
        after: Seq,
    },
    /// Load what waits, seal it with [`Machine::seal`], store the result; come back with
    /// [`Event::Sealed`] or [`Event::NothingSealed`].
    Seal,
    /// Load every document key that is not known to lie wrapped under `epoch`, wrap them with
    /// [`Machine::wrap_keys`], store the result; come back with [`Event::Sealed`] or
    /// [`Event::NothingSealed`]. Once acknowledged, the records are taken in like received ones.
    WrapKeys {
        /// The newest epoch.
        epoch: EpochId,
    },
    /// Load stored records of this chain beyond a place, up to as many as one request can push; come back
    /// with [`Event::Offered`].
    Offer {
        /// Which chain.
        chain: ChainId,
        /// The last place that the relay has.
        after: Seq,
    },
    /// Load the stored records at these places, as far as their bodies are here; come back with
    /// [`Event::Offered`].
    OfferPlaces(Vec<Place>),
    /// Nothing more to do now.
    Finished(Outcome),
}

/// How a sync ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Requests answered.
    pub round_trips: u32,
    /// Records received and new.
    pub received: usize,
    /// Records that the relay took.
    pub sent: usize,
    /// What became of the links that were brought.
    pub append: AppendOutcome,
    /// The account's quota is used up: what could not be sent waits.
    pub quota_exceeded: bool,
    /// The relay refuses what this device sends, again and again.
    pub refused: Option<RecordRefusal>,
}

/// One sync, or the life of one live socket.
#[derive(Debug)]
pub struct Machine {
    replica: Replica,
    append: Vec<TravelLink>,
    appending: Appending,
    invite: Option<String>,
    push: VecDeque<Record>,
    /// How many of `push` the request under way carries.
    in_flight: usize,
    reply: LastReply,
    asked: Asked,
    waiting: bool,
    /// A new incarnation is needed before anything is sealed.
    renewal: Option<Again>,
    /// The relay's history as it says now.
    generation: Option<Generation>,
    /// The relay's history is another than last time: whether this device's last record is still the one at
    /// its place is asked by offering it again.
    look_at_own: bool,
    /// Nothing more is sent in this sync.
    stopped: bool,
    budget: Budget,
    /// The newest epoch when the machine was made.
    epoch_at_start: Option<EpochId>,
    /// The newest epoch that this machine began.
    began: Option<EpochId>,
    /// The epoch under which keys were wrapped again, or looked for.
    wrapped: Option<EpochId>,
    outcome: Outcome,
}

/// Whose links a request brings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Appending {
    /// The caller's; or none.
    #[default]
    Callers,
    /// Known ones, which the relay lacks.
    Known,
    /// An epoch that was needed.
    Epoch,
}

/// What the caller was last asked to load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Asked {
    #[default]
    Nothing,
    Chain(ChainId),
    Places,
    Keys,
    Changes,
}

/// How much a new incarnation says again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Again {
    /// What no relay took.
    Unsaid,
    /// All of the chain: it was forked, and others may hold the other branch.
    Everything,
}

/// What the last reply leaves to do.
#[derive(Debug, Default)]
struct LastReply {
    more: bool,
    behind_links: Vec<KnownLength>,
    behind: Have,
    want: Vec<Place>,
    ask_again: bool,
}

impl Machine {
    /// A machine for a replica loaded from the vault.
    #[must_use]
    pub fn new(replica: Replica) -> Self {
        let newest = replica.logs.journal().newest_epoch();
        Self {
            epoch_at_start: newest.map(|epoch| epoch.id),
            replica,
            append: Vec::new(),
            appending: Appending::default(),
            invite: None,
            push: VecDeque::new(),
            in_flight: 0,
            reply: LastReply::default(),
            asked: Asked::default(),
            waiting: false,
            renewal: None,
            generation: None,
            look_at_own: false,
            stopped: false,
            budget: Budget::default(),
            began: None,
            wrapped: None,
            outcome: Outcome {
                round_trips: 0,
                received: 0,
                sent: 0,
                append: AppendOutcome::Nothing,
                quota_exceeded: false,
                refused: None,
            },
        }
    }

    /// What is known so far.
    #[must_use]
    pub const fn replica(&self) -> &Replica {
        &self.replica
    }

    /// How far it has come.
    #[must_use]
    pub const fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Gives the replica back.
    #[must_use]
    pub fn into_replica(self) -> Replica {
        self.replica
    }

    /// Seals what waits, when [`Effect::Seal`] asks for it.
    ///
    /// # Errors
    /// [`SealingError`]; no place was used.
    pub fn seal(
        &mut self,
        waiting: Vec<WaitingChange>,
        keys: &BTreeMap<DocumentId, KnownKey>,
        checkpoint: bool,
        random: &Random,
    ) -> Result<Sealed, SealingError> {
        self.replica.seal(waiting, keys, checkpoint, random)
    }

    /// Wraps document keys again, when [`Effect::WrapKeys`] asks for it.
    ///
    /// # Errors
    /// [`SealingError`]; no place was used.
    pub fn wrap_keys(
        &mut self,
        keys: &[(DocumentId, DocumentKey)],
        random: &Random,
    ) -> Result<Sealed, SealingError> {
        self.replica.wrap_keys(keys, random)
    }

    /// Takes an event.
    ///
    /// # Errors
    /// [`NoRandomness`], when a new incarnation was needed.
    pub fn handle(
        &mut self,
        event: Event,
        workers: &impl Workers,
        random: &Random,
    ) -> Result<Effect, NoRandomness> {
        match event {
            Event::Started { append } => {
                self.append = append;
                self.appending = Appending::Callers;
                Ok(self.send())
            }
            Event::UnknownAccount { invite } => {
                if !self.budget.may_register() {
                    return Ok(self.finish());
                }
                self.invite = invite;
                let brought = std::mem::take(&mut self.append);
                self.append = self.links_for_registering();
                self.append.extend(brought);
                Ok(self.send())
            }
            Event::Replied(reply) => Ok(Effect::Store(Box::new(self.replied(*reply, workers)))),
            Event::News(news) => Ok(Effect::Store(Box::new(self.news(*news, workers)))),
            Event::Stored { waiting } => {
                self.waiting = waiting;
                self.decide(random)
            }
            Event::Renewed => {
                self.waiting = true;
                Ok(self.send())
            }
            Event::Sealed(records) => self.sealed(records, random),
            Event::NothingSealed => self.sealed(Vec::new(), random),
            Event::Offered(records) => self.offered(records, random),
        }
    }

    fn sealed(&mut self, records: Vec<Record>, random: &Random) -> Result<Effect, NoRandomness> {
        if records.is_empty() && self.asked == Asked::Changes {
            self.waiting = false;
        }
        self.push.extend(records);
        self.decide(random)
    }

    fn send(&mut self) -> Effect {
        let mut bytes = 0;
        self.in_flight = 0;
        for record in self.push.iter().take(limits::MAX_RECORDS_PER_PUSH) {
            bytes += record.size();
            if bytes > PUSH_BYTES && self.in_flight > 0 {
                break;
            }
            self.in_flight += 1;
        }
        let logs = &self.replica.logs;
        let holes = self.replica.holes.keys().take(limits::MAX_WANTED);
        Effect::Send(Box::new(SyncRequest {
            known: if self.replica.lacks_wraps() {
                logs.known_before_newest_epoch()
            } else {
                logs.known()
            },
            append: self.append.clone(),
            spaces: vec![SpaceRequest {
                space: self.replica.space(),
                have: self.replica.have(),
                want: holes.copied().collect(),
                push: self.push.iter().take(self.in_flight).cloned().collect(),
            }],
            invite: self.invite.clone(),
        }))
    }

    fn finish(&mut self) -> Effect {
        self.push.clear();
        self.stopped = false;
        self.budget = Budget::default();
        Effect::Finished(self.outcome.clone())
    }
}
