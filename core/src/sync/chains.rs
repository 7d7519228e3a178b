//! How far each chain is known, and this device's own (rules R1, R6, R7).

use crate::random::{NoRandomness, Purpose, Random};
use daymark_wire::{
    ChainId, DeviceId, Hash, Have, Header, Incarnation, Seq, Verified, limits,
    record::{Replaces, header_hash},
};
use std::collections::BTreeMap;

/// Whether a chain goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainState {
    /// It does.
    Live,
    /// Two signed records stand at one place: nothing of it is taken any more.
    Frozen,
}

/// The last record known of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// Its place.
    pub seq: Seq,
    /// The hash that the next record names.
    pub hash: Hash,
    /// Whether the chain goes on.
    pub state: ChainState,
}

/// This device's own chain in one space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnChain {
    /// Its name.
    pub chain: ChainId,
    /// The last place signed; zero before the first.
    pub seq: Seq,
    /// The hash that the next record names; zeros before the first.
    pub hash: Hash,
    /// The chain that it goes on for, which its first record names.
    pub replaces: Option<Replaces>,
}

impl OwnChain {
    /// A first chain.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn first(device: DeviceId, random: &Random) -> Result<Self, NoRandomness> {
        let incarnation = Incarnation::from_bytes(random.bytes(Purpose::Id)?);
        let chain = ChainId {
            device,
            incarnation,
        };
        Ok(Self {
            chain,
            seq: Seq(0),
            hash: Hash::ZERO,
            replaces: None,
        })
    }

    /// A chain that goes on for this one, of which `last` is the last place that stands. A chain that never
    /// began is not named: it simply gets another name.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn renewed(&self, last: Seq, random: &Random) -> Result<Self, NoRandomness> {
        let replaces = if last >= Seq::FIRST {
            Some(Replaces {
                incarnation: self.chain.incarnation,
                last,
            })
        } else {
            self.replaces
        };
        Ok(Self {
            replaces,
            ..Self::first(self.chain.device, random)?
        })
    }
}

/// Where a verified record stands against what is known of its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placed {
    /// The next one: taken.
    Next,
    /// At or before the head: known already.
    Known,
    /// Something before it is missing.
    Gap {
        /// The first missing place.
        from: Seq,
    },
    /// It proves that two records stand at one place.
    Forked,
    /// Its chain was frozen before.
    Frozen,
    /// There are as many chains as a request can name.
    TooMany,
}

/// Chains that others may have in a space, so that a request can always name them and this device's own.
const MAX_FOREIGN_CHAINS: usize = limits::MAX_CHAINS - limits::MAX_LIVE_INCARNATIONS;

/// All chains of one space. This device's own goes up to the last record that a relay is known to have taken;
/// what was signed after that is in [`OwnChain`] only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chains(BTreeMap<ChainId, ChainHead>);

impl Chains {
    /// The version vector.
    #[must_use]
    pub fn have(&self) -> Have {
        self.0
            .iter()
            .map(|(chain, head)| (*chain, head.seq))
            .collect()
    }

    /// One chain's head.
    #[must_use]
    pub fn head(&self, chain: ChainId) -> Option<&ChainHead> {
        self.0.get(&chain)
    }

    /// Every chain with its head.
    pub fn iter(&self) -> impl Iterator<Item = (ChainId, ChainHead)> + '_ {
        self.0.iter().map(|(chain, head)| (*chain, *head))
    }

    /// Sets a head, as stored or as just signed.
    pub fn set(&mut self, chain: ChainId, head: ChainHead) {
        self.0.insert(chain, head);
    }

    /// Puts a verified record in its place. Only the next one changes anything.
    pub(super) fn place(&mut self, header: &Verified<Header>) -> Placed {
        let claimed = header.get();
        let hash = header_hash(header.signed());
        let (seq, last) = match self.0.get(&claimed.chain) {
            Some(head) if head.state == ChainState::Frozen => return Placed::Frozen,
            Some(head) => (head.seq, head.hash),
            None if self.0.len() >= MAX_FOREIGN_CHAINS => return Placed::TooMany,
            None => (Seq(0), Hash::ZERO),
        };
        if claimed.seq <= seq {
            let another = claimed.seq == seq && hash != last;
            return if another {
                self.freeze(claimed.chain)
            } else {
                Placed::Known
            };
        }
        if seq.next() != Some(claimed.seq) {
            return Placed::Gap {
                from: Seq(seq.0 + 1),
            };
        }
        if claimed.previous != last {
            return self.freeze(claimed.chain);
        }
        self.set(
            claimed.chain,
            ChainHead {
                seq: claimed.seq,
                hash,
                state: ChainState::Live,
            },
        );
        Placed::Next
    }

    /// How far one chain is known; zero for one that is not.
    #[must_use]
    pub fn seq(&self, chain: ChainId) -> Seq {
        self.head(chain).map_or(Seq(0), |head| head.seq)
    }

    /// Whether two records are known at one place of a chain.
    #[must_use]
    pub fn is_frozen(&self, chain: ChainId) -> bool {
        self.head(chain)
            .is_some_and(|head| head.state == ChainState::Frozen)
    }

    pub(super) fn freeze(&mut self, chain: ChainId) -> Placed {
        if let Some(head) = self.0.get_mut(&chain) {
            head.state = ChainState::Frozen;
        }
        Placed::Forked
    }
}

impl FromIterator<(ChainId, ChainHead)> for Chains {
    fn from_iter<I: IntoIterator<Item = (ChainId, ChainHead)>>(chains: I) -> Self {
        Self(chains.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys::DeviceKey, random::tests::seeded};
    use daymark_wire::{
        DocumentId, EpochId, KeyId, RecordKind, Signed, SpaceId, Suite, record::ExpiryDay,
    };

    fn header(chain: ChainId, seq: u64, previous: Hash) -> Verified<Header> {
        let header = Header {
            suite: Suite::One,
            kind: RecordKind::Checkpoint,
            space: SpaceId::ZERO,
            document: DocumentId::ZERO,
            chain,
            seq: Seq(seq),
            previous,
            epoch: EpochId::ZERO,
            heads: Vec::new(),
            expires: ExpiryDay(0),
            key: KeyId::ZERO,
            introduces: None,
            replaces: None,
            body_length: 0,
            body_hash: Hash::ZERO,
        };
        let device = DeviceKey::generate(&seeded(1)).unwrap();
        Verified::from_own_storage(Signed::sign(header, device.signing()))
    }

    fn chain(n: u16) -> ChainId {
        let mut device = [0; 16];
        device[..2].copy_from_slice(&n.to_be_bytes());
        ChainId {
            device: DeviceId::from_bytes(device),
            incarnation: Incarnation::ZERO,
        }
    }

    #[test]
    fn a_chain_is_followed_record_by_record_and_frozen_on_proof_of_a_fork() {
        let mut chains = Chains::default();
        let first = header(chain(1), 1, Hash::ZERO);
        let second = header(chain(1), 2, header_hash(first.signed()));
        assert_eq!(chains.place(&second), Placed::Gap { from: Seq(1) });
        assert_eq!(chains.place(&first), Placed::Next);
        assert_eq!(chains.place(&first), Placed::Known);
        assert_eq!(chains.place(&second), Placed::Next);
        let elsewhere = header(chain(1), 3, Hash::from_bytes([9; 32]));
        assert_eq!(chains.place(&elsewhere), Placed::Forked);
        assert_eq!(chains.place(&second), Placed::Frozen);
        assert_eq!(chains.seq(chain(1)), Seq(2));
    }

    #[test]
    fn i3_a_thief_who_begins_chains_without_end_leaves_room_for_this_devices_own() {
        let head = ChainHead {
            seq: Seq(1),
            hash: Hash::ZERO,
            state: ChainState::Live,
        };
        let full = u16::try_from(MAX_FOREIGN_CHAINS).unwrap();
        let mut chains: Chains = (0..full).map(|n| (chain(n), head)).collect();
        let one_more = header(chain(full), 1, Hash::ZERO);
        assert_eq!(chains.place(&one_more), Placed::TooMany);
        let known = header(chain(3), 2, Hash::ZERO);
        assert_eq!(chains.place(&known), Placed::Next);
        assert!(chains.have().len() + limits::MAX_LIVE_INCARNATIONS <= limits::MAX_CHAINS);
    }
}
