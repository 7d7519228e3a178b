//! What a relay showed, verified in the order of rule R4 up to the place in the chain. Opening bodies and
//! the gate come when documents are merged.

use super::{Fault, Replica, SpaceLogs, Workers, chains::Placed, replica::NewEpoch};
use crate::account::LogFault;
use daymark_wire::{
    Generation, Header, LogId, Record, Verified,
    invitation::Decline,
    logs::{LogError, TravelLink},
    record::{Place, header_hash},
};
use std::collections::BTreeSet;

/// Faults that one intake names. A hostile relay can show tens of thousands of wrong things in one reply;
/// this many are more than a person reads.
const MAX_FAULTS: usize = 64;

/// A verified record, to be stored as it came. Without a body it is a stub: explained (a forgotten
/// document) or a hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The header, its signature checked.
    pub header: Verified<Header>,
    /// The sealed body.
    pub body: Option<Vec<u8>>,
}

impl StoredRecord {
    /// Where it stands.
    #[must_use]
    pub const fn place(&self) -> Place {
        let header = self.header.get();
        Place {
            chain: header.chain,
            seq: header.seq,
        }
    }
}

/// Everything that one reply, or one piece of news, changed: stored in one transaction.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Intake {
    /// New links, in order, with log and position; also known ones whose blob was missing.
    pub links: Vec<(LogId, u64, TravelLink)>,
    /// The newest epoch, if it was opened just now.
    pub epoch: Option<NewEpoch>,
    /// Older epochs that were opened just now.
    pub older_epochs: Vec<NewEpoch>,
    /// New records, each chain's in order.
    pub records: Vec<StoredRecord>,
    /// Bodies that fill holes.
    pub filled: Vec<StoredRecord>,
    /// This device's records up to this place are committed at the relay. Only then does the chain's
    /// stored head move on.
    pub acknowledged: Option<Place>,
    /// What was wrong with what the relay showed.
    pub faults: BTreeSet<Fault>,
    /// Records that stand, rightly signed, at places where others are known: the proof of a fork.
    pub forks: Vec<StoredRecord>,
    /// A record of this device came that this vault did not write: it needs a new incarnation.
    pub own_chain_went_on: bool,
    /// Another copy of this vault said in a new chain that this one ends.
    pub(super) own_chain_replaced: bool,
    /// The relay's history, where it is another than last time and has all that is known here.
    pub generation: Option<Generation>,
    /// In a bond: what a relay gave as a no. Whether it is one, the invitation's secret tells.
    pub declined: Option<Decline>,
    /// What is missing, and may still come: with more of the same reply, or when news is asked about.
    pub(super) missing: BTreeSet<Fault>,
}

impl Intake {
    /// Whether there is nothing to store.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether something new came: a link, a key, a record, an answer; not only how far the relay is.
    #[must_use]
    pub const fn brings_anything(&self) -> bool {
        !self.links.is_empty()
            || !self.records.is_empty()
            || !self.filled.is_empty()
            || !self.older_epochs.is_empty()
            || self.epoch.is_some()
            || self.acknowledged.is_some()
            || self.declined.is_some()
    }

    /// Names what is wrong with a record.
    fn name(&mut self, fault: Fault) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.insert(fault);
        }
    }

    fn miss(&mut self, fault: Fault) {
        if self.missing.len() < MAX_FAULTS {
            self.missing.insert(fault);
        }
    }
}

impl Replica {
    /// Takes links: first of all, since what records mean rests on them (rule S2).
    pub(super) fn take_links(&mut self, links: &[TravelLink], intake: &mut Intake) {
        let taken = self.logs.take(links);
        match taken.fault {
            Some(LogFault::Forked { log, .. }) => intake.name(Fault::ForkedView { log }),
            Some(
                LogFault::Missing { log }
                | LogFault::Broken {
                    log,
                    why: LogError::OtherHeads,
                },
            ) => intake.miss(Fault::BadLink { log }),
            Some(LogFault::Broken { log, .. }) => intake.name(Fault::BadLink { log }),
            None => {}
        }
        let newest = self.logs.newest_epoch().map(|epoch| epoch.id);
        for opened in self.open_epochs(&taken.new) {
            if Some(opened.id) == newest {
                intake.epoch = Some(opened);
            } else {
                intake.older_epochs.push(opened);
            }
        }
        intake.links.extend(taken.new);
        self.forgotten.extend(self.logs.forgotten());
        if self.logs.should_open() && self.newest_epoch().is_none() {
            intake.faults.insert(Fault::LockedOut);
        }
        if self.is_stale() {
            intake.faults.insert(Fault::Stale);
        }
    }

    /// Verifies records and puts each in its place. What is wrong is named and not stored.
    pub(super) fn take_records(
        &mut self,
        records: Vec<Record>,
        intake: &mut Intake,
        workers: &impl Workers,
    ) {
        let logs = &self.logs;
        let verified = workers.map(records, |record| verify(record, logs));
        for result in verified {
            match result {
                Ok(record) => self.take_record(record, intake),
                Err(Unverified::UnknownDevice(place)) => intake.miss(Fault::BadRecord { place }),
                Err(Unverified::BadSignature(place)) => intake.name(Fault::BadRecord { place }),
            }
        }
    }

    fn take_record(&mut self, record: StoredRecord, intake: &mut Intake) {
        let place = record.place();
        let header = record.header.get();
        if header.space != self.space() || !self.logs.takes(header.kind) {
            intake.name(Fault::BadRecord { place });
            return;
        }
        // Links before records: one that names more than is known waits until the links are fetched.
        match self.unknown_heads(&header.heads) {
            Ok(()) => {}
            Err(fault @ Fault::RolledBack { .. }) => return intake.miss(fault),
            Err(fault) => return intake.name(fault),
        }
        if !self.stands(header) {
            intake.name(Fault::BadRecord { place });
            return;
        }
        if self.is_beside_pending(&record, intake) {
            return;
        }
        match self.chains.place(&record.header) {
            Placed::Next => self.take_next(record, intake),
            Placed::Known => self.fill_hole(record, intake),
            Placed::Gap { from } => intake.miss(Fault::Withheld {
                chain: place.chain,
                from: from.0,
            }),
            Placed::Forked => {
                if place.chain.device == self.device.id() {
                    wrote_elsewhere(intake);
                }
                intake
                    .faults
                    .insert(Fault::ForkedChain { chain: place.chain });
                intake.forks.push(record);
            }
            Placed::Frozen => intake.name(Fault::ForkedChain { chain: place.chain }),
            Placed::TooMany => intake.name(Fault::BadRecord { place }),
        }
    }

    /// Whether a record of this device's own chain stands where, or after, this vault has signed what no relay
    /// is known to have taken. If another copy of the vault wrote it, it is fetched again, and taken, once
    /// this one has gone on with a new chain.
    fn is_beside_pending(&self, record: &StoredRecord, intake: &mut Intake) -> bool {
        let place = record.place();
        let beside = place.chain == self.own.chain
            && self.has_pending()
            && place.seq > self.chains.seq(place.chain);
        let last = place.seq == self.own.seq;
        let another = header_hash(record.header.signed()) != self.own.hash;
        if beside && (place.seq > self.own.seq || last && another) {
            wrote_elsewhere(intake);
        }
        beside
    }

    fn take_next(&mut self, record: StoredRecord, intake: &mut Intake) {
        let place = record.place();
        let header = record.header.get();
        if place.chain == self.own.chain {
            wrote_elsewhere(intake);
        }
        if place.chain.device == self.device.id()
            && header
                .replaces
                .is_some_and(|replaces| replaces.incarnation == self.own.chain.incarnation)
        {
            wrote_elsewhere(intake);
            intake.own_chain_replaced = true;
        }
        if self.is_outdated(header) {
            intake.name(Fault::OldView { chain: place.chain });
        }
        if record.body.is_none() && !self.logs.explains_stub(header) {
            self.holes
                .insert(place, header_hash(record.header.signed()));
            intake.name(Fault::Withheld {
                chain: place.chain,
                from: place.seq.0,
            });
        }
        intake.records.push(record);
    }

    fn fill_hole(&mut self, record: StoredRecord, intake: &mut Intake) {
        let place = record.place();
        let hash = header_hash(record.header.signed());
        if record.body.is_some() && self.holes.get(&place) == Some(&hash) {
            self.holes.remove(&place);
            intake.filled.push(record);
        }
    }

    /// Epoch and membership: whether this header can stand in this space at all. A removed device's chain
    /// ends where the first epoch that rests on the removal says (rule L8).
    fn stands(&self, header: &Header) -> bool {
        let chain = header.chain;
        self.logs.device(chain.device).is_some()
            && self.logs.find_epoch(header.epoch).is_some()
            && self.logs.cut(chain).is_none_or(|cut| header.seq <= cut)
    }
}

/// A record of this device that this vault did not write.
fn wrote_elsewhere(intake: &mut Intake) {
    intake.own_chain_went_on = true;
    intake.faults.insert(Fault::VaultExistsTwice);
}

pub(super) enum Unverified {
    /// Of nobody here, as far as the logs are known.
    UnknownDevice(Place),
    BadSignature(Place),
}

/// The signature, by the key that an account log gives for the chain's device.
pub(super) fn verify(record: Record, logs: &SpaceLogs) -> Result<StoredRecord, Unverified> {
    let place = record.place();
    let device = logs
        .device(place.chain.device)
        .ok_or(Unverified::UnknownDevice(place))?;
    let (header, body) = record.into_parts();
    let header = header
        .verify(&device.signing)
        .map_err(|_| Unverified::BadSignature(place))?;
    Ok(StoredRecord { header, body })
}
