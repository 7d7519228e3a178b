//! What a relay showed, verified in the order of rule R4 up to the place in the chain. Opening bodies and
//! the gate come when documents are merged.

use super::{Fault, Replica, Workers, chains::Placed, replica::NewEpoch};
use daymark_wire::{
    Generation, Header, LogId, Record, RecordKind, Seq, Verified,
    logs::{AccountState, JournalState, TravelLink},
    record::Place,
};
use std::collections::BTreeSet;

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
    /// New links, in order, with log and position.
    pub links: Vec<(LogId, u64, TravelLink)>,
    /// The newest epoch, if it was opened just now.
    pub epoch: Option<NewEpoch>,
    /// New records, each chain's in order.
    pub records: Vec<StoredRecord>,
    /// Bodies that fill holes.
    pub filled: Vec<StoredRecord>,
    /// This device's records up to this place are committed at the relay.
    pub acknowledged: Option<Place>,
    /// What was wrong with what the relay showed.
    pub faults: BTreeSet<Fault>,
    /// A record of this device's own chain came that this vault did not write: it needs a new incarnation.
    pub own_chain_went_on: bool,
    /// The relay's history, where it is another than last time.
    pub generation: Option<Generation>,
}

impl Intake {
    /// Whether there is nothing to store.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Replica {
    /// Takes links: first of all, since what records mean rests on them (rule S2).
    pub(super) fn take_links(&mut self, links: &[TravelLink], intake: &mut Intake) {
        use crate::account::LogFault;
        let taken = self.logs.take(links);
        match taken.fault {
            Some(LogFault::Forked { log, .. }) => {
                intake.faults.insert(Fault::ForkedView { log });
            }
            Some(LogFault::Broken(_)) => {
                let log = LogId::from(self.logs.account().id());
                intake.faults.insert(Fault::BadLink { log });
            }
            None => {}
        }
        intake.links.extend(taken.new);
        match self.open_newest_epoch() {
            Ok(opened) => intake.epoch = opened.or(intake.epoch.take()),
            Err(_) => {
                intake.faults.insert(Fault::LockedOut);
            }
        }
        if self.logs.journal().is_stale(self.logs.account()) {
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
        let account = self.logs.account();
        let verified = workers.map(records, |record| verify(record, account));
        for result in verified {
            match result {
                Ok(record) => self.take_record(record, intake),
                Err(place) => {
                    intake.faults.insert(Fault::BadRecord { place });
                }
            }
        }
    }

    fn take_record(&mut self, record: StoredRecord, intake: &mut Intake) {
        let place = record.place();
        if !self.is_of_this_journal(record.header.get()) {
            intake.faults.insert(Fault::BadRecord { place });
            return;
        }
        if let Some(fault) = self.foreign_head(record.header.get()) {
            intake.faults.insert(fault);
            return;
        }
        match self.chains.place(&record.header) {
            Placed::Next => {
                if place.chain == self.own.chain {
                    intake.own_chain_went_on = true;
                    intake.faults.insert(Fault::VaultExistsTwice);
                }
                let forgotten = self.forgotten.contains(&record.header.get().document);
                if record.body.is_none() && !forgotten {
                    let hash = daymark_wire::record::header_hash(record.header.signed());
                    self.holes.insert(place, hash);
                    let from = place.seq.0;
                    intake.faults.insert(Fault::Withheld {
                        chain: place.chain,
                        from,
                    });
                }
                intake.records.push(record);
            }
            Placed::Known => self.fill_hole(record, intake),
            Placed::Gap { from } => {
                intake.faults.insert(Fault::Withheld {
                    chain: place.chain,
                    from: from.0,
                });
            }
            Placed::Forked if place.chain == self.own.chain => {
                intake.own_chain_went_on = true;
                intake.faults.insert(Fault::VaultExistsTwice);
            }
            Placed::Forked => {
                intake
                    .faults
                    .insert(Fault::ForkedChain { chain: place.chain });
            }
            Placed::Frozen => {}
        }
    }

    fn fill_hole(&mut self, record: StoredRecord, intake: &mut Intake) {
        let place = record.place();
        let hash = daymark_wire::record::header_hash(record.header.signed());
        if record.body.is_some() && self.holes.get(&place) == Some(&hash) {
            self.holes.remove(&place);
            intake.filled.push(record);
        }
    }

    /// Space, kind, epoch, and membership: whether this header can stand in this journal at all.
    fn is_of_this_journal(&self, header: &Header) -> bool {
        header.space == self.space()
            && header.kind != RecordKind::Version
            && self.logs.journal().find_epoch(header.epoch).is_some()
            && stands_before_cut(header, self.logs.account(), self.logs.journal())
    }

    /// A header that names heads which are on no log known here: the author was shown another history.
    fn foreign_head(&self, header: &Header) -> Option<Fault> {
        let [account_head, space_head] = header.heads.as_slice() else {
            return Some(Fault::ForkedView {
                log: self.space().into(),
            });
        };
        let account = self.logs.account();
        if !account.has_had(*account_head) {
            return Some(Fault::ForkedView {
                log: account.id().into(),
            });
        }
        let journal = self.logs.journal();
        if !journal.has_had(*space_head) {
            return Some(Fault::ForkedView {
                log: journal.space().into(),
            });
        }
        None
    }
}

/// The signature, by the key that the account log gives for the chain's device.
fn verify(record: Record, account: &AccountState) -> Result<StoredRecord, Place> {
    let place = record.place();
    let device = account.device(place.chain.device).ok_or(place)?;
    let (header, body) = record.into_parts();
    let header = header.verify(&device.signing).map_err(|_| place)?;
    Ok(StoredRecord { header, body })
}

/// A removed device's chain ends where the first epoch that rests on the removal says (rule L8).
fn stands_before_cut(header: &Header, account: &AccountState, journal: &JournalState) -> bool {
    let Some(device) = account.device(header.chain.device) else {
        return false;
    };
    let Some(revoked) = device.revoked_at else {
        return true;
    };
    let cut = journal
        .epochs()
        .iter()
        .find(|epoch| epoch.rests_on.length >= revoked);
    cut.is_none_or(|epoch| header.seq <= epoch.have.of(header.chain) && header.seq >= Seq::FIRST)
}
