//! What a relay keeps, in one SQLite file. All SQL is in this folder, so that another database can come
//! beside it.
//!
//! One [`Writing`] connection belongs to the writer task; [`Store`] is a few read-only ones. Both see whole
//! commits only. Accounts are loaded as folded [`Account`]s; records are read by chain and place.

mod batch;
mod bonds;
mod error;
mod forgets;
mod identity;
mod invites;
mod loading;
mod lock;
mod opening;
mod reading;
mod sizes;
mod writing;

pub(crate) use batch::RecordRow;
pub use error::StoreError;
pub(crate) use identity::Identity;
pub(crate) use identity::load as load_identity;
pub(crate) use invites::{NewInvite, insert as insert_invite, list as list_invites};
pub(crate) use lock::FolderLock;
pub(crate) use opening::{Opened, open, open_for_admin};
pub(crate) use reading::{Budget, Reading, RecordAsStored};
pub(crate) use writing::{StoredHeader, Writing};

use crate::accounts::{Account, Bond};
use daymark_wire::{AccountId, Nonce, SpaceId};
use sqlx::SqlitePool;

/// The row of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AccountRow(pub(crate) i64);

/// The row of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LogRow(pub(crate) i64);

/// The row of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ChainRow(pub(crate) i64);

/// Reads what is committed.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Loads an account as it stands; `None` if there is none.
    pub(crate) async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        // One read transaction: logs and chains are of the same moment.
        let mut transaction = self.pool.begin().await?;
        loading::account(&mut transaction, id).await
    }

    /// Loads a bond as it stands; `None` if there is none.
    pub(crate) async fn bond(&self, id: SpaceId) -> Result<Option<Bond>, StoreError> {
        // One read transaction: its log, both accounts' logs and chains are of the same moment.
        let mut transaction = self.pool.begin().await?;
        loading::bond(&mut transaction, id).await
    }

    /// The nonces seen since `since`.
    pub(crate) async fn nonces(&self, since: u64) -> Result<Vec<Nonce>, StoreError> {
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as("SELECT nonces FROM nonces WHERE seen >= ?")
            .bind(number(since))
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .flat_map(|(together,)| together.chunks(Nonce::SIZE))
            .map(|nonce| id(nonce, Nonce::try_from))
            .collect()
    }

    /// Whether the database answers.
    pub(crate) async fn is_well(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT generation FROM relay")
            .fetch_one(&self.pool)
            .await?;
        Ok(())
    }

    /// Closes every connection.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A number for SQLite, whose integers are signed. No count here comes near the limit.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A count from SQLite.
fn count(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::Corrupt("a negative count"))
}

/// Fixed-size bytes from SQLite.
fn id<'a, T, E>(
    bytes: &'a [u8],
    parse: impl FnOnce(&'a [u8]) -> Result<T, E>,
) -> Result<T, StoreError> {
    parse(bytes).map_err(|_| StoreError::Corrupt("an id of another length"))
}

#[cfg(test)]
mod tests;
