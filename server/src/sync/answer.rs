//! What the client lacks, and what the relay lacks (rule S1).

use super::sound;
use crate::{
    accounts::{Account, Chain, Journal},
    append,
    problem::Problem,
    service::Service,
    store::{Budget, Reading, RecordAsStored, StoreError},
};
use daymark_wire::{
    ChainId, Have, Header, LogId, Record, limits,
    logs::{Head, LogKind, TravelLink},
    record::Place,
    sync::{
        AppendOutcome, KnownLength, PushOutcome, SpaceReply, SpaceRequest, SyncReply, SyncRequest,
    },
};
use std::collections::BTreeMap;

/// Bytes of links in one reply: with the records it stays below the limit of a reply.
const LINK_BYTES: usize = limits::MAX_REPLY_BYTES / 2;

/// The reply for an account as it stands.
pub(super) async fn answer(
    service: &Service,
    account: &Account,
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
        behind: behind(account, &known),
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

/// Logs of which the relay has less than the client says it knows, or nothing that this client may see.
fn behind(account: &Account, known: &BTreeMap<LogId, Head>) -> Vec<KnownLength> {
    let lengths: BTreeMap<LogId, u64> = account
        .logs()
        .map(|(_, log, head)| (log, head.length))
        .collect();
    known
        .iter()
        .map(|(log, head)| (*log, head.length, lengths.get(log).copied().unwrap_or(0)))
        .filter(|(_, known, length)| length < known)
        .map(|(log, _, length)| KnownLength { log, length })
        .collect()
}

/// A reply in the making. The database is touched only when there is something to read.
struct Answer<'a> {
    service: &'a Service,
    account: &'a Account,
    reading: Option<Reading>,
    more: bool,
}

impl Answer<'_> {
    /// Links beyond what the client knows. For a head that is not on the stored log, all of them: the client
    /// sees where the two part.
    async fn links(
        &mut self,
        known: &BTreeMap<LogId, Head>,
        not_next: bool,
    ) -> Result<Vec<TravelLink>, StoreError> {
        let mut links = Vec::new();
        let mut budget = Budget::new(LINK_BYTES);
        for (row, log, head) in self.account.logs() {
            let beyond = match known.get(&log) {
                None => 0,
                Some(known) if self.account.has_had(log, *known) => known.length,
                Some(known) if known.length > head.length && !not_next => continue,
                Some(_) => 0,
            };
            if beyond == head.length {
                continue;
            }
            let kind = if row == self.account.log {
                LogKind::Account
            } else {
                LogKind::Journal
            };
            let room = limits::MAX_LINKS_PER_SYNC.saturating_sub(links.len());
            let reading = reading(&mut self.reading, self.service).await?;
            let found = reading.links(row, kind, beyond, room, &mut budget).await?;
            self.more |= (found.len() as u64) < head.length.saturating_sub(beyond);
            links.extend(found);
        }
        Ok(links)
    }

    async fn space(
        &mut self,
        request: &SpaceRequest,
        push: PushOutcome,
        budget: &mut Budget,
    ) -> Result<SpaceReply, StoreError> {
        let journal = self.account.journal.as_ref();
        let Some(journal) = journal.filter(|journal| journal.state.space() == request.space) else {
            return Ok(SpaceReply::empty(request.space));
        };
        let mut records = Vec::new();
        for (name, chain) in &journal.chains {
            let known = request.have.of(*name);
            if known < chain.last {
                let reading = reading(&mut self.reading, self.service).await?;
                let found = reading
                    .stored_records(chain.row, known, chain.last, budget)
                    .await?;
                let found = self.sound(journal, *name, *chain, found);
                records.extend(found.into_iter().map(|record| shown(journal, record)));
            }
        }
        for place in &request.want {
            let record = self.wanted(journal, place).await?;
            records.extend(record.filter(|record| budget.take(record.size())));
        }
        let want = if journal.has_holes {
            let reading = reading(&mut self.reading, self.service).await?;
            reading.holes(journal.row, limits::MAX_WANTED).await?
        } else {
            Vec::new()
        };
        Ok(SpaceReply {
            space: request.space,
            push,
            records,
            want,
            behind: self.chains_behind(journal, &request.have),
            more: budget.exceeded || self.more,
        })
    }

    /// A record whose body the client lacks, or that stands where one was refused: without a body it is still
    /// the proof of that.
    async fn wanted(
        &mut self,
        journal: &Journal,
        place: &Place,
    ) -> Result<Option<Record>, StoreError> {
        let chain = journal.chains.get(&place.chain);
        let Some(chain) = chain.filter(|chain| place.seq <= chain.last) else {
            return Ok(None);
        };
        let reading = reading(&mut self.reading, self.service).await?;
        let found = reading.record(chain.row, place.seq).await?;
        let found = self.sound(journal, place.chain, *chain, found.into_iter().collect());
        Ok(found
            .into_iter()
            .next()
            .map(|record| shown(journal, record)))
    }

    /// What can be served of a chain's records. What is damaged is noted.
    fn sound(
        &self,
        journal: &Journal,
        name: ChainId,
        chain: Chain,
        stored: Vec<RecordAsStored>,
    ) -> Vec<Record> {
        let state = &self.account.state;
        let of = sound::Of {
            space: journal.state.space(),
            name,
            chain,
            key: state.device(name.device).map(|device| device.signing),
        };
        let is_forgotten = |header: &Header| journal.is_forgotten(header.document);
        let (records, damaged) = sound::read(stored, &of, is_forgotten);
        self.service.damage.note(state.id(), damaged);
        records
    }

    /// Chains of which the client has more. What lies beyond a removed device's cut is not asked for.
    fn chains_behind(&self, journal: &Journal, have: &Have) -> Have {
        have.iter()
            .filter_map(|(name, known)| {
                let last = journal.last(name);
                let cut = journal.cut(&self.account.state, name);
                let wanted = cut.map_or(known, |cut| known.min(cut));
                (last < wanted).then_some((name, last))
            })
            .collect()
    }
}

/// A record as it is shown: the body of a forgotten document is withheld at once (rule F1).
fn shown(journal: &Journal, record: Record) -> Record {
    if journal.is_forgotten(record.claimed().document) {
        record.into_stub()
    } else {
        record
    }
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
