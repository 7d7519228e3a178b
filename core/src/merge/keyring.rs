//! The document keys at hand, and learning more from headers and `keys` records (rules R1, K4).

use crate::{
    keys::{DocumentKey, EpochSecret},
    sync::RewrappedKeys,
};
use daymark_wire::{DocumentId, EpochId, Header, KeyId, wrapping::WrappedDocumentKey};
use std::collections::{BTreeMap, HashMap};

/// Document keys by document and id.
#[derive(Debug, Default)]
pub struct Keyring(HashMap<(DocumentId, KeyId), DocumentKey>);

/// A key learned just now, to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnedKey {
    /// Whose.
    pub document: DocumentId,
    /// The epoch under which it came wrapped.
    pub epoch: EpochId,
    /// The key.
    pub key: DocumentKey,
}

impl Keyring {
    /// One key.
    #[must_use]
    pub fn get(&self, document: DocumentId, id: KeyId) -> Option<&DocumentKey> {
        self.0.get(&(document, id))
    }

    /// Adds a stored key.
    pub fn insert(&mut self, document: DocumentId, key: DocumentKey) {
        self.0.insert((document, key.id()), key);
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
        self.unwrap(header.document, header.key, wrapped, header.epoch, epochs)
    }

    /// Learns every key of a `keys` record of this epoch.
    pub fn learn_all(
        &mut self,
        keys: &RewrappedKeys,
        epoch: EpochId,
        epochs: &BTreeMap<EpochId, EpochSecret>,
    ) -> Vec<LearnedKey> {
        keys.keys
            .iter()
            .filter_map(|key| self.unwrap(key.document, key.key, &key.wrapped, epoch, epochs))
            .collect()
    }

    fn unwrap(
        &mut self,
        document: DocumentId,
        id: KeyId,
        wrapped: &WrappedDocumentKey,
        epoch: EpochId,
        epochs: &BTreeMap<EpochId, EpochSecret>,
    ) -> Option<LearnedKey> {
        if self.get(document, id).is_some() {
            return None;
        }
        let key = epochs.get(&epoch)?.unwrap_key(document, id, wrapped).ok()?;
        self.insert(document, key.clone());
        Some(LearnedKey {
            document,
            epoch,
            key,
        })
    }
}
