//! Putting each pushed record in its place (rules R4, R5, R7, L6, L8).

use super::{
    Chain, Chains,
    logs::{Logs, Space},
};
use daymark_wire::{
    AccountId, ChainId, Header, Record, RecordKind, Seq, limits,
    sync::{PushOutcome, RecordRefusal, SyncRequest},
};

/// Whether the heads that a request names are current: those before its own links, or those after.
pub(super) fn is_current(
    request: &SyncRequest,
    before: Option<&Logs>,
    now: &Space<'_>,
    id: AccountId,
) -> bool {
    let named = |space: &Space<'_>| {
        let mut heads = space.heads().into_iter();
        heads.all(|(log, head)| {
            let mut known = request.known.iter();
            known.any(|known| known.log == log && known.head == head)
        })
    };
    let before = before.and_then(|before| before.space(now.id, id));
    named(now) || before.is_some_and(|before| named(&before))
}

pub(super) fn push(space: &Space<'_>, chains: &mut Chains, records: &[Record]) -> PushOutcome {
    if !space.takes_content() {
        return PushOutcome::Stale;
    }
    for record in records {
        if let Err(why) = take(space, chains, record) {
            let place = record.place();
            return PushOutcome::Refused { place, why };
        }
    }
    PushOutcome::Accepted
}

fn take(space: &Space<'_>, chains: &mut Chains, record: &Record) -> Result<(), RecordRefusal> {
    let header = record.claimed();
    let id = header.chain;
    let (_, device) = space.device(id.device).ok_or(RecordRefusal::NotAMember)?;
    let content = if space.is_journal() {
        RecordKind::Change
    } else {
        RecordKind::Version
    };
    let takes = header.kind.is_of_the_space() || header.kind == content;
    if header.space != space.id || !takes {
        return Err(RecordRefusal::WrongKind);
    }
    if record.header().check(&device.signing).is_err() {
        return Err(RecordRefusal::BadSignature);
    }
    if space.cut(id).is_some_and(|cut| header.seq > cut) {
        return Err(RecordRefusal::NotAMember);
    }
    let forgotten = space.is_forgotten(header);
    if let Some(chain) = chains.get_mut(&id)
        && header.seq <= chain.last()
    {
        return take_again(chain, record, forgotten);
    }
    let (last, hash, ends) = chains.get(&id).map_or_else(
        || (Seq(0), daymark_wire::Hash::ZERO, None),
        |chain| (chain.last(), chain.head(), chain.ends),
    );
    let ended = ends.is_some_and(|ends| header.seq > ends);
    if ended || last.next() != Some(header.seq) || header.previous != hash {
        return Err(RecordRefusal::NotNext);
    }
    check_epoch(space, header)?;
    let mut forgetting = space.forgetting(header);
    if forgetting.any(|epoch| header.seq > epoch.have.of(header.chain)) {
        return Err(RecordRefusal::Forgotten);
    }
    if last == Seq(0) && live_chains(chains, id) >= limits::MAX_LIVE_INCARNATIONS {
        return Err(RecordRefusal::TooManyChains);
    }
    if let Some(replaces) = header.replaces {
        let incarnation = replaces.incarnation;
        let ended = ChainId { incarnation, ..id };
        let ends = &mut chains.entry(ended).or_default().ends;
        *ends = ends.or(Some(replaces.last));
    }
    let record = record.clone();
    let record = if forgotten {
        record.into_stub()
    } else {
        record
    };
    chains.entry(id).or_default().records.push(record);
    Ok(())
}

fn check_epoch(space: &Space<'_>, header: &Header) -> Result<(), RecordRefusal> {
    let newest = space.newest_epoch().ok_or(RecordRefusal::OldEpoch)?;
    let below = header.seq <= newest.have.of(header.chain);
    if header.epoch == newest.id || below && space.has_epoch(header.epoch) {
        Ok(())
    } else {
        Err(RecordRefusal::OldEpoch)
    }
}

fn live_chains(chains: &Chains, of: ChainId) -> usize {
    let of_device = chains.iter().filter(|(id, _)| id.device == of.device);
    of_device.filter(|(_, chain)| chain.ends.is_none()).count()
}

/// A record at a place that is taken: the same, which may bring a body that was missing, or a fork.
fn take_again(chain: &mut Chain, record: &Record, forgotten: bool) -> Result<(), RecordRefusal> {
    let index = record.place().seq.0 as usize - 1;
    let stands = &mut chain.records[index];
    if stands.hash() != record.hash() {
        return Err(RecordRefusal::Forked);
    }
    if stands.body().is_none() && !forgotten {
        *stands = record.clone();
    }
    Ok(())
}
