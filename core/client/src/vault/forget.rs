//! Forgetting, as far as the tables go (rules F1 to F4): what is hidden, what is dropped.
//!
//! `secure_delete` overwrites what is dropped here; [`super::Vault::clean`] takes it out of the write-ahead log,
//! and [`super::Vault::renew_key`] makes what an old copy of the file holds useless.

use super::{RecordState, SecretName, VaultError, Writing, packs::ViewChange};
use daymark_wire::{DocumentId, EpochId};

impl Writing {
    /// Shows entries no longer, but keeps them (a forget that another device gave, rule F1).
    pub(crate) async fn hide(&mut self, documents: &[DocumentId]) -> Result<(), VaultError> {
        self.sealer.opened().forget(documents);
        let places = self.places(documents).await?;
        let changes = places.iter().map(|(document, place)| ViewChange {
            document: *document,
            at: place.pack,
            view: None,
        });
        self.put_views(changes.collect()).await?;
        for document in documents {
            sqlx::query("UPDATE documents SET pack = NULL, version = version + 1 WHERE id = ?")
                .bind(document.as_bytes().as_slice())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Deletes documents whole: views, contents, what waited in the outbox. Their keys and records' bodies
    /// are dropped by [`Writing::drop_keys`] and [`Writing::drop_bodies`]; then [`super::Vault::clean`].
    pub(crate) async fn drop_documents(
        &mut self,
        documents: &[DocumentId],
    ) -> Result<(), VaultError> {
        self.hide(documents).await?;
        for document in documents {
            for statement in [
                "DELETE FROM outbox WHERE document = ?",
                "DELETE FROM documents WHERE id = ?",
            ] {
                sqlx::query(statement)
                    .bind(document.as_bytes().as_slice())
                    .execute(self.connection())
                    .await?;
            }
        }
        Ok(())
    }

    /// Drops every key of a document (rule F4). Afterwards [`super::Vault::clean`].
    pub(crate) async fn drop_keys(&mut self, document: DocumentId) -> Result<(), VaultError> {
        sqlx::query("DELETE FROM keys WHERE document = ?")
            .bind(document.as_bytes().as_slice())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Deletes the bodies of a document's records; the chains stay provable (rule R5).
    pub(crate) async fn drop_bodies(&mut self, document: DocumentId) -> Result<(), VaultError> {
        sqlx::query("UPDATE records SET body = NULL, state = ? WHERE document = ?")
            .bind(RecordState::Stub as i64)
            .bind(document.as_bytes().as_slice())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Drops epoch secrets (rule F4). Afterwards [`super::Vault::clean`].
    pub(crate) async fn drop_epochs(&mut self, epochs: &[EpochId]) -> Result<(), VaultError> {
        for id in epochs {
            sqlx::query("DELETE FROM epochs WHERE id = ?")
                .bind(id.as_bytes().as_slice())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Drops a secret. Afterwards [`super::Vault::clean`] takes it out of the write-ahead log.
    pub(crate) async fn drop_secret(&mut self, name: SecretName) -> Result<(), VaultError> {
        sqlx::query("DELETE FROM secrets WHERE name = ?")
            .bind(&*name.text())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
