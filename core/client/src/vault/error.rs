//! What can go wrong with a vault, each something that a caller can act on.

use daymark_core::{
    journal::JournalError,
    keys::{CannotOpen, WrongPassphrase},
    random::NoRandomness,
};
use daymark_wire::{DocumentId, ids::ParseIdError};
use sqlx::migrate::MigrateError;
use std::io;
use thiserror::Error;

/// Why a vault did not do what it was asked. What was stored before is as it was.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The folder holds none.
    #[error("there is no vault here")]
    NoVault,
    /// The folder holds one already.
    #[error("there is a vault here already")]
    Exists,
    /// The passphrase, or the key at hand, is not this vault's.
    #[error("the passphrase is not right")]
    WrongPassphrase,
    /// Its key was renewed since it was unlocked here.
    #[error("the vault was locked again: its passphrase or key was renewed by another program")]
    Locked,
    /// Another program writes, syncs or migrates just now.
    #[error("the vault is busy: another program is using it")]
    Busy,
    /// Its format is one that this version does not know.
    #[error("the vault was made by a newer version")]
    Newer,
    /// What is stored is not what was written.
    #[error("the vault is damaged: {what} cannot be read")]
    Damaged {
        /// Which part.
        what: &'static str,
    },
    /// One document does not load. The sealed records are the truth: it can be made again from them.
    #[error("document {0} is damaged")]
    DocumentDamaged(DocumentId),
    /// No room for what was to be written.
    #[error("the disk is full")]
    DiskFull,
    /// The system does not allow it.
    #[error("the vault's folder may not be read")]
    Forbidden,
    /// The files could not be read or written.
    #[error("the vault's files cannot be read or written")]
    Disk(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// [`crate::vault::Vault::close`] was called, or the program is ending.
    #[error("the vault was closed")]
    Closed,
    /// No such entry.
    #[error("there is no such entry")]
    NotFound,
    /// Several entries begin like that.
    #[error("several entries begin like that")]
    Ambiguous {
        /// Some of them.
        candidates: Vec<DocumentId>,
    },
    /// A document with this id is there.
    #[error("document {0} is there already")]
    AlreadyThere(DocumentId),
    /// What was to be written cannot stand in an entry.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

impl VaultError {
    /// The stable name that scripts see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoVault => "no-vault",
            Self::Exists => "vault-exists",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::Locked => "locked",
            Self::Busy => "busy",
            Self::Newer => "newer-version",
            Self::Damaged { .. } => "damaged",
            Self::DocumentDamaged(_) => "document-damaged",
            Self::DiskFull => "disk-full",
            Self::Forbidden => "forbidden",
            Self::Disk(_) => "disk",
            Self::Closed => "closed",
            Self::NotFound => "not-found",
            Self::Ambiguous { .. } => "ambiguous",
            Self::AlreadyThere(_) => "already-there",
            Self::Journal(_) => "not-writable",
            Self::Random(_) => "no-randomness",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NoVault => "Make one, or name the folder that holds yours.",
            Self::Exists => "Use it, or name another folder. Nothing was overwritten.",
            Self::WrongPassphrase => "Try again; mind capitals and the keyboard's language.",
            Self::Locked => "Unlock it again.",
            Self::Busy => "Try again in a moment, or end the other program.",
            Self::Newer => "Update this program, then try again. Nothing was changed.",
            Self::Damaged { .. } => {
                "Keep a copy of the folder, then restore a backup, or set up this device anew and sync."
            }
            Self::DocumentDamaged(_) => "Sync: it is made again from what was stored of it.",
            Self::DiskFull => "Free some room, then try again. Nothing was changed.",
            Self::Forbidden => "Look whose the folder is, and what they may do with it.",
            Self::Disk(_) => "Look whether the folder can be written and the disk is in order.",
            Self::Closed => "Open it again.",
            Self::NotFound => "List the entries to see their ids.",
            Self::Ambiguous { .. } => "Give more of the id.",
            Self::AlreadyThere(_) => "Edit it instead.",
            Self::Journal(_) => "Nothing was changed: what was kept before is as it was.",
            Self::Random(_) => "Try again; if it stays, restart the machine.",
        }
    }
}

/// SQLite's primary result codes (sqlite.org/rescode.html) that mean something to a caller.
mod sqlite {
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const NOTADB: i32 = 26;
}

impl From<sqlx::Error> for VaultError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(ref database) => {
                let extended = database.code().and_then(|code| code.parse::<i32>().ok());
                match extended.unwrap_or_default() & 0xff {
                    sqlite::BUSY | sqlite::LOCKED => Self::Busy,
                    sqlite::FULL => Self::DiskFull,
                    sqlite::CORRUPT | sqlite::NOTADB => Self::Damaged { what: "its file" },
                    sqlite::IOERR | sqlite::CANTOPEN | sqlite::READONLY => {
                        Self::Disk(Box::new(error))
                    }
                    _ => Self::Damaged { what: "a table" },
                }
            }
            sqlx::Error::Io(error) => error.into(),
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Closed,
            _ => Self::Damaged { what: "a row" },
        }
    }
}

impl From<MigrateError> for VaultError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => Self::Newer,
            _ => Self::Damaged { what: "its format" },
        }
    }
}

impl From<io::Error> for VaultError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Disk(Box::new(error)),
        }
    }
}

impl From<CannotOpen> for VaultError {
    fn from(_: CannotOpen) -> Self {
        Self::Damaged {
            what: "a sealed row",
        }
    }
}

impl From<ParseIdError> for VaultError {
    fn from(_: ParseIdError) -> Self {
        Self::Damaged { what: "an id" }
    }
}

impl From<WrongPassphrase> for VaultError {
    fn from(_: WrongPassphrase) -> Self {
        Self::WrongPassphrase
    }
}

impl From<tokio::task::JoinError> for VaultError {
    fn from(error: tokio::task::JoinError) -> Self {
        match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Self::Closed,
        }
    }
}
