//! One request of several, and each machine's part of the reply.

use super::{Machine, Machines};
use daymark_wire::{
    Record, SpaceId, limits,
    logs::TravelLink,
    sync::{AppendOutcome, News, SpaceReply, SyncReply, SyncRequest},
};

/// Bytes of records that are joined: what one machine sends at most.
const JOINED_BYTES: usize = crate::sync::machine::PUSH_BYTES;

/// A request in the making.
#[derive(Debug, Default)]
pub(super) struct Joined {
    pub(super) request: Option<SyncRequest>,
    /// Whose requests are in it.
    pub(super) of: Vec<SpaceId>,
    /// The links in it, and whose they are.
    pub(super) bringing: Option<(SpaceId, Vec<TravelLink>)>,
}

impl Joined {
    /// Takes one more in, if it fits.
    pub(super) fn take(&mut self, space: SpaceId, one: SyncRequest) -> bool {
        if !self.has_room_for(&one) {
            return false;
        }
        if !one.append.is_empty() {
            self.bringing = Some((space, one.append.clone()));
        }
        self.of.push(space);
        match &mut self.request {
            Some(all) => add(all, one),
            none => *none = Some(one),
        }
        true
    }

    fn has_room_for(&self, one: &SyncRequest) -> bool {
        let Some(all) = &self.request else {
            return true;
        };
        let pushed = || pushed(all).chain(pushed(one));
        let bytes: usize = pushed().map(Record::size).sum();
        all.spaces.len() + one.spaces.len() <= limits::MAX_SPACES_PER_SYNC
            && (all.append.is_empty() || one.append.is_empty())
            && pushed().count() <= limits::MAX_RECORDS_PER_PUSH
            && bytes <= JOINED_BYTES
    }
}

fn pushed(request: &SyncRequest) -> impl Iterator<Item = &Record> {
    request.spaces.iter().flat_map(|space| &space.push)
}

/// A log that both know is named once. Their heads are the same, since all machines are shown the same links.
fn add(all: &mut SyncRequest, one: SyncRequest) {
    for known in one.known {
        if all.known.iter().all(|named| named.log != known.log) {
            all.known.push(known);
        }
    }
    all.append.extend(one.append);
    all.spaces.extend(one.spaces);
    all.invite = all.invite.take().or(one.invite);
}

impl Machines {
    /// What a reply says to one machine. Its space is taken out of the reply.
    pub(super) fn part_of(
        &self,
        reply: &mut SyncReply,
        machine: &Machine,
        bringing: Option<&(SpaceId, Vec<TravelLink>)>,
    ) -> SyncReply {
        let space = machine.replica().space();
        let own = bringing.filter(|(by, _)| *by == space);
        let others =
            bringing.filter(|(by, _)| *by != space && reply.append == AppendOutcome::Appended);
        let others = others
            .map(|(_, links)| links.as_slice())
            .unwrap_or_default();
        let shown = others.iter().chain(&reply.links);
        let links = shown
            .filter(|link| self.is_for(machine, link))
            .cloned()
            .collect();
        let is_of_it = |shown: &mut SpaceReply| shown.space == space;
        SyncReply {
            generation: reply.generation,
            append: match own {
                Some(_) => reply.append.clone(),
                None => AppendOutcome::Nothing,
            },
            links,
            behind: reply.behind.clone(),
            spaces: reply.spaces.extract_if(.., is_of_it).collect(),
        }
    }

    /// What news says to one machine, if anything.
    pub(super) fn news_of(&self, news: &News, machine: &Machine) -> Option<(SpaceId, News)> {
        let space = machine.replica().space();
        let links = news.links.iter();
        let links: Vec<TravelLink> = links
            .filter(|link| self.is_for(machine, link))
            .cloned()
            .collect();
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

    /// Whether a link is for this machine. One that nobody follows is for the journal's, which names it.
    fn is_for(&self, machine: &Machine, link: &TravelLink) -> bool {
        let follows = |machine: &Machine| machine.replica().logs.follows(link);
        let is_journal = machine.replica().space() == self.journal().replica().space();
        follows(machine) || is_journal && !self.iter().any(follows)
    }
}
