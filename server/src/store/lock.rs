//! One relay at a time serves from a data folder. The lock is the system's: the file itself means nothing.

use super::{StoreError, opening::private};
use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

/// Held as long as a relay may write. Let go when dropped, also by a crash.
#[derive(Debug)]
pub(crate) struct FolderLock(File);

impl FolderLock {
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        private(path).map_err(StoreError::Folder)?;
        let file = OpenOptions::new()
            .write(true)
            .open(path)
            .map_err(StoreError::Folder)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(TryLockError::Error(error)) => Err(StoreError::Folder(error)),
        }
    }
}

impl Drop for FolderLock {
    /// Closing the file is not enough: a program that this one is just starting holds a copy of it for a moment.
    fn drop(&mut self) {
        // Where it cannot be unlocked, closing does it a moment later.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_relays_and_the_next_ones_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.lock");
        let lock = FolderLock::take(&path).unwrap();
        assert!(matches!(FolderLock::take(&path), Err(StoreError::InUse)));
        // As a program has it that is just being started.
        let copy = lock.0.try_clone().unwrap();
        drop(lock);
        FolderLock::take(&path).unwrap();
        drop(copy);
        assert!(path.exists(), "the file is no sign");
    }
}
