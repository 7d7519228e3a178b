//! Which entries of an import are here already: by the document that one was exported from or first written in,
//! else by the id that is computed from its source, which stays when the entry is changed here.

use daymark_client::{
    DocumentId,
    formats::Item,
    vault::{ImportIds, Vault, VaultError},
};
use std::collections::HashSet;

/// What the vault held before the import, and what came in it so far.
#[derive(Debug)]
pub(super) struct Known {
    documents: HashSet<DocumentId>,
    ids: ImportIds,
}

impl Known {
    pub(super) async fn load(vault: &Vault) -> Result<Self, VaultError> {
        let views = vault.views().await?;
        Ok(Self {
            documents: views
                .iter()
                .map(|view| view.id)
                .chain(views.unreadable().iter().copied())
                .collect(),
            ids: vault.import_ids().await?,
        })
    }

    /// The id for an entry that is not here; none when it is, or came earlier in the same import.
    pub(super) fn new_id(&mut self, item: &Item) -> Option<DocumentId> {
        let here = |id: Option<DocumentId>| id.is_some_and(|id| self.documents.contains(&id));
        if here(item.document) || here(item.entry.origin) {
            return None;
        }
        let id = self.ids.of(&item.source);
        self.documents.insert(id).then_some(id)
    }
}
