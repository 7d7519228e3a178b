//! The sync machine. Each event gives one effect; the caller carries it out and comes back.
//!
//! ```text
//! Started ─► Send ─► Replied ─► Store ─► Stored ─┬─► Renew ─► Renewed ─┐
//!              ▲                                  ├─► Offer ─► Offered ─┤
//!              │                                  ├─► Seal  ─► Sealed  ─┤
//!              └───────────────(more to say)──────┴─────────────────────┘──► Finished
//! ```
//!
//! Links are taken before records; nothing is sealed before a reply showed the newest links; what is sealed
//! is stored before it is sent and sent again as it is (rules S1, S2, R7).

use super::{
    Fault, Intake, KnownKey, OwnChain, Replica, Sealed, WaitingChange, Workers,
    sealing::SealingError,
};
use crate::random::{NoRandomness, Random};
use daymark_wire::{
    ChainId, DocumentId, Have, Record, Seq, limits,
    logs::TravelLink,
    record::Place,
    sync::{
        AppendOutcome, KnownLength, News, PushOutcome, RecordRefusal, SpaceReply, SpaceRequest,
        SyncReply, SyncRequest,
    },
};
use std::collections::{BTreeMap, VecDeque};

/// Bytes of records in one request: the limit of a request, less room for version vectors and links.
const PUSH_BYTES: usize = limits::MAX_REQUEST_BYTES - 512 * 1024;

/// How often one sync may be told that its heads or links are not current before it gives up until the
/// next one: members rarely change, never this often within a second.
const MAX_RETRIES: u32 = 5;

/// How often one sync may begin a new incarnation: once is honest, twice is a race with a copy of the vault.
const MAX_RENEWALS: u32 = 2;

/// What happened.
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
    /// [`Effect::Store`] is on disk.
    Stored {
        /// Whether changes wait in the outbox.
        waiting: bool,
    },
    /// [`Effect::Renew`] is on disk.
    Renewed,
    /// [`Effect::Seal`] was carried out with [`Machine::seal`] and its result is on disk; these are its records.
    Sealed(Vec<Record>),
    /// There was nothing to seal, or nothing to seal it with.
    NothingSealed,
    /// The stored records that [`Effect::Offer`] asked for, in order.
    Offered(Vec<Record>),
}

/// What the caller should do.
#[derive(Debug)]
pub enum Effect {
    /// Send the request; come back with [`Event::Replied`].
    Send(Box<SyncRequest>),
    /// Store everything in one transaction; come back with [`Event::Stored`].
    Store(Box<Intake>),
    /// Store the new chain and put every change that the relay has not acknowledged back in the outbox, in
    /// one transaction; come back with [`Event::Renewed`].
    Renew(OwnChain),
    /// Load what waits, seal it, store the result; come back with [`Event::Sealed`].
    Seal,
    /// Load stored records of this chain beyond a place; come back with [`Event::Offered`].
    Offer {
        /// Which chain.
        chain: ChainId,
        /// The last place that the relay has.
        after: Seq,
    },
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
    /// Records of this device that the relay took.
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
    invite: Option<String>,
    push: VecDeque<Record>,
    /// How many of `push` the request under way carries.
    in_flight: usize,
    reply: LastReply,
    waiting: bool,
    retries: u32,
    renewals: u32,
    outcome: Outcome,
}

/// What the last reply leaves to do.
#[derive(Debug, Default)]
struct LastReply {
    more: bool,
    behind_links: Vec<KnownLength>,
    behind: Have,
    renew: bool,
    stop_sending: bool,
    ask_again: bool,
}

impl Machine {
    /// A machine for a replica loaded from the vault.
    #[must_use]
    pub fn new(replica: Replica) -> Self {
        Self {
            replica,
            append: Vec::new(),
            invite: None,
            push: VecDeque::new(),
            in_flight: 0,
            reply: LastReply::default(),
            waiting: false,
            retries: 0,
            renewals: 0,
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
                self.retries = 0;
                self.renewals = 0;
                Ok(self.send())
            }
            Event::UnknownAccount { invite } => {
                self.invite = invite;
                self.append = self.every_link();
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
            Event::Sealed(records) | Event::Offered(records) => {
                if records.is_empty() {
                    self.reply.behind = Have::new();
                    self.waiting = false;
                    return self.decide(random);
                }
                self.push.extend(records);
                Ok(self.send())
            }
            Event::NothingSealed => {
                self.waiting = false;
                self.decide(random)
            }
        }
    }

    fn decide(&mut self, random: &Random) -> Result<Effect, NoRandomness> {
        let reply = &mut self.reply;
        if std::mem::take(&mut reply.renew) && self.renewals < MAX_RENEWALS {
            return self.renew(random);
        }
        if reply.stop_sending || self.outcome.refused.is_some() {
            return Ok(self.finish());
        }
        if !reply.behind_links.is_empty() && self.retries < MAX_RETRIES {
            self.retries += 1;
            let behind = std::mem::take(&mut reply.behind_links);
            self.append = behind
                .iter()
                .flat_map(|log| self.replica.logs.links_beyond(log.log, log.length))
                .cloned()
                .collect();
            return Ok(self.send());
        }
        let again = std::mem::take(&mut reply.more) | std::mem::take(&mut reply.ask_again);
        if again || !self.push.is_empty() {
            return Ok(self.send());
        }
        if let Some((chain, after)) = reply.behind.iter().next() {
            return Ok(Effect::Offer { chain, after });
        }
        if self.waiting && self.replica.newest_epoch().is_some() {
            return Ok(Effect::Seal);
        }
        Ok(self.finish())
    }

    /// A new incarnation: whatever the old one leaves unsaid is said again in it (rule R7).
    fn renew(&mut self, random: &Random) -> Result<Effect, NoRandomness> {
        self.renewals += 1;
        self.push.clear();
        let stands = self
            .reply
            .behind
            .iter()
            .find(|(chain, _)| *chain == self.replica.own.chain);
        let known = self.replica.chains.head(self.replica.own.chain);
        let last = stands.map_or_else(|| known.map_or(Seq(0), |head| head.seq), |(_, seq)| seq);
        self.replica.own = self.replica.own.renewed(last, random)?;
        self.reply.behind = Have::new();
        Ok(Effect::Renew(self.replica.own))
    }

    fn finish(&self) -> Effect {
        Effect::Finished(self.outcome.clone())
    }

    fn every_link(&self) -> Vec<TravelLink> {
        self.replica
            .logs
            .known()
            .iter()
            .flat_map(|known| self.replica.logs.links_beyond(known.log, 0))
            .cloned()
            .collect()
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
        let holes = self.replica.holes.keys().take(limits::MAX_WANTED);
        Effect::Send(Box::new(SyncRequest {
            known: self.replica.logs.known(),
            append: self.append.clone(),
            spaces: vec![SpaceRequest {
                space: self.replica.space(),
                have: self.replica.chains.have(),
                want: holes.copied().collect(),
                push: self.push.iter().take(self.in_flight).cloned().collect(),
            }],
            invite: self.invite.clone(),
        }))
    }

    fn replied(&mut self, reply: SyncReply, workers: &impl Workers) -> Intake {
        self.outcome.round_trips += 1;
        let mut intake = Intake::default();
        let epoch_before = self
            .replica
            .logs
            .journal()
            .newest_epoch()
            .map(|epoch| epoch.id);
        let appended = std::mem::take(&mut self.append);
        let mut links = reply.links;
        if reply.append == AppendOutcome::Appended {
            links.extend(appended);
            self.invite = None;
        }
        if reply.append != AppendOutcome::Nothing {
            self.outcome.append = reply.append;
        }
        self.replica.take_links(&links, &mut intake);
        let epoch_began = epoch_before
            != self
                .replica
                .logs
                .journal()
                .newest_epoch()
                .map(|epoch| epoch.id);
        self.notice_history(&reply.behind, reply.generation, &mut intake);
        let space = self.replica.space();
        let shown = reply.spaces.into_iter().find(|shown| shown.space == space);
        let shown = shown.unwrap_or_else(|| SpaceReply::empty(space));
        self.reply = LastReply {
            behind_links: reply.behind,
            behind: shown.behind,
            ..LastReply::default()
        };
        self.pushed(&shown.push, epoch_began);
        self.replica
            .take_records(shown.records, &mut intake, workers);
        self.reply.more = shown.more && !intake.records.is_empty();
        if self.reply.more {
            // What is missing may come with the next reply.
            intake
                .faults
                .retain(|fault| !matches!(fault, Fault::Withheld { .. }));
        }
        self.reply.renew |= intake.own_chain_went_on;
        self.outcome.received += intake.records.len();
        intake.acknowledged = self.acknowledged();
        intake
    }

    fn news(&mut self, news: News, workers: &impl Workers) -> Intake {
        let mut intake = Intake::default();
        self.reply = LastReply::default();
        self.replica.take_links(&news.links, &mut intake);
        if news.space == Some(self.replica.space()) {
            self.replica
                .take_records(news.records, &mut intake, workers);
        }
        // News may arrive out of step with a reply: what seems missing is asked for before it is named.
        let missing = intake.faults.len();
        intake
            .faults
            .retain(|fault| !matches!(fault, Fault::Withheld { .. }));
        self.reply.ask_again = intake.faults.len() != missing;
        self.reply.renew = intake.own_chain_went_on;
        self.outcome.received += intake.records.len();
        intake
    }

    /// What became of the records that the request carried.
    fn pushed(&mut self, outcome: &PushOutcome, epoch_began: bool) {
        match outcome {
            PushOutcome::Nothing => {}
            PushOutcome::Accepted => {
                self.outcome.sent += self.in_flight;
                self.push.drain(..self.in_flight);
                self.retries = 0;
            }
            PushOutcome::HeadsNotCurrent | PushOutcome::Stale => {
                self.retries += 1;
                // Sealed under an epoch that is no longer the newest: said again under the new one.
                self.reply.renew = epoch_began;
                self.reply.stop_sending =
                    *outcome == PushOutcome::Stale || self.retries > MAX_RETRIES;
            }
            PushOutcome::Refused { place, why } => {
                self.push.clear();
                if place.chain == self.replica.own.chain && self.renewals < MAX_RENEWALS {
                    self.reply.renew = true;
                } else {
                    self.outcome.refused = Some(*why);
                }
            }
            PushOutcome::QuotaExceeded => {
                self.push.clear();
                self.outcome.quota_exceeded = true;
                self.reply.stop_sending = true;
            }
        }
        self.in_flight = 0;
    }

    /// How far the relay has this device's own chain.
    fn acknowledged(&self) -> Option<Place> {
        let own = self.replica.own;
        let behind = self
            .reply
            .behind
            .iter()
            .find(|(chain, _)| *chain == own.chain);
        let seq = behind.map_or(own.seq, |(_, seq)| seq);
        let pending = self.push.front().map(|record| record.place());
        let seq = match pending {
            Some(first) if first.chain == own.chain => Seq(seq.0.min(first.seq.0 - 1)),
            _ => seq,
        };
        (seq >= Seq::FIRST && !self.reply.renew).then_some(Place {
            chain: own.chain,
            seq,
        })
    }

    /// A relay that shows less than before is named, unless it says itself that its history is another.
    fn notice_history(
        &mut self,
        behind: &[KnownLength],
        generation: daymark_wire::Generation,
        intake: &mut Intake,
    ) {
        let same = self.replica.generation == Some(generation);
        if same {
            let logs = behind
                .iter()
                .map(|known| Fault::RolledBack { log: known.log });
            intake.faults.extend(logs);
        } else {
            self.replica.generation = Some(generation);
            intake.generation = Some(generation);
        }
    }
}
