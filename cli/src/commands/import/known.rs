//! Which entries of an import are here already.

use daymark_client::{
    DocumentId,
    formats::Item,
    journal::Entry,
    vault::{Vault, VaultError},
};
use std::collections::HashSet;

/// What the vault holds, as far as an import can meet it again.
#[derive(Debug, Default)]
pub(super) struct Known {
    documents: HashSet<DocumentId>,
    contents: HashSet<(i64, String, String)>,
}

impl Known {
    pub(super) async fn load(vault: &Vault) -> Result<Self, VaultError> {
        let views = vault.views().await?;
        Ok(Self {
            documents: views.iter().map(|view| view.id).collect(),
            contents: views.iter().map(|view| content(&view.entry)).collect(),
        })
    }

    /// Whether the entry is here, or came earlier in the same import.
    pub(super) fn holds(&mut self, item: &Item) -> bool {
        item.document.is_some_and(|id| self.documents.contains(&id))
            || !self.contents.insert(content(&item.entry))
    }

    pub(super) fn id(&self, _item: &Item) -> Option<DocumentId> {
        None
    }
}

fn content(entry: &Entry) -> (i64, String, String) {
    let (title, text) = (
        entry.title.as_str().to_owned(),
        entry.text.as_str().to_owned(),
    );
    (entry.at.milliseconds(), title, text)
}
