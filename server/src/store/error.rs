//! What can go wrong with what a relay keeps.

use crate::random::NoRandomness;
use std::io;
use thiserror::Error;

/// The store did not do what was asked; nothing of it is half done.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The data folder is not there, not a folder, or not ours to write.
    #[error("the data folder cannot be used: {0}")]
    Folder(#[source] io::Error),
    /// Another relay serves from the folder.
    #[error("another relay runs on this data folder")]
    InUse,
    /// The folder has no relay in it yet.
    #[error("there is no relay in this data folder yet; start it once with `serve`")]
    Empty,
    /// Made by a newer version, or changed by hand.
    #[error("the database does not fit this version: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The disk is full or fails.
    #[error("the disk is full or fails: {0}")]
    Disk(#[source] sqlx::Error),
    /// Nothing was free to read or write with in time.
    #[error("the database is busy")]
    Busy,
    /// The database failed otherwise.
    #[error("the database failed: {0}")]
    Database(#[source] sqlx::Error),
    /// The database holds what this relay never wrote.
    #[error("the database is damaged: it holds {0}")]
    Corrupt(&'static str),
    /// No key could be made.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// SQLite's primary result codes for what is worth telling apart.
const BUSY: i32 = 5;
const IO_ERROR: i32 = 10;
const FULL: i32 = 13;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Busy;
        }
        let code = error
            .as_database_error()
            .and_then(|error| error.code())
            .and_then(|code| code.parse::<i32>().ok());
        // Extended codes carry the primary one in their lowest byte.
        match code.map(|code| code & 0xff) {
            Some(IO_ERROR | FULL) => Self::Disk(error),
            Some(BUSY) => Self::Busy,
            _ => Self::Database(error),
        }
    }
}
