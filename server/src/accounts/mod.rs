//! An account as the relay has it in mind: its folded logs, and where each chain of its journal stands.
//!
//! Values are snapshots. The writer makes the next one and shows it after the commit; everybody else
//! reads. A chain's head is here and not only on disk, so a sync with nothing new reads nothing.

mod cache;

pub(crate) use cache::Accounts;

use crate::store::{AccountRow, ChainRow, LogRow};
use daymark_wire::{
    ChainId, DeviceId, DocumentId, Hash, LogId, Seq,
    logs::{AccountState, Author, Head, JournalState},
    signing::VerifyingKey,
};
use std::{collections::BTreeMap, sync::Arc};

/// One account. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) row: AccountRow,
    pub(crate) log: LogRow,
    pub(crate) state: Arc<AccountState>,
    pub(crate) journal: Option<Journal>,
}

impl Account {
    /// The key that speaks for `author` now; `None` for a device that is unknown or revoked.
    pub(crate) fn key_of(&self, author: Author) -> Option<VerifyingKey> {
        key_of(&self.state, author)
    }

    /// The logs of this account: row, id, head.
    pub(crate) fn logs(&self) -> impl Iterator<Item = (LogRow, LogId, Head)> + '_ {
        let own = (self.log, LogId::from(self.state.id()), self.state.head());
        let journal = self.journal.as_ref().map(|journal| {
            let space = LogId::from(journal.state.space());
            (journal.row, space, journal.state.head())
        });
        std::iter::once(own).chain(journal)
    }

    /// Whether `head` is, or was, the head of that log of this account.
    pub(crate) fn has_had(&self, log: LogId, head: Head) -> bool {
        if log == LogId::from(self.state.id()) {
            return self.state.has_had(head);
        }
        self.journal.as_ref().is_some_and(|journal| {
            log == LogId::from(journal.state.space()) && journal.state.has_had(head)
        })
    }
}

/// The key that speaks for `author` in an account that stands so.
pub(crate) fn key_of(account: &AccountState, author: Author) -> Option<VerifyingKey> {
    match author {
        Author::Root => Some(*account.root()),
        Author::Device(id) => account.active(id).ok().map(|device| device.signing),
    }
}

/// One journal. Cheap to clone as long as it has few chains.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    pub(crate) row: LogRow,
    pub(crate) state: Arc<JournalState>,
    pub(crate) chains: BTreeMap<ChainId, Chain>,
    /// Some record lacks its body, and nothing explains it.
    pub(crate) has_holes: bool,
    forgotten: Arc<BTreeMap<DocumentId, usize>>,
}

impl Journal {
    pub(crate) fn new(
        row: LogRow,
        state: JournalState,
        chains: BTreeMap<ChainId, Chain>,
        has_holes: bool,
    ) -> Self {
        Self {
            row,
            forgotten: Arc::new(forgotten(&state)),
            state: Arc::new(state),
            chains,
            has_holes,
        }
    }

    /// Takes the log as it goes on.
    pub(crate) fn set_state(&mut self, state: JournalState) {
        self.forgotten = Arc::new(forgotten(&state));
        self.state = Arc::new(state);
    }

    /// Whether a document was forgotten.
    pub(crate) fn is_forgotten(&self, document: DocumentId) -> bool {
        self.forgotten.contains_key(&document)
    }

    /// Whether a record of this document at this place comes after the document was forgotten (rule R8).
    pub(crate) fn is_beyond_forget(&self, document: DocumentId, chain: ChainId, seq: Seq) -> bool {
        let epoch = self
            .forgotten
            .get(&document)
            .and_then(|index| self.state.epochs().get(*index));
        epoch.is_some_and(|epoch| seq > epoch.have.of(chain))
    }

    /// How far the relay has one chain.
    pub(crate) fn last(&self, chain: ChainId) -> Seq {
        self.chains
            .get(&chain)
            .map_or(Seq::default(), |chain| chain.last)
    }

    /// The last place at which records of a device may stand; `None`: no bound, it is active.
    pub(crate) fn cut(&self, account: &AccountState, chain: ChainId) -> Option<Seq> {
        cut(&self.state, account, chain)
    }

    /// Chains of a device that no other goes on for.
    pub(crate) fn live_chains(&self, device: DeviceId) -> usize {
        self.chains
            .iter()
            .filter(|(name, chain)| name.device == device && chain.ends.is_none())
            .count()
    }
}

/// Where a chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) row: ChainRow,
    /// Its last place; zero for a chain that is known only because another goes on for it.
    pub(crate) last: Seq,
    /// The hash that its next record names.
    pub(crate) hash: Hash,
    /// Set by the first record of the chain that goes on for it: nothing beyond is taken.
    pub(crate) ends: Option<Seq>,
    /// Damaged records are stored beyond `last`: they go when the next one comes.
    pub(crate) has_debris: bool,
}

/// A removed device's chains end where the first epoch that rests on the removal says (rule L8), and at
/// zero until there is one.
pub(crate) fn cut(journal: &JournalState, account: &AccountState, chain: ChainId) -> Option<Seq> {
    let device = account.device(chain.device)?;
    let revoked = device.revoked_at?;
    let epoch = journal
        .epochs()
        .iter()
        .find(|epoch| epoch.rests_on.length >= revoked);
    Some(epoch.map_or(Seq::default(), |epoch| epoch.have.of(chain)))
}

/// Each forgotten document with the index of the first epoch that names it.
fn forgotten(state: &JournalState) -> BTreeMap<DocumentId, usize> {
    let mut forgotten = BTreeMap::new();
    for (index, epoch) in state.epochs().iter().enumerate() {
        for document in &epoch.forgets {
            forgotten.entry(*document).or_insert(index);
        }
    }
    forgotten
}
