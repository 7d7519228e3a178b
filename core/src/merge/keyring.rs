//! The document keys at hand, and learning more from headers and `keys` records (rules R1, K4).

use crate::{
    keys::{DocumentKey, EpochSecret},
    sync::RewrappedKeys,
};
use daymark_wire::{
    DocumentId, EpochId, Header, KeyId, record::Place, wrapping::WrappedDocumentKey,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Document keys by document and id.
#[derive(Debug, Default)]
pub struct Keyring {
    keys: HashMap<(DocumentId, KeyId), DocumentKey>,
    /// Records that introduce a key which does not open, though their epoch is at hand.
    broken: HashSet<Place>,
}

/// A key learned just now, to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnedKey {
    /// Whose.
    pub document: DocumentId,
    /// The epoch under which a record introduced it; zero when it came wrapped again, by a `keys` record:
    /// nothing more is sealed with such a key ([`crate::sync::KnownKey`]).
    pub epoch: EpochId,
    /// The key.
    pub key: DocumentKey,
}

/// What a `keys` record gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LearnedKeys {
    /// Keys that were not known.
    pub new: Vec<LearnedKey>,
    /// Every key, known before or new, that does lie wrapped under the record's epoch: unwrapped and
    /// compared (rule F2).
    pub wrapped: Vec<(DocumentId, KeyId)>,
}

impl Keyring {
    /// One key.
    #[must_use]
    pub fn get(&self, document: DocumentId, id: KeyId) -> Option<&DocumentKey> {
        self.keys.get(&(document, id))
    }

    /// Adds a stored key.
    pub fn insert(&mut self, document: DocumentId, key: DocumentKey) {
        self.keys.insert((document, key.id()), key);
    }

    /// Learns the key that a header introduces. None when it introduces none, when it is known, when its
    /// epoch cannot be opened here, or when the wrap does not give the key that it names (it counts as not
    /// seen, rule K4).
    pub fn learn(
        &mut self,
        header: &Header,
        epochs: &BTreeMap<EpochId, EpochSecret>,
    ) -> Option<LearnedKey> {
        let wrapped = header.introduces.as_ref()?;
        let (document, epoch) = (header.document, header.epoch);
        if self.get(document, header.key).is_some() {
            return None;
        }
        let secret = epochs.get(&epoch)?;
        let Ok(key) = secret.unwrap_key(document, header.key, wrapped) else {
            self.broken.insert(header.place());
            return None;
        };
        self.insert(document, key.clone());
        Some(LearnedKey {
            document,
            epoch,
            key,
        })
    }

    /// Whether this record was to introduce its key, and its author made that so that it does not open: no
    /// other record has to be waited for.
    #[must_use]
    pub(super) fn is_broken(&self, place: Place) -> bool {
        self.broken.contains(&place)
    }

    /// Learns every key of a `keys` record of this epoch.
    pub fn learn_all(
        &mut self,
        keys: &RewrappedKeys,
        epoch: EpochId,
        epochs: &BTreeMap<EpochId, EpochSecret>,
    ) -> LearnedKeys {
        let mut learned = LearnedKeys::default();
        for given in &keys.keys {
            let document = given.document;
            let Some(key) = unwrap(document, given.key, &given.wrapped, epoch, epochs) else {
                continue;
            };
            learned.wrapped.push((document, given.key));
            if self.get(document, given.key).is_none() {
                self.insert(document, key.clone());
                learned.new.push(LearnedKey {
                    document,
                    epoch: EpochId::ZERO,
                    key,
                });
            }
        }
        learned
    }
}

/// A key derives its own id, so one that unwraps under this id is the key of this id (rule K4).
fn unwrap(
    document: DocumentId,
    id: KeyId,
    wrapped: &WrappedDocumentKey,
    epoch: EpochId,
    epochs: &BTreeMap<EpochId, EpochSecret>,
) -> Option<DocumentKey> {
    epochs.get(&epoch)?.unwrap_key(document, id, wrapped).ok()
}
