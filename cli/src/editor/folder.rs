//! A folder that only its owner can enter, and that leaves nothing behind. A text that was kept on purpose has another
//! name, and stays.

use super::Purpose;
use daymark_client::SpaceId;
use std::{
    env,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};
use tempfile::{Builder, TempDir};

/// What zeros are written at once.
const BLOCK: usize = 64 * 1024;

/// How such a folder's name begins; six letters and digits follow.
pub(super) const PREFIX: &str = "daymark-editor-";
pub(super) const RANDOM_LETTERS: usize = 6;

/// The text that is being written.
pub(super) const TEXT: &str = "entry.md";
/// Whose journal it is for and what for, in a line, and what the editor began with: for who finds it after a kill.
pub(super) const BEGAN: &str = "began";
/// What the text is called once nothing wipes it any more.
pub(super) const KEPT: &str = "kept.md";

/// See the module. The folder is locked for as long as its program lives, and the editor that it opened.
#[derive(Debug)]
pub(super) struct PrivateFolder {
    folder: TempDir,
    keeps: bool,
    _lock: Option<File>,
}

impl PrivateFolder {
    /// Makes one: in memory where the system offers that, else where temporary files go.
    pub(super) fn make() -> io::Result<Self> {
        let temporary = env::temp_dir();
        in_memory()
            .find_map(|place| Self::make_in(&place).ok())
            .map_or_else(|| Self::make_in(&temporary), Ok)
    }

    pub(super) fn make_in(place: &Path) -> io::Result<Self> {
        let mut builder = Builder::new();
        builder.prefix(PREFIX).rand_bytes(RANDOM_LETTERS);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir_in(place)?;
        let lock = lock(folder.path()).map(shared_with_editor);
        Ok(Self {
            folder,
            keeps: false,
            _lock: lock,
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the text in it, for its owner only, and whose it is and what for.
    pub(super) fn write(
        &self,
        text: &str,
        journal: SpaceId,
        purpose: Purpose,
    ) -> io::Result<PathBuf> {
        self.put(BEGAN, format!("{journal} {purpose}\n{text}").as_bytes())?;
        self.put(TEXT, text.as_bytes())
    }

    /// Makes one for a text that no editor opens, and leaves it there.
    pub(super) fn with_kept(text: &[u8]) -> io::Result<PathBuf> {
        let folder = Self::make()?;
        folder.put(TEXT, text)?;
        folder.keep()
    }

    fn put(&self, name: &str, text: &[u8]) -> io::Result<PathBuf> {
        let path = self.path().join(name);
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?.write_all(text)?;
        Ok(path)
    }

    /// Leaves the text in the folder, and nothing beside it: neither this program nor the next editor wipes it.
    pub(super) fn keep(mut self) -> io::Result<PathBuf> {
        let kept = self.path().join(KEPT);
        fs::rename(self.path().join(TEXT), &kept)?;
        self.keeps = true;
        self.folder.disable_cleanup(true);
        for found in fs::read_dir(self.path())?.flatten() {
            if found.path() != kept {
                wipe(&found.path());
            }
        }
        Ok(kept)
    }
}

impl Drop for PrivateFolder {
    /// Overwrites what is in it. The folder itself is removed after that, by what it is made of.
    fn drop(&mut self) {
        if !self.keeps {
            overwrite_all(self.path());
        }
    }
}

/// Locks a folder until the program ends, however it does, and every program that it started meanwhile. Where the
/// system locks no folders, nothing is ever taken for left behind.
pub(super) fn lock(folder: &Path) -> Option<File> {
    let lock = File::open(folder).ok()?;
    lock.try_lock().is_ok().then_some(lock)
}

/// The editor may outlive its program: it holds the lock too.
fn shared_with_editor(lock: File) -> File {
    #[cfg(unix)]
    {
        let _ = rustix::io::fcntl_setfd(&lock, rustix::io::FdFlags::empty());
    }
    lock
}

/// Where such folders may lie.
#[cfg(unix)]
pub(super) fn places() -> impl Iterator<Item = PathBuf> {
    in_memory().chain([env::temp_dir()])
}

/// Folders that are not on a disk.
fn in_memory() -> impl Iterator<Item = PathBuf> {
    let own = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let shared = cfg!(target_os = "linux").then(|| PathBuf::from("/dev/shm"));
    own.into_iter().chain(shared).filter(|place| place.is_dir())
}

/// Overwrites a file or folder and removes it. What cannot be removed is overwritten.
pub(super) fn wipe(path: &Path) {
    if path.is_dir() && !path.is_symlink() {
        overwrite_all(path);
        let _ = fs::remove_dir_all(path);
    } else {
        overwrite_one(path);
        let _ = fs::remove_file(path);
    }
}

/// What cannot be overwritten is still removed.
fn overwrite_all(folder: &Path) {
    let Ok(inside) = fs::read_dir(folder) else {
        return;
    };
    for found in inside.flatten() {
        match found.file_type() {
            Ok(kind) if kind.is_dir() => overwrite_all(&found.path()),
            _ => overwrite_one(&found.path()),
        }
    }
}

/// Only an ordinary file: what a link leads to is somebody else's.
fn overwrite_one(path: &Path) {
    if fs::symlink_metadata(path).is_ok_and(|about| about.is_file()) {
        let _ = overwrite(path);
    }
}

fn overwrite(path: &Path) -> io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    let mut left = file.metadata()?.len();
    let zeros = vec![0; BLOCK];
    while left > 0 {
        let step = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
        file.write_all(zeros.get(..step).unwrap_or(&zeros))?;
        left -= step as u64;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOURNAL: SpaceId = SpaceId::from_bytes([7; SpaceId::SIZE]);

    #[test]
    fn nothing_is_left_and_what_was_there_is_overwritten() {
        let folder = PrivateFolder::make().unwrap();
        let path = folder.path().to_owned();
        let file = folder
            .write("a walk by the canal", JOURNAL, Purpose::Entry)
            .unwrap();
        fs::create_dir(path.join("undo")).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("link");
        fs::hard_link(&file, &link)
            .or_else(|_| fs::write(&link, [0; 19]))
            .unwrap();
        fs::write(path.join("undo").join("entry.md~"), "a walk").unwrap();
        drop(folder);
        assert!(!path.exists());
        assert_eq!(fs::read(link).unwrap(), [0; 19]);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_enter() {
        use std::os::unix::fs::PermissionsExt;
        let folder = PrivateFolder::make().unwrap();
        let file = folder.write("", JOURNAL, Purpose::Entry).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(folder.path()), mode(&file)), (0o700, 0o600));
    }

    #[test]
    fn what_is_kept_is_the_text_alone() {
        let folder = PrivateFolder::make().unwrap();
        let path = folder.path().to_owned();
        folder
            .write("a walk by the canal", JOURNAL, Purpose::Entry)
            .unwrap();
        fs::create_dir(path.join("undo")).unwrap();
        fs::write(path.join("entry.md~"), "a walk").unwrap();
        let kept = folder.keep().unwrap();
        assert_eq!(fs::read_to_string(&kept).unwrap(), "a walk by the canal");
        assert_eq!(fs::read_dir(&path).unwrap().count(), 1);
        fs::remove_dir_all(path).unwrap();
    }
}
