//! The vault: everything of one account on one device, sealed, in a folder with one SQLite file.
//!
//! The second room on an entry's way. What a person writes becomes an Automerge change in core; here the
//! change, the document and its view are saved in one transaction, and with that the writing is done: no
//! network is on this path. A sync later takes the change out of the outbox, and brings in records of other
//! devices, through the store methods in `logs`, `records`, `outbox`, `intake` and `merge`.
//!
//! ```text
//! Vault::create ─┐                                   ┌─ write, edit ─► documents + packs + outbox
//!                ├─► LockedVault ─► unlock ─► Vault ─┼─ views, list, search, find, read
//! Vault::open  ──┘     (nothing else, E4)            └─ sync: links, epochs, keys, chains, records
//! ```
//!
//! Several programs may use one vault at once. Each change is one `BEGIN IMMEDIATE` transaction; readers
//! never wait; [`Vault::changed_elsewhere`] says when another program wrote; [`Vault::lock_sync`] keeps two
//! from syncing at once.

mod bonds;
mod chains;
mod clean;
mod create;
mod documents;
mod edit;
mod error;
mod find;
mod folder;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the room that forgets is not built yet")
)]
mod forget;
mod forks;
mod intake;
mod kept;
mod live;
mod logs;
mod looking;
mod mending;
mod merge;
mod opened;
mod outbox;
mod packs;
mod pages;
mod records;
mod renew;
mod schema;
mod sealer;
mod secrets;
mod status;
mod store;
#[cfg(test)]
mod tests;
mod unlock;
mod versions;
mod views;
mod waiting;
mod write;

pub use create::FirstContents;
pub use error::VaultError;
pub use find::EntryName;
pub use folder::SyncLock;
pub use forks::ForkProof;
pub use kept::KeptKey;
pub use looking::Found;
pub use pages::ImportIds;
pub use status::Unsent;
pub use unlock::LockedVault;
pub use views::Views;
pub use write::{NewEntry, WroteMany};

pub(crate) use bonds::{BondNotes, PendingAcceptance};
pub(crate) use create::UnfinishedVault;
pub(crate) use documents::{DocumentVersion, DocumentWrite};
pub(crate) use folder::make_folder;
pub(crate) use live::Slot;
pub(crate) use merge::Merged;
pub(crate) use opened::KEPT_OPEN;
pub(crate) use outbox::Outgoing;
pub(crate) use pages::page_id;
pub(crate) use records::{RecordRow, RecordState};
pub(crate) use secrets::SecretName;
pub(crate) use status::{HeldUpSince, StatusName};
pub(crate) use store::{Reading, Writing};
pub(crate) use versions::{Arrival, StoredVersion};

use crate::system::Clock;
use daymark_core::{
    journal::Actor,
    keys::{DeviceKey, VaultKey},
    random::{Purpose, Random},
};
use daymark_wire::{AccountId, DeviceId, DocumentId, SpaceId};
use folder::Folder;
use live::Live;
use sealer::Sealer;
use secrets::Identity;
use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};
use store::{Seen, Store};
use views::ViewCache;

/// An unlocked vault. Cheap to clone; all clones are one opening.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    folder: Folder,
    store: Store,
    sealer: RwLock<Arc<Sealer>>,
    random: Arc<Random>,
    identity: Identity,
    /// What this opening shares with its live connection.
    live: Arc<Live>,
    /// Who this opening writes as, in each document (rule R8).
    actors: Mutex<HashMap<DocumentId, Actor>>,
    /// What [`Store::seen`] was when last asked.
    seen: Mutex<Option<Seen>>,
    views: tokio::sync::Mutex<ViewCache>,
    clock: Arc<dyn Clock>,
}

impl Vault {
    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.inner.folder.path()
    }

    /// Whose vault it is.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.inner.identity.account
    }

    /// Which of the account's devices this is.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.inner.identity.device.id()
    }

    /// The account's journal.
    #[must_use]
    pub fn journal(&self) -> SpaceId {
        self.inner.identity.journal
    }

    /// Whether another program, or another opening of this one, wrote since this was last asked. True
    /// when it is asked for the first time.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn changed_elsewhere(&self) -> Result<bool, VaultError> {
        let now = self.inner.store.seen().await?;
        let mut seen = self
            .inner
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Ok(seen.replace(now) != Some(now))
    }

    /// Takes the right to sync this vault, until the lock is dropped.
    ///
    /// # Errors
    /// [`VaultError::Busy`] when someone else has it.
    pub fn lock_sync(&self) -> Result<SyncLock, VaultError> {
        self.inner.folder.lock()
    }

    /// Lets go of the files. Not needed for durability: what a write returned from is on disk. Afterwards
    /// every call gives [`VaultError::Closed`].
    pub async fn close(self) {
        self.sealer().opened().clear();
        self.inner.store.close().await;
    }

    /// The key that opens the vault without the passphrase, for the operating system's keyring. Not to be
    /// kept anywhere else.
    #[must_use]
    pub fn key(&self) -> VaultKey {
        self.sealer().key().clone()
    }

    pub(crate) fn live(&self) -> &Live {
        &self.inner.live
    }

    pub(crate) fn device_key(&self) -> &Arc<DeviceKey> {
        &self.inner.identity.device
    }

    /// What tells this vault the time.
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// The time: milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> u64 {
        self.inner.clock.now_ms()
    }

    pub(crate) fn random(&self) -> &Arc<Random> {
        &self.inner.random
    }

    /// Begins a change. Fails with [`VaultError::Locked`] when the vault's key is no longer the one at hand.
    pub(crate) async fn writing(&self) -> Result<Writing, VaultError> {
        let mut transaction = self.inner.store.write().await?;
        let sealer = self.sealer();
        unlock::check_mark(&mut transaction, sealer.mark()).await?;
        let live = Arc::clone(&self.inner.live);
        let reading = Reading::new(transaction, sealer, self.journal(), self.now_ms());
        Ok(Writing::new(reading, live))
    }

    /// Begins reading, likewise.
    pub(crate) async fn reading(&self) -> Result<Reading, VaultError> {
        let mut transaction = self.inner.store.read().await?;
        let sealer = self.sealer();
        unlock::check_mark(&mut transaction, sealer.mark()).await?;
        Ok(Reading::new(
            transaction,
            sealer,
            self.journal(),
            self.now_ms(),
        ))
    }

    fn sealer(&self) -> Arc<Sealer> {
        let sealer = self.inner.sealer.read();
        Arc::clone(&sealer.unwrap_or_else(PoisonError::into_inner))
    }

    fn set_sealer(&self, sealer: Sealer) {
        let current = self.inner.sealer.write();
        *current.unwrap_or_else(PoisonError::into_inner) = Arc::new(sealer);
    }

    /// Who this opening writes as in a document.
    pub(crate) fn actor(&self, document: DocumentId) -> Result<Actor, VaultError> {
        let mut actors = self
            .inner
            .actors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(actor) = actors.get(&document) {
            return Ok(*actor);
        }
        let actor = Actor::new(self.device(), self.inner.random.bytes(Purpose::Id)?);
        actors.insert(document, actor);
        Ok(actor)
    }

    /// From now on this opening writes as someone new in a document: its history was made anew.
    pub(crate) fn renew_actor(&self, document: DocumentId) {
        let mut actors = self
            .inner
            .actors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        actors.remove(&document);
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("folder", &self.folder())
            .field("device", &self.device())
            .finish_non_exhaustive()
    }
}
