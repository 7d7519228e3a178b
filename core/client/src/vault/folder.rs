//! The folder of a vault: names, modes, locks.

use super::VaultError;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// The database.
const DATABASE: &str = "vault.sqlite";
/// The database while it is being made. It gets its name when it is whole.
const UNFINISHED: &str = "vault.sqlite.new";
/// What SQLite lays beside a database.
const BESIDE: [&str; 4] = ["", "-wal", "-shm", "-journal"];
/// Locked by whoever syncs, migrates or makes the vault: one at a time.
const LOCK: &str = "sync.lock";

/// A vault's folder.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder at a path, which SQLite must not take for a URI.
    pub(super) fn new(path: &Path) -> Result<Self, VaultError> {
        Ok(Self(std::path::absolute(path)?))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn database(&self) -> PathBuf {
        self.0.join(DATABASE)
    }

    pub(super) fn unfinished(&self) -> PathBuf {
        self.0.join(UNFINISHED)
    }

    /// Whether there is one.
    ///
    /// # Errors
    /// [`VaultError::Forbidden`] when nobody here may know.
    pub(super) fn holds_a_vault(&self) -> Result<bool, VaultError> {
        match self.database().try_exists() {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err(VaultError::Forbidden)
            }
            found => Ok(found.unwrap_or(false)),
        }
    }

    /// Makes the folder, for its owner only. One that exists keeps its mode unless it is empty.
    pub(super) fn make(&self) -> Result<(), VaultError> {
        if !self.0.exists() {
            private_folder(&self.0)?;
        } else if fs::read_dir(&self.0)?.next().is_none() {
            make_private(&self.0)?;
        }
        Ok(())
    }

    /// Locks the vault for one sync, migration or making.
    ///
    /// # Errors
    /// [`VaultError::Busy`] when another program, or another handle of this one, holds it.
    pub(super) fn lock(&self) -> Result<SyncLock, VaultError> {
        let file = private_file(&self.0.join(LOCK), false)?;
        match file.try_lock() {
            Ok(()) => Ok(SyncLock { file }),
            Err(TryLockError::WouldBlock) => Err(VaultError::Busy),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// A new, empty, private file for a database; whatever a crash left of an earlier one is gone.
    pub(super) fn begin_database(&self, lock: &SyncLock) -> Result<(), VaultError> {
        self.remove_unfinished(lock)?;
        private_file(&self.unfinished(), true)?;
        Ok(())
    }

    /// Whatever was made of a database that has no name yet is gone.
    pub(super) fn remove_unfinished(&self, _lock: &SyncLock) -> Result<(), VaultError> {
        for suffix in BESIDE {
            let path = self.0.join(format!("{UNFINISHED}{suffix}"));
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives the finished database its name, durably.
    pub(super) fn finish_database(&self, _lock: &SyncLock) -> Result<(), VaultError> {
        File::open(self.unfinished())?.sync_all()?;
        fs::rename(self.unfinished(), self.database())?;
        sync_folder(&self.0)
    }
}

/// Makes the folder of a vault that is to come, as [`Folder::make`] does.
pub(crate) fn make_folder(path: &Path) -> Result<(), VaultError> {
    Folder::new(path)?.make()
}

/// Held by the one who syncs this vault. Let go when dropped, also by a crash.
#[derive(Debug)]
pub struct SyncLock {
    file: File,
}

impl Drop for SyncLock {
    /// Closing the file is not enough: a program that this one is just starting holds a copy of it for a moment.
    fn drop(&mut self) {
        // Where it cannot be unlocked, closing does it a moment later.
        let _ = self.file.unlock();
    }
}

fn private_file(path: &Path, new: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    if new {
        options.create_new(true);
    } else {
        options.create(true).truncate(false);
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A new name in a folder is durable only when the folder is (on Unix; elsewhere the system sees to it).
#[cfg(unix)]
fn sync_folder(path: &Path) -> Result<(), VaultError> {
    Ok(File::open(path)?.sync_all()?)
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<(), VaultError> {
    Ok(())
}
