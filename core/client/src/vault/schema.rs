//! The schema's versions. After the first release a migration is never edited, only added to.

use super::VaultError;
use sqlx::{
    SqlSafeStr, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
};
use std::borrow::Cow;

/// Every migration in order; the first has number 1.
const MIGRATIONS: [(&str, &str); 1] = [("first", include_str!("../../migrations/0001_first.sql"))];

/// Where a vault's schema stands against this version's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The same.
    Current,
    /// [`migrate`] is needed.
    Older,
}

/// Looks at the schema's version.
///
/// # Errors
/// [`VaultError::Newer`]; [`VaultError::Damaged`] for a database that is no vault.
pub(super) async fn standing(connection: &mut SqliteConnection) -> Result<Standing, VaultError> {
    let version: Option<i64> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
            .fetch_one(connection)
            .await?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    match version {
        None => Err(VaultError::Damaged { what: "its format" }),
        Some(version) if version > known => Err(VaultError::Newer),
        Some(version) if version < known => Ok(Standing::Older),
        Some(_) => Ok(Standing::Current),
    }
}

/// Brings the schema up to this version, each step in a transaction. Hold the lock.
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), VaultError> {
    let migrations = (1..).zip(MIGRATIONS).map(|(version, (name, sql))| {
        Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    // Not `run`: generic over how the connection is come by, it makes a future that cannot change threads.
    Ok(migrator.run_direct(None, connection, false).await?)
}
