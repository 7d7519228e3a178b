//! Opening the data folder: private files, one server at a time, migrations, a key of the relay's own.

use super::{FolderLock, Identity, Store, StoreError, Writing, identity};
use sqlx::{
    ConnectOptions, Connection, SqlSafeStr, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    borrow::Cow,
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// Every migration in order; the first has number 1. After the first release none is ever edited, only added to.
const MIGRATIONS: [(&str, &str); 1] = [("first", include_str!("../../migrations/0001_first.sql"))];

/// How long a connection waits for another's write lock: an operator's `admin` beside a busy relay.
const BUSY: Duration = Duration::from_secs(10);

/// See the note on table `records` in the first migration.
const PAGE_SIZE: u32 = 16 * 1024;

/// Page cache of the writing connection in KiB: the ends of tables and indexes that every commit touches.
const WRITER_CACHE_KIB: u32 = 2048;

/// Page cache of a reading connection in KiB. Small: an idle relay should be small, and the operating
/// system caches the file.
const READER_CACHE_KIB: u32 = 256;

/// Connections that read at the same time: two cores' worth of work and of waiting.
const READERS: u32 = 4;

/// An unused reading connection, with its thread and cache, goes after this.
const READER_IDLE: Duration = Duration::from_secs(30);

/// Rows that a reading connection may be ahead of who takes them. A row may be 1 MiB.
const ROWS_AHEAD: usize = 16;

/// The write-ahead log is cut back to this after a checkpoint.
const WAL_BYTES: u32 = 64 * 1024 * 1024;

/// A data folder in use by this process.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) writing: Writing,
    pub(crate) identity: Identity,
    pub(crate) lock: FolderLock,
}

/// Opens the folder to serve from it; makes what is not there.
pub(crate) async fn open(data: &Path) -> Result<Opened, StoreError> {
    make_folder(data).map_err(StoreError::Folder)?;
    let lock = FolderLock::take(&data.join("relay.lock"))?;
    let file = database(data);
    private(&file).map_err(StoreError::Folder)?;
    let mut connection = writer_options(&file).connect().await?;
    migrator().run(&mut connection).await?;
    let identity = identity::load_or_make(&mut connection).await?;
    let writing = Writing::new(connection).await?;
    let readers = SqliteConnectOptions::new()
        .filename(&file)
        .read_only(true)
        .busy_timeout(BUSY)
        .row_buffer_size(ROWS_AHEAD)
        .pragma("cache_size", format!("-{READER_CACHE_KIB}"))
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(READERS)
        .min_connections(1)
        .idle_timeout(READER_IDLE)
        .test_before_acquire(false)
        // An error of the disk ends a transaction inside SQLite, and sqlx believes for good that it goes on.
        // Such a connection would see one moment for ever: it is closed, and the next one is new.
        .before_acquire(|connection, _| {
            let usable = !connection.is_in_transaction();
            Box::pin(async move { Ok(usable) })
        })
        .connect_with(readers)
        .await?;
    Ok(Opened {
        store: Store { pool },
        writing,
        identity,
        lock,
    })
}

fn migrator() -> Migrator {
    let migrations = (1..).zip(MIGRATIONS).map(|(version, (name, sql))| {
        let (name, sql) = (Cow::Borrowed(name), sql.into_sql_str());
        Migration::new(version, name, MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// Opens the database beside a relay that may be serving, for the `admin` verbs.
pub(crate) async fn open_for_admin(data: &Path) -> Result<SqliteConnection, StoreError> {
    let file = database(data);
    if !file.is_file() {
        return Err(StoreError::Empty);
    }
    Ok(writer_options(&file).connect().await?)
}

fn database(data: &Path) -> PathBuf {
    data.join("relay.sqlite")
}

fn writer_options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .page_size(PAGE_SIZE)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("cache_size", format!("-{WRITER_CACHE_KIB}"))
        .pragma("journal_size_limit", WAL_BYTES.to_string())
        // What is deleted was private, if sealed: its place is overwritten.
        .pragma("secure_delete", "on")
        .disable_statement_logging()
}

/// Makes the folder, readable by its owner alone. One that is there keeps its mode.
fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes the file, if it is not there, readable by its owner alone. SQLite gives its other files the same mode.
pub(super) fn private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
