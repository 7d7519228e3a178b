//! What a vault has on disk. Each method is one transaction: a crash comes between two, never within one.

use super::{BondDisk, Store};
use daymark_core::{
    account::Logs,
    bonds::BondLogs,
    journal::View,
    keys::{AccountKeys, DeviceKey, WrappingKey},
    secret::Secret,
    sync::{Intake, Replica},
};
use daymark_wire::{DeviceId, DocumentId, SpaceId, logs::TravelLink};
use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
    sync::Arc,
};

/// A saved document and its view.
#[derive(Debug, Clone)]
pub(crate) struct SavedDocument {
    pub(crate) bytes: Vec<u8>,
    pub(crate) view: View,
}

/// The device, its journal, which it is taken for, and its bonds.
#[derive(Clone)]
pub(crate) struct Disk {
    pub(crate) device_seed: Secret<32>,
    pub(crate) wrapping: WrappingKey,
    pub(crate) account_keys: AccountKeys,
    pub(crate) logs: Logs,
    pub(crate) documents: BTreeMap<DocumentId, SavedDocument>,
    pub(crate) journal: Store,
    pub(crate) bonds: BTreeMap<SpaceId, BondDisk>,
    /// Answers to invitations that no relay is known to have taken.
    pub(crate) answers: BTreeMap<SpaceId, Waits>,
}

/// An answer that waits to be taken.
#[derive(Clone)]
pub(crate) struct Waits {
    pub(crate) links: [TravelLink; 2],
    pub(crate) logs: BondLogs,
}

impl Deref for Disk {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.journal
    }
}

impl DerefMut for Disk {
    fn deref_mut(&mut self) -> &mut Store {
        &mut self.journal
    }
}

impl Disk {
    pub(crate) fn device(&self) -> DeviceId {
        self.device_key().id()
    }

    pub(crate) fn device_key(&self) -> DeviceKey {
        DeviceKey::from_seed(self.device_seed.clone())
    }

    /// The journal's.
    pub(crate) fn replica(&self) -> Replica {
        let logs = self.logs.clone();
        let forgets = logs.journal().epochs().iter();
        let forgotten = forgets.flat_map(|epoch| epoch.forgets.clone()).collect();
        Replica {
            device: Arc::new(self.device_key()),
            wrapping: self.wrapping.clone(),
            account_keys: self.account_keys.clone(),
            epochs: self.epochs.clone(),
            chains: self.chains.iter().map(|(id, head)| (*id, *head)).collect(),
            own: self.own,
            holes: self.holes(),
            forgotten,
            generation: self.generation,
            signed: self.signed.clone(),
            logs: logs.into(),
        }
    }

    /// One space's.
    pub(crate) fn store(&self, space: SpaceId) -> &Store {
        match self.bonds.get(&space) {
            Some(bond) => &bond.store,
            None => &self.journal,
        }
    }

    pub(crate) fn store_mut(&mut self, space: SpaceId) -> &mut Store {
        match self.bonds.get_mut(&space) {
            Some(bond) => &mut bond.store,
            None => &mut self.journal,
        }
    }

    /// What a reply changed in a space.
    pub(crate) fn put_intake(&mut self, space: SpaceId, intake: &Intake, replica: &Replica) {
        let links: Vec<_> = intake
            .links
            .iter()
            .map(|(_, _, link)| link.clone())
            .collect();
        let fault = match self.bonds.get_mut(&space) {
            Some(bond) => bond.take(&links, self.logs.account()).fault,
            None => self.logs.take(&links).fault,
        };
        assert_eq!(fault, None, "stored links fold again");
        if let Some(keys) = intake
            .epoch
            .as_ref()
            .and_then(|epoch| epoch.account_keys.clone())
        {
            self.account_keys = keys;
        }
        self.store_mut(space).put_intake(intake, replica);
        if let Some(bond) = self.bonds.get_mut(&space) {
            bond.destroy_what_is_gone(replica);
        }
    }

    /// Drops what lies beside links.
    pub(crate) fn forget_blobs(&mut self) {
        let known = self.logs.known();
        let links = known
            .iter()
            .flat_map(|known| self.logs.links_beyond(known.log, 0).to_vec());
        let bare: Vec<_> = links
            .map(|link| TravelLink { blob: None, ..link })
            .collect();
        self.logs = Logs::fold(&bare).unwrap();
    }
}
