//! A space as the relay has it in mind, a journal's or a bond's: its folded log, and where each chain stands.

use crate::store::{ChainRow, LogRow};
use daymark_wire::{
    ChainId, DeviceId, DocumentId, EpochId, Hash, Header, RecordKind, Seq, SpaceId,
    logs::{BondAccounts, BondState, EpochState, Head, JournalState, Role},
    record::ExpiryDay,
};
use std::{collections::BTreeMap, sync::Arc};

/// The accounts whose devices write in a space. A journal's has no supporter.
pub(crate) type Members<'a> = BondAccounts<'a>;

/// What the relay asks of a space's log, of either kind.
pub(crate) trait SpaceLog {
    fn space(&self) -> SpaceId;
    fn epochs(&self) -> &[EpochState];
    fn find_epoch(&self, id: EpochId) -> Option<&EpochState>;
    fn newest_epoch(&self) -> Option<&EpochState>;
    /// Whether records of this kind belong here.
    fn takes(kind: RecordKind) -> bool;
    /// Whether heads that a record names are ones that these logs have had, where it matters: what the other side of a
    /// bond cannot take would stand between them and each epoch of theirs (rule L6).
    fn has_had(&self, members: Members<'_>, heads: &[Head]) -> bool;
    /// The last place at which records of a chain may stand; `None`: no bound, its device is active (rule L8).
    fn cut(&self, members: Members<'_>, chain: ChainId) -> Option<Seq>;
}

impl SpaceLog for JournalState {
    fn space(&self) -> SpaceId {
        self.space()
    }

    fn epochs(&self) -> &[EpochState] {
        self.epochs()
    }

    fn find_epoch(&self, id: EpochId) -> Option<&EpochState> {
        self.find_epoch(id)
    }

    fn newest_epoch(&self) -> Option<&EpochState> {
        self.newest_epoch()
    }

    fn takes(kind: RecordKind) -> bool {
        kind != RecordKind::Version
    }

    fn has_had(&self, _: Members<'_>, _: &[Head]) -> bool {
        true
    }

    fn cut(&self, members: Members<'_>, chain: ChainId) -> Option<Seq> {
        self.cut(members.owner, chain)
    }
}

impl SpaceLog for BondState {
    fn space(&self) -> SpaceId {
        self.space()
    }

    fn epochs(&self) -> &[EpochState] {
        self.epochs()
    }

    fn find_epoch(&self, id: EpochId) -> Option<&EpochState> {
        self.find_epoch(id)
    }

    fn newest_epoch(&self) -> Option<&EpochState> {
        self.newest_epoch()
    }

    fn takes(kind: RecordKind) -> bool {
        kind != RecordKind::Change
    }

    fn has_had(&self, members: Members<'_>, heads: &[Head]) -> bool {
        let ([owner, supporter, bond], Some(other)) = (heads, members.supporter) else {
            return false;
        };
        members.owner.has_had(*owner) && other.has_had(*supporter) && self.has_had(*bond)
    }

    fn cut(&self, members: Members<'_>, chain: ChainId) -> Option<Seq> {
        self.cut(members, chain)
    }
}

/// One space. Cheap to clone as long as it has few chains.
#[derive(Debug, Clone)]
pub(crate) struct Space<L> {
    pub(crate) row: LogRow,
    pub(crate) state: Arc<L>,
    pub(crate) chains: BTreeMap<ChainId, Chain>,
    /// Some record lacks its body, and nothing explains it.
    pub(crate) has_holes: bool,
    forgotten: Arc<BTreeMap<DocumentId, Forgotten>>,
}

/// Indexes of the first epochs, of either side, that name a document.
#[derive(Debug, Clone, Copy, Default)]
struct Forgotten {
    owner: Option<usize>,
    supporter: Option<usize>,
}

impl<L: SpaceLog> Space<L> {
    pub(crate) fn new(
        row: LogRow,
        state: L,
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
    pub(crate) fn set_state(&mut self, state: L) {
        self.forgotten = Arc::new(forgotten(&state));
        self.state = Arc::new(state);
    }

    /// The epoch that forgot a document, as far as records by this side go: a supporter forgets their own
    /// alone, the owner also replies (rule B5).
    fn forgotten_by(&self, document: DocumentId, by: Role) -> Option<&EpochState> {
        let named = self.forgotten.get(&document)?;
        let counts = match by {
            Role::Owner => named.owner,
            Role::Supporter => [named.owner, named.supporter].into_iter().flatten().min(),
        };
        self.state.epochs().get(counts?)
    }

    /// Whether what a record holds was forgotten.
    pub(crate) fn is_forgotten(&self, members: Members<'_>, header: &Header) -> bool {
        if self.forgotten.is_empty() {
            return false;
        }
        let by = side(members, header.chain.device);
        self.forgotten_by(header.document, by).is_some()
    }

    /// Whether the body of a record is shown to nobody (rules F1, R5).
    pub(crate) fn withholds(&self, members: Members<'_>, header: &Header, now: u64) -> bool {
        is_expired(header.expires, now) || self.is_forgotten(members, header)
    }

    /// Whether a record of the space itself is superseded: an epoch after its own forgot something (rule R3).
    pub(crate) fn is_superseded(&self, header: &Header) -> bool {
        let epochs = self.state.epochs();
        let forgets = epochs.iter().rfind(|epoch| !epoch.forgets.is_empty());
        let sealed = self.state.find_epoch(header.epoch);
        header.kind.is_of_the_space()
            && sealed
                .zip(forgets)
                .is_some_and(|(sealed, forgets)| sealed.number < forgets.number)
    }

    /// Whether a record comes after its document was forgotten (rule R8).
    pub(crate) fn is_beyond_forget(&self, members: Members<'_>, header: &Header) -> bool {
        let by = side(members, header.chain.device);
        let epoch = self.forgotten_by(header.document, by);
        epoch.is_some_and(|epoch| header.seq > epoch.have.of(header.chain))
    }

    /// How far the relay has one chain.
    pub(crate) fn last(&self, chain: ChainId) -> Seq {
        self.chains
            .get(&chain)
            .map_or(Seq::default(), |chain| chain.last)
    }

    /// Chains of a device that no other goes on for.
    pub(crate) fn live_chains(&self, device: DeviceId) -> usize {
        self.chains
            .iter()
            .filter(|(name, chain)| name.device == device && chain.ends.is_none())
            .count()
    }
}

/// Whose device it is. In a journal everything is the owner's.
fn side(members: Members<'_>, device: DeviceId) -> Role {
    members.device(device).map_or(Role::Owner, |(role, _)| role)
}

/// Whether a version's last day is over, by this clock (seconds since 1970).
pub(crate) fn is_expired(expires: ExpiryDay, now: u64) -> bool {
    expires.has_come(ExpiryDay::of_second(now))
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

/// Each forgotten document with the first epochs that name it.
fn forgotten(state: &impl SpaceLog) -> BTreeMap<DocumentId, Forgotten> {
    let mut forgotten: BTreeMap<DocumentId, Forgotten> = BTreeMap::new();
    for (index, epoch) in state.epochs().iter().enumerate() {
        let by = epoch.bond.map_or(Role::Owner, |bond| bond.by);
        for document in &epoch.forgets {
            let named = forgotten.entry(*document).or_default();
            let first = match by {
                Role::Owner => &mut named.owner,
                Role::Supporter => &mut named.supporter,
            };
            first.get_or_insert(index);
        }
    }
    forgotten
}
