//! A live connection, as writing sees it: what is written while one is idle is sealed in the transaction that
//! saves it, so that it goes out without a commit of its own.
//!
//! Sealing here follows the same rules as in a sync: the machine knows the newest links, since the relay
//! pushes them; the stored chain must be where the machine's is; nothing is sent before it is on disk.

use super::{VaultError, Writing};
use daymark_core::{
    random::Random,
    sync::{Machines, Sealed},
};
use daymark_wire::Record;
use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, watch};

/// Changes sealed in the transaction that writes them. More than a person writes at once, an import, is left
/// to the sync.
const SEALED_AT_ONCE: usize = 8;

/// Where a sync's machines stand between their steps, and what was sealed for the journal's meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    /// None while they work on another thread; for good, when one went ahead of what was stored.
    pub(crate) machines: Option<Machines>,
    /// Records that are on disk and are to be sent.
    pub(crate) sealed: Vec<Record>,
}

/// Held by a live connection for as long as it lives.
#[derive(Debug)]
pub(crate) struct LiveToken;

/// What one opening of a vault and its live connection share.
pub(crate) struct Live {
    written: watch::Sender<()>,
    slot: Arc<AsyncMutex<Slot>>,
    token: Mutex<Weak<LiveToken>>,
    random: Arc<Random>,
}

impl Live {
    pub(super) fn new(random: Arc<Random>) -> Self {
        Self {
            written: watch::Sender::default(),
            slot: Arc::default(),
            token: Mutex::default(),
            random,
        }
    }

    /// Where the machines of a sync are kept. Only who holds the sync lock uses it.
    pub(crate) fn slot(&self) -> Arc<AsyncMutex<Slot>> {
        Arc::clone(&self.slot)
    }

    /// From now on, and until the token is dropped, what is written is sealed at once where it can be.
    pub(crate) fn begin(&self) -> Arc<LiveToken> {
        let token = Arc::new(LiveToken);
        let mut current = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::downgrade(&token);
        token
    }

    /// Tells of every commit that has something to send.
    pub(crate) fn written(&self) -> watch::Receiver<()> {
        self.written.subscribe()
    }

    pub(super) fn tell_written(&self) {
        self.written.send_replace(());
    }

    /// The slot, if a connection lives and does nothing just now.
    fn idle_slot(&self) -> Option<OwnedMutexGuard<Slot>> {
        let token = self
            .token
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .upgrade();
        token.and_then(|_| self.slot().try_lock_owned().ok())
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}

/// What was sealed in a transaction that is not committed yet. Dropped before [`Self::keep`], it takes the
/// machines with it, one of which is ahead of the vault then; the connection loads them anew.
pub(super) struct AtOnce {
    slot: OwnedMutexGuard<Slot>,
    records: Option<Vec<Record>>,
}

impl AtOnce {
    /// The transaction was committed: the records may be sent.
    pub(super) fn keep(mut self) {
        let records = self.records.take();
        self.slot.sealed.extend(records.into_iter().flatten());
    }
}

impl Drop for AtOnce {
    fn drop(&mut self) {
        if self.records.is_some() {
            self.slot.machines = None;
        }
    }
}

impl Writing {
    /// Seals what waits in this change, if a live connection is idle.
    pub(super) async fn seal_at_once(&mut self) -> Result<Option<AtOnce>, VaultError> {
        let live = Arc::clone(self.live());
        let Some(mut slot) = live.idle_slot() else {
            return Ok(None);
        };
        let Some(replica) = slot
            .machines
            .as_ref()
            .filter(|machines| machines.may_seal_at_once())
            .map(|machines| machines.journal().replica())
        else {
            return Ok(None);
        };
        let forgotten = &replica.forgotten;
        let waiting = self.outbox_waiting(forgotten, SEALED_AT_ONCE + 1).await?;
        let stands = self.own_chain().await? == Some(replica.own);
        if !stands || waiting.is_empty() || waiting.len() > SEALED_AT_ONCE {
            return Ok(None);
        }
        let documents: BTreeSet<_> = waiting.iter().map(|change| change.document).collect();
        let keys = self
            .newest_keys(&documents.into_iter().collect::<Vec<_>>())
            .await?;
        let sealed: Option<Sealed> = slot
            .machines
            .as_mut()
            .map(Machines::journal_mut)
            .and_then(|journal| journal.seal(waiting, &keys, false, &live.random).ok());
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let at_once = AtOnce {
            slot,
            records: Some(sealed.records.clone()),
        };
        self.put_sealed(&sealed).await?;
        Ok(Some(at_once))
    }
}
