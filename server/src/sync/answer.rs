//! What the client lacks, and what the relay lacks (rule S1).

use super::{
    logs::{self, LogSeen},
    sound,
};
use crate::{
    accounts::{Account, BondSeen, Chain, Members, Space, SpaceLog},
    append,
    problem::Problem,
    service::Service,
    store::{Budget, Reading, RecordAsStored, StoreError},
};
use daymark_wire::{
    ChainId, Have, Header, LogId, Record, limits,
    logs::{Head, Role, TravelLink},
    record::Place,
    sync::{
        AppendOutcome, KnownLength, PushOutcome, SpaceReply, SpaceRequest, SyncReply, SyncRequest,
    },
};
use std::collections::BTreeMap;

/// Bytes of links in one reply: with the records it stays below the limit of a reply.
const LINK_BYTES: usize = limits::MAX_REPLY_BYTES / 2;

/// Bytes of the longest link of a bond, with its wraps: each bond has room for one, while a reply has.
const ONE_LINK_BYTES: usize = limits::MAX_LINK_BYTES + limits::MAX_BOND_BLOB_BYTES;

/// The reply for an account as it stands.
pub(super) async fn answer(
    service: &Service,
    (account, bonds): (&Account, &[BondSeen]),
    request: &SyncRequest,
    append: AppendOutcome,
    pushes: Vec<PushOutcome>,
) -> Result<SyncReply, Problem> {
    let own: &[TravelLink] = if append == AppendOutcome::Appended {
        &request.append
    } else {
        &[]
    };
    let known = append::heads_with(&request.known, own);
    let mut answer = Answer {
        service,
        account,
        bonds,
        now: service.clock.now(),
        reading: None,
        more: false,
    };
    let links = answer
        .links(&known, append == AppendOutcome::NotNext)
        .await?;
    let mut pushes = pushes.into_iter();
    let mut budget = Budget::new(limits::MAX_REPLY_RECORD_BYTES);
    let mut spaces = Vec::with_capacity(request.spaces.len());
    for space in &request.spaces {
        let push = pushes.next().unwrap_or(PushOutcome::Nothing);
        spaces.push(answer.space(space, push, &mut budget).await?);
    }
    Ok(SyncReply {
        generation: service.identity.generation(),
        append,
        links,
        behind: behind(account, bonds, &known),
        spaces,
    })
}

/// The reply to a registration that was refused: the relay has nothing.
pub(super) fn to_nobody(
    service: &Service,
    request: &SyncRequest,
    append: AppendOutcome,
) -> SyncReply {
    let known = request.known.iter();
    let spaces = request.spaces.iter();
    SyncReply {
        generation: service.identity.generation(),
        append,
        links: Vec::new(),
        behind: known
            .map(|known| KnownLength {
                log: known.log,
                length: 0,
            })
            .collect(),
        spaces: spaces.map(|space| SpaceReply::empty(space.space)).collect(),
    }
}

/// Logs of which the relay has less than the client says it knows, or nothing that this client may see. The
/// other side's log in a bond is not this client's to offer.
fn behind(
    account: &Account,
    bonds: &[BondSeen],
    known: &BTreeMap<LogId, Head>,
) -> Vec<KnownLength> {
    let logs = account.logs().map(|(_, log, head)| (log, head.length));
    let theirs = bonds.iter().flat_map(|seen| {
        let other = seen.other.as_deref();
        let other = other.map(|other| (LogId::from(other.state.id()), u64::MAX));
        let state = &seen.bond.space.state;
        [other, Some((state.space().into(), state.length()))]
    });
    let lengths: BTreeMap<LogId, u64> = logs.chain(theirs.flatten()).collect();
    known
        .iter()
        .map(|(log, head)| (*log, head.length, lengths.get(log).copied().unwrap_or(0)))
        .filter(|(_, known, length)| length < known)
        .map(|(log, _, length)| KnownLength { log, length })
        .collect()
}

/// A log of which the client lacks what comes after so many links.
struct Lacked<'a> {
    log: LogSeen<'a>,
    beyond: u64,
}

/// What the client lacks of a log, if anything. For a head that is not on the stored log, all of it: the client sees
/// where the two part.
fn lacked<'a>(
    log: LogSeen<'a>,
    known: &BTreeMap<LogId, Head>,
    not_next: bool,
) -> Option<Lacked<'a>> {
    let beyond = match known.get(&log.id) {
        Some(known) if log.has_had(*known) => known.length,
        Some(known) if known.length > log.length && !not_next => return None,
        None | Some(_) => 0,
    };
    (beyond < log.length).then_some(Lacked { log, beyond })
}

/// A reply in the making. The database is touched only when there is something to read.
struct Answer<'a> {
    service: &'a Service,
    account: &'a Account,
    bonds: &'a [BondSeen],
    /// Seconds since 1970.
    now: u64,
    reading: Option<Reading>,
    more: bool,
}

impl Answer<'_> {
    /// Links beyond what the client knows: of its own logs first, and of each bond, with the other side's account, as
    /// many as of any other, so that none keeps another from being shown.
    async fn links(
        &mut self,
        known: &BTreeMap<LogId, Head>,
        not_next: bool,
    ) -> Result<Vec<TravelLink>, StoreError> {
        let seen = logs::seen(self.account, self.bonds).into_iter();
        let lacked: Vec<Lacked<'_>> = seen
            .filter_map(|seen| lacked(seen, known, not_next))
            .collect();
        let of_one_bond = |one: &Lacked<'_>, next: &Lacked<'_>| one.log.bond == next.log.bond;
        let mut bonds = lacked.chunk_by(of_one_bond).count();
        let (mut links, mut bytes) = (Vec::new(), LINK_BYTES);
        for logs in lacked.chunk_by(of_one_bond) {
            let is_own = logs.iter().any(|lacked| lacked.log.bond.is_none());
            let sharers = if is_own { 1 } else { bonds.max(1) };
            let room = limits::MAX_LINKS_PER_SYNC.saturating_sub(links.len());
            let share = (bytes / sharers).max(ONE_LINK_BYTES).min(bytes);
            let mut budget = Budget::new(share);
            let room = if bytes > 0 { room.div_ceil(sharers) } else { 0 };
            links.extend(self.links_of(logs, room, &mut budget).await?);
            bytes = bytes.saturating_sub(share - budget.left());
            bonds = bonds.saturating_sub(1);
        }
        Ok(links)
    }

    /// Of these logs so many links, as far as their bytes have room.
    async fn links_of(
        &mut self,
        logs: &[Lacked<'_>],
        room: usize,
        budget: &mut Budget,
    ) -> Result<Vec<TravelLink>, StoreError> {
        let mut links = Vec::new();
        for Lacked { log, beyond } in logs {
            let lacks = log.length.saturating_sub(*beyond);
            let room = room.saturating_sub(links.len());
            let wanted = room.min(usize::try_from(lacks).unwrap_or(usize::MAX));
            let reading = reading(&mut self.reading, self.service).await?;
            let found = reading
                .links(log.row, log.kind, *beyond, wanted, budget)
                .await?;
            self.more |= (found.len() as u64) < lacks;
            links.extend(found);
        }
        Ok(links)
    }

    /// One space. Of one that is not there, not this account's, or a bond's that is over, there is nothing to say.
    async fn space(
        &mut self,
        request: &SpaceRequest,
        push: PushOutcome,
        budget: &mut Budget,
    ) -> Result<SpaceReply, StoreError> {
        let (account, bonds) = (self.account, self.bonds);
        if let Some(journal) = &account.journal
            && journal.state.space() == request.space
        {
            let members = account.members();
            return self.space_of(journal, members, request, push, budget).await;
        }
        let mut bonds = bonds.iter();
        let seen = bonds.find(|seen| seen.bond.id() == request.space && !seen.bond.is_over());
        let members = seen.and_then(|seen| seen.members(&account.state));
        let (Some(seen), Some(members)) = (seen, members) else {
            return Ok(SpaceReply::empty(request.space));
        };
        let reply = self
            .space_of(&seen.bond.space, members, request, push, budget)
            .await?;
        Ok(SpaceReply {
            declined: seen.bond.declined.filter(|_| seen.role == Role::Owner),
            ..reply
        })
    }

    async fn space_of<L: SpaceLog>(
        &mut self,
        space: &Space<L>,
        members: Members<'_>,
        request: &SpaceRequest,
        push: PushOutcome,
        budget: &mut Budget,
    ) -> Result<SpaceReply, StoreError> {
        let mut records = Vec::new();
        for (name, chain) in &space.chains {
            let known = request.have.of(*name);
            if known < chain.last {
                let reading = reading(&mut self.reading, self.service).await?;
                let found = reading
                    .stored_records(chain.row, known, chain.last, budget)
                    .await?;
                records.extend(self.sound((space, members), *name, *chain, found));
            }
        }
        for place in &request.want {
            let record = self.wanted((space, members), place).await?;
            records.extend(record.filter(|record| budget.take(record.size())));
        }
        let want = if space.has_holes {
            let reading = reading(&mut self.reading, self.service).await?;
            reading.holes(space.row, limits::MAX_WANTED).await?
        } else {
            Vec::new()
        };
        Ok(SpaceReply {
            space: request.space,
            push,
            records,
            want,
            behind: chains_behind(space, members, &request.have),
            more: budget.exceeded || self.more,
            declined: None,
        })
    }

    /// A record whose body the client lacks, or that stands where one was refused: without a body it is still
    /// the proof of that.
    async fn wanted<L: SpaceLog>(
        &mut self,
        (space, members): (&Space<L>, Members<'_>),
        place: &Place,
    ) -> Result<Option<Record>, StoreError> {
        let chain = space.chains.get(&place.chain);
        let Some(chain) = chain.filter(|chain| place.seq <= chain.last) else {
            return Ok(None);
        };
        let reading = reading(&mut self.reading, self.service).await?;
        let found = reading.record(chain.row, place.seq).await?;
        let found = found.into_iter().collect();
        let found = self.sound((space, members), place.chain, *chain, found);
        Ok(found.into_iter().next())
    }

    /// What can be served of a chain's records. What is damaged is noted.
    fn sound<L: SpaceLog>(
        &self,
        (space, members): (&Space<L>, Members<'_>),
        name: ChainId,
        chain: Chain,
        stored: Vec<RecordAsStored>,
    ) -> Vec<Record> {
        let of = sound::Of {
            space: space.state.space(),
            name,
            chain,
            key: members
                .device(name.device)
                .map(|(_, device)| device.signing),
        };
        let is_withheld = |header: &Header| space.withholds(members, header, self.now);
        let (records, damaged) = sound::read(stored, &of, is_withheld);
        self.service.damage.note(members.owner.id(), damaged);
        records
    }
}

/// Chains of which the client has more. What lies beyond a removed device's cut is not asked for.
fn chains_behind<L: SpaceLog>(space: &Space<L>, members: Members<'_>, have: &Have) -> Have {
    have.iter()
        .filter_map(|(name, known)| {
            let last = space.last(name);
            let cut = space.state.cut(members, name);
            let wanted = cut.map_or(known, |cut| known.min(cut));
            (last < wanted).then_some((name, last))
        })
        .collect()
}

/// The reply's one reading connection, taken when first needed.
async fn reading<'r>(
    reading: &'r mut Option<Reading>,
    service: &Service,
) -> Result<&'r mut Reading, StoreError> {
    match reading {
        Some(reading) => Ok(reading),
        none => Ok(none.insert(service.store.reading().await?)),
    }
}
