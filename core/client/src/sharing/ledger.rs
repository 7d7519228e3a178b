//! The ledger page of the person's own journal: read, and written together with what it is about.

use super::ShareError;
use crate::vault::{DocumentWrite, Reading, Vault, VaultError, Writing, page_id};
use daymark_core::{
    journal::Page,
    sharing::{LedgerItem, LedgerPage},
};
use daymark_wire::DocumentId;
use std::collections::BTreeMap;

impl Reading {
    /// The ledger as it reads now.
    pub(super) async fn ledger(&mut self) -> Result<LedgerPage, VaultError> {
        let id = self.ledger_id().await?;
        let mut loaded = self.load_documents(&[id]).await?;
        let Some(loaded) = loaded.remove(&id) else {
            return Ok(LedgerPage::start()?);
        };
        let page = loaded.base.open();
        let page = page.map_err(|_| VaultError::DocumentDamaged(id))?;
        Ok(LedgerPage::from_automerge(page))
    }

    /// The document that it is.
    pub(super) async fn ledger_id(&mut self) -> Result<DocumentId, VaultError> {
        Ok(page_id(&self.account_keys().await?.secret, Page::Ledger))
    }
}

impl Vault {
    /// Writes into the ledger, which was read within the same change; false when it reads like that already.
    pub(super) async fn put_ledger(
        &self,
        writing: &mut Writing,
        page: &mut LedgerPage,
        items: &[LedgerItem],
    ) -> Result<bool, ShareError> {
        let id = writing.ledger_id().await?;
        let Some(change) = page.write(self.actor(id)?, items)? else {
            return Ok(false);
        };
        let write = DocumentWrite {
            id,
            saved: page.save(),
            view: None,
            open: None,
        };
        writing.put_documents(vec![write], &BTreeMap::new()).await?;
        writing.put_changes(&[(id, change)]).await?;
        Ok(true)
    }
}
