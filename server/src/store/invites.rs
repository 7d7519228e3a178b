//! Invites, known by their hash alone.

use super::{StoreError, count, id, number};
use daymark_wire::{AccountId, Hash};
use sqlx::SqliteConnection;

/// An invite to be kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewInvite {
    /// Its hash.
    pub(crate) token: Hash,
    /// When it was made, in seconds since 1970.
    pub(crate) created: u64,
    /// When it stops to hold, in seconds since 1970.
    pub(crate) expires: u64,
}

/// An invite as an operator sees it in a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedInvite {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// When it was made, in seconds since 1970.
    pub(crate) created: u64,
    /// When it stops to hold, in seconds since 1970.
    pub(crate) expires: u64,
    /// The account that it let in.
    pub(crate) used_by: Option<AccountId>,
}

pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    invite: NewInvite,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO invites (token, created, expires) VALUES (?, ?, ?)")
        .bind(invite.token.as_bytes().as_slice())
        .bind(number(invite.created))
        .bind(number(invite.expires))
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn list(
    connection: &mut SqliteConnection,
) -> Result<Vec<ListedInvite>, StoreError> {
    type Row = (i64, i64, i64, Option<Vec<u8>>);
    let rows: Vec<Row> =
        sqlx::query_as("SELECT id, created, expires, used_by FROM invites ORDER BY id")
            .fetch_all(connection)
            .await?;
    let listed = rows.into_iter().map(|(row, created, expires, used_by)| {
        Ok(ListedInvite {
            number: count(row)?,
            created: count(created)?,
            expires: count(expires)?,
            used_by: used_by
                .map(|account| id(&account, AccountId::try_from))
                .transpose()?,
        })
    });
    listed.collect()
}

/// Uses up an invite. `false`: it is unknown, used, or expired.
pub(super) async fn spend(
    connection: &mut SqliteConnection,
    token: Hash,
    account: AccountId,
    now: u64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE invites SET used_by = ? WHERE token = ? AND used_by IS NULL AND expires > ?",
    )
    .bind(account.as_bytes().as_slice())
    .bind(token.as_bytes().as_slice())
    .bind(number(now))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
