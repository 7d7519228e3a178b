//! Folders that a program left behind which was killed, or cut off from its power, and the texts in them.
//!
//! A text that somebody wrote there is given back for its journal to keep (threat I1: after that it is wiped); what
//! holds no new words is wiped at once. One in use is left alone: its lock is held by the program and by the editor
//! that it opened, and falls with the last of them.

use super::{
    Purpose,
    folder::{BEGAN, PREFIX, RANDOM_LETTERS, TEXT, lock, places, wipe},
};
use daymark_client::SpaceId;
use std::{
    fs::{self, DirEntry, File},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// A text that a killed program left. It stays until it is wiped.
#[derive(Debug)]
pub(crate) struct LeftText {
    folder: PathBuf,
    text: Vec<u8>,
    purpose: Purpose,
    saved_at: Option<SystemTime>,
    _lock: File,
}

impl LeftText {
    /// As the editor left it.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// What it was for.
    pub(crate) const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// When it was saved, by the clock of the disk.
    pub(crate) const fn saved_at(&self) -> Option<SystemTime> {
        self.saved_at
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(TEXT)
    }

    /// Overwrites and removes it, once it is kept elsewhere.
    pub(crate) fn wipe(self) {
        wipe(&self.folder);
    }
}

/// What a folder that is left holds.
enum Holds {
    /// Words that are nowhere else, of one journal, and what they are for.
    New(SpaceId, Purpose, Vec<u8>),
    /// No more than the editor began with.
    Nothing,
    /// Words of nobody knows which journal, or what cannot be read.
    Unknown,
}

/// What was left of a journal's texts. What holds nothing new is wiped, whosever it is; the rest stays as it is.
pub(crate) fn left_of(journal: SpaceId) -> Vec<LeftText> {
    places()
        .flat_map(|place| left_in(&place, journal))
        .collect()
}

fn left_in(place: &Path, journal: SpaceId) -> Vec<LeftText> {
    let Ok(found) = fs::read_dir(place) else {
        return Vec::new();
    };
    let ours = found
        .flatten()
        .filter(|found| is_ours(found).unwrap_or(false));
    ours.filter_map(|found| taken(found.path(), journal))
        .collect()
}

fn taken(folder: PathBuf, journal: SpaceId) -> Option<LeftText> {
    let lock = lock(&folder)?;
    match holds(&folder).unwrap_or(Holds::Unknown) {
        Holds::Nothing => wipe(&folder),
        Holds::New(whose, purpose, text) if whose == journal => {
            let about = fs::metadata(folder.join(TEXT)).ok();
            return Some(LeftText {
                text,
                purpose,
                saved_at: about.and_then(|about| about.modified().ok()),
                folder,
                _lock: lock,
            });
        }
        Holds::New(..) | Holds::Unknown => {}
    }
    None
}

fn holds(folder: &Path) -> io::Result<Holds> {
    let text = fs::read(folder.join(TEXT))?;
    if text.trim_ascii().is_empty() {
        return Ok(Holds::Nothing);
    }
    let began = fs::read_to_string(folder.join(BEGAN))?;
    let Some((told, began)) = began.split_once('\n') else {
        return Ok(Holds::Unknown);
    };
    Ok(match whose_and_what_for(told) {
        Some(_) if began.as_bytes() == text => Holds::Nothing,
        Some((whose, purpose)) => Holds::New(whose, purpose, text),
        None => Holds::Unknown,
    })
}

fn whose_and_what_for(told: &str) -> Option<(SpaceId, Purpose)> {
    let (whose, purpose) = told.split_once(' ')?;
    Some((whose.parse().ok()?, purpose.parse().ok()?))
}

/// Whether only such a folder can be it: by its name, its owner, its mode, and the text in it.
fn is_ours(found: &DirEntry) -> io::Result<bool> {
    let name = found.file_name();
    let random = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    let is_named = random.is_some_and(|random| {
        random.len() == RANDOM_LETTERS && random.chars().all(|c| c.is_ascii_alphanumeric())
    });
    // Of the name itself: a link is nobody's folder.
    let about = found.metadata()?;
    Ok(is_named
        && about.is_dir()
        && about.uid() == rustix::process::geteuid().as_raw()
        && about.mode() & 0o777 == 0o700
        && fs::symlink_metadata(found.path().join(TEXT))?.is_file())
}

#[cfg(test)]
mod tests {
    use super::{
        super::folder::{KEPT, PrivateFolder},
        *,
    };
    use daymark_client::DocumentId;

    const JOURNAL: SpaceId = SpaceId::from_bytes([7; SpaceId::SIZE]);
    const OTHER: SpaceId = SpaceId::from_bytes([8; SpaceId::SIZE]);
    const FOR: Purpose = Purpose::Edit(DocumentId::from_bytes([9; DocumentId::SIZE]));

    /// A folder as a killed program leaves it.
    fn left(place: &Path, began: &str, text: &str, whose: SpaceId) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let folder = PrivateFolder::make_in(place).unwrap();
        folder.write(began, whose, FOR).unwrap();
        let copy = place.join(format!(
            "{PREFIX}{}",
            fs::read_dir(place).unwrap().count() + 100_000
        ));
        fs::create_dir(&copy).unwrap();
        for found in fs::read_dir(folder.path()).unwrap() {
            let found = found.unwrap();
            fs::copy(found.path(), copy.join(found.file_name())).unwrap();
        }
        fs::write(copy.join(TEXT), text).unwrap();
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o700)).unwrap();
        copy
    }

    #[test]
    fn i1_only_what_was_left_behind_is_wiped() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let made = |name: &str, mode: u32, file: &str| {
            let path = place.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::write(path.join(file), " \n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path
        };
        let blank = made("daymark-editor-Ab12Cd", 0o700, TEXT);
        let others = [
            made("daymark-editor-Ab12Ce", 0o755, TEXT),
            made("daymark-editor-Ab12Cf", 0o700, "vault.sqlite"),
            made("daymark-editor-journal", 0o700, TEXT),
            made("daymark-Ab12Cd", 0o700, TEXT),
            made("daymark-editor-Ab12Cg", 0o700, KEPT),
        ];
        let left = left(place.path(), "a walk", "a walk", OTHER);
        let elsewhere = tempfile::tempdir().unwrap();
        let copy = elsewhere.path().join("copy");
        fs::hard_link(left.join(TEXT), &copy)
            .or_else(|_| fs::write(&copy, [0; 6]))
            .unwrap();
        let alive = PrivateFolder::make_in(place.path()).unwrap();
        let text = alive.write("being written", JOURNAL, FOR).unwrap();
        assert!(left_in(place.path(), JOURNAL).is_empty());
        assert!(!left.exists() && !blank.exists() && text.exists());
        assert_eq!(fs::read(copy).unwrap(), [0; 6]);
        assert!(others.iter().all(|other| other.exists()));
    }

    #[test]
    fn new_words_are_given_back_to_their_journal_alone() {
        let place = tempfile::tempdir().unwrap();
        let own = left(place.path(), "a walk\n", "a walk by the canal\n", JOURNAL);
        let others = left(place.path(), "", "a walk by the river\n", OTHER);
        let nobodys = left(place.path(), "", "a walk by the sea\n", JOURNAL);
        fs::remove_file(nobodys.join(BEGAN)).unwrap();
        let mut found = left_in(place.path(), JOURNAL);
        assert_eq!(found.len(), 1);
        let found = found.remove(0);
        assert_eq!(found.text(), b"a walk by the canal\n");
        assert_eq!(found.purpose(), FOR);
        assert_eq!(found.path(), own.join(TEXT));
        assert!(left_in(place.path(), JOURNAL).is_empty(), "it is taken");
        found.wipe();
        assert!(!own.exists() && others.exists() && nobodys.exists());
    }
}
