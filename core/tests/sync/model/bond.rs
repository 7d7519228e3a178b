//! What a vault keeps of one bond.

use super::{
    Disk, Store,
    merging::change,
    store::{Outgoing, State},
};
use daymark_core::{
    account::Taken,
    bonds::{AccountLog, Agreed, BondLogs, Forks, Invitation, Pin},
    random::Random,
    seal::{self, BodyKey},
    sync::{BondSide, OwnChain, Replica, Wishes},
};
use daymark_wire::{
    AccountId, DocumentId, Header,
    logs::{AccountState, BondAccounts, BondStage, Role, TravelLink},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Seconds since 1970, by every clock here.
pub(crate) const NOW: u64 = 1_900_000_000;

/// See the module.
#[derive(Clone)]
pub(crate) struct BondDisk {
    pub(crate) logs: BondLogs,
    pub(crate) agreed: Option<Agreed>,
    pub(crate) forks: Forks,
    pub(crate) wishes: Wishes,
    pub(crate) store: Store,
    /// What is there to be read, of either side.
    pub(crate) read: BTreeMap<DocumentId, Vec<u8>>,
    pub(crate) pin: Option<Pin>,
}

impl BondDisk {
    pub(crate) fn new(logs: BondLogs, by: &Disk, random: &Random) -> Self {
        let own = OwnChain::first(by.device(), random).unwrap();
        Self {
            logs,
            agreed: None,
            forks: Forks::default(),
            wishes: Wishes::default(),
            store: Store::new(own),
            read: BTreeMap::new(),
            pin: None,
        }
    }

    pub(crate) fn replica(&self, disk: &Disk) -> Replica {
        let side = BondSide {
            logs: self.logs.clone(),
            own: AccountLog::of_own(&disk.logs),
            agreed: self.agreed,
            pin: self.pin,
            forks: self.forks.clone(),
            wishes: self.wishes.clone(),
            now: NOW,
        };
        let chains = self.store.chains.iter();
        let mut replica = Replica {
            logs: side.into(),
            device: Arc::new(disk.device_key()),
            wrapping: disk.wrapping.clone(),
            account_keys: disk.account_keys.clone(),
            epochs: self.store.epochs.clone(),
            chains: chains.map(|(id, head)| (*id, *head)).collect(),
            own: self.store.own,
            holes: self.store.holes(),
            forgotten: BTreeSet::new(),
            generation: self.store.generation,
            signed: self.store.signed.clone(),
        };
        replica.forgotten = replica.logs.forgotten().collect();
        replica
    }

    pub(super) fn take(&mut self, links: &[TravelLink], own: &AccountState) -> Taken {
        self.logs.take(links, own)
    }

    /// Looks whether the right person accepted; true when it was not known before.
    pub(crate) fn agree(&mut self, own: AccountId, invitation: Option<&Invitation>) -> bool {
        let Some(accepted) = self.logs.accepted().filter(|_| self.agreed.is_none()) else {
            return false;
        };
        self.agreed = match (self.logs.role(), invitation) {
            (Role::Supporter, _) => accepted.own(own).ok(),
            (Role::Owner, Some(invitation)) => accepted.agree(&invitation.secret()).ok(),
            (Role::Owner, None) => None,
        };
        self.pin = self.agreed.and(Pin::agreed(&self.logs));
        self.agreed.is_some()
    }

    /// What was forgotten goes at once, and after the end all but the log.
    pub(super) fn destroy_what_is_gone(&mut self, replica: &Replica) {
        self.forks = replica.logs.as_bond().unwrap().forks.clone();
        let store = &mut self.store;
        if is_over(self.logs.state().stage()) {
            *store = Store {
                faults: std::mem::take(&mut store.faults),
                generation: store.generation,
                ..Store::new(store.own)
            };
            self.read.clear();
            return;
        }
        let own = replica.logs.account();
        for kept in store.records.values_mut() {
            let accounts = self.logs.accounts(own);
            if kept.record.body().is_some()
                && is_forgotten(&self.logs, accounts, kept.record.claimed())
            {
                kept.record = kept.record.clone().into_stub();
                if kept.state != State::Sealed {
                    kept.state = State::Stub;
                }
                self.read.remove(&kept.record.claimed().document);
            }
        }
        let gone: BTreeSet<DocumentId> = replica.logs.forgotten().collect();
        let unsent = store
            .outbox
            .extract_if(.., |_, waiting| gone.contains(&waiting.document));
        for (_, waiting) in unsent {
            self.read.remove(&waiting.document);
        }
    }

    /// Opens what came, as far as it can.
    pub(super) fn merge(&mut self, disk: &Disk) {
        let replica = self.replica(disk);
        let store = &mut self.store;
        store.take_space_records(&replica);
        let mut keyring = store.keyring();
        let mut learned = Vec::new();
        for kept in store.records.values() {
            learned.extend(keyring.learn(kept.record.claimed(), &store.epochs));
        }
        store.learn(learned);
        for kept in store.records.values_mut() {
            let header = kept.record.claimed().clone();
            let is_content = !header.kind.is_of_the_space();
            if !is_content || !matches!(kept.state, State::Received | State::Waiting) {
                continue;
            }
            let Some(record) = change(&kept.record) else {
                continue;
            };
            let key = keyring.get(header.document, header.key);
            let content = key.and_then(|key| {
                seal::open(&record.header, &record.body, BodyKey::Document(key)).ok()
            });
            kept.state = match content {
                Some(content) => {
                    self.read.insert(header.document, content);
                    State::Merged
                }
                None => State::Waiting,
            };
        }
    }

    /// Something to be sent.
    pub(crate) fn write(&mut self, document: DocumentId, content: &[u8]) {
        self.store.put_content(document, content.to_vec());
        self.read.insert(document, content.to_vec());
    }

    pub(crate) fn is_over(&self) -> bool {
        is_over(self.logs.state().stage())
    }

    pub(crate) fn unsent(&self) -> Vec<&Outgoing> {
        self.store.outbox.values().collect()
    }
}

const fn is_over(stage: BondStage) -> bool {
    matches!(stage, BondStage::Closed { .. } | BondStage::Ended { .. })
}

/// Each side forgets what it wrote, and the owner replies too (rule B5).
fn is_forgotten(logs: &BondLogs, accounts: BondAccounts<'_>, header: &Header) -> bool {
    let author = accounts.device(header.chain.device).map(|(role, _)| role);
    let mut epochs = logs.state().epochs().iter();
    epochs.any(|epoch| {
        let by = epoch.bond.map(|bond| bond.by);
        let counts = by == Some(Role::Owner) || by == author;
        counts && epoch.forgets.contains(&header.document)
    })
}
