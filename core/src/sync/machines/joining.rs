//! One request of several, and each machine's part of the reply.

use super::{Machine, Machines};
use crate::bonds::{accepted_by, log_of};
use daymark_wire::{
    LogId, Record, SpaceId, limits,
    logs::TravelLink,
    sync::{AppendOutcome, KnownLog, News, SpaceReply, SyncReply, SyncRequest},
};
use std::collections::BTreeSet;

/// Bytes of records that are joined: what one machine sends at most.
const JOINED_BYTES: usize = crate::sync::machine::PUSH_BYTES;

/// A request in the making.
#[derive(Debug, Default)]
pub(super) struct Joined {
    pub(super) request: Option<SyncRequest>,
    /// Whose requests are in it.
    pub(super) of: Vec<SpaceId>,
    /// The links in it, and whose they are.
    pub(super) bringing: Vec<Brought>,
    /// All of these are links that the relay lost, or never had.
    only_known: bool,
}

/// Links that one space brings.
#[derive(Debug)]
pub(super) struct Brought {
    pub(super) by: SpaceId,
    pub(super) links: Vec<TravelLink>,
}

impl Joined {
    /// Takes one more in, if it fits.
    pub(super) fn take(&mut self, space: SpaceId, one: SyncRequest, known_links: bool) -> bool {
        if !self.has_room_for(&one, known_links) {
            return false;
        }
        if !one.append.is_empty() {
            self.only_known = known_links;
            self.bringing.push(Brought {
                by: space,
                links: one.append.clone(),
            });
        }
        self.of.push(space);
        match &mut self.request {
            Some(all) => add(all, one),
            none => *none = Some(one),
        }
        true
    }

    fn has_room_for(&self, one: &SyncRequest, known_links: bool) -> bool {
        let Some(all) = &self.request else {
            return true;
        };
        let pushed = || pushed(all).chain(pushed(one));
        let links = || all.append.iter().chain(&one.append);
        let bytes: usize = pushed().map(Record::size).sum();
        let bytes = bytes + links().map(TravelLink::size).sum::<usize>();
        all.spaces.len() + one.spaces.len() <= limits::MAX_SPACES_PER_SYNC
            && (all.append.is_empty() || one.append.is_empty() || self.only_known && known_links)
            && links().count() <= limits::MAX_LINKS_PER_SYNC
            && pushed().count() <= limits::MAX_RECORDS_PER_PUSH
            && bytes <= JOINED_BYTES
    }
}

fn pushed(request: &SyncRequest) -> impl Iterator<Item = &Record> {
    request.spaces.iter().flat_map(|space| &space.push)
}

/// A log that both know is named once. Their heads are the same, since all machines are shown the same links.
pub(super) fn add_known(all: &mut Vec<KnownLog>, more: impl IntoIterator<Item = KnownLog>) {
    for known in more {
        if all.iter().all(|named| named.log != known.log) {
            all.push(known);
        }
    }
}

fn add(all: &mut SyncRequest, one: SyncRequest) {
    add_known(&mut all.known, one.known);
    for link in one.append {
        if !all.append.contains(&link) {
            all.append.push(link);
        }
    }
    all.spaces.extend(one.spaces);
    all.invite = all.invite.take().or(one.invite);
}

impl Machines {
    /// What a reply says to one machine. Its space is taken out of the reply.
    pub(super) fn part_of(
        &self,
        reply: &mut SyncReply,
        machine: &Machine,
        bringing: &[Brought],
    ) -> SyncReply {
        let space = machine.replica().space();
        let brings = bringing.iter().any(|brought| brought.by == space);
        let appended = reply.append == AppendOutcome::Appended;
        let others = bringing
            .iter()
            .filter(|brought| appended && brought.by != space);
        let shown = others
            .flat_map(|brought| &brought.links)
            .chain(&reply.links);
        let links = self.links_for(machine, shown);
        let is_of_it = |shown: &mut SpaceReply| shown.space == space;
        SyncReply {
            generation: reply.generation,
            append: if brings {
                reply.append.clone()
            } else {
                AppendOutcome::Nothing
            },
            links,
            behind: reply.behind.clone(),
            spaces: reply.spaces.extract_if(.., is_of_it).collect(),
        }
    }

    /// What news says to one machine, if anything.
    pub(super) fn news_of(&self, news: &News, machine: &Machine) -> Option<(SpaceId, News)> {
        let space = machine.replica().space();
        let links = self.links_for(machine, news.links.iter());
        let of_space = news.space == Some(space);
        if links.is_empty() && !of_space {
            return None;
        }
        let records = if of_space {
            news.records.clone()
        } else {
            Vec::new()
        };
        let news = News {
            links,
            space: news.space.filter(|_| of_space),
            records,
        };
        Some((space, news))
    }

    /// Those of the links shown that are for this machine. A bond that somebody accepts is shown their account's log
    /// here, when the *accept* names it: it was set aside, or is known by another bond.
    fn links_for<'a>(
        &self,
        machine: &Machine,
        shown: impl Iterator<Item = &'a TravelLink>,
    ) -> Vec<TravelLink> {
        let links: Vec<TravelLink> = shown
            .filter(|link| self.is_for(machine, link))
            .cloned()
            .collect();
        let bond = machine.replica().logs.as_bond();
        let answered: BTreeSet<LogId> = links.iter().filter_map(accepted_by).collect();
        if answered.is_empty() || bond.is_none_or(|bond| bond.logs.other().is_some()) {
            return links;
        }
        let others = self
            .iter()
            .filter_map(|other| other.replica().logs.as_bond());
        let others = others.flat_map(|bond| bond.logs.links_of_others());
        let others = others.chain(self.aside.accounts());
        let others = others.filter(|link| log_of(link).is_some_and(|log| answered.contains(&log)));
        let mut all: Vec<TravelLink> = others.cloned().collect();
        all.extend(links);
        all
    }

    /// Whether a link is for this machine. One that nobody follows is for the journal's, which names it.
    fn is_for(&self, machine: &Machine, link: &TravelLink) -> bool {
        let follows = |machine: &Machine| machine.replica().logs.follows(link);
        let is_journal = machine.replica().space() == self.journal().replica().space();
        follows(machine) || is_journal && !self.iter().any(follows)
    }
}
