//! What the gate made of stored records, saved: documents, views, what became of each record.

use super::{
    VaultError, Writing,
    documents::{DocumentVersion, DocumentWrite},
    records::{RecordRow, RecordState},
};
use daymark_core::{
    journal::{EntryDocument, View},
    sync::KnownKey,
};
use daymark_wire::DocumentId;
use std::collections::BTreeSet;

/// One document after a merge.
#[derive(Debug)]
pub(crate) struct Merged {
    /// Which.
    pub(crate) document: DocumentId,
    /// The version that the merge began with; none when there was no document.
    pub(crate) from: Option<DocumentVersion>,
    /// The whole document, saved; none when nothing was applied.
    pub(crate) saved: Option<Vec<u8>>,
    /// Its view; none for a page, or for an entry that must not be shown.
    pub(crate) view: Option<View>,
    /// The entry itself, where it is at hand.
    pub(crate) open: Option<EntryDocument>,
    /// Keys that its records introduced.
    pub(crate) keys: Vec<KnownKey>,
    /// What became of its records.
    pub(crate) records: Vec<(RecordRow, RecordState)>,
}

impl Writing {
    /// Saves merges; gives the documents that were written since the merge began.
    pub(crate) async fn put_merged(
        &mut self,
        merged: Vec<Merged>,
    ) -> Result<BTreeSet<DocumentId>, VaultError> {
        let ids: Vec<_> = merged.iter().map(|one| one.document).collect();
        let places = self.places(&ids).await?;
        let is_current =
            |one: &Merged| places.get(&one.document).map(|place| place.version) == one.from;
        let (current, overtaken): (Vec<_>, Vec<_>) = merged.into_iter().partition(is_current);
        let mut documents = Vec::with_capacity(current.len());
        let mut keys = Vec::with_capacity(current.len());
        let mut records = Vec::with_capacity(current.len());
        for one in current {
            let id = one.document;
            keys.extend(one.keys.into_iter().map(|key| (id, key)));
            records.extend(one.records);
            if let Some(saved) = one.saved {
                documents.push(DocumentWrite {
                    id,
                    saved,
                    view: one.view,
                    open: one.open,
                });
            }
        }
        self.put_documents(documents, &places).await?;
        self.put_learned_keys(&keys).await?;
        self.settle_records(records.into_iter()).await?;
        Ok(overtaken.into_iter().map(|one| one.document).collect())
    }
}
