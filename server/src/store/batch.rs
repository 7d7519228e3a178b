//! Inserting many rows with few statements: the text of a statement is made once for each size of chunk.
//!
//! `OR FAIL`, and a foreign key that is checked at the commit: with either as usual, SQLite would note every
//! page that a statement touches in a second journal, to undo half a statement. Here a statement that
//! fails fails the whole transaction.

use super::{ChainRow, StoreError, number};
use daymark_wire::{Record, Seq};
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::sync::{Arc, LazyLock};

/// Rows of one statement. A group of commits has hundreds of rows, a single push a handful, an edit one.
const CHUNKS: [usize; 4] = [256, 64, 8, 1];

/// A record to be stored.
#[derive(Debug)]
pub(crate) struct RecordRow {
    pub(crate) chain: ChainRow,
    pub(crate) seq: Seq,
    /// Header and signature.
    pub(crate) head: Vec<u8>,
    pub(crate) body: Option<Vec<u8>>,
}

impl RecordRow {
    pub(crate) fn new(chain: ChainRow, record: Record) -> Self {
        let seq = record.place().seq;
        let (header, body) = record.into_parts();
        Self {
            chain,
            seq,
            head: [header.bytes(), header.signature().as_bytes()].concat(),
            body,
        }
    }
}

/// The same insert for each size of chunk.
struct Statements([(usize, Arc<str>); CHUNKS.len()]);

impl Statements {
    fn new(head: &str, columns: usize) -> Self {
        let row = format!("({})", vec!["?"; columns].join(", "));
        Self(CHUNKS.map(|rows| {
            let text = format!("{head} VALUES {}", vec![row.as_str(); rows].join(", "));
            (rows, Arc::from(text))
        }))
    }

    /// The largest chunk that `left` rows fill.
    fn chunk_for(&self, left: usize) -> Option<(usize, AssertSqlSafe<Arc<str>>)> {
        let fits = self.0.iter().find(|(rows, _)| *rows <= left)?;
        Some((fits.0, AssertSqlSafe(Arc::clone(&fits.1))))
    }
}

static RECORDS: LazyLock<Statements> =
    LazyLock::new(|| Statements::new("INSERT OR FAIL INTO records (chain, seq, head, body)", 4));

static HOLES: LazyLock<Statements> =
    LazyLock::new(|| Statements::new("INSERT OR IGNORE INTO holes (chain, seq)", 2));

pub(super) async fn records(
    connection: &mut SqliteConnection,
    rows: Vec<RecordRow>,
) -> Result<(), StoreError> {
    let mut rows = rows.into_iter();
    while let Some((size, statement)) = RECORDS.chunk_for(rows.len()) {
        let mut insert = sqlx::query(statement);
        for row in rows.by_ref().take(size) {
            insert = insert
                .bind(row.chain.0)
                .bind(number(row.seq.0))
                .bind(row.head)
                .bind(row.body);
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

pub(super) async fn holes(
    connection: &mut SqliteConnection,
    rows: &[(ChainRow, Seq)],
) -> Result<(), StoreError> {
    let mut rows = rows.iter();
    while let Some((size, statement)) = HOLES.chunk_for(rows.len()) {
        let mut insert = sqlx::query(statement);
        for (chain, seq) in rows.by_ref().take(size) {
            insert = insert.bind(chain.0).bind(number(seq.0));
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}
