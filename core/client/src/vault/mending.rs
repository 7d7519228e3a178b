//! Packs that do not open. Documents are the truth for views (rule G3): those of such a pack are made again from
//! the documents that belong to it. What is whole is written back; an entry whose document does not open either
//! is named, and never left out without a word.

use super::{
    Reading, Sealer, Vault, VaultError,
    packs::{PackRow, SealedPack},
    sealer::Table,
    store,
};
use daymark_core::{
    journal::{EntryDocument, View},
    merge::Base,
};
use daymark_wire::DocumentId;
use rayon::prelude::*;
use sqlx::Row;
use std::sync::Arc;

/// A pack that does not open.
#[derive(Debug, Clone, Copy)]
pub(super) struct BrokenPack {
    pub(super) row: PackRow,
    pub(super) version: i64,
    /// How many views it held.
    views: i64,
}

/// What a pack held, made again.
#[derive(Debug, Default)]
pub(super) struct Rebuilt {
    pub(super) views: Vec<View>,
    /// Entries whose documents do not open either.
    pub(super) unreadable: Vec<DocumentId>,
}

impl From<&SealedPack> for BrokenPack {
    fn from(pack: &SealedPack) -> Self {
        Self {
            row: pack.row,
            version: pack.version,
            views: pack.views,
        }
    }
}

impl Reading {
    /// Makes a pack's views again from its documents.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] where it has more documents than it held views, or fewer.
    pub(super) async fn rebuild(&mut self, pack: BrokenPack) -> Result<Rebuilt, VaultError> {
        let rows = sqlx::query("SELECT id, sealed FROM documents WHERE pack = ?")
            .bind(pack.row.0)
            .fetch_all(self.connection())
            .await?;
        if i64::try_from(rows.len()) != Ok(pack.views) {
            return Err(VaultError::Damaged {
                what: "the list of entries",
            });
        }
        let mut documents = Vec::with_capacity(rows.len());
        for row in rows {
            let id = DocumentId::try_from(row.try_get::<&[u8], _>(0)?)?;
            documents.push((id, row.try_get::<Vec<u8>, _>(1)?));
        }
        let sealer = Arc::clone(&self.sealer);
        store::heavy(move || {
            let view = |(id, sealed): &(DocumentId, Vec<u8>)| view(&sealer, *id, sealed).ok_or(*id);
            let all: Vec<_> = documents.par_iter().map(view).collect();
            let mut rebuilt = Rebuilt::default();
            for one in all {
                match one {
                    Ok(view) => rebuilt.views.push(view),
                    Err(id) => rebuilt.unreadable.push(id),
                }
            }
            Ok(rebuilt)
        })
        .await
    }
}

impl Vault {
    /// Writes packs that were rebuilt whole, so that they open again. What cannot be written now is mended by who
    /// reads next: what was read is right either way.
    pub(super) async fn mend(&self, packs: Vec<PackRow>) {
        if packs.is_empty() {
            return;
        }
        let mended = async {
            let mut writing = self.writing().await?;
            writing.change_packs(Vec::new(), &packs).await?;
            writing.commit().await
        };
        let _: Result<(), VaultError> = mended.await;
    }
}

fn view(sealer: &Sealer, id: DocumentId, sealed: &[u8]) -> Option<View> {
    let saved = sealer.open(Table::Documents, id.as_bytes(), sealed).ok()?;
    let document = Base::Saved(saved.to_vec()).open().ok()?;
    Some(EntryDocument::from_automerge(document).view(id))
}
