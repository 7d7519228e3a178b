//! Editing and reading one entry.

use super::{
    Reading, Vault, VaultError,
    documents::{DocumentWrite, LoadedDocument},
    packs::{PackRow, SealedPack},
    store,
};
use daymark_core::journal::{Actor, ChangeBytes, Edit, EntryDocument, View};
use daymark_wire::DocumentId;
use sqlx::Row;
use std::collections::BTreeMap;

impl Vault {
    /// Makes an edit, as one change; false when the entry reads like that already. What another program wrote
    /// meanwhile stays: the document is loaded within the transaction.
    ///
    /// # Errors
    /// [`VaultError::NotFound`]; [`VaultError::Journal`] for a result that no entry holds; and what the disk
    /// gives. Nothing was written then.
    pub async fn edit(&self, id: DocumentId, edit: &Edit) -> Result<bool, VaultError> {
        let actor = self.actor(id)?;
        let edit = edit.clone();
        let mut writing = self.writing().await?;
        let loaded = writing.load_document(id).await?;
        let loaded = loaded.filter(LoadedDocument::is_shown);
        let loaded = loaded.ok_or(VaultError::NotFound)?;
        let places = BTreeMap::from([(id, loaded.place())]);
        let edited = store::heavy(move || make_edit(id, loaded, actor, &edit)).await?;
        let Some((document, change)) = edited else {
            return Ok(false);
        };
        writing.put_documents(vec![document], &places).await?;
        writing.put_changes(&[(id, change)]).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// One entry as it reads now.
    ///
    /// # Errors
    /// [`VaultError::NotFound`], and what reading gives.
    pub async fn read(&self, id: DocumentId) -> Result<View, VaultError> {
        let mut reading = self.reading().await?;
        let pack = reading.pack_of(id).await?.ok_or(VaultError::NotFound)?;
        match pack.view(&reading.sealer, id) {
            Ok(view) => Ok(view),
            Err(_) => Box::pin(reading.view_of_document(id)).await,
        }
    }
}

impl Reading {
    async fn pack_of(&mut self, id: DocumentId) -> Result<Option<SealedPack>, VaultError> {
        let row = sqlx::query(
            "SELECT p.id, p.version, p.views, p.sealed FROM documents d JOIN packs p ON p.id = d.pack \
             WHERE d.id = ?",
        )
        .bind(id.as_bytes().as_slice())
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        Ok(Some(SealedPack {
            row: PackRow(row.try_get(0)?),
            version: row.try_get(1)?,
            views: row.try_get(2)?,
            sealed: row.try_get(3)?,
        }))
    }

    /// A view made again: its pack does not open.
    async fn view_of_document(&mut self, id: DocumentId) -> Result<View, VaultError> {
        let mut loaded = self.load_documents(&[id]).await?;
        let loaded = loaded.remove(&id).ok_or(VaultError::NotFound)?;
        store::heavy(move || {
            let automerge = loaded.base.open();
            let automerge = automerge.map_err(|_| VaultError::DocumentDamaged(id))?;
            Ok(EntryDocument::from_automerge(automerge).view(id))
        })
        .await
    }
}

fn make_edit(
    id: DocumentId,
    loaded: LoadedDocument,
    actor: Actor,
    edit: &Edit,
) -> Result<Option<(DocumentWrite, ChangeBytes)>, VaultError> {
    let automerge = loaded.base.open();
    let automerge = automerge.map_err(|_| VaultError::DocumentDamaged(id))?;
    let mut document = EntryDocument::from_automerge(automerge);
    let Some(change) = document.edit(actor, edit)? else {
        return Ok(None);
    };
    let write = DocumentWrite {
        id,
        saved: document.save(),
        view: Some(document.view(id)),
        open: Some(document),
    };
    Ok(Some((write, change)))
}
