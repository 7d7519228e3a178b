//! Reading links and records for a reply.

use super::{ChainRow, LogRow, Store, StoreError, count, id, loading, number};
use daymark_wire::{
    ChainId, DeviceId, Hash, Header, Incarnation, Record, Seq, Signed,
    logs::{LogKind, TravelLink},
    record::Place,
};
use futures_util::TryStreamExt;
use sqlx::{Sqlite, pool::PoolConnection};

/// How many bytes a reply may still take.
#[derive(Debug)]
pub(crate) struct Budget {
    left: usize,
    taken_any: bool,
    /// Something did not fit.
    pub(crate) exceeded: bool,
}

impl Budget {
    pub(crate) const fn new(bytes: usize) -> Self {
        Self {
            left: bytes,
            taken_any: false,
            exceeded: false,
        }
    }

    /// How much is left.
    pub(crate) const fn left(&self) -> usize {
        self.left
    }

    /// Takes room for `bytes`. The first always fits, so that a reply brings something.
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        if self.exceeded || (self.taken_any && bytes > self.left) {
            self.exceeded = true;
            return false;
        }
        self.left = self.left.saturating_sub(bytes);
        self.taken_any = true;
        true
    }
}

/// A record as it is stored, which nobody looked at.
#[derive(Debug)]
pub(crate) struct RecordAsStored {
    pub(crate) seq: Seq,
    head: Vec<u8>,
    body: Option<Vec<u8>>,
}

impl RecordAsStored {
    /// What it held was damaged, and is waited for.
    pub(crate) const fn is_lost(&self) -> bool {
        self.head.is_empty()
    }

    /// The hash of header and signature.
    pub(crate) fn hash(&self) -> Hash {
        loading::head_hash(&self.head)
    }

    /// Its header and its body.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub(crate) fn into_header(self) -> Result<(Signed<Header>, Option<Vec<u8>>), StoreError> {
        Ok((loading::header(self.head)?, self.body))
    }

    fn size(&self) -> usize {
        self.head.len() + self.body.as_ref().map_or(0, Vec::len)
    }
}

/// One reading connection, for the length of a reply.
#[derive(Debug)]
pub(crate) struct Reading {
    connection: PoolConnection<Sqlite>,
}

impl Store {
    /// A connection to read with.
    pub(crate) async fn reading(&self) -> Result<Reading, StoreError> {
        let connection = self.pool.acquire().await?;
        Ok(Reading { connection })
    }
}

impl Reading {
    /// The links of a log beyond a length, with what lies beside them.
    pub(crate) async fn links(
        &mut self,
        log: LogRow,
        kind: LogKind,
        beyond: u64,
        limit: usize,
        budget: &mut Budget,
    ) -> Result<Vec<TravelLink>, StoreError> {
        type Row = (Vec<u8>, Vec<u8>, Option<Vec<u8>>);
        let mut rows = sqlx::query_as::<_, Row>(
            "SELECT bytes, signature, blob FROM links WHERE log = ? AND position > ?
             ORDER BY position LIMIT ?",
        )
        .bind(log.0)
        .bind(number(beyond))
        .bind(number(limit as u64))
        .fetch(&mut *self.connection);
        let mut links = Vec::new();
        while let Some((bytes, signature, blob)) = rows.try_next().await? {
            if !budget.take(bytes.len() + blob.as_ref().map_or(0, Vec::len)) {
                break;
            }
            links.push(TravelLink {
                kind,
                bytes,
                signature: loading::signature(&signature)?,
                blob,
            });
        }
        Ok(links)
    }

    /// The records of a chain after one place and up to another that can be read: those of a commit just made.
    pub(crate) async fn records(
        &mut self,
        chain: ChainRow,
        after: Seq,
        up_to: Seq,
        budget: &mut Budget,
    ) -> Result<Vec<Record>, StoreError> {
        let stored = self.stored_records(chain, after, up_to, budget).await?;
        let readable = stored
            .into_iter()
            .filter_map(|stored| stored.into_header().ok());
        Ok(readable
            .map(|(header, body)| Record::from_own_storage(header, body))
            .collect())
    }

    /// The records of a chain after one place and up to another, in order, as many as the budget allows.
    pub(crate) async fn stored_records(
        &mut self,
        chain: ChainRow,
        after: Seq,
        up_to: Seq,
        budget: &mut Budget,
    ) -> Result<Vec<RecordAsStored>, StoreError> {
        let mut rows = sqlx::query_as::<_, (i64, Vec<u8>, Option<Vec<u8>>)>(
            "SELECT seq, head, body FROM records
             WHERE chain = ? AND seq > ? AND seq <= ? ORDER BY seq",
        )
        .bind(chain.0)
        .bind(number(after.0))
        .bind(number(up_to.0))
        .fetch(&mut *self.connection);
        let mut records = Vec::new();
        while let Some((seq, head, body)) = rows.try_next().await? {
            let record = RecordAsStored {
                seq: Seq(count(seq)?),
                head,
                body,
            };
            if !budget.take(record.size()) {
                break;
            }
            records.push(record);
        }
        Ok(records)
    }

    /// One record, if it is there.
    pub(crate) async fn record(
        &mut self,
        chain: ChainRow,
        seq: Seq,
    ) -> Result<Option<RecordAsStored>, StoreError> {
        let row: Option<(Vec<u8>, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT head, body FROM records WHERE chain = ? AND seq = ?")
                .bind(chain.0)
                .bind(number(seq.0))
                .fetch_optional(&mut *self.connection)
                .await?;
        Ok(row.map(|(head, body)| RecordAsStored { seq, head, body }))
    }

    /// Places of a space whose bodies are lacking.
    pub(crate) async fn holes(
        &mut self,
        space: LogRow,
        limit: usize,
    ) -> Result<Vec<Place>, StoreError> {
        let rows: Vec<(Vec<u8>, Vec<u8>, i64)> = sqlx::query_as(
            "SELECT device, incarnation, seq FROM chains JOIN holes ON holes.chain = chains.id
             WHERE chains.space = ? ORDER BY device, incarnation, seq LIMIT ?",
        )
        .bind(space.0)
        .bind(number(limit as u64))
        .fetch_all(&mut *self.connection)
        .await?;
        let places = rows.into_iter().map(|(device, incarnation, seq)| {
            Ok(Place {
                chain: ChainId {
                    device: id(&device, DeviceId::try_from)?,
                    incarnation: id(&incarnation, Incarnation::try_from)?,
                },
                seq: Seq(count(seq)?),
            })
        });
        places.collect()
    }
}
