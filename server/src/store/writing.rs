//! The one writing connection. The writer task judges first and writes what stands, so nothing here is
//! expected to conflict; whatever fails, fails the whole transaction.

use super::{
    AccountRow, ChainRow, LogRow, RecordRow, StoreError, batch, count, forgets, invites, loading,
    number,
};
use crate::{
    accounts::Account,
    damage::{Damaged, Part},
};
use daymark_wire::{
    AccountId, ChainId, DocumentId, Hash, LogId, Nonce, Seq,
    hash::Domain,
    logs::{LogKind, TravelLink},
};
use sqlx::{Connection, SqliteConnection};
use std::collections::BTreeMap;

/// What stands at a place already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredHeader {
    /// Its hash; `None` where it was damaged and is waited for.
    pub(crate) hash: Option<Hash>,
    /// The hash of the one before, as it says.
    pub(crate) previous: Option<Hash>,
    /// Its body is lacking.
    pub(crate) is_stub: bool,
}

/// Writes. Row ids are given out here, so that no statement has to be waited for to learn one.
#[derive(Debug)]
pub(crate) struct Writing {
    pub(super) connection: SqliteConnection,
    next_account: i64,
    next_log: i64,
    next_chain: i64,
}

impl Writing {
    pub(super) async fn new(mut connection: SqliteConnection) -> Result<Self, StoreError> {
        let next: (i64, i64, i64) = sqlx::query_as(
            "SELECT 1 + coalesce((SELECT max(id) FROM accounts), 0),
                    1 + coalesce((SELECT max(id) FROM logs), 0),
                    1 + coalesce((SELECT max(id) FROM chains), 0)",
        )
        .fetch_one(&mut connection)
        .await?;
        Ok(Self {
            connection,
            next_account: next.0,
            next_log: next.1,
            next_chain: next.2,
        })
    }

    /// Begins a transaction, waiting for another process's to end.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        self.run("BEGIN IMMEDIATE").await
    }

    /// Commits: from here on everything since [`Self::begin`] is durable.
    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        self.run("COMMIT").await
    }

    /// Undoes everything since [`Self::begin`].
    pub(crate) async fn roll_back(&mut self) -> Result<(), StoreError> {
        self.run("ROLLBACK").await
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), StoreError> {
        sqlx::query(statement).execute(&mut self.connection).await?;
        Ok(())
    }

    /// An account as this transaction sees it.
    pub(crate) async fn account(&mut self, id: AccountId) -> Result<Option<Account>, StoreError> {
        loading::account(&mut self.connection, id).await
    }

    /// Uses up an invite; `false` if it does not hold.
    pub(crate) async fn spend_invite(
        &mut self,
        token: Hash,
        account: AccountId,
        now: u64,
    ) -> Result<bool, StoreError> {
        invites::spend(&mut self.connection, token, account, now).await
    }

    /// A new account.
    pub(crate) async fn insert_account(
        &mut self,
        id: AccountId,
        now: u64,
        is_guest: bool,
    ) -> Result<AccountRow, StoreError> {
        let row = next(&mut self.next_account);
        sqlx::query("INSERT INTO accounts (id, account, created, guest) VALUES (?, ?, ?, ?)")
            .bind(row)
            .bind(id.as_bytes().as_slice())
            .bind(number(now))
            .bind(is_guest)
            .execute(&mut self.connection)
            .await?;
        Ok(AccountRow(row))
    }

    /// A new log of an account.
    pub(crate) async fn insert_log(
        &mut self,
        id: LogId,
        kind: LogKind,
        account: AccountRow,
    ) -> Result<LogRow, StoreError> {
        let row = next(&mut self.next_log);
        sqlx::query("INSERT INTO logs (id, log, kind, account) VALUES (?, ?, ?, ?)")
            .bind(row)
            .bind(id.as_bytes().as_slice())
            .bind(loading::kind_number(kind))
            .bind(account.0)
            .execute(&mut self.connection)
            .await?;
        Ok(LogRow(row))
    }

    /// The next link of a log, and the account that it counts for.
    pub(crate) async fn insert_link(
        &mut self,
        (log, account): (LogRow, AccountRow),
        position: u64,
        link: &TravelLink,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO links (log, account, position, bytes, signature, blob) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(log.0)
        .bind(account.0)
        .bind(number(position))
        .bind(link.bytes.as_slice())
        .bind(link.signature.as_bytes().as_slice())
        .bind(link.blob.as_deref())
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// Deletes what lies beside links before a position (rule F3).
    pub(crate) async fn delete_blobs(
        &mut self,
        log: LogRow,
        before: u64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE links SET blob = NULL WHERE log = ? AND position < ? AND blob IS NOT NULL",
        )
        .bind(log.0)
        .bind(number(before))
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// A row for a chain that is about to be inserted.
    pub(crate) fn new_chain_row(&mut self) -> ChainRow {
        ChainRow(next(&mut self.next_chain))
    }

    /// A new chain of a space.
    pub(crate) async fn insert_chain(
        &mut self,
        row: ChainRow,
        (space, account): (LogRow, AccountRow),
        chain: ChainId,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO chains (id, space, device, incarnation, account) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(row.0)
        .bind(space.0)
        .bind(chain.device.as_bytes().as_slice())
        .bind(chain.incarnation.as_bytes().as_slice())
        .bind(account.0)
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// Another chain goes on for this one, which ends at `last`.
    pub(crate) async fn end_chain(&mut self, chain: ChainRow, last: Seq) -> Result<(), StoreError> {
        sqlx::query("UPDATE chains SET ends = ? WHERE id = ?")
            .bind(number(last.0))
            .bind(chain.0)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Deletes a chain's records beyond a place. Gives the hash of the last that stays.
    pub(crate) async fn cut_chain(
        &mut self,
        chain: ChainRow,
        last: Seq,
    ) -> Result<Hash, StoreError> {
        for statement in [
            "DELETE FROM holes WHERE chain = ? AND seq > ?",
            "DELETE FROM expiries WHERE chain = ? AND seq > ?",
            "DELETE FROM records WHERE chain = ? AND seq > ?",
        ] {
            sqlx::query(statement)
                .bind(chain.0)
                .bind(number(last.0))
                .execute(&mut self.connection)
                .await?;
        }
        let stays = self.headers(chain, last, last).await?;
        let hash = stays.get(&last).and_then(|header| header.hash);
        Ok(hash.unwrap_or(Hash::ZERO))
    }

    /// Many records at once.
    pub(crate) async fn insert_records(&mut self, rows: Vec<RecordRow>) -> Result<(), StoreError> {
        batch::records(&mut self.connection, rows).await
    }

    /// What stands in a chain from one place to another.
    pub(crate) async fn headers(
        &mut self,
        chain: ChainRow,
        from: Seq,
        to: Seq,
    ) -> Result<BTreeMap<Seq, StoredHeader>, StoreError> {
        let rows: Vec<(i64, Vec<u8>, bool)> = sqlx::query_as(
            "SELECT seq, head, body IS NULL FROM records
             WHERE chain = ? AND seq BETWEEN ? AND ?",
        )
        .bind(chain.0)
        .bind(number(from.0))
        .bind(number(to.0))
        .fetch_all(&mut self.connection)
        .await?;
        let headers = rows.into_iter().map(|(seq, head, is_stub)| {
            let header = StoredHeader {
                hash: (!head.is_empty()).then(|| loading::head_hash(&head)),
                previous: loading::header(head)
                    .ok()
                    .map(|header| header.claimed().previous),
                is_stub,
            };
            Ok((Seq(count(seq)?), header))
        });
        headers.collect()
    }

    /// Notes records whose bodies are lacking.
    pub(crate) async fn insert_holes(
        &mut self,
        holes: &[(ChainRow, Seq)],
    ) -> Result<(), StoreError> {
        batch::holes(&mut self.connection, holes).await
    }

    /// Fills a hole. Where the body is lacking still, as it is in a forgotten document's stub, that is explained.
    pub(crate) async fn fill(&mut self, row: RecordRow) -> Result<(), StoreError> {
        sqlx::query("UPDATE records SET head = ?, body = ? WHERE chain = ? AND seq = ?")
            .bind(row.head)
            .bind(row.body)
            .bind(row.chain.0)
            .bind(number(row.seq.0))
            .execute(&mut self.connection)
            .await?;
        sqlx::query("DELETE FROM holes WHERE chain = ? AND seq = ?")
            .bind(row.chain.0)
            .bind(number(row.seq.0))
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Makes a damaged record, or its body, a hole, unless it is another by now.
    pub(crate) async fn let_go(&mut self, damaged: &Damaged) -> Result<(), StoreError> {
        let (chain, seq) = (damaged.row, damaged.place.seq);
        let found: Option<(Vec<u8>, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT head, body FROM records WHERE chain = ? AND seq = ?")
                .bind(chain.0)
                .bind(number(seq.0))
                .fetch_optional(&mut self.connection)
                .await?;
        let Some((head, body)) = found.filter(|(head, _)| loading::head_hash(head) == damaged.head)
        else {
            return Ok(());
        };
        let head = match damaged.part {
            Part::Head => Vec::new(),
            Part::Body(hash)
                if body.is_some_and(|body| Hash::of(Domain::Body, &[&body]) == hash) =>
            {
                head
            }
            Part::Body(_) => return Ok(()),
        };
        sqlx::query("UPDATE records SET head = ?, body = NULL WHERE chain = ? AND seq = ?")
            .bind(head)
            .bind(chain.0)
            .bind(number(seq.0))
            .execute(&mut self.connection)
            .await?;
        self.insert_holes(&[(chain, seq)]).await
    }

    /// Documents whose bodies are deleted when `due` has come (rule F1).
    pub(crate) async fn insert_forgets(
        &mut self,
        space: LogRow,
        documents: &[DocumentId],
        due: u64,
    ) -> Result<(), StoreError> {
        forgets::insert(&mut self.connection, space, documents, due).await
    }

    /// Deletes the bodies of documents that are due. Gives how many.
    pub(crate) async fn carry_out_forgets(&mut self, now: u64) -> Result<u64, StoreError> {
        forgets::carry_out(&mut self.connection, now).await
    }

    /// Keeps nonces, in the order in which they were seen.
    pub(crate) async fn insert_nonces(
        &mut self,
        nonces: &[(Nonce, u64)],
    ) -> Result<(), StoreError> {
        let Some((_, seen)) = nonces.last() else {
            return Ok(());
        };
        let together: Vec<u8> = nonces
            .iter()
            .flat_map(|(nonce, _)| *nonce.as_bytes())
            .collect();
        // The last is the latest: the others are kept at most a moment longer.
        sqlx::query("INSERT INTO nonces (seen, nonces) VALUES (?, ?)")
            .bind(number(*seen))
            .bind(together)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Lets go of nonces that were seen before `since`.
    pub(crate) async fn delete_nonces(&mut self, since: u64) -> Result<(), StoreError> {
        // Rows stand in the order in which they were seen, so the scan ends at the first that stays.
        sqlx::query(
            "DELETE FROM nonces WHERE id < coalesce(
                (SELECT id FROM nonces WHERE seen >= ? ORDER BY id LIMIT 1), 1 + (SELECT max(id) FROM nonces))",
        )
        .bind(number(since))
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// Brings the write-ahead log into the database and empties it: nothing that was deleted stays there.
    pub(crate) async fn empty_log(&mut self) -> Result<(), StoreError> {
        self.run("PRAGMA wal_checkpoint(TRUNCATE)").await
    }

    /// Leaves the database as one file.
    pub(crate) async fn close(mut self) -> Result<(), StoreError> {
        self.empty_log().await?;
        self.connection.close().await?;
        Ok(())
    }
}

fn next(counter: &mut i64) -> i64 {
    let row = *counter;
    *counter += 1;
    row
}
