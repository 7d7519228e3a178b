//! All spaces of an account in one sync: a [`Machine`] for each, one request for all (rule S1).
//!
//! ```text
//!   journal ─┐ Work  ─► carried out for that space, and handed back
//!   bond    ─┼ Send  ─► waits; when nobody has work left, all that wait make one request
//!   bond    ─┘ Finished
//! ```
//!
//! Machines know nothing of each other. What one of them appends is shown to the others with the reply, and what
//! opens a bond's epochs is handed on by the journal. At most one brings links in a request, since links of a
//! request are appended all or not at all: what one space is refused must not hold up another. Only what a relay
//! lost is brought by all together, as the links of a bond rest on account links that were lost beside them; if
//! that is refused, each brings its own.
//!
//! - `held`: the machines themselves.
//! - `joining`: one request of several, and each machine's part of the reply.
//! - `answered`: what the relay said to it, handed out.
//! - `aside`: links of bonds that have no machine yet.

mod answered;
mod aside;
mod held;
mod joining;
#[cfg(test)]
mod tests;

use super::{Effect, Event, Machine, Outcome, Work, Workers};
use crate::random::{NoRandomness, Random};
use aside::Aside;
use daymark_wire::{
    SpaceId,
    logs::TravelLink,
    sync::{News, SyncRequest},
};
use joining::{Brought, Joined};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// See the module.
#[derive(Debug)]
pub struct Machines {
    journal: Machine,
    bonds: BTreeMap<SpaceId, Machine>,
    /// What is still to be handed over.
    events: VecDeque<(SpaceId, Event)>,
    /// Machines that have something to say.
    unsent: BTreeSet<SpaceId>,
    /// Machines whose requests are under way together.
    in_flight: Vec<SpaceId>,
    /// The links that are under way, and whose.
    bringing: Vec<Brought>,
    /// Links that the relay lost are brought by each space for itself.
    apart: bool,
    /// Links of bonds that have no machine.
    aside: Aside,
    round_trips: u32,
    /// How the machines that finished say it went; why something was not taken each says once.
    finished: Vec<Outcome>,
}

/// What the caller should do.
#[derive(Debug)]
pub enum Step {
    /// Do this for one space; come back with [`Machines::handle`].
    Work(SpaceId, Work),
    /// Send the request; come back with [`Machines::replied`], [`Machines::unknown_account`] or
    /// [`Machines::unknown_device`].
    Send(Box<SyncRequest>),
    /// Nothing more to do now.
    Finished(Outcome),
}

impl Machines {
    /// The journal's machine and those of its bonds.
    #[must_use]
    pub fn new(journal: Machine, bonds: impl IntoIterator<Item = Machine>) -> Self {
        let bonds = bonds.into_iter();
        Self {
            journal,
            bonds: bonds.map(|bond| (bond.replica().space(), bond)).collect(),
            events: VecDeque::new(),
            unsent: BTreeSet::new(),
            in_flight: Vec::new(),
            bringing: Vec::new(),
            apart: false,
            aside: Aside::default(),
            round_trips: 0,
            finished: Vec::new(),
        }
    }

    /// How far all have come together.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let mut total = Outcome {
            round_trips: self.round_trips,
            ..self.journal.outcome().clone()
        };
        for bond in self.bonds.values().map(Machine::outcome) {
            total.received += bond.received;
            total.sent += bond.sent;
            add_reasons(&mut total, bond);
        }
        total
    }

    fn finish(&mut self) -> Outcome {
        self.apart = false;
        let mut total = self.outcome();
        for outcome in self.finished.drain(..) {
            add_reasons(&mut total, &outcome);
        }
        total
    }

    /// Whether what is written to the journal now may be sealed at once: nothing of any space is under way.
    #[must_use]
    pub fn may_seal_at_once(&self) -> bool {
        let idle = self.events.is_empty() && self.unsent.is_empty() && self.in_flight.is_empty();
        idle && self.journal.may_seal_at_once()
    }

    /// Begins a sync of every space. `append` holds links of this device's own making.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn start(
        &mut self,
        append: Vec<TravelLink>,
        workers: &impl Workers,
        random: &Random,
    ) -> Result<Step, NoRandomness> {
        let journal = self.journal.replica().space();
        self.events.push_back((journal, Event::Started { append }));
        for space in self.bonds.keys() {
            let append = Vec::new();
            self.events.push_back((*space, Event::Started { append }));
        }
        self.next(workers, random)
    }

    /// Takes what came of [`Step::Work`], or something new of one space.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn handle(
        &mut self,
        space: SpaceId,
        event: Event,
        workers: &impl Workers,
        random: &Random,
    ) -> Result<Step, NoRandomness> {
        self.events.push_front((space, event));
        self.next(workers, random)
    }

    /// Takes something new of several spaces, which then make one request.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn together(
        &mut self,
        events: Vec<(SpaceId, Event)>,
        workers: &impl Workers,
        random: &Random,
    ) -> Result<Step, NoRandomness> {
        self.events.extend(events);
        self.next(workers, random)
    }

    /// Another device brought something; the relay pushed it over the live socket.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn news(
        &mut self,
        news: &News,
        workers: &impl Workers,
        random: &Random,
    ) -> Result<Step, NoRandomness> {
        let news = News {
            // News is of one commit: what somebody says in their account log comes before a bond with them is known.
            links: self.without_strange(news.links.clone(), true),
            ..news.clone()
        };
        let concerned: Vec<(SpaceId, News)> = self
            .iter()
            .filter_map(|machine| self.news_of(&news, machine))
            .collect();
        for (space, news) in concerned {
            self.events.push_back((space, Event::News(Box::new(news))));
        }
        self.next(workers, random)
    }

    /// Links that machines without a part in the request have not seen.
    fn show_links(&mut self, links: Vec<TravelLink>, seen_by: &[SpaceId]) {
        if links.is_empty() {
            return;
        }
        let news = News {
            links,
            ..News::default()
        };
        let shown: Vec<(SpaceId, News)> = self
            .iter()
            .filter(|machine| !seen_by.contains(&machine.replica().space()))
            .filter_map(|machine| self.news_of(&news, machine))
            .collect();
        for (space, news) in shown {
            self.events.push_back((space, Event::News(Box::new(news))));
        }
    }

    fn next(&mut self, workers: &impl Workers, random: &Random) -> Result<Step, NoRandomness> {
        let journal = self.journal.replica().space();
        while let Some((space, event)) = self.next_event() {
            let Some(machine) = self.machine_mut(space) else {
                continue;
            };
            let effect = machine.handle(event, workers, random)?;
            if space == journal {
                self.hand_on_account_keys();
            }
            match effect {
                Effect::Work(work) => return Ok(Step::Work(space, work)),
                Effect::Send => {
                    self.unsent.insert(space);
                }
                Effect::Finished(outcome) => self.finished.push(outcome),
            }
        }
        Ok(self.send())
    }

    /// What is handed over next. While the relay has more of the journal, bonds wait: it may say what another device
    /// ended or took back (threat J3).
    fn next_event(&mut self) -> Option<(SpaceId, Event)> {
        if !self.journal.asks_on() {
            return self.events.pop_front();
        }
        let journal = self.journal.replica().space();
        let mut events = self.events.iter();
        let next = events.position(|(space, _)| *space == journal)?;
        self.events.remove(next)
    }

    /// The journal's epoch brings the account's keys, which open the epochs of bonds. A bond that nothing else is
    /// to be said to is given the occasion to open them.
    fn hand_on_account_keys(&mut self) {
        let keys = &self.journal.replica().account_keys;
        for (space, bond) in &mut self.bonds {
            let are_new = bond.take_account_keys(keys);
            let is_idle = !self.unsent.contains(space)
                && !self.in_flight.contains(space)
                && self.events.iter().all(|(of, _)| of != space);
            if are_new && is_idle {
                let news = Event::News(Box::default());
                self.events.push_back((*space, news));
            }
        }
    }

    /// One request of as many as fit; the journal goes first.
    fn send(&mut self) -> Step {
        let mut joined = Joined::default();
        let apart = self.apart;
        let journal = self.journal.replica().space();
        let bonds = self
            .unsent
            .iter()
            .copied()
            .filter(|space| *space != journal);
        let journal_too = self.unsent.contains(&journal).then_some(journal);
        let unsent: Vec<SpaceId> = journal_too.into_iter().chain(bonds).collect();
        for space in unsent {
            let Some(machine) = self.machine_mut(space) else {
                continue;
            };
            let request = machine.request();
            let known_links = machine.brings_known_links() && !apart;
            if joined.take(space, request, known_links) {
                self.unsent.remove(&space);
            }
        }
        let Some(mut request) = joined.request else {
            return Step::Finished(self.finish());
        };
        joining::add_known(&mut request.known, self.aside.known());
        self.in_flight = joined.of;
        self.bringing = joined.bringing;
        Step::Send(Box::new(request))
    }
}

/// Why something was not taken.
fn add_reasons(total: &mut Outcome, one: &Outcome) {
    total.quota_exceeded |= one.quota_exceeded;
    total.refused = total.refused.or(one.refused);
    total.given_up |= one.given_up;
}
