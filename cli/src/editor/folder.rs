//! A folder that only its owner can enter, and that leaves nothing behind.

use std::{
    env,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};
use tempfile::{Builder, TempDir};

/// What zeros are written at once.
const BLOCK: usize = 64 * 1024;

/// See the module.
#[derive(Debug)]
pub(super) struct PrivateFolder(TempDir);

impl PrivateFolder {
    /// Makes one: in memory where the system offers that, else where temporary files go.
    pub(super) fn make() -> io::Result<Self> {
        let mut builder = Builder::new();
        builder.prefix("daymark-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        in_memory()
            .find_map(|place| builder.tempdir_in(place).ok())
            .map_or_else(|| builder.tempdir(), Ok)
            .map(Self)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file in it, for its owner only.
    pub(super) fn write(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.path().join(name);
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?.write_all(text.as_bytes())?;
        Ok(path)
    }
}

impl Drop for PrivateFolder {
    /// Overwrites what is in it. The folder itself is removed after that, by what it is made of.
    fn drop(&mut self) {
        overwrite_all(self.path());
    }
}

/// Folders that are not on a disk.
fn in_memory() -> impl Iterator<Item = PathBuf> {
    let own = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let shared = cfg!(target_os = "linux").then(|| PathBuf::from("/dev/shm"));
    own.into_iter().chain(shared).filter(|place| place.is_dir())
}

/// What cannot be overwritten is still removed.
fn overwrite_all(folder: &Path) {
    let Ok(inside) = fs::read_dir(folder) else {
        return;
    };
    for found in inside.flatten() {
        match found.file_type() {
            Ok(kind) if kind.is_dir() => overwrite_all(&found.path()),
            Ok(kind) if kind.is_file() => {
                let _ = overwrite(&found.path());
            }
            _ => {}
        }
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

    #[test]
    fn nothing_is_left_and_what_was_there_is_overwritten() {
        let folder = PrivateFolder::make().unwrap();
        let path = folder.path().to_owned();
        let file = folder.write("entry.md", "a walk by the canal").unwrap();
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
        let file = folder.write("entry.md", "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(folder.path()), mode(&file)), (0o700, 0o600));
    }
}
