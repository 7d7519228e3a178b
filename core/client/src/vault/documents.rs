//! Saved documents, and what is written together with one: its view and its change.

use super::{
    Reading, VaultError, Writing,
    packs::{PackRow, ViewChange},
    sealer::Table,
    store::{self, ROWS_PER_INSERT},
};
use daymark_core::{
    journal::{EntryDocument, View},
    merge::Base,
};
use daymark_wire::DocumentId;
use rayon::prelude::*;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use std::{collections::BTreeMap, sync::Arc};

/// How often a document's row was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DocumentVersion(i64);

/// A document as it stood at one moment.
#[derive(Debug)]
pub(crate) struct LoadedDocument {
    /// What [`super::Merged`] must name, so that nothing written meanwhile is lost.
    pub(crate) version: DocumentVersion,
    /// The whole Automerge document.
    pub(crate) base: Base,
    /// Where its view is; none for a page or a hidden entry.
    pub(super) pack: Option<PackRow>,
}

impl LoadedDocument {
    /// Whether it is in lists: an entry, and not hidden.
    pub(crate) const fn is_shown(&self) -> bool {
        self.pack.is_some()
    }

    pub(super) const fn place(&self) -> DocumentPlace {
        DocumentPlace {
            version: self.version,
            pack: self.pack,
        }
    }
}

/// Where a document stands, without its content.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DocumentPlace {
    pub(super) version: DocumentVersion,
    pub(super) pack: Option<PackRow>,
}

/// A document to be written, with its view if it is shown.
#[derive(Debug)]
pub(crate) struct DocumentWrite {
    pub(crate) id: DocumentId,
    pub(crate) saved: Vec<u8>,
    pub(crate) view: Option<View>,
    /// The entry itself, where it is at hand.
    pub(crate) open: Option<EntryDocument>,
}

impl Writing {
    /// Writes documents and their views. `places`: where those that exist stand.
    pub(crate) async fn put_documents(
        &mut self,
        documents: Vec<DocumentWrite>,
        places: &BTreeMap<DocumentId, DocumentPlace>,
    ) -> Result<(), VaultError> {
        let mut changes = Vec::with_capacity(documents.len());
        let mut contents = Vec::with_capacity(documents.len());
        let mut open = BTreeMap::new();
        for document in documents {
            changes.push(ViewChange {
                document: document.id,
                at: places.get(&document.id).and_then(|place| place.pack),
                view: document.view,
            });
            contents.push((document.id, document.saved));
            open.extend(document.open.map(|open| (document.id, open)));
        }
        let packs = self.put_views(changes).await?;
        let sealer = Arc::clone(&self.sealer);
        let bytes = contents.iter().map(|(_, saved)| saved.len()).sum();
        let rows: Vec<_> = store::weighed(bytes, move || {
            let seal = |((id, saved), pack): (&(DocumentId, Vec<u8>), _)| {
                let sealed = sealer.seal(Table::Documents, id.as_bytes(), saved)?;
                Ok::<_, VaultError>((*id, pack, sealed))
            };
            // One document wakes no other core.
            if contents.len() == 1 {
                return contents.iter().zip(packs).map(seal).collect();
            }
            contents.par_iter().zip(packs).map(seal).collect()
        })
        .await?;
        for (id, _, sealed) in &rows {
            if let Some(open) = open.remove(id) {
                self.sealer.opened().keep(*id, sealed, open);
            }
        }
        for chunk in rows.chunks(ROWS_PER_INSERT) {
            let mut query =
                QueryBuilder::<Sqlite>::new("INSERT INTO documents (id, version, pack, sealed) ");
            query.push_values(chunk, |mut values, (id, pack, sealed)| {
                values
                    .push_bind(id.as_bytes().as_slice())
                    .push_bind(1)
                    .push_bind(pack.map(|pack| pack.0))
                    .push_bind(sealed.as_slice());
            });
            query.push(
                " ON CONFLICT (id) DO UPDATE SET version = version + 1, \
                 pack = excluded.pack, sealed = excluded.sealed",
            );
            query.build().execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Where those of these documents stand that exist.
    pub(super) async fn places(
        &mut self,
        documents: &[DocumentId],
    ) -> Result<BTreeMap<DocumentId, DocumentPlace>, VaultError> {
        let mut places = BTreeMap::new();
        for chunk in documents.chunks(ROWS_PER_INSERT) {
            let query = "SELECT id, version, pack FROM documents WHERE id IN (";
            for row in select(self.connection(), query, chunk).await? {
                let id = DocumentId::try_from(row.try_get::<&[u8], _>(0)?)?;
                let place = DocumentPlace {
                    version: DocumentVersion(row.try_get(1)?),
                    pack: row.try_get::<Option<i64>, _>(2)?.map(PackRow),
                };
                places.insert(id, place);
            }
        }
        Ok(places)
    }

    /// One document as it stands within this change.
    pub(crate) async fn load_document(
        &mut self,
        id: DocumentId,
    ) -> Result<Option<LoadedDocument>, VaultError> {
        let sealer = Arc::clone(&self.sealer);
        let mut loaded = load(self.connection(), sealer, &[id]).await?;
        Ok(loaded.remove(&id))
    }
}

impl Reading {
    /// Those of these documents that exist.
    pub(crate) async fn load_documents(
        &mut self,
        documents: &[DocumentId],
    ) -> Result<BTreeMap<DocumentId, LoadedDocument>, VaultError> {
        let sealer = Arc::clone(&self.sealer);
        load(self.connection(), sealer, documents).await
    }
}

async fn load(
    connection: &mut SqliteConnection,
    sealer: Arc<super::Sealer>,
    documents: &[DocumentId],
) -> Result<BTreeMap<DocumentId, LoadedDocument>, VaultError> {
    let mut rows = Vec::with_capacity(documents.len());
    for chunk in documents.chunks(ROWS_PER_INSERT) {
        let query = "SELECT id, version, pack, sealed FROM documents WHERE id IN (";
        for row in select(connection, query, chunk).await? {
            let id = DocumentId::try_from(row.try_get::<&[u8], _>(0)?)?;
            let version = DocumentVersion(row.try_get(1)?);
            let pack = row.try_get::<Option<i64>, _>(2)?.map(PackRow);
            let sealed: Vec<u8> = row.try_get(3)?;
            rows.push((id, version, pack, sealed));
        }
    }
    let bytes = rows.iter().map(|(.., sealed)| sealed.len()).sum();
    store::weighed(bytes, move || {
        let open = |(id, version, pack, sealed): (DocumentId, _, _, Vec<u8>)| {
            let base = match sealer.opened().take(id, &sealed) {
                Some(open) => Base::Open(open),
                None => {
                    let saved = sealer.open(Table::Documents, id.as_bytes(), &sealed)?;
                    Base::Saved(saved.to_vec())
                }
            };
            let loaded = LoadedDocument {
                version,
                base,
                pack,
            };
            Ok::<_, VaultError>((id, loaded))
        };
        if rows.len() == 1 {
            return rows.into_iter().map(open).collect();
        }
        rows.into_par_iter().map(open).collect()
    })
    .await
}

/// Runs `query`, which ends with an open list, for some documents.
async fn select(
    connection: &mut SqliteConnection,
    query: &'static str,
    documents: &[DocumentId],
) -> Result<Vec<sqlx::sqlite::SqliteRow>, VaultError> {
    let mut query = QueryBuilder::<Sqlite>::new(query);
    let mut list = query.separated(", ");
    for document in documents {
        list.push_bind(document.as_bytes().as_slice());
    }
    query.push(")");
    Ok(query.build().fetch_all(connection).await?)
}
