//! Links, epoch secrets and document keys: what comes of the logs.

use super::{Reading, StatusName, VaultError, Writing, sealer::Table, store::ROWS_PER_INSERT};
use daymark_core::{
    keys::{DocumentKey, EpochSecret},
    secret::Secret,
    sync::KnownKey,
};
use daymark_wire::{DocumentId, EpochId, Hash, KeyId, LogId, SpaceId, logs::TravelLink};
use sqlx::{QueryBuilder, Row, Sqlite};
use std::collections::BTreeMap;

impl Writing {
    /// Keeps links at their positions, each after the one that it names. One that is there is replaced by itself alone,
    /// as its blob may have come or gone: what other logs rest on stays, whatever else a relay shows at its place, and
    /// another history never lengthens it.
    pub(crate) async fn put_links<'a>(
        &mut self,
        links: impl Iterator<Item = (LogId, u64, &'a TravelLink)>,
    ) -> Result<(), VaultError> {
        for (log, position, link) in links {
            let position = number(position)?;
            let stands = self.link_at(log, position).await?;
            let can_stand = match stands {
                Some(stands) => stands.hash() == link.hash(),
                None => self.is_next(log, position, link).await?,
            };
            if !can_stand {
                continue;
            }
            let content = daymark_wire::cbor::to_vec(link);
            let row = link_row(log, position);
            let sealed = self.sealer.seal(Table::Links, &row, &content)?;
            sqlx::query(
                "INSERT INTO links (log, position, sealed) VALUES (?, ?, ?) \
                 ON CONFLICT (log, position) DO UPDATE SET sealed = excluded.sealed",
            )
            .bind(log.as_bytes().as_slice())
            .bind(position)
            .bind(sealed)
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }

    /// Whether the link that this one names is the one before its place.
    async fn is_next(
        &mut self,
        log: LogId,
        position: i64,
        link: &TravelLink,
    ) -> Result<bool, VaultError> {
        let before = self.link_at(log, position - 1).await?;
        let before = before.map_or(Hash::ZERO, |before| before.hash());
        Ok(link.previous().is_ok_and(|named| named == before))
    }

    /// Drops the links of a log beyond this length; false where there are none.
    pub(crate) async fn drop_links(&mut self, log: LogId, length: u64) -> Result<bool, VaultError> {
        let dropped = sqlx::query("DELETE FROM links WHERE log = ? AND position > ?")
            .bind(log.as_bytes().as_slice())
            .bind(number(length)?)
            .execute(self.connection())
            .await?;
        Ok(dropped.rows_affected() > 0)
    }

    /// Keeps epoch secrets.
    pub(crate) async fn put_epochs(
        &mut self,
        space: SpaceId,
        epochs: &[(EpochId, EpochSecret)],
    ) -> Result<(), VaultError> {
        for (id, secret) in epochs {
            let content = secret.secret().expose();
            let sealed = self.sealer.seal(Table::Epochs, id.as_bytes(), content)?;
            sqlx::query(
                "INSERT INTO epochs (id, space, sealed) VALUES (?, ?, ?) \
                 ON CONFLICT (id) DO NOTHING",
            )
            .bind(id.as_bytes().as_slice())
            .bind(space.as_bytes().as_slice())
            .bind(sealed)
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }

    /// Keeps document keys of a space. One that is known under an older epoch is known under this one from now on.
    pub(crate) async fn put_keys(
        &mut self,
        space: SpaceId,
        keys: &[(DocumentId, KnownKey)],
    ) -> Result<(), VaultError> {
        for chunk in keys.chunks(ROWS_PER_INSERT) {
            let mut rows = Vec::with_capacity(chunk.len());
            for (document, known) in chunk {
                let row = key_row(*document, known.key.id());
                let content = known.key.secret().expose();
                rows.push((
                    document,
                    known,
                    self.sealer.seal(Table::Keys, &row, content)?,
                ));
            }
            let mut query = QueryBuilder::<Sqlite>::new(
                "INSERT INTO keys (space, document, id, epoch, sealed) ",
            );
            query.push_values(rows, |mut values, (document, known, sealed)| {
                values
                    .push_bind(space.as_bytes().as_slice())
                    .push_bind(document.as_bytes().as_slice())
                    .push_bind(known.key.id().as_bytes().to_vec())
                    .push_bind(known.epoch.as_bytes().as_slice())
                    .push_bind(sealed);
            });
            query.push(" ON CONFLICT (document, id) DO UPDATE SET epoch = excluded.epoch");
            query.build().execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Keeps document keys of the journal that another device gave. What waited for them is merged now, and those that
    /// do not lie wrapped under the newest epoch are wrapped again (rule F2).
    pub(crate) async fn put_learned_keys(
        &mut self,
        keys: &[(DocumentId, KnownKey)],
    ) -> Result<(), VaultError> {
        if keys.is_empty() {
            return Ok(());
        }
        self.put_keys(self.journal, keys).await?;
        let documents: Vec<_> = keys.iter().map(|(document, _)| *document).collect();
        self.wake_records_of(&documents).await?;
        let wrapped: Option<EpochId> = self.status(StatusName::KeysWrapped).await?;
        if wrapped.is_some_and(|wrapped| keys.iter().any(|(_, known)| known.epoch != wrapped)) {
            self.drop_status(StatusName::KeysWrapped).await?;
        }
        Ok(())
    }
}

impl Reading {
    /// Every link of this account's own log, and then of its journal's, each in order.
    pub(crate) async fn journal_links(&mut self) -> Result<Vec<TravelLink>, VaultError> {
        let account = self.account().await?;
        let mut links = self.links_of(account.into()).await?;
        links.extend(self.links_of(self.journal.into()).await?);
        Ok(links)
    }

    /// Every link of one log, in order.
    pub(crate) async fn links_of(&mut self, log: LogId) -> Result<Vec<TravelLink>, VaultError> {
        let query = "SELECT position, sealed FROM links WHERE log = ? ORDER BY position";
        let rows = sqlx::query(query)
            .bind(log.as_bytes().as_slice())
            .fetch_all(self.connection())
            .await?;
        let open = |row: &sqlx::sqlite::SqliteRow| {
            let position = row.try_get(0)?;
            self.open_link(log, position, row.try_get(1)?)
        };
        rows.iter().map(open).collect()
    }

    async fn link_at(
        &mut self,
        log: LogId,
        position: i64,
    ) -> Result<Option<TravelLink>, VaultError> {
        let query = "SELECT sealed FROM links WHERE log = ? AND position = ?";
        let sealed: Option<Vec<u8>> = sqlx::query_scalar(query)
            .bind(log.as_bytes().as_slice())
            .bind(position)
            .fetch_optional(self.connection())
            .await?;
        let open = |sealed: Vec<u8>| self.open_link(log, position, &sealed);
        sealed.map(open).transpose()
    }

    fn open_link(
        &self,
        log: LogId,
        position: i64,
        sealed: &[u8],
    ) -> Result<TravelLink, VaultError> {
        let row = link_row(log, position);
        let content = self.sealer.open(Table::Links, &row, sealed)?;
        minicbor::decode(&content).map_err(|_| VaultError::Damaged { what: "a link" })
    }

    /// Every epoch secret of a space that this device holds.
    pub(crate) async fn epochs_of(
        &mut self,
        space: SpaceId,
    ) -> Result<BTreeMap<EpochId, EpochSecret>, VaultError> {
        let rows = sqlx::query("SELECT id, sealed FROM epochs WHERE space = ?")
            .bind(space.as_bytes().as_slice())
            .fetch_all(self.connection())
            .await?;
        let open = |row: &sqlx::sqlite::SqliteRow| {
            let id = EpochId::try_from(row.try_get::<&[u8], _>(0)?)?;
            let content = self
                .sealer
                .open(Table::Epochs, id.as_bytes(), row.try_get(1)?)?;
            let secret = Secret::from_slice(&content);
            let secret = secret.ok_or(VaultError::Damaged { what: "an epoch" })?;
            Ok((id, EpochSecret::from_secret(secret)))
        };
        rows.iter().map(open).collect()
    }

    /// The newest key of each of these documents that has one: the one that came last.
    pub(crate) async fn newest_keys(
        &mut self,
        documents: &[DocumentId],
    ) -> Result<BTreeMap<DocumentId, KnownKey>, VaultError> {
        let keys = self.keys_of(documents).await?;
        Ok(keys.into_iter().collect())
    }

    /// Every key of each of these documents, the oldest first.
    pub(crate) async fn keys_of(
        &mut self,
        documents: &[DocumentId],
    ) -> Result<Vec<(DocumentId, KnownKey)>, VaultError> {
        let mut keys = Vec::with_capacity(documents.len());
        for chunk in documents.chunks(ROWS_PER_INSERT) {
            let mut query = QueryBuilder::<Sqlite>::new(
                "SELECT document, id, epoch, sealed FROM keys WHERE document IN (",
            );
            let mut list = query.separated(", ");
            for document in chunk {
                list.push_bind(document.as_bytes().as_slice());
            }
            query.push(") ORDER BY number");
            let rows = query.build().fetch_all(self.connection()).await?;
            for row in &rows {
                keys.push(self.key(row)?);
            }
        }
        Ok(keys)
    }

    /// Every document key of a space that this device holds, the oldest first.
    pub(crate) async fn every_key_of(
        &mut self,
        space: SpaceId,
    ) -> Result<Vec<(DocumentId, KnownKey)>, VaultError> {
        let query = "SELECT document, id, epoch, sealed FROM keys WHERE space = ? ORDER BY number";
        let rows = sqlx::query(query)
            .bind(space.as_bytes().as_slice())
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(|row| self.key(row)).collect()
    }

    fn key(&self, row: &sqlx::sqlite::SqliteRow) -> Result<(DocumentId, KnownKey), VaultError> {
        let document = DocumentId::try_from(row.try_get::<&[u8], _>(0)?)?;
        let id = KeyId::try_from(row.try_get::<&[u8], _>(1)?)?;
        let epoch = EpochId::try_from(row.try_get::<&[u8], _>(2)?)?;
        let row_id = key_row(document, id);
        let content = self.sealer.open(Table::Keys, &row_id, row.try_get(3)?)?;
        let secret = Secret::from_slice(&content);
        let secret = secret.ok_or(VaultError::Damaged { what: "a key" })?;
        let key = DocumentKey::from_secret(secret);
        Ok((document, KnownKey { epoch, key }))
    }
}

/// Numbers of the protocol as SQLite holds them: signed.
pub(super) fn number(number: u64) -> Result<i64, VaultError> {
    i64::try_from(number).map_err(|_| VaultError::Damaged { what: "a number" })
}

fn link_row(log: LogId, position: i64) -> Vec<u8> {
    [log.as_bytes().as_slice(), &position.to_be_bytes()].concat()
}

fn key_row(document: DocumentId, key: KeyId) -> Vec<u8> {
    [document.as_bytes().as_slice(), key.as_bytes()].concat()
}
