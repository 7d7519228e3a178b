//! Leaving nothing behind: the write-ahead log after secrets were dropped (rules K5, F4).
//!
//! Whoever destroys something marks the vault in the same change. The mark is gone when the log was emptied, by that
//! program or, where it was killed or another one was in the way, by whichever comes next.

use super::{Reading, Vault, VaultError, Writing, create};

/// The mark of a vault whose write-ahead log may hold what was destroyed.
const UNCLEAN: &str = "unclean";

impl Vault {
    /// Takes out of the write-ahead log what was dropped from the tables, where SQLite has overwritten it
    /// already. Call it after secrets were dropped, keys or documents forgotten.
    ///
    /// # Errors
    /// [`VaultError::Busy`] when another program kept reading all the while: call it again later.
    pub async fn clean(&self) -> Result<(), VaultError> {
        // SQLite waits for a reader as long as for a writer.
        if self.inner.store.truncate_log().await? {
            Ok(())
        } else {
            Err(VaultError::Busy)
        }
    }

    /// The same where the vault is marked, and nobody is in the way for longer than a moment. Otherwise it stays
    /// marked: whoever syncs, lists or opens it next tries again.
    pub(crate) async fn clean_if_due(&self) -> Result<(), VaultError> {
        if !self.reading().await?.is_unclean().await? {
            return Ok(());
        }
        // The mark is part of what is emptied.
        self.mark(false).await?;
        let emptied = self.inner.store.truncate_log_if_free().await;
        if !matches!(emptied, Ok(true)) {
            self.mark(true).await?;
        }
        emptied.map(drop)
    }

    async fn mark(&self, unclean: bool) -> Result<(), VaultError> {
        let mut writing = self.writing().await?;
        if unclean {
            writing.mark_unclean().await?;
        } else {
            sqlx::query("DELETE FROM meta WHERE name = ?")
                .bind(UNCLEAN)
                .execute(writing.connection())
                .await?;
        }
        writing.commit().await
    }
}

impl Writing {
    /// Something is destroyed in this change. Afterwards [`Vault::clean_if_due`].
    pub(super) async fn mark_unclean(&mut self) -> Result<(), VaultError> {
        create::set_meta(self.connection(), UNCLEAN, &[]).await
    }
}

impl Reading {
    /// Whether the write-ahead log may hold what was destroyed.
    pub(crate) async fn is_unclean(&mut self) -> Result<bool, VaultError> {
        const IS: &str = "SELECT EXISTS (SELECT 1 FROM meta WHERE name = ?)";
        let is = sqlx::query_scalar(IS).bind(UNCLEAN);
        Ok(is.fetch_one(self.connection()).await?)
    }
}
