//! Putting each pushed record in its place (rules R4, R5, R7, L6, L8).

use super::{Chain, Kept};
use daymark_wire::{
    ChainId, DocumentId, Header, Record, RecordKind, Seq, limits,
    logs::Head,
    sync::{KnownLog, PushOutcome, RecordRefusal},
};

/// Whether the heads that a request names are current: those before its own links, or those after.
pub(super) fn is_current(known: &[KnownLog], before: Option<&Kept>, now: &Kept) -> bool {
    let heads = |kept: &Kept| [kept.account.head(), kept.journal.head()];
    let named: Vec<Head> = known.iter().map(|known| known.head).collect();
    named == heads(now) || before.is_some_and(|before| named == heads(before))
}

impl Kept {
    pub(super) fn push(&mut self, records: &[Record], is_current: bool) -> PushOutcome {
        if records.is_empty() {
            return PushOutcome::Nothing;
        }
        if !is_current {
            return PushOutcome::HeadsNotCurrent;
        }
        if self.journal.is_stale(&self.account) {
            return PushOutcome::Stale;
        }
        for record in records {
            if let Err(why) = self.take(record) {
                let place = record.place();
                return PushOutcome::Refused { place, why };
            }
        }
        PushOutcome::Accepted
    }

    fn take(&mut self, record: &Record) -> Result<(), RecordRefusal> {
        let header = record.claimed();
        let id = header.chain;
        let device = self.account.device(id.device);
        let device = device.ok_or(RecordRefusal::NotAMember)?.clone();
        if header.space != self.journal.space() || header.kind == RecordKind::Version {
            return Err(RecordRefusal::WrongKind);
        }
        if record.header().check(&device.signing).is_err() {
            return Err(RecordRefusal::BadSignature);
        }
        if self.cut(id).is_some_and(|cut| header.seq > cut) {
            return Err(RecordRefusal::NotAMember);
        }
        let forgotten = self.is_forgotten(header.document);
        let chain = self.chains.get_mut(&id);
        if let Some(chain) = chain
            && header.seq <= chain.last()
        {
            return take_again(chain, record, forgotten);
        }
        let (last, hash, ends) = self.chains.get(&id).map_or_else(
            || (Seq(0), daymark_wire::Hash::ZERO, None),
            |chain| (chain.last(), chain.head(), chain.ends),
        );
        let ended = ends.is_some_and(|ends| header.seq > ends);
        if ended || last.next() != Some(header.seq) || header.previous != hash {
            return Err(RecordRefusal::NotNext);
        }
        self.check_epoch(header)?;
        if self.is_beyond_forget(header) {
            return Err(RecordRefusal::Forgotten);
        }
        if last == Seq(0) && self.live_chains(id) >= limits::MAX_LIVE_INCARNATIONS {
            return Err(RecordRefusal::TooManyChains);
        }
        if let Some(replaces) = header.replaces {
            let incarnation = replaces.incarnation;
            let ended = ChainId { incarnation, ..id };
            let ends = &mut self.chains.entry(ended).or_default().ends;
            *ends = ends.or(Some(replaces.last));
        }
        let record = record.clone();
        let record = if forgotten {
            record.into_stub()
        } else {
            record
        };
        self.chains.entry(id).or_default().records.push(record);
        Ok(())
    }

    fn cut(&self, chain: ChainId) -> Option<Seq> {
        let revoked = self.account.device(chain.device)?.revoked_at?;
        let mut epochs = self.journal.epochs().iter();
        let cut = epochs.find(|epoch| epoch.rests_on.length >= revoked);
        // Until an epoch rests on the removal, nothing of the removed is taken.
        Some(cut.map_or(Seq(0), |epoch| epoch.have.of(chain)))
    }

    fn check_epoch(&self, header: &Header) -> Result<(), RecordRefusal> {
        let newest = self.journal.newest_epoch().ok_or(RecordRefusal::OldEpoch)?;
        let is_known = self.journal.find_epoch(header.epoch).is_some();
        let below = header.seq <= newest.have.of(header.chain);
        if header.epoch == newest.id || below && is_known {
            Ok(())
        } else {
            Err(RecordRefusal::OldEpoch)
        }
    }

    pub(super) fn is_forgotten(&self, document: DocumentId) -> bool {
        let mut epochs = self.journal.epochs().iter();
        epochs.any(|epoch| epoch.forgets.contains(&document))
    }

    fn is_beyond_forget(&self, header: &Header) -> bool {
        let mut epochs = self.journal.epochs().iter();
        epochs.any(|epoch| {
            epoch.forgets.contains(&header.document) && header.seq > epoch.have.of(header.chain)
        })
    }

    fn live_chains(&self, of: ChainId) -> usize {
        let of_device = self.chains.iter().filter(|(id, _)| id.device == of.device);
        of_device.filter(|(_, chain)| chain.ends.is_none()).count()
    }
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
