//! What a request is answered with.

use super::{Chain, Chains, ModelRelay, logs::Space};
use daymark_wire::{
    AccountId, Have, Record,
    logs::{HeadHash, TravelLink},
    record::Place,
    sync::{AppendOutcome, KnownLength, PushOutcome, SpaceReply, SpaceRequest, SyncRequest},
};

pub(super) fn reply_to(
    space: &Space<'_>,
    chains: &Chains,
    asked: &SpaceRequest,
    push: PushOutcome,
    page: usize,
) -> SpaceReply {
    let pushed = |record: &Record| {
        let mut pushed = asked.push.iter();
        pushed.any(|pushed| pushed.place() == record.place())
    };
    let wanted = asked.want.iter().filter_map(|place| {
        let record = chains.get(&place.chain)?.at(place.seq)?;
        Some(record.clone())
    });
    let mut records = Vec::new();
    let mut more = false;
    for (id, chain) in chains {
        let beyond = chain
            .records
            .iter()
            .filter(|record| record.place().seq > asked.have.of(*id) && !pushed(record));
        for record in beyond {
            if records.len() >= page {
                more = true;
                break;
            }
            records.push(record.clone());
        }
    }
    records.extend(wanted);
    SpaceReply {
        space: asked.space,
        push,
        records,
        want: holes(space, chains, asked),
        behind: behind(chains, &asked.have),
        more,
        declined: None,
    }
}

/// Bodies that are missing here with nothing to explain it, which the asker may have.
fn holes(space: &Space<'_>, chains: &Chains, asked: &SpaceRequest) -> Vec<Place> {
    let records = chains.values().flat_map(|chain| &chain.records);
    records
        .filter(|record| record.body().is_none())
        .filter(|record| !space.is_forgotten(record.claimed()))
        .map(Record::place)
        .filter(|place| asked.have.of(place.chain) >= place.seq && !asked.want.contains(place))
        .collect()
}

fn behind(chains: &Chains, have: &Have) -> Have {
    let known = have.iter().map(|(id, seq)| {
        let here = chains.get(&id).map(Chain::last);
        (id, here.unwrap_or_default(), seq)
    });
    known
        .filter(|(_, here, seq)| here < seq)
        .map(|(id, here, _)| (id, here))
        .collect()
}

impl ModelRelay {
    /// Links that the asker lacks, logs of which it has more, and whether the links were cut.
    pub(super) fn links_for(
        &self,
        id: AccountId,
        request: &SyncRequest,
        append: &AppendOutcome,
    ) -> (Vec<TravelLink>, Vec<KnownLength>, bool) {
        let seen = self.logs.seen_by(id);
        let mut links = Vec::new();
        for (log, here) in &seen {
            let mut known = request.known.iter();
            let head = known
                .find(|known| known.log == *log)
                .map(|known| known.head);
            let length = head.map_or(0, |head| usize::try_from(head.length).unwrap());
            if length > here.len() {
                continue;
            }
            let mut after = length;
            let last = after.checked_sub(1);
            let last = last.map(|last| HeadHash::from(here[last].hash()));
            if last.is_some() && last != head.map(|head| head.hash) {
                // Another history: the asker is shown where it parts, as far as that is known here.
                after -= 1;
            } else if *append == AppendOutcome::Appended {
                let brought = here.iter().rposition(|link| request.append.contains(link));
                after = after.max(brought.map_or(0, |last| last + 1));
            }
            links.extend(here[after..].iter().cloned());
        }
        let is_cut = links.len() > self.links;
        links.truncate(self.links);
        let own = |log| log == id.into() || self.logs.accounts.keys().all(|id| log != (*id).into());
        let behind = request.known.iter().filter_map(|known| {
            let mut seen = seen.iter();
            let here = seen.find(|(log, _)| *log == known.log);
            let length = here.map_or(0, |(_, links)| links.len() as u64);
            // The other person's log is theirs to bring.
            let lacks = length < known.head.length && (here.is_none() || own(known.log));
            lacks.then_some(KnownLength {
                log: known.log,
                length,
            })
        });
        let behind = behind.collect();
        (links, behind, is_cut)
    }
}
