//! Every sealed row of a vault, opened with its key.

use super::honest;
use daymark_client::vault::Vault;
use sqlx::{Row as _, sqlite::SqliteRow};

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Of which table.
    pub table: &'static str,
    /// As it lies on disk.
    pub sealed: Vec<u8>,
    /// What it holds.
    pub content: Vec<u8>,
}

/// A table's name, and the columns whose bytes together are the id that a row is sealed with; the sealed column is
/// the last.
const TABLES: [(&str, &str); 10] = [
    ("secrets", "SELECT name, sealed FROM secrets"),
    ("links", "SELECT log, position, sealed FROM links"),
    ("epochs", "SELECT id, sealed FROM epochs"),
    ("keys", "SELECT document, id, sealed FROM keys"),
    ("outbox", "SELECT id, sealed FROM outbox"),
    ("packs", "SELECT id, sealed FROM packs"),
    ("documents", "SELECT id, sealed FROM documents"),
    ("bonds", "SELECT id, sealed FROM bonds"),
    (
        "versions",
        "SELECT bond, document, author, sealed FROM versions",
    ),
    ("status", "SELECT name, sealed FROM status"),
];

/// Every sealed row of an unlocked vault.
pub async fn rows(vault: &Vault) -> Vec<Row> {
    let mut file = honest::open(vault).await;
    let mut all = Vec::new();
    for (table, select) in TABLES {
        let found = sqlx::query(select).fetch_all(&mut file).await;
        for row in found.expect("a table of a vault") {
            let last = row.len() - 1;
            let id: Vec<u8> = (0..last).flat_map(|column| part(&row, column)).collect();
            let sealed: Vec<u8> = row.get(last);
            let content = vault.key().open_row(table, &id, &sealed);
            all.push(Row {
                table,
                content: content.expect("it opens"),
                sealed,
            });
        }
    }
    all
}

/// Numbers count as 8 bytes, the highest first.
fn part(row: &SqliteRow, column: usize) -> Vec<u8> {
    if let Ok(number) = row.try_get::<i64, _>(column) {
        return number.to_be_bytes().to_vec();
    }
    let text = row.try_get::<String, _>(column).map(String::into_bytes);
    text.unwrap_or_else(|_| row.get::<Vec<u8>, _>(column))
}
