//! The sync machine. Each event gives one effect; the caller carries it out and comes back.
//!
//! ```text
//! Started ─► Send ─► Replied ─► Store ─► Stored ─┬─► Renew ────► Renewed ─┐
//!              ▲                                  ├─► KeepLink ─► LinkKept ┤
//!              │                                  ├─► Offer(s) ─► Offered ─┤
//!              │                                  ├─► WrapKeys ─► Sealed ──┤
//!              │                                  ├─► Seal ─────► Sealed ──┤
//!              └───────────────(more to say)──────┴────────────────────────┴──► Finished
//! ```
//!
//! Links are taken before records; nothing is sealed before a reply showed the newest links; what is sealed
//! is stored before it is sent and sent again as it is, before anything new is sealed (rules S1, S2, R7). So are
//! links that are signed (rule L13).
//! Every loop has a bound ([`budget`]), so a relay can waste one sync's time but not more.
//!
//! - `reply`: what a reply or a piece of news changes.
//! - `decide`: what to do next.
//! - `links`: links that it brings.
//! - `suspects`: chains that may have been forked.

mod budget;
mod decide;
mod events;
mod links;
mod reply;
mod suspects;

pub use events::{Effect, Event, Outcome, Work};
pub use links::PutOff;

use super::{BondSide, Intake, KnownKey, Replica, Sealed, Waiting, Workers, sealing::SealingError};
use crate::{
    keys::{AccountKeys, DocumentKey},
    random::{NoRandomness, Random},
};
use budget::Budget;
use daymark_wire::{
    ChainId, DocumentId, EpochId, Generation, Have, Record, limits,
    logs::TravelLink,
    record::Place,
    sync::{AppendOutcome, KnownLength, SpaceRequest, SyncRequest},
};
use links::{Appending, Whole};
use std::collections::{BTreeMap, VecDeque};
use suspects::Suspects;

/// Bytes of records, or of links, in one request: the limit of a request, less room for version vectors.
pub(super) const PUSH_BYTES: usize = limits::MAX_REQUEST_BYTES - 512 * 1024;

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
    /// A request is under way.
    awaiting: bool,
    reply: LastReply,
    /// The next request asks for what the last reply did not show yet.
    asks_on: bool,
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
    /// The relay takes no more links of this device for now.
    held_up: bool,
    /// The relay takes no records of this bond for now.
    not_now: bool,
    /// A link that this device made was brought again and again, and not taken.
    untaken: bool,
    budget: Budget,
    suspects: Suspects,
    /// The last request wanted as many bodies as one can: there may be others.
    wants_more: bool,
    /// The account's keys are new to this bond, or that it was agreed to: epochs that came before may open now.
    keys_came: bool,
    /// Records were shown, and not kept, as nobody has agreed yet.
    passed_over: bool,
    /// Bodies that the next request asks for.
    want: Vec<Place>,
    /// The newest epoch when the machine was made.
    epoch_at_start: Option<EpochId>,
    /// The newest epoch that this machine began.
    began: Option<EpochId>,
    /// The epoch under which keys were wrapped again, or looked for.
    wrapped: Option<EpochId>,
    outcome: Outcome,
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
    /// That, and what the newest epoch's author had not seen: a relay may have taken it, and dropped it.
    Unseen,
    /// All of the chain: it was forked, and others may hold the other branch.
    Everything,
}

/// What the last reply leaves to do.
#[derive(Debug, Default)]
struct LastReply {
    more: bool,
    /// The relay has less of a bond's log than is known here.
    lacks_bond: bool,
    behind_links: Vec<KnownLength>,
    behind: Have,
    want: Vec<Place>,
    ask_again: bool,
}

impl Machine {
    /// A machine for a replica loaded from the vault.
    #[must_use]
    pub fn new(replica: Replica) -> Self {
        let newest = replica.logs.newest_epoch();
        let keys_came = replica.logs.as_bond().is_some();
        Self {
            epoch_at_start: newest.map(|epoch| epoch.id),
            replica,
            append: Vec::new(),
            appending: Appending::default(),
            invite: None,
            push: VecDeque::new(),
            in_flight: 0,
            awaiting: false,
            reply: LastReply::default(),
            asks_on: false,
            asked: Asked::default(),
            waiting: false,
            renewal: None,
            generation: None,
            look_at_own: false,
            stopped: false,
            held_up: false,
            not_now: false,
            untaken: false,
            budget: Budget::default(),
            suspects: Suspects::default(),
            wants_more: false,
            keys_came,
            passed_over: false,
            want: Vec::new(),
            began: None,
            wrapped: None,
            outcome: Outcome {
                round_trips: 0,
                received: 0,
                sent: 0,
                append: AppendOutcome::Nothing,
                quota_exceeded: false,
                refused: None,
                given_up: false,
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

    /// Seals what waits, when [`Work::Seal`] asks for it.
    ///
    /// # Errors
    /// [`SealingError`]; no place was used.
    pub fn seal(
        &mut self,
        waiting: Vec<Waiting>,
        keys: &BTreeMap<DocumentId, KnownKey>,
        checkpoint: bool,
        random: &Random,
    ) -> Result<Sealed, SealingError> {
        self.replica.seal(waiting, keys, checkpoint, random)
    }

    /// Whether what is written now may be sealed at once: everything that was signed is settled, nothing is
    /// under way, and the newest keys are at hand. The links are the newest as long as a live connection
    /// brings them.
    #[must_use]
    pub fn may_seal_at_once(&self) -> bool {
        !self.awaiting
            && !self.stopped
            && self.push.is_empty()
            && self.append.is_empty()
            && self.needed_renewal().is_none()
            && !self.replica.has_pending()
            && self.replica.logs.takes_content()
            && self.replica.newest_epoch().is_some()
    }

    /// Wraps document keys again, when [`Work::WrapKeys`] asks for it.
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
                self.bring_whole_logs(Whole::FromTheFirst);
                Ok(self.send())
            }
            Event::UnknownDevice => {
                if !self.budget.may_introduce() {
                    return Ok(self.finish());
                }
                self.bring_whole_logs(Whole::UpToTheLast);
                Ok(self.send())
            }
            Event::Replied(reply) => {
                self.awaiting = false;
                Ok(store(self.replied(*reply, workers)))
            }
            Event::News(news) => Ok(store(self.news(*news, workers))),
            Event::Stored { waiting } => {
                self.waiting = waiting;
                self.decide(random)
            }
            Event::LinkKept => Ok(self.bring_signed()),
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

    /// There is something to say: which bodies it asks for is settled now.
    fn send(&mut self) -> Effect {
        self.want = if self.replica.logs.is_over() {
            Vec::new()
        } else {
            self.missing_bodies()
        };
        self.wants_more = self.want.len() == limits::MAX_WANTED;
        Effect::Send
    }

    fn missing_bodies(&mut self) -> Vec<Place> {
        let mut want: Vec<Place> = self.suspects.places().take(limits::MAX_WANTED).collect();
        let room = limits::MAX_WANTED - want.len();
        want.extend(
            self.budget
                .ask_for(self.replica.holes.keys().copied(), room),
        );
        want
    }

    /// A bond, to tell it what changed beside its logs: the person's wishes, that the answer was checked, a pin,
    /// the time. What opens thereby opens with the next event.
    pub const fn bond_mut(&mut self) -> Option<&mut BondSide> {
        let bond = self.replica.logs.as_bond_mut();
        self.keys_came |= bond.is_some();
        bond
    }

    /// Takes the account's keys as the journal has them now; whether they are others than before.
    pub(super) fn take_account_keys(&mut self, keys: &AccountKeys) -> bool {
        let are_new = self.replica.account_keys != *keys;
        if are_new {
            self.replica.account_keys = keys.clone();
            self.keys_came = true;
        }
        are_new
    }

    /// What this machine has to say, when [`Effect::Send`] asks for it. Asked again before the reply came,
    /// it is the same.
    pub fn request(&mut self) -> SyncRequest {
        self.awaiting = true;
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
        SyncRequest {
            known: if self.replica.lacks_wraps() {
                logs.known_before_newest_epoch()
            } else {
                logs.known()
            },
            append: self.append.clone(),
            spaces: vec![SpaceRequest {
                space: self.replica.space(),
                have: self.replica.have(),
                want: self.want.clone(),
                push: self.push.iter().take(self.in_flight).cloned().collect(),
            }],
            invite: self.invite.clone(),
        }
    }

    /// Whether the relay has more than it has shown so far, which is asked for.
    pub(super) const fn asks_on(&self) -> bool {
        self.asks_on
    }

    /// Whether the next request brings records that were sealed before.
    #[must_use]
    pub fn brings_records(&self) -> bool {
        !self.push.is_empty()
    }

    fn finish(&mut self) -> Effect {
        self.push.clear();
        self.stopped = false;
        self.budget = Budget::default();
        let outcome = self.outcome.clone();
        // Over a live socket the same machine goes on: why something was not taken is told once.
        self.outcome.quota_exceeded = false;
        self.outcome.refused = None;
        self.outcome.given_up = false;
        Effect::Finished(outcome)
    }
}

fn store(intake: Intake) -> Effect {
    Effect::Work(Work::Store(Box::new(intake)))
}
