//! Records as they came or were sealed, and what became of each.

use super::{Reading, VaultError, Writing, logs::number, store::ROWS_PER_INSERT};
use daymark_core::sync::{ChainHead, ChainState, SpaceLogs};
use daymark_wire::{
    ChainId, DocumentId, Hash, Header, Record, Seq, Signature, Signed, SpaceId, limits,
    record::{Place, header_hash},
};
use futures_util::TryStreamExt;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection, sqlite::SqliteRow};
use std::collections::{BTreeMap, BTreeSet};

/// What became of a record. The numbers stand in the table and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordState {
    /// Verified and stored; its change has not been through the gate.
    Received = 0,
    /// Part of its document; or of the space itself, and taken in.
    Merged = 1,
    /// It depends on a change that is not there.
    Waiting = 2,
    /// The gate refused it.
    Quarantined = 3,
    /// This device's own, stored before it is sent, not acknowledged yet.
    Sealed = 4,
    /// Without its body, and nothing explains that (rule R5).
    Hole = 5,
    /// Without its body, rightly.
    Stub = 6,
}

/// The row of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RecordRow(pub(super) i64);

/// A record to be stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewRecord<'a> {
    pub(super) header: &'a Signed<Header>,
    pub(super) body: Option<&'a [u8]>,
    pub(super) state: RecordState,
}

impl Writing {
    /// Stores records and moves their chains' heads on. A record whose place is taken is passed over.
    pub(super) async fn put_records(
        &mut self,
        records: &[NewRecord<'_>],
    ) -> Result<BTreeMap<ChainId, i64>, VaultError> {
        let mut heads = BTreeMap::new();
        for record in records {
            let header = record.header.claimed();
            heads.insert(header.chain, record.header);
        }
        let mut rows = BTreeMap::new();
        for (chain, last) in heads {
            let head = ChainHead {
                seq: last.claimed().seq,
                hash: header_hash(last),
                state: ChainState::Live,
            };
            let row = self.put_chain(last.claimed().space, chain, head).await?;
            rows.insert(chain, row);
        }
        for chunk in records.chunks(ROWS_PER_INSERT) {
            self.insert_records(chunk, &rows).await?;
        }
        Ok(rows)
    }

    async fn insert_records(
        &mut self,
        records: &[NewRecord<'_>],
        chains: &BTreeMap<ChainId, i64>,
    ) -> Result<(), VaultError> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO records (chain, seq, document, state, header, signature, body) ",
        );
        query.push_values(records, |mut values, record| {
            let header = record.header.claimed();
            values
                .push_bind(chains.get(&header.chain).copied())
                .push_bind(number(header.seq.0).ok())
                .push_bind(header.document.as_bytes().as_slice())
                .push_bind(record.state as i64)
                .push_bind(record.header.bytes())
                .push_bind(record.header.signature().as_bytes().as_slice())
                .push_bind(record.body);
        });
        query.push(" ON CONFLICT (chain, seq) DO NOTHING");
        query.build().execute(self.connection()).await?;
        Ok(())
    }

    /// Gives a hole its body. Nothing happens where there is no hole, or one of another record.
    pub(super) async fn fill_hole(
        &mut self,
        header: &Signed<Header>,
        body: &[u8],
    ) -> Result<(), VaultError> {
        let claimed = header.claimed();
        sqlx::query(
            "UPDATE records SET body = ?, state = ? WHERE header = ? AND state = ? AND seq = ? \
             AND chain = (SELECT id FROM chains WHERE space = ? AND device = ? AND incarnation = ?)",
        )
        .bind(body)
        .bind(RecordState::Received as i64)
        .bind(header.bytes())
        .bind(RecordState::Hole as i64)
        .bind(number(claimed.seq.0)?)
        .bind(claimed.space.as_bytes().as_slice())
        .bind(claimed.chain.device.as_bytes().as_slice())
        .bind(claimed.chain.incarnation.as_bytes().as_slice())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Notes what became of records. One that is on its way to a relay stays so.
    pub(crate) async fn settle_records(
        &mut self,
        records: impl Iterator<Item = (RecordRow, RecordState)>,
    ) -> Result<(), VaultError> {
        let mut by_state: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (row, state) in records {
            by_state.entry(state as i64).or_default().push(row.0);
        }
        for (state, rows) in by_state {
            for chunk in rows.chunks(ROWS_PER_INSERT) {
                let mut query = QueryBuilder::<Sqlite>::new("UPDATE records SET state = ");
                query.push_bind(state).push(" WHERE id IN (");
                let mut list = query.separated(", ");
                for row in chunk {
                    list.push_bind(*row);
                }
                query.push(") AND state <> 4");
                query.build().execute(self.connection()).await?;
            }
        }
        Ok(())
    }

    /// Records of these documents that wait are merged again: keys came that some may have waited for.
    pub(crate) async fn wake_records_of(
        &mut self,
        documents: &[DocumentId],
    ) -> Result<(), VaultError> {
        for chunk in documents.chunks(ROWS_PER_INSERT) {
            // The plus sign keeps SQLite at the few that wait, not at every record of each document.
            let mut query = QueryBuilder::<Sqlite>::new(
                "UPDATE records SET state = 0 WHERE state = 2 AND state <> 1 AND +document IN (",
            );
            let mut list = query.separated(", ");
            for document in chunk {
                list.push_bind(document.as_bytes().as_slice());
            }
            query.push(")");
            query.build().execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Every record that waits is merged again: an epoch was opened, under which some may give keys.
    pub(super) async fn wake_records(&mut self) -> Result<(), VaultError> {
        sqlx::query("UPDATE records SET state = 0 WHERE state = 2 AND state <> 1")
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

impl Reading {
    /// Records of one chain after a place, in order, to offer them to a relay that lacks them: up to `limit`, and
    /// not many more bytes than one request takes.
    pub(crate) async fn records_after(
        &mut self,
        space: SpaceId,
        chain: ChainId,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Record>, VaultError> {
        let query = sqlx::query(
            "SELECT r.id, r.header, r.signature, r.body FROM records r \
             JOIN chains c ON c.id = r.chain \
             WHERE c.space = ? AND c.device = ? AND c.incarnation = ? AND r.seq > ? \
             ORDER BY r.seq LIMIT ?",
        )
        .bind(space.as_bytes().as_slice())
        .bind(chain.device.as_bytes().as_slice())
        .bind(chain.incarnation.as_bytes().as_slice())
        .bind(number(after.0)?)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let mut rows = query.fetch(self.connection());
        let (mut records, mut bytes) = (Vec::new(), 0);
        while bytes < limits::MAX_REQUEST_BYTES
            && let Some(row) = rows.try_next().await?
        {
            let record = read_record(&row)?;
            bytes += record.size();
            records.push(record);
        }
        Ok(records)
    }

    /// The records at these places, as far as their bodies are here.
    pub(crate) async fn records_at(
        &mut self,
        space: SpaceId,
        places: &[Place],
    ) -> Result<Vec<Record>, VaultError> {
        let mut records = Vec::with_capacity(places.len());
        for place in places {
            let before = Seq(place.seq.0.saturating_sub(1));
            let found = self.records_after(space, place.chain, before, 1).await?;
            records.extend(
                found
                    .into_iter()
                    .filter(|record| record.place() == *place && record.body().is_some()),
            );
        }
        Ok(records)
    }

    /// Places whose bodies are missing with nothing in these logs to explain it, and the hash of each header. What
    /// explains one may have come after it.
    pub(crate) async fn holes(
        &mut self,
        logs: &SpaceLogs,
    ) -> Result<BTreeMap<Place, Hash>, VaultError> {
        let rows = self.in_state(logs.space(), RecordState::Hole).await?;
        let mut holes = BTreeMap::new();
        for row in &rows {
            let record = read_record(row)?;
            if !logs.explains_stub(record.claimed()) {
                holes.insert(record.place(), record.hash());
            }
        }
        Ok(holes)
    }

    /// Records of the journal's documents that have some to merge: those received, and those that waited for them.
    /// About `limit` records, but each document's are together.
    pub(crate) async fn records_to_merge(
        &mut self,
        limit: usize,
    ) -> Result<BTreeMap<DocumentId, Vec<(RecordRow, Record)>>, VaultError> {
        // The sum keeps SQLite from planning anew for each limit that is bound.
        let rows = sqlx::query(
            "WITH received AS (SELECT DISTINCT document FROM \
                (SELECT document FROM records WHERE state = 0 AND state <> 1 \
                 AND +chain IN (SELECT id FROM chains WHERE space = ?1) ORDER BY id LIMIT 0 + ?2)) \
             SELECT r.id, r.header, r.signature, r.body FROM records r \
             JOIN received USING (document) WHERE r.state IN (0, 2) \
             AND +r.chain IN (SELECT id FROM chains WHERE space = ?1) ORDER BY r.id",
        )
        .bind(self.journal.as_bytes().to_vec())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(self.connection())
        .await?;
        grouped(&rows)
    }

    /// All records of a document of the journal that still have their bodies, to make it again from them (rule G3).
    pub(crate) async fn records_of(
        &mut self,
        document: DocumentId,
    ) -> Result<Vec<(RecordRow, Record)>, VaultError> {
        self.records_in(self.journal, document).await
    }

    /// The same in any space.
    pub(crate) async fn records_in(
        &mut self,
        space: SpaceId,
        document: DocumentId,
    ) -> Result<Vec<(RecordRow, Record)>, VaultError> {
        let rows = sqlx::query(
            "SELECT id, header, signature, body FROM records \
             WHERE document = ? AND body IS NOT NULL \
             AND +chain IN (SELECT id FROM chains WHERE space = ?) ORDER BY id",
        )
        .bind(document.as_bytes().as_slice())
        .bind(space.as_bytes().as_slice())
        .fetch_all(self.connection())
        .await?;
        rows.iter().map(read_row).collect()
    }

    /// Places whose content was refused: it is kept apart. In the journal all, in bonds the first of each chain: the
    /// other side could make any number of them (threat J5).
    pub(crate) async fn quarantined(&mut self) -> Result<Vec<Place>, VaultError> {
        let rows = sqlx::query(
            "SELECT id, header, signature, body FROM records WHERE state = ?1 AND state <> 1 \
             AND (+chain IN (SELECT id FROM chains WHERE space = ?2) \
             OR id IN (SELECT min(id) FROM records WHERE state = ?1 AND state <> 1 GROUP BY chain)) \
             ORDER BY id",
        )
        .bind(RecordState::Quarantined as i64)
        .bind(self.journal.as_bytes().as_slice())
        .fetch_all(self.connection())
        .await?;
        let place = |row: &SqliteRow| Ok(read_record(row)?.place());
        rows.iter().map(place).collect()
    }

    /// Every record in a state that only few are in.
    async fn in_state(
        &mut self,
        space: SpaceId,
        state: RecordState,
    ) -> Result<Vec<SqliteRow>, VaultError> {
        in_state(self.connection(), space, state).await
    }

    /// This device's records in a space that were stored but not acknowledged, in the order of their places.
    pub(crate) async fn unacknowledged(
        &mut self,
        space: SpaceId,
    ) -> Result<Vec<Record>, VaultError> {
        let rows = self.in_state(space, RecordState::Sealed).await?;
        rows.iter().map(read_record).collect()
    }

    /// The documents that these are of.
    pub(crate) async fn documents_on_the_way(
        &mut self,
        space: SpaceId,
    ) -> Result<BTreeSet<DocumentId>, VaultError> {
        let records = self.unacknowledged(space).await?;
        let documents = records.iter().map(|record| record.claimed().document);
        Ok(documents.collect())
    }
}

async fn in_state(
    connection: &mut SqliteConnection,
    space: SpaceId,
    state: RecordState,
) -> Result<Vec<SqliteRow>, VaultError> {
    // The plus sign keeps SQLite at the few that are in that state.
    Ok(sqlx::query(
        "SELECT id, header, signature, body FROM records WHERE state = ? AND state <> 1 \
         AND +chain IN (SELECT id FROM chains WHERE space = ?) ORDER BY id",
    )
    .bind(state as i64)
    .bind(space.as_bytes().as_slice())
    .fetch_all(connection)
    .await?)
}

fn grouped(
    rows: &[SqliteRow],
) -> Result<BTreeMap<DocumentId, Vec<(RecordRow, Record)>>, VaultError> {
    let mut documents: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        let (id, record) = read_row(row)?;
        let document = record.claimed().document;
        documents.entry(document).or_default().push((id, record));
    }
    Ok(documents)
}

/// Reads the columns `id, header, signature, body`.
pub(super) fn read_row(row: &SqliteRow) -> Result<(RecordRow, Record), VaultError> {
    Ok((RecordRow(row.try_get("id")?), read_record(row)?))
}

pub(super) fn read_record(row: &SqliteRow) -> Result<Record, VaultError> {
    let header = read_signed(row.try_get("header")?, row.try_get("signature")?)?;
    Record::new(header, row.try_get("body")?).map_err(|_| DAMAGED)
}

pub(super) fn read_signed(header: Vec<u8>, signature: &[u8]) -> Result<Signed<Header>, VaultError> {
    let signature = signature.try_into().map_err(|_| DAMAGED)?;
    Signed::from_parts(header, Signature::from_bytes(signature)).map_err(|_| DAMAGED)
}

const DAMAGED: VaultError = VaultError::Damaged { what: "a record" };
