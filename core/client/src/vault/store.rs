//! The database's connections and transactions: one that writes, some that read. Readers never wait.

use super::{Sealer, VaultError, live::Live, schema};
use daymark_wire::SpaceId;
use sqlx::{
    ConnectOptions, Connection, Sqlite, SqliteConnection, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    ops::{Deref, DerefMut},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// How long a write waits for another program's. The longest honest one, an import's step of 500 entries,
/// takes a fraction of a second.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long cleaning waits for other programs while a sync goes on or a person looks: it keeps writers waiting
/// meanwhile. An honest read or write takes less.
const CLEANING_TIMEOUT: Duration = Duration::from_millis(200);

/// How long a call waits for its turn within this program, behind others that each may wait as long as
/// [`BUSY_TIMEOUT`].
const TURN_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of a page. Three saved documents of 900 characters fit in one (with 4096 only one does, and a
/// third of the file is empty); a larger one would make each small write longer.
const PAGE_BYTES: u32 = 8192;

/// Rows of one statement that inserts many: few round trips to SQLite's thread, and statements short enough
/// to be kept prepared.
pub(super) const ROWS_PER_INSERT: usize = 64;

/// Connections that read at once, each opened when it is first needed: a list while a sync loads documents.
const READERS: u32 = 4;

/// The connections, each opened when it is first needed.
#[derive(Debug)]
pub(super) struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    /// How many writing connections were opened so far: a new one begins to count commits anew.
    writers: Arc<AtomicU64>,
    /// For a connection that cleans.
    cleaning: SqliteConnectOptions,
}

/// What the writing connection saw of the others' commits. Another value: there was one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    writer: u64,
    data_version: i64,
}

impl Store {
    pub(super) fn open(database: &Path) -> Self {
        let options = options(database);
        let reading = options.clone().pragma("query_only", "ON");
        let cleaning = options.clone().busy_timeout(CLEANING_TIMEOUT);
        let writers = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&writers);
        let counted = pool(1).after_connect(move |_, _| {
            counter.fetch_add(1, Ordering::AcqRel);
            Box::pin(async { Ok(()) })
        });
        Self {
            writer: counted.connect_lazy_with(options),
            readers: pool(READERS).connect_lazy_with(reading),
            writers,
            cleaning,
        }
    }

    /// Begins a transaction that may write. Waits for other writers, also those of other programs.
    pub(super) async fn write(&self) -> Result<Transaction<'static, Sqlite>, VaultError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Begins a transaction that sees one state of the vault.
    pub(super) async fn read(&self) -> Result<Transaction<'static, Sqlite>, VaultError> {
        Ok(self.readers.begin().await?)
    }

    /// What the writing connection saw of commits that are not its own.
    pub(super) async fn seen(&self) -> Result<Seen, VaultError> {
        let mut connection = self.writer.acquire().await?;
        let data_version = sqlx::query_scalar("PRAGMA data_version")
            .fetch_one(&mut *connection)
            .await?;
        Ok(Seen {
            writer: self.writers.load(Ordering::Acquire),
            data_version,
        })
    }

    /// Brings the schema up to this version. Hold the lock.
    pub(super) async fn migrate(&self) -> Result<(), VaultError> {
        let mut connection = self.writer.acquire().await?;
        schema::migrate(&mut connection).await
    }

    /// Moves what the write-ahead log holds into the database and empties it; false when a reader is in
    /// the way.
    pub(super) async fn truncate_log(&self) -> Result<bool, VaultError> {
        truncate_log(&mut *self.writer.acquire().await?).await
    }

    /// The same, which waits for other programs for [`CLEANING_TIMEOUT`] only.
    pub(super) async fn truncate_log_if_free(&self) -> Result<bool, VaultError> {
        // This program's own writers are waited for.
        let _turn = self.writer.acquire().await?;
        let mut connection = self.cleaning.connect().await?;
        let emptied = truncate_log(&mut connection).await;
        connection.close().await?;
        emptied
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

async fn truncate_log(connection: &mut SqliteConnection) -> Result<bool, VaultError> {
    let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(connection)
        .await?;
    Ok(busy == 0)
}

/// A connection to a database that is being made.
pub(super) async fn connect_new(database: &Path) -> Result<SqliteConnection, VaultError> {
    let options = options(database)
        .page_size(PAGE_BYTES)
        .journal_mode(SqliteJournalMode::Wal);
    Ok(options.connect().await?)
}

fn options(database: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(false)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(TURN_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // After a failed write SQLite has rolled back by itself, and sqlx believes for good that the
        // transaction goes on. Such a connection is closed, and the next one is new.
        .before_acquire(|connection, _| {
            let usable = !connection.is_in_transaction();
            Box::pin(async move { Ok(usable) })
        })
}

/// A transaction that may write: everything in it, or nothing. Dropped without a commit, it is nothing.
/// Whatever can be read can be read in it, as it stands within this change.
pub(crate) struct Writing {
    reading: Reading,
    /// Who seals and is told of the commit, if there is something to send in it.
    live: Arc<Live>,
    pub(super) to_be_sent: bool,
}

impl Writing {
    pub(super) const fn new(reading: Reading, live: Arc<Live>) -> Self {
        Self {
            reading,
            live,
            to_be_sent: false,
        }
    }

    /// Makes it all durable.
    ///
    /// # Errors
    /// [`VaultError::DiskFull`], [`VaultError::Disk`]: nothing was written.
    pub(crate) async fn commit(mut self) -> Result<(), VaultError> {
        let sealed = if self.to_be_sent {
            self.seal_at_once().await?
        } else {
            None
        };
        self.reading.transaction.commit().await?;
        if let Some(sealed) = sealed {
            sealed.keep();
        }
        if self.to_be_sent {
            self.live.tell_written();
        }
        Ok(())
    }

    pub(super) const fn live(&self) -> &Arc<Live> {
        &self.live
    }
}

impl Deref for Writing {
    type Target = Reading;

    fn deref(&self) -> &Reading {
        &self.reading
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut Reading {
        &mut self.reading
    }
}

/// A transaction that sees one state of the vault.
pub(crate) struct Reading {
    transaction: Transaction<'static, Sqlite>,
    pub(super) sealer: Arc<Sealer>,
    /// The journal: what belongs to no bond.
    pub(super) journal: SpaceId,
    /// When it began, in milliseconds since 1970.
    now_ms: u64,
}

impl Reading {
    pub(super) const fn new(
        transaction: Transaction<'static, Sqlite>,
        sealer: Arc<Sealer>,
        journal: SpaceId,
        now_ms: u64,
    ) -> Self {
        Self {
            transaction,
            sealer,
            journal,
            now_ms,
        }
    }

    /// When it began, by this device's clock: milliseconds since 1970.
    pub(crate) const fn now_ms(&self) -> u64 {
        self.now_ms
    }

    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}

/// Bytes that are sealed or opened where they are at hand: two packs of views and some more. That takes about
/// as long as the way to another thread and back.
const LIGHT_BYTES: usize = 128 * 1024;

/// Sealing or opening so many bytes: [`heavy`] where it is worth it.
pub(super) async fn weighed<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    if bytes <= LIGHT_BYTES {
        work()
    } else {
        heavy(work).await
    }
}

/// Work that keeps a processor busy, off the threads that drive tasks.
pub(super) async fn heavy<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    tokio::task::spawn_blocking(work).await?
}
