//! One request of several, and each machine's part of the reply.

use super::{Machine, Machines};
use daymark_wire::{
    Record, SpaceId, limits,
    logs::{LogKind, TravelLink},
    sync::{AppendOutcome, News, SpaceReply, SyncReply, SyncRequest},
};

/// Bytes of records that are joined: what one machine sends at most.
const JOINED_BYTES: usize = crate::sync::machine::PUSH_BYTES;

/// Links set aside: those of as many bonds as another device makes between two syncs, and no more than memory for a
/// relay that shows what is nobody's.
const MAX_ASIDE: usize = 4 * limits::MAX_LINKS_PER_SYNC;

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
        let bytes = bytes + links().map(size).sum::<usize>();
        all.spaces.len() + one.spaces.len() <= limits::MAX_SPACES_PER_SYNC
            && (all.append.is_empty() || one.append.is_empty() || self.only_known && known_links)
            && links().count() <= limits::MAX_LINKS_PER_SYNC
            && pushed().count() <= limits::MAX_RECORDS_PER_PUSH
            && bytes <= JOINED_BYTES
    }
}

fn size(link: &TravelLink) -> usize {
    link.bytes.len() + link.blob.as_ref().map_or(0, Vec::len)
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

    /// Those of the links shown that are for this machine. A person with whom there is another bond is known there:
    /// a relay shows their log no more, so a bond that they may be accepting is shown it here.
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
        let answered = links.iter().any(|link| link.kind == LogKind::Bond);
        if !answered || bond.is_none_or(|bond| bond.logs.other().is_some()) {
            return links;
        }
        let others = self.iter().filter_map(|other| {
            let logs = &other.replica().logs.as_bond()?.logs;
            Some(logs.links_beyond(logs.other()?.id().into(), 0))
        });
        let mut all: Vec<TravelLink> = others.flatten().cloned().collect();
        all.extend(links);
        all
    }

    /// A relay shows each log that it is not told of whole. Links of bonds that have no machine are set aside, and
    /// those of other accounts which came with them.
    pub(super) fn without_strange(&mut self, shown: Vec<TravelLink>) -> Vec<TravelLink> {
        let is_strange = |link: &TravelLink| {
            let mut machines = self.iter();
            machines.all(|machine| !machine.replica().logs.follows(link))
        };
        let of_bond = |link: &TravelLink| link.kind == LogKind::Bond && is_strange(link);
        if !shown.iter().any(of_bond) {
            return shown;
        }
        let (strange, known): (Vec<_>, Vec<_>) = shown
            .into_iter()
            .partition(|link| link.kind != LogKind::Journal && is_strange(link));
        let room = MAX_ASIDE.saturating_sub(self.aside.len());
        self.aside.extend(strange.into_iter().take(room));
        known
    }

    /// Whether a link is for this machine. One that nobody follows is for the journal's, which names it.
    fn is_for(&self, machine: &Machine, link: &TravelLink) -> bool {
        let follows = |machine: &Machine| machine.replica().logs.follows(link);
        let is_journal = machine.replica().space() == self.journal().replica().space();
        follows(machine) || is_journal && !self.iter().any(follows)
    }
}
