//! The documents that were written last, kept open: who writes in an entry writes in it again, and opening one
//! takes longer than everything else that an edit does.
//!
//! Each is known by the salt that its row was sealed with. Every write of a row draws a new one, so whatever
//! another program, or a change that was taken back, made of the row, nothing else is taken for it.

use daymark_core::journal::EntryDocument;
use daymark_wire::DocumentId;
use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many are kept: a person writes in one, and a few others come from elsewhere meanwhile.
pub(crate) const KEPT_OPEN: usize = 4;

/// Bytes of a sealed document that is kept, at most. In memory it takes several times that.
const MAX_BYTES: usize = 256 * 1024;

const SALT_BYTES: usize = 16;

#[derive(Default)]
pub(super) struct Opened(Mutex<VecDeque<Kept>>);

struct Kept {
    id: DocumentId,
    salt: [u8; SALT_BYTES],
    document: EntryDocument,
}

impl Opened {
    /// Takes out the document of a row, if it is what this row holds.
    pub(super) fn take(&self, id: DocumentId, sealed: &[u8]) -> Option<EntryDocument> {
        let salt = sealed.first_chunk()?;
        let mut kept = self.lock();
        let is_it = |kept: &Kept| kept.id == id && kept.salt == *salt;
        let place = kept.iter().position(is_it)?;
        kept.remove(place).map(|kept| kept.document)
    }

    /// Keeps a document as it was sealed into its row, instead of what was kept of it before.
    pub(super) fn keep(&self, id: DocumentId, sealed: &[u8], document: EntryDocument) {
        let mut kept = self.lock();
        kept.retain(|kept| kept.id != id);
        if sealed.len() > MAX_BYTES {
            return;
        }
        if let Some(salt) = sealed.first_chunk().copied() {
            kept.truncate(KEPT_OPEN - 1);
            kept.push_front(Kept { id, salt, document });
        }
    }

    /// Lets go of documents.
    pub(super) fn forget(&self, documents: &[DocumentId]) {
        self.lock().retain(|kept| !documents.contains(&kept.id));
    }

    /// Lets go of all.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows nothing: what a person wrote lies in it.
impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened([redacted])")
    }
}
