//! Forgotten documents: withheld at once, their bodies deleted when the time has come (rule F1).

use super::{StoreError, loading, number};
use crate::store::{ChainRow, LogRow};
use daymark_wire::DocumentId;
use futures_util::TryStreamExt;
use sqlx::SqliteConnection;
use std::collections::BTreeSet;

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    space: LogRow,
    documents: &[DocumentId],
    due: u64,
) -> Result<(), StoreError> {
    for document in documents {
        sqlx::query("INSERT OR IGNORE INTO forgets (space, document, due) VALUES (?, ?, ?)")
            .bind(space.0)
            .bind(document.as_bytes().as_slice())
            .bind(number(due))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(super) async fn carry_out(
    connection: &mut SqliteConnection,
    now: u64,
) -> Result<u64, StoreError> {
    let due: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT space, document FROM forgets WHERE due <= ?")
            .bind(number(now))
            .fetch_all(&mut *connection)
            .await?;
    let spaces: BTreeSet<i64> = due.iter().map(|(space, _)| *space).collect();
    let mut deleted = 0;
    for space in spaces {
        let documents: BTreeSet<&[u8]> = due
            .iter()
            .filter(|(of, _)| *of == space)
            .map(|(_, document)| document.as_slice())
            .collect();
        for record in bodies_of(connection, space, &documents).await? {
            sqlx::query("UPDATE records SET body = NULL WHERE id = ?")
                .bind(record)
                .execute(&mut *connection)
                .await?;
            deleted += 1;
        }
    }
    sqlx::query("DELETE FROM forgets WHERE due <= ?")
        .bind(number(now))
        .execute(&mut *connection)
        .await?;
    Ok(deleted)
}

/// The document stands only in the header: no record carries it twice for the rare day when it is looked
/// for, and that day all headers of the space are read.
async fn bodies_of(
    connection: &mut SqliteConnection,
    space: i64,
    documents: &BTreeSet<&[u8]>,
) -> Result<Vec<i64>, StoreError> {
    let mut rows = sqlx::query_as::<_, (i64, Vec<u8>)>(
        "SELECT records.id, head FROM chains JOIN records ON records.chain = chains.id
         WHERE chains.space = ? AND body IS NOT NULL",
    )
    .bind(space)
    .fetch(connection);
    let mut found = Vec::new();
    while let Some((record, head)) = rows.try_next().await? {
        // Whose a body is whose header is damaged nobody knows, nor can it be opened: it goes with the others.
        let named = loading::header(head).map(|header| header.claimed().document);
        if named.map_or(true, |document| {
            documents.contains(document.as_bytes().as_slice())
        }) {
            found.push(record);
        }
    }
    Ok(found)
}

/// Deletes at once what a chain holds of documents.
pub(super) async fn of_chain(
    connection: &mut SqliteConnection,
    chain: ChainRow,
    documents: &[DocumentId],
) -> Result<u64, StoreError> {
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT id, head FROM records WHERE chain = ? AND body IS NOT NULL")
            .bind(chain.0)
            .fetch_all(&mut *connection)
            .await?;
    let mut deleted = 0;
    for (record, head) in rows {
        let named = loading::header(head).map(|header| header.claimed().document);
        if named.map_or(true, |document| documents.contains(&document)) {
            sqlx::query("UPDATE records SET body = NULL WHERE id = ?")
                .bind(record)
                .execute(&mut *connection)
                .await?;
            deleted += 1;
        }
    }
    Ok(deleted)
}
