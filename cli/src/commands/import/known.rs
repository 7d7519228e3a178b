//! Which entries of an import are here already.
//!
//! An entry is known by the document that it was exported from, else by everything that it says. An entry that
//! was changed here after it was imported is therefore not known again; the ids that are computed from its
//! source will say so too, once the vault computes them.

use crate::output::content;
use daymark_client::{
    DocumentId,
    formats::{Item, SourceId},
    vault::{Vault, VaultError},
};
use std::collections::{HashMap, HashSet};

/// What the vault held before the import, and what came in it so far.
#[derive(Debug)]
pub(super) struct Known {
    documents: HashSet<DocumentId>,
    /// How often an entry says just this.
    contents: HashMap<String, usize>,
    sources: HashSet<SourceId>,
}

impl Known {
    pub(super) async fn load(vault: &Vault) -> Result<Self, VaultError> {
        let views = vault.views().await?;
        let mut contents = HashMap::with_capacity(views.len());
        for view in views.iter() {
            *contents.entry(content(&view.entry)).or_default() += 1;
        }
        let documents = views.iter().map(|view| view.id).collect();
        Ok(Self {
            documents,
            contents,
            sources: HashSet::new(),
        })
    }

    /// Whether the entry is here, or came earlier in the same import. Asked once for each.
    pub(super) fn holds(&mut self, item: &Item) -> bool {
        if !self.sources.insert(item.source.clone())
            || item.document.is_some_and(|id| self.documents.contains(&id))
        {
            return true;
        }
        let same = self.contents.get_mut(&content(&item.entry));
        same.is_some_and(|left| {
            let here = *left > 0;
            *left = left.saturating_sub(1);
            here
        })
    }
}
