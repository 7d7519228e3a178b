//! The outbox: changes and versions of this device that no relay has acknowledged. They are sealed into records when
//! they are about to be sent, and stored so before that (rule R7).

use super::{
    Vault, VaultError, Writing,
    logs::number,
    records::{NewRecord, RecordState, read_record},
    sealer::Table,
    store::ROWS_PER_INSERT,
};
use daymark_core::{
    journal::ChangeBytes,
    sync::{OwnChain, Sealed},
};
use daymark_wire::{
    DocumentId, Record, SpaceId,
    record::{ExpiryDay, Place},
};
use sqlx::{QueryBuilder, Sqlite};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// What an outbox row holds. The numbers stand in the table and never change.
pub(super) const CHANGE: i64 = 0;
const VERSION: i64 = 1;

/// Content on its way into the outbox: a change of the journal, or a version of a bond.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Outgoing {
    /// The document.
    pub(crate) document: DocumentId,
    /// The day from which on it is gone.
    pub(crate) expires: ExpiryDay,
    /// What is sealed.
    pub(crate) content: Zeroizing<Vec<u8>>,
}

/// A row to be put into the outbox.
struct NewRow<'a> {
    space: SpaceId,
    document: DocumentId,
    kind: i64,
    expires: ExpiryDay,
    content: &'a [u8],
}

impl Writing {
    /// Puts changes of the journal into the outbox, in this order.
    pub(crate) async fn put_changes(
        &mut self,
        changes: &[(DocumentId, ChangeBytes)],
    ) -> Result<(), VaultError> {
        let space = self.journal;
        let rows = changes.iter().map(|(document, change)| NewRow {
            space,
            document: *document,
            kind: CHANGE,
            expires: ExpiryDay::default(),
            content: change.as_bytes(),
        });
        self.put_rows(&rows.collect::<Vec<_>>()).await
    }

    /// Puts a version of a bond into the outbox.
    pub(super) async fn put_outgoing(
        &mut self,
        bond: SpaceId,
        version: &Outgoing,
    ) -> Result<(), VaultError> {
        let row = NewRow {
            space: bond,
            document: version.document,
            kind: VERSION,
            expires: version.expires,
            content: &version.content,
        };
        self.put_rows(&[row]).await
    }

    async fn put_rows(&mut self, new: &[NewRow<'_>]) -> Result<(), VaultError> {
        let last: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM outbox")
            .fetch_one(self.connection())
            .await?;
        let mut next = last.unwrap_or(0);
        for chunk in new.chunks(ROWS_PER_INSERT) {
            let mut rows = Vec::with_capacity(chunk.len());
            for new in chunk {
                next += 1;
                let row = next.to_be_bytes();
                let sealed = self.sealer.seal(Table::Outbox, &row, new.content)?;
                rows.push((next, new, sealed));
            }
            let mut query = QueryBuilder::<Sqlite>::new(
                "INSERT INTO outbox (id, space, document, kind, expires, sealed) ",
            );
            query.push_values(rows, |mut values, (id, new, sealed)| {
                values
                    .push_bind(id)
                    .push_bind(new.space.as_bytes().as_slice())
                    .push_bind(new.document.as_bytes().as_slice())
                    .push_bind(new.kind)
                    .push_bind(i64::from(new.expires.0))
                    .push_bind(sealed);
            });
            query.build().execute(self.connection()).await?;
        }
        self.to_be_sent |= !new.is_empty();
        Ok(())
    }

    /// Puts content of a space into the outbox before all other, in this order: older, which other may rest on.
    pub(crate) async fn put_first(
        &mut self,
        space: SpaceId,
        older: &[Outgoing],
    ) -> Result<(), VaultError> {
        let first: Option<i64> = sqlx::query_scalar("SELECT min(id) FROM outbox")
            .fetch_one(self.connection())
            .await?;
        let kind = if space == self.journal {
            CHANGE
        } else {
            VERSION
        };
        let mut next = first.unwrap_or(0);
        for outgoing in older.iter().rev() {
            next -= 1;
            let row = next.to_be_bytes();
            let sealed = self.sealer.seal(Table::Outbox, &row, &outgoing.content)?;
            sqlx::query(
                "INSERT INTO outbox (id, space, document, kind, expires, sealed) \
                 VALUES (?, ?, ?, ?, ?, ?)",
            )
            .bind(next)
            .bind(space.as_bytes().as_slice())
            .bind(outgoing.document.as_bytes().as_slice())
            .bind(kind)
            .bind(i64::from(outgoing.expires.0))
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
        let Some(first) = sealed.records.first().map(Record::claimed) else {
            return Ok(());
        };
        let space = first.space;
        if let Some(own) = self.own_chain_of(space).await?
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
        self.put_keys(space, &sealed.keys).await?;
        self.put_own_chain(space, &sealed.own).await?;
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
    pub(crate) async fn renew_own_chain(
        &mut self,
        space: SpaceId,
        own: &OwnChain,
    ) -> Result<(), VaultError> {
        let space_bytes = space.as_bytes().as_slice();
        sqlx::query(
            "UPDATE outbox SET record = NULL \
             WHERE space = ? AND record IN (SELECT id FROM records WHERE state = 4 AND state <> 1)",
        )
        .bind(space_bytes)
        .execute(self.connection())
        .await?;
        let chains: Vec<i64> = sqlx::query_scalar(
            "DELETE FROM records WHERE state = 4 AND state <> 1 \
             AND +chain IN (SELECT id FROM chains WHERE space = ?) RETURNING chain",
        )
        .bind(space_bytes)
        .fetch_all(self.connection())
        .await?;
        for chain in chains.iter().collect::<BTreeSet<_>>() {
            self.take_back_head(*chain).await?;
        }
        self.put_own_chain(space, own).await
    }

    /// What waits in a space is sealed with new keys, whatever comes next: the records that introduced the
    /// present ones may stand nowhere but here, and nobody else could open what is sealed with them.
    pub(crate) async fn renew_keys_of_what_waits(
        &mut self,
        space: SpaceId,
    ) -> Result<(), VaultError> {
        sqlx::query(
            "UPDATE keys SET epoch = zeroblob(16) WHERE space = ?1 AND document IN \
             (SELECT document FROM outbox WHERE space = ?1 AND record IS NULL)",
        )
        .bind(space.as_bytes().as_slice())
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

pub(super) fn read_expiry(day: i64) -> Result<ExpiryDay, VaultError> {
    let day = u32::try_from(day).map_err(|_| VaultError::Damaged { what: "a day" })?;
    Ok(ExpiryDay(day))
}
