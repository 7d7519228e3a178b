//! The recovery words: kept in a file, or shown once and some of them asked back.

use crate::{
    error::CliError,
    files::{self, FileError},
    io::Screen,
    session::Session,
};
use daymark_client::RecoveryPhrase;
use std::{
    collections::BTreeSet,
    fs::File,
    hash::{BuildHasher, RandomState},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Words that are asked back.
const ASKED: usize = 3;

/// Bytes of a file of words that is looked at: 24 words and the path of a journal are shorter.
const MAX_WORDS_FILE: usize = 8192;

/// Where the words are to be kept, in a new file.
///
/// They are on the disk before the journal has its name, followed by a line that says so. What an interrupted
/// beginning of the same journal left there belongs to nothing, and is written anew.
pub(super) struct WordsFile {
    path: PathBuf,
    unfinished: String,
}

/// The words are on the disk; the journal is still to come.
pub(super) struct KeptWords {
    file: File,
    length: u64,
}

impl WordsFile {
    /// Looks whether there is a place for them: without one there is to be no journal. `vault` is the folder of
    /// the journal, which does not exist yet.
    pub(super) fn find_place(path: &Path, vault: &Path) -> Result<Self, FileError> {
        let vault = std::path::absolute(vault).unwrap_or_else(|_| vault.to_owned());
        let words = Self {
            path: path.to_owned(),
            unfinished: format!("# The journal in {} is not made yet.\n", vault.display()),
        };
        if words.was_left_behind() {
            return Ok(words);
        }
        files::has_place(path)?;
        Ok(words)
    }

    /// Keeps them. Hold the journal's place, so that nobody else begins the same one.
    pub(super) fn keep(self, phrase: &RecoveryPhrase) -> Result<KeptWords, FileError> {
        if self.was_left_behind() {
            self.remove()?;
        }
        let words = phrase.words();
        let mut text = Zeroizing::new(String::with_capacity(MAX_WORDS_FILE));
        for part in [words.as_str(), "\n", &self.unfinished] {
            text.push_str(part);
        }
        let mut file = files::create_private(&self.path)?;
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| files::sync_folder_of(&self.path));
        if let Err(why) = written {
            // Half of the words serve nobody.
            let _ = self.remove();
            return Err(FileError::Write {
                path: self.path,
                why,
            });
        }
        Ok(KeptWords {
            file,
            length: words.len() as u64 + 1,
        })
    }

    fn was_left_behind(&self) -> bool {
        let is_file = files::is_there(&self.path).unwrap_or(false);
        is_file && is_unfinished(&self.path, &self.unfinished).unwrap_or(false)
    }

    fn remove(&self) -> Result<(), FileError> {
        std::fs::remove_file(&self.path).map_err(|why| FileError::Write {
            path: self.path.clone(),
            why,
        })
    }
}

impl KeptWords {
    /// The journal is there: nothing but its words is left in the file. Where that cannot be done they stand
    /// there all the same.
    pub(super) fn belong(self) {
        let _ = self.file.set_len(self.length);
    }
}

/// Whether a file ends with this line, or holds nothing, as it does before the words are in it.
fn is_unfinished(path: &Path, line: &str) -> io::Result<bool> {
    let mut text = Zeroizing::new(String::with_capacity(MAX_WORDS_FILE));
    let mut file = File::open(path)?.take(MAX_WORDS_FILE as u64);
    file.read_to_string(&mut text)?;
    Ok(text.is_empty() || text.ends_with(line))
}

/// Shows the words on a screen of their own, which is gone afterwards, and asks some of them back.
pub(super) async fn show_and_ask_back(
    session: &mut Session,
    phrase: &RecoveryPhrase,
) -> Result<(), CliError> {
    let words = phrase.words();
    let words: Vec<&str> = words.split(' ').collect();
    loop {
        show(session, &words).await?;
        if ask_back(session, &words).await? {
            return Ok(());
        }
        session
            .io()
            .ask("That was another word. Press Enter to see them once more. ")
            .await?;
    }
}

async fn show(session: &mut Session, words: &[&str]) -> Result<(), CliError> {
    let mut text = Zeroizing::new(String::with_capacity(1024));
    text.push_str("Your 24 recovery words. Write them down on paper, in this order.\n\n");
    for (number, word) in (1..).zip(words) {
        text.push_str(&format!("{number:>4}. {word:<10}"));
        if number % 4 == 0 {
            text.push('\n');
        }
    }
    text.push_str(
        "\nWhoever has them can read your journal. Without them, a lost passphrase stays lost.\n\n",
    );
    let mut screen = Screen::open(session.io())?;
    screen
        .ask(&text, "Press Enter when you have them. ")
        .await?;
    Ok(())
}

async fn ask_back(session: &mut Session, words: &[&str]) -> Result<bool, CliError> {
    for place in places(words.len(), ASKED) {
        let answer = session.io().ask(&format!("Word {}: ", place + 1)).await?;
        if words
            .get(place)
            .is_none_or(|word| !answer.trim().eq_ignore_ascii_case(word))
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Some of `count` places, in order. No secret hangs on which.
fn places(count: usize, wanted: usize) -> BTreeSet<usize> {
    let mut places = BTreeSet::new();
    while count > 0 && places.len() < wanted.min(count) {
        let drawn = usize::try_from(RandomState::new().hash_one(places.len()) >> 32);
        places.insert(drawn.unwrap_or_default() % count);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_places_are_asked() {
        let places = places(24, ASKED);
        assert!(places.len() == ASKED && places.iter().all(|place| *place < 24));
        assert_eq!(super::places(2, ASKED).len(), 2);
    }
}
