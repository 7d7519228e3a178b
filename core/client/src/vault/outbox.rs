//! The outbox: changes of this device that no relay has acknowledged. They are sealed into records when
//! they are about to be sent, and stored so before that (rule R7).

use super::{
    Reading, Vault, VaultError, Writing,
    logs::number,
    records::{NewRecord, RecordState, read_record},
    sealer::Table,
    store::ROWS_PER_INSERT,
};
use daymark_core::{
    journal::ChangeBytes,
    sync::{OwnChain, Sealed, Waiting},
};
use daymark_wire::{
    DocumentId, Record, SpaceId,
    record::{ExpiryDay, Place},
};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

impl Writing {
    /// Puts changes into the outbox, in this order.
    pub(super) async fn put_changes(
        &mut self,
        changes: &[(DocumentId, ChangeBytes)],
    ) -> Result<(), VaultError> {
        let last: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM outbox")
            .fetch_one(self.connection())
            .await?;
        let mut next = last.unwrap_or(0);
        for chunk in changes.chunks(ROWS_PER_INSERT) {
            let mut rows = Vec::with_capacity(chunk.len());
            for (document, change) in chunk {
                next += 1;
                let row = next.to_be_bytes();
                let sealed = self.sealer.seal(Table::Outbox, &row, change.as_bytes())?;
                rows.push((next, document, sealed));
            }
            let mut query =
                QueryBuilder::<Sqlite>::new("INSERT INTO outbox (id, document, sealed) ");
            query.push_values(rows, |mut values, (id, document, sealed)| {
                values
                    .push_bind(id)
                    .push_bind(document.as_bytes().as_slice())
                    .push_bind(sealed);
            });
            query.build().execute(self.connection()).await?;
        }
        self.to_be_sent |= !changes.is_empty();
        Ok(())
    }

    /// Puts changes into the outbox before all others, in this order: older ones, which others may rest on.
    pub(crate) async fn put_changes_first(
        &mut self,
        changes: &[(DocumentId, Zeroizing<Vec<u8>>)],
    ) -> Result<(), VaultError> {
        let first: Option<i64> = sqlx::query_scalar("SELECT min(id) FROM outbox")
            .fetch_one(self.connection())
            .await?;
        let mut next = first.unwrap_or(0);
        for (document, change) in changes.iter().rev() {
            next -= 1;
            let row = next.to_be_bytes();
            let sealed = self.sealer.seal(Table::Outbox, &row, change)?;
            sqlx::query("INSERT INTO outbox (id, document, sealed) VALUES (?, ?, ?)")
                .bind(next)
                .bind(document.as_bytes().as_slice())
                .bind(sealed)
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Stores what was sealed: records, the keys made for them, this device's chain.
    ///
    /// # Errors
    /// [`VaultError::Busy`] when the stored chain is not where the first record goes on: another sync of this
    /// vault was faster, and these records must never be sent.
    pub(crate) async fn put_sealed(&mut self, sealed: &Sealed) -> Result<(), VaultError> {
        let first = sealed.records.first().map(Record::place);
        if let (Some(first), Some(own)) = (first, self.own_chain().await?)
            && own.chain == first.chain
            && own.seq.next() != Some(first.seq)
        {
            return Err(VaultError::Busy);
        }
        let new: Vec<_> = sealed
            .records
            .iter()
            .map(|record| NewRecord {
                header: record.header(),
                body: record.body(),
                state: RecordState::Sealed,
            })
            .collect();
        let chains = self.put_records(&new).await?;
        self.put_keys(&sealed.keys).await?;
        self.put_own_chain(&sealed.own).await?;
        let Some(chain) = chains.get(&sealed.own.chain).copied() else {
            return Ok(());
        };
        for item in &sealed.items {
            sqlx::query(
                "UPDATE outbox SET record = (SELECT id FROM records WHERE chain = ? AND seq = ?) \
                 WHERE id = ?",
            )
            .bind(chain)
            .bind(number(item.seq.0)?)
            .bind(item.item)
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }

    /// A relay has this device's records up to a place: what waited for that leaves the outbox.
    pub(crate) async fn acknowledge(
        &mut self,
        space: SpaceId,
        up_to: Place,
    ) -> Result<(), VaultError> {
        // The plus signs keep SQLite from walking the whole chain instead of the few that are open.
        const ACKNOWLEDGED: &str = "SELECT id FROM records \
             WHERE state = 4 AND state <> 1 AND +seq <= ? AND +chain = \
             (SELECT id FROM chains WHERE space = ? AND device = ? AND incarnation = ?)";
        let seq = number(up_to.seq.0)?;
        let ids: Vec<i64> = sqlx::query_scalar(ACKNOWLEDGED)
            .bind(seq)
            .bind(space.as_bytes().as_slice())
            .bind(up_to.chain.device.as_bytes().as_slice())
            .bind(up_to.chain.incarnation.as_bytes().as_slice())
            .fetch_all(self.connection())
            .await?;
        for chunk in ids.chunks(ROWS_PER_INSERT) {
            for (before, after) in [
                ("DELETE FROM outbox WHERE record IN (", ")"),
                // What belongs to the space itself is taken in like a received record.
                (
                    "UPDATE records SET state = iif(document = zeroblob(16), 0, 1) WHERE id IN (",
                    ")",
                ),
            ] {
                let mut query = QueryBuilder::<Sqlite>::new(before);
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(after);
                query.build().execute(self.connection()).await?;
            }
        }
        Ok(())
    }

    /// Goes on with a new chain: what was sealed into the old one without being acknowledged waits again.
    pub(crate) async fn renew_own_chain(&mut self, own: &OwnChain) -> Result<(), VaultError> {
        sqlx::query(
            "UPDATE outbox SET record = NULL \
             WHERE record IN (SELECT id FROM records WHERE state = 4 AND state <> 1)",
        )
        .execute(self.connection())
        .await?;
        let chains: Vec<i64> = sqlx::query_scalar(
            "DELETE FROM records WHERE state = 4 AND state <> 1 RETURNING chain",
        )
        .fetch_all(self.connection())
        .await?;
        for chain in chains.iter().collect::<BTreeSet<_>>() {
            self.take_back_head(*chain).await?;
        }
        self.put_own_chain(own).await
    }

    /// What waits is sealed with new keys, whatever comes next: the records that introduced the present ones
    /// may stand nowhere but here, and nobody else could open what is sealed with them.
    pub(crate) async fn renew_keys_of_what_waits(&mut self) -> Result<(), VaultError> {
        sqlx::query(
            "UPDATE keys SET epoch = zeroblob(16) WHERE document IN \
             (SELECT document FROM outbox WHERE record IS NULL)",
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// A chain's head is its last record again.
    async fn take_back_head(&mut self, chain: i64) -> Result<(), VaultError> {
        let last = sqlx::query(
            "SELECT header, signature, body FROM records WHERE chain = ? ORDER BY seq DESC LIMIT 1",
        )
        .bind(chain)
        .fetch_optional(self.connection())
        .await?;
        let query = match last {
            None => sqlx::query("DELETE FROM chains WHERE id = ?").bind(chain),
            Some(last) => {
                let record = read_record(&last)?;
                sqlx::query("UPDATE chains SET seq = ?, hash = ? WHERE id = ?")
                    .bind(number(record.place().seq.0)?)
                    .bind(record.hash().as_bytes().to_vec())
                    .bind(chain)
            }
        };
        query.execute(self.connection()).await?;
        Ok(())
    }
}

impl Reading {
    /// Changes that wait to be sealed, the oldest first. Those of `forgotten` documents wait for the person
    /// (rule F6), however many they are: nothing waits behind them.
    pub(crate) async fn outbox_waiting(
        &mut self,
        forgotten: &BTreeSet<DocumentId>,
        limit: usize,
    ) -> Result<Vec<Waiting>, VaultError> {
        let mut waiting = Vec::new();
        let mut after = i64::MIN;
        while waiting.len() < limit {
            let rows = sqlx::query(
                "SELECT id, document, sealed FROM outbox WHERE record IS NULL AND id > ? \
                 ORDER BY id LIMIT ?",
            )
            .bind(after)
            .bind(i64::try_from(limit - waiting.len()).unwrap_or(i64::MAX))
            .fetch_all(self.connection())
            .await?;
            let Some(last) = rows.last() else {
                break;
            };
            after = last.try_get(0)?;
            for row in &rows {
                let document = DocumentId::try_from(row.try_get::<&[u8], _>(1)?)?;
                if !forgotten.contains(&document) {
                    waiting.push(self.waiting_change(document, row)?);
                }
            }
        }
        Ok(waiting)
    }

    fn waiting_change(&self, document: DocumentId, row: &SqliteRow) -> Result<Waiting, VaultError> {
        let item: i64 = row.try_get(0)?;
        let sealed = row.try_get(2)?;
        let change = self
            .sealer
            .open(Table::Outbox, &item.to_be_bytes(), sealed)?;
        Ok(Waiting {
            item,
            document,
            content: change.to_vec(),
            expires: ExpiryDay::default(),
        })
    }

    /// Whether changes wait to be sealed.
    pub(crate) async fn has_waiting(&mut self) -> Result<bool, VaultError> {
        Ok(
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM outbox WHERE record IS NULL)")
                .fetch_one(self.connection())
                .await?,
        )
    }

    /// How many changes no relay has acknowledged.
    pub(crate) async fn outbox_length(&mut self) -> Result<u64, VaultError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox")
            .fetch_one(self.connection())
            .await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

impl Vault {
    /// How many of this device's changes no relay has acknowledged: what only this device has.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn unsent(&self) -> Result<u64, VaultError> {
        self.reading().await?.outbox_length().await
    }

    /// Whether changes wait to be sealed.
    pub(crate) async fn has_waiting(&self) -> Result<bool, VaultError> {
        self.reading().await?.has_waiting().await
    }
}
