//! The real relay's database in the hands of whoever runs it.

use daymark_wire::{
    ChainId, DeviceId, Incarnation, Record, Signature, Signed,
    logs::{LogKind, TravelLink},
};
use sqlx::{
    ConnectOptions, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use std::{path::Path, time::Duration};

/// A connection beside the relay that serves.
pub struct Database(SqliteConnection);

/// A row of the table of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The row.
    pub id: i64,
    /// Its chain.
    pub chain: ChainId,
    /// Its place.
    pub seq: i64,
    /// The header's bytes.
    pub header: Vec<u8>,
    /// The signature's bytes.
    pub signature: Vec<u8>,
    /// The sealed body; none in a stub.
    pub body: Option<Vec<u8>>,
}

impl Database {
    pub(super) async fn open(folder: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(folder.join("relay.sqlite"))
            .busy_timeout(Duration::from_secs(10));
        Self(options.connect().await.expect("the relay's database"))
    }

    /// The seed of the relay's key.
    pub(super) async fn key_seed(&mut self) -> Vec<u8> {
        sqlx::query_scalar("SELECT key_seed FROM relay")
            .fetch_one(&mut self.0)
            .await
            .expect("the relay's key")
    }

    /// Every record, in the order in which they came.
    pub async fn records(&mut self) -> Vec<StoredRecord> {
        let rows = sqlx::query(
            "SELECT records.id, device, incarnation, seq, head, body FROM records
             JOIN chains ON chains.id = records.chain ORDER BY records.id",
        )
        .fetch_all(&mut self.0)
        .await
        .expect("records");
        rows.iter().map(stored).collect()
    }

    /// Every record of a device, in the order in which they came.
    pub async fn records_of(&mut self, device: DeviceId) -> Vec<StoredRecord> {
        let mut records = self.records().await;
        records.retain(|record| record.chain.device == device);
        records
    }

    /// The record of a row, if one is there that can be read.
    pub async fn record(&mut self, id: i64) -> Option<StoredRecord> {
        let row = sqlx::query(
            "SELECT records.id, device, incarnation, seq, head, body FROM records
             JOIN chains ON chains.id = records.chain WHERE records.id = ? AND head <> x''",
        )
        .bind(id)
        .fetch_optional(&mut self.0)
        .await
        .expect("a row or none");
        row.as_ref().map(stored)
    }

    /// Puts other bytes in a record's row.
    pub async fn put(&mut self, record: &StoredRecord) {
        sqlx::query("UPDATE records SET head = ?, body = ? WHERE id = ?")
            .bind([record.header.as_slice(), &record.signature].concat())
            .bind(&record.body)
            .bind(record.id)
            .execute(&mut self.0)
            .await
            .expect("the row is written");
    }

    /// Every link that has what lies beside it, or never had anything.
    pub async fn links(&mut self) -> Vec<TravelLink> {
        let rows = sqlx::query(
            "SELECT kind, bytes, signature, blob FROM links JOIN logs ON logs.id = links.log
             ORDER BY links.id",
        )
        .fetch_all(&mut self.0)
        .await
        .expect("links");
        rows.iter().map(link).collect()
    }

    /// Does anything else to it. Gives the number of rows.
    pub async fn execute(&mut self, sql: &'static str) -> u64 {
        let done = sqlx::query(sql).execute(&mut self.0).await;
        done.expect("the statement is carried out").rows_affected()
    }
}

impl StoredRecord {
    /// As it travels. Nobody checked it.
    ///
    /// # Panics
    /// Where a test put something else in the row.
    pub fn to_record(&self) -> Record {
        let signature = <[u8; 64]>::try_from(self.signature.as_slice()).expect("64 bytes");
        let signature = Signature::from_bytes(signature);
        let header = Signed::from_parts(self.header.clone(), signature);
        Record::from_own_storage(header.expect("a header"), self.body.clone())
    }
}

fn link(row: &SqliteRow) -> TravelLink {
    let kind = match row.get::<i64, _>("kind") {
        0 => LogKind::Account,
        1 => LogKind::Journal,
        _ => LogKind::Bond,
    };
    let signature = <[u8; 64]>::try_from(row.get::<&[u8], _>("signature")).expect("64 bytes");
    TravelLink {
        kind,
        bytes: row.get("bytes"),
        signature: Signature::from_bytes(signature),
        blob: row.get("blob"),
    }
}

fn stored(row: &SqliteRow) -> StoredRecord {
    let chain = ChainId {
        device: DeviceId::try_from(row.get::<&[u8], _>("device")).expect("16 bytes"),
        incarnation: Incarnation::try_from(row.get::<&[u8], _>("incarnation")).expect("8 bytes"),
    };
    let head: &[u8] = row.get("head");
    let (header, signature) = head
        .split_at_checked(head.len() - 64)
        .expect("a header and its signature");
    StoredRecord {
        id: row.get("id"),
        chain,
        seq: row.get("seq"),
        header: header.to_vec(),
        signature: signature.to_vec(),
        body: row.get("body"),
    }
}
