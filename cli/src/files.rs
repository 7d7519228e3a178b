//! Files that a person names: read with a bound, written for their owner only, and never over another one
//! unasked.

use crate::{exit::Exit, io::Why};
use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
};
use tempfile::{Builder, NamedTempFile};
use thiserror::Error;
use zeroize::Zeroizing;

/// The longest passphrase that is read from a file.
const MAX_PASSPHRASE_BYTES: u64 = 4096;

/// How a file's name begins that is not whole yet; six letters and digits follow.
const UNFINISHED: &str = ".daymark-unfinished-";

/// Why a file was not read or written.
#[derive(Debug, Error)]
pub(crate) enum FileError {
    /// It is not there, or may not be read.
    #[error("cannot read {}: {}", .path.display(), Why(.why))]
    Read {
        path: PathBuf,
        #[source]
        why: io::Error,
    },
    /// It cannot be made or filled.
    #[error("cannot write {}: {}", .path.display(), not_written(.why))]
    Write {
        path: PathBuf,
        #[source]
        why: io::Error,
    },
    /// Something is there already.
    #[error("there is already something at {}", .0.display())]
    Exists(PathBuf),
    /// It must be there, and must not.
    #[error("there is already something at {}, and it is never overwritten", .0.display())]
    Kept(PathBuf),
    /// A folder, a device or the like.
    #[error("this is not an ordinary file: {}", .0.display())]
    NotAFile(PathBuf),
    /// A file where a folder was meant.
    #[error("this is not a folder: {}", .0.display())]
    NotAFolder(PathBuf),
    /// No passphrase in its first line.
    #[error("the first line of {} is not a passphrase", .0.display())]
    NoPassphrase(PathBuf),
    /// Longer than is read: a part of it would open nothing.
    #[error("the first line of {} is longer than {MAX_PASSPHRASE_BYTES} bytes", .0.display())]
    LongPassphrase(PathBuf),
}

impl FileError {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "file-unreadable",
            Self::Write { .. } => "file-unwritable",
            Self::Exists(_) | Self::Kept(_) => "file-exists",
            Self::NotAFile(_) => "not-a-file",
            Self::NotAFolder(_) => "not-a-folder",
            Self::NoPassphrase(_) => "no-passphrase",
            Self::LongPassphrase(_) => "long-passphrase",
        }
    }

    pub(crate) const fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "Look whether the name is right and you may read it.",
            Self::Write { .. } => {
                "Look whether the folder exists, has room, and you may write there."
            }
            Self::Exists(_) => "Name another one, or add --force to write over it.",
            Self::Kept(_) | Self::NotAFile(_) | Self::NotAFolder(_) => "Name another one.",
            Self::NoPassphrase(_) => "Write it there as one line of text.",
            Self::LongPassphrase(_) => "See whether it is the right file, or take a shorter one.",
        }
    }

    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Read { .. } | Self::Write { .. } => Exit::Failed,
            _ => Exit::Usage,
        }
    }
}

/// What is not there when a file is made is where it was to be.
fn not_written(why: &io::Error) -> String {
    match why.kind() {
        io::ErrorKind::NotFound => "its folder is not there".to_owned(),
        _ => Why(why).to_string(),
    }
}

/// The first line of a file.
pub(crate) fn passphrase(path: &Path) -> Result<Zeroizing<String>, FileError> {
    let read = |why| FileError::Read {
        path: path.to_owned(),
        why,
    };
    // One byte more than a passphrase has, and its line break of two.
    let file = File::open(path)
        .map_err(read)?
        .take(MAX_PASSPHRASE_BYTES + 3);
    let mut line = Zeroizing::new(String::with_capacity(256));
    match BufReader::new(file).read_line(&mut line) {
        Err(why) if why.kind() == io::ErrorKind::InvalidData => {
            return Err(FileError::NoPassphrase(path.to_owned()));
        }
        other => other.map_err(read)?,
    };
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    if line.is_empty() {
        return Err(FileError::NoPassphrase(path.to_owned()));
    }
    if line.len() as u64 > MAX_PASSPHRASE_BYTES {
        return Err(FileError::LongPassphrase(path.to_owned()));
    }
    Ok(line)
}

/// Opens a file to read from, and its length where it has one.
pub(crate) fn open(path: &Path) -> Result<(File, Option<u64>), FileError> {
    let read = |why| FileError::Read {
        path: path.to_owned(),
        why,
    };
    let file = File::open(path).map_err(read)?;
    let about = file.metadata().map_err(read)?;
    if about.is_dir() {
        return Err(FileError::NotAFile(path.to_owned()));
    }
    Ok((file, about.is_file().then_some(about.len())))
}

/// A new file for its owner only. One that is there is left as it is.
pub(crate) fn create_private(path: &Path) -> Result<File, FileError> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|why| match why.kind() {
        io::ErrorKind::AlreadyExists => FileError::Kept(path.to_owned()),
        _ => FileError::Write {
            path: path.to_owned(),
            why,
        },
    })
}

/// Whether a new file can be made at this path. Nothing is left there, also by a crash.
pub(crate) fn has_place(path: &Path) -> Result<(), FileError> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(FileError::Kept(path.to_owned()));
    }
    match tempfile::tempfile_in(folder_of(path)) {
        Ok(_) => Ok(()),
        Err(why) => Err(FileError::Write {
            path: path.to_owned(),
            why,
        }),
    }
}

/// A new name in a folder is durable only when the folder is (on Unix; elsewhere the system sees to it).
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder_of(path))?.sync_all()?;
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// A file that appears under its name only when it is whole.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    file: NamedTempFile,
}

impl NewFile {
    /// Begins a file beside its place, for its owner only. It is locked for as long as its program lives.
    pub(crate) fn begin(path: &Path) -> Result<Self, FileError> {
        let mut builder = Builder::new();
        let file = builder.prefix(UNFINISHED).tempfile_in(folder_of(path));
        let file = file.map_err(|why| FileError::Write {
            path: path.to_owned(),
            why,
        })?;
        // Where the system locks no files, nothing is ever taken for left behind.
        let _ = file.as_file().try_lock();
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Gives it its name, durably. Without `over`, a file that came there meanwhile is left as it is.
    pub(crate) fn finish(self, over: bool) -> Result<(), FileError> {
        let Self { path, file } = self;
        file.as_file().sync_all().map_err(|why| FileError::Write {
            path: path.clone(),
            why,
        })?;
        let named = if over {
            file.persist(&path)
        } else {
            file.persist_noclobber(&path)
        };
        match named {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                Err(FileError::Exists(path))
            }
            Err(error) => Err(FileError::Write {
                path,
                why: error.error,
            }),
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Removes what a program that was killed left of new files in the folder of this one.
pub(crate) fn sweep_beside(path: &Path) {
    let Ok(found) = fs::read_dir(folder_of(path)) else {
        return;
    };
    for found in found.flatten() {
        let name = found.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(UNFINISHED));
        let is_file = found.file_type().is_ok_and(|kind| kind.is_file());
        let is_left = || File::open(found.path()).is_ok_and(|file| file.try_lock().is_ok());
        if is_ours && is_file && is_left() {
            // What cannot be removed is named so that its owner knows whose it is.
            let _ = fs::remove_file(found.path());
        }
    }
}

/// Whether an ordinary file is there; anything else is not written over.
pub(crate) fn is_there(path: &Path) -> Result<bool, FileError> {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_file() => Ok(true),
        Ok(_) => Err(FileError::NotAFile(path.to_owned())),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(why) => Err(FileError::Write {
            path: path.to_owned(),
            why,
        }),
    }
}

/// Makes a folder for its owner only, if it is not there; whether it holds anything.
pub(crate) fn make_folder(path: &Path) -> Result<bool, FileError> {
    let write = |why| FileError::Write {
        path: path.to_owned(),
        why,
    };
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => Ok(fs::read_dir(path).map_err(write)?.next().is_some()),
        Ok(_) => Err(FileError::NotAFolder(path.to_owned())),
        Err(why) if why.kind() == io::ErrorKind::NotFound => {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(path).map_err(write)?;
            Ok(false)
        }
        Err(why) => Err(write(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_the_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        for (content, expected) in [
            ("three little words\r\nmore\n", Some("three little words")),
            (" spaces stay ", Some(" spaces stay ")),
            ("\nlate", None),
            ("", None),
        ] {
            fs::write(&path, content).unwrap();
            let read = passphrase(&path).ok();
            assert_eq!(
                read.as_ref().map(|read| read.as_str()),
                expected,
                "{content:?}"
            );
        }
        for (bytes, fits) in [(4096, true), (4097, false), (9000, false)] {
            fs::write(&path, "x".repeat(bytes) + "\r\nmore").unwrap();
            let read = passphrase(&path);
            assert_eq!(read.is_ok_and(|read| read.len() == bytes), fits, "{bytes}");
        }
        fs::write(&path, b"\xff\xfe").unwrap();
        assert!(matches!(passphrase(&path), Err(FileError::NoPassphrase(_))));
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export");
        let mut begun = NewFile::begin(&path).unwrap();
        begun.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(begun);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_kill_left_is_swept_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export");
        let left = folder.path().join(format!("{UNFINISHED}Ab12Cd"));
        let other = folder.path().join(".daymark");
        for file in [&left, &other] {
            fs::write(file, "a walk").unwrap();
        }
        let begun = NewFile::begin(&path).unwrap();
        sweep_beside(&path);
        assert!(!left.exists() && other.exists());
        begun.finish(false).unwrap();
        assert!(path.exists());
    }

    #[test]
    fn what_came_meanwhile_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export");
        let begun = NewFile::begin(&path).unwrap();
        fs::write(&path, "mine").unwrap();
        assert!(matches!(begun.finish(false), Err(FileError::Exists(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }
}
