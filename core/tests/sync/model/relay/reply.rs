//! What a request is answered with.

use super::Kept;
use daymark_wire::{
    Have, LogId, Record,
    logs::{HeadHash, TravelLink},
    record::Place,
    sync::{KnownLength, PushOutcome, SpaceReply, SpaceRequest, SyncRequest},
};

impl Kept {
    pub(super) fn reply_to(
        &self,
        asked: &SpaceRequest,
        push: PushOutcome,
        page: usize,
    ) -> SpaceReply {
        let pushed = |record: &Record| {
            let mut pushed = asked.push.iter();
            pushed.any(|pushed| pushed.place() == record.place())
        };
        let wanted = asked.want.iter().filter_map(|place| {
            let record = self.chains.get(&place.chain)?.at(place.seq)?;
            Some(record.clone())
        });
        let mut records = Vec::new();
        let mut more = false;
        for (id, chain) in &self.chains {
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
            want: self.holes(asked),
            behind: self.behind(&asked.have),
            more,
            declined: None,
        }
    }

    /// Bodies that are missing here with nothing to explain it, which the asker may have.
    fn holes(&self, asked: &SpaceRequest) -> Vec<Place> {
        let records = self.chains.values().flat_map(|chain| &chain.records);
        records
            .filter(|record| record.body().is_none())
            .filter(|record| !self.is_forgotten(record.claimed().document))
            .map(Record::place)
            .filter(|place| asked.have.of(place.chain) >= place.seq && !asked.want.contains(place))
            .collect()
    }

    fn behind(&self, have: &Have) -> Have {
        let known = have.iter().map(|(id, seq)| {
            let here = self.chains.get(&id).map(super::Chain::last);
            (id, here.unwrap_or_default(), seq)
        });
        known
            .filter(|(_, here, seq)| here < seq)
            .map(|(id, here, _)| (id, here))
            .collect()
    }

    pub(super) fn links_for(&self, request: &SyncRequest) -> (Vec<TravelLink>, Vec<KnownLength>) {
        let mut links = Vec::new();
        let mut behind = Vec::new();
        for known in &request.known {
            let here: Vec<&TravelLink> = self.of(known.log).collect();
            let length = here.len() as u64;
            if known.head.length > length {
                let log = known.log;
                behind.push(KnownLength { log, length });
                continue;
            }
            let mut after = usize::try_from(known.head.length).unwrap();
            let last = after
                .checked_sub(1)
                .map(|last| HeadHash::from(here[last].hash()));
            if last.is_some_and(|last| last != known.head.hash) {
                // Another history: the asker is shown where it parts, as far as that is known here.
                after -= 1;
            }
            let beyond = here.into_iter().skip(after);
            let brought = |link: &&TravelLink| request.append.contains(link);
            links.extend(beyond.filter(|link| !brought(link)).cloned());
        }
        (links, behind)
    }

    fn of(&self, log: LogId) -> impl Iterator<Item = &TravelLink> {
        self.links
            .iter()
            .filter(move |(of, _)| *of == log)
            .map(|(_, link)| link)
    }
}
