//! What waits in the outbox, to be sealed or acknowledged.

use super::{Reading, VaultError, outbox::read_expiry, sealer::Table};
use daymark_core::sync::Waiting;
use daymark_wire::{DocumentId, SpaceId, record::ExpiryDay};
use sqlx::{Row, sqlite::SqliteRow};
use std::collections::BTreeSet;

impl Reading {
    /// Changes of the journal that wait to be sealed, the oldest first. Those of `forgotten` documents wait for the
    /// person (rule F6), however many they are: nothing waits behind them.
    pub(crate) async fn outbox_waiting(
        &mut self,
        forgotten: &BTreeSet<DocumentId>,
        limit: usize,
    ) -> Result<Vec<Waiting>, VaultError> {
        self.waiting_in(self.journal, forgotten, limit).await
    }

    /// Versions of a bond that wait to be sealed, the oldest first. Those of `held` documents go on waiting.
    pub(crate) async fn versions_waiting(
        &mut self,
        bond: SpaceId,
        held: &BTreeSet<DocumentId>,
        limit: usize,
    ) -> Result<Vec<Waiting>, VaultError> {
        self.waiting_in(bond, held, limit).await
    }

    async fn waiting_in(
        &mut self,
        space: SpaceId,
        without: &BTreeSet<DocumentId>,
        limit: usize,
    ) -> Result<Vec<Waiting>, VaultError> {
        let mut waiting = Vec::new();
        let mut after = i64::MIN;
        while waiting.len() < limit {
            let wanted = limit - waiting.len();
            // The sum keeps SQLite from planning anew for each limit that is bound.
            let rows = sqlx::query(
                "SELECT id, document, expires, sealed FROM outbox \
                 WHERE record IS NULL AND space = ? AND id > ? ORDER BY id LIMIT 0 + ?",
            )
            .bind(space.as_bytes().to_vec())
            .bind(after)
            .bind(i64::try_from(wanted).unwrap_or(i64::MAX))
            .fetch_all(self.connection())
            .await?;
            let Some(last) = rows.last() else {
                break;
            };
            after = last.try_get(0)?;
            for row in &rows {
                let document = DocumentId::try_from(row.try_get::<&[u8], _>(1)?)?;
                if !without.contains(&document) {
                    waiting.push(self.waiting_change(document, row)?);
                }
            }
            if rows.len() < wanted {
                break;
            }
        }
        Ok(waiting)
    }

    fn waiting_change(&self, document: DocumentId, row: &SqliteRow) -> Result<Waiting, VaultError> {
        let item: i64 = row.try_get(0)?;
        let sealed = row.try_get(3)?;
        let content = self
            .sealer
            .open(Table::Outbox, &item.to_be_bytes(), sealed)?;
        Ok(Waiting {
            item,
            document,
            content: content.to_vec(),
            expires: read_expiry(row.try_get(2)?)?,
        })
    }

    /// Whether no relay has acknowledged a document of a bond.
    pub(crate) async fn is_waiting(
        &mut self,
        bond: SpaceId,
        document: DocumentId,
    ) -> Result<bool, VaultError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM outbox WHERE space = ? AND document = ?)",
        )
        .bind(bond.as_bytes().as_slice())
        .bind(document.as_bytes().as_slice())
        .fetch_one(self.connection())
        .await?)
    }

    /// The documents of a bond that no relay has acknowledged.
    pub(crate) async fn waiting_documents(
        &mut self,
        bond: SpaceId,
    ) -> Result<BTreeSet<DocumentId>, VaultError> {
        let documents: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT DISTINCT document FROM outbox WHERE space = ?")
                .bind(bond.as_bytes().as_slice())
                .fetch_all(self.connection())
                .await?;
        let documents = documents.iter();
        let documents = documents.map(|document| DocumentId::try_from(document.as_slice()));
        Ok(documents.collect::<Result<_, _>>()?)
    }

    /// Whether changes of the journal wait to be sealed.
    pub(crate) async fn has_waiting(&mut self) -> Result<bool, VaultError> {
        self.has_waiting_in(self.journal).await
    }

    /// Whether something waits to be sealed in a space.
    pub(crate) async fn has_waiting_in(&mut self, space: SpaceId) -> Result<bool, VaultError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM outbox WHERE record IS NULL AND space = ?)",
        )
        .bind(space.as_bytes().as_slice())
        .fetch_one(self.connection())
        .await?)
    }

    /// How much of one space no relay has acknowledged, but for what has passed its last day: that waits in case this
    /// device's clock is wrong.
    pub(crate) async fn outbox_length_of(&mut self, space: SpaceId) -> Result<usize, VaultError> {
        const COUNT: &str = "SELECT count(*) FROM outbox \
             WHERE space = ? AND expires NOT BETWEEN 1 AND ?";
        let count: i64 = sqlx::query_scalar(COUNT)
            .bind(space.as_bytes().as_slice())
            .bind(self.today())
            .fetch_one(self.connection())
            .await?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// How much no relay has acknowledged, of the journal and of all bonds; the same is left out.
    pub(crate) async fn outbox_length(&mut self) -> Result<u64, VaultError> {
        const COUNT: &str = "SELECT count(*) FROM outbox WHERE expires NOT BETWEEN 1 AND ?";
        let count: i64 = sqlx::query_scalar(COUNT)
            .bind(self.today())
            .fetch_one(self.connection())
            .await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    fn today(&self) -> i64 {
        ExpiryDay::of_second(self.now_ms() / 1000).0.into()
    }
}
