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
    io::Write,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Words that are asked back.
const ASKED: usize = 3;

/// A new file for the words, made before the vault is: if there is no place for them, there is no vault.
pub(super) struct WordsFile {
    path: PathBuf,
    file: File,
}

impl WordsFile {
    pub(super) fn begin(path: &Path) -> Result<Self, FileError> {
        Ok(Self {
            path: path.to_owned(),
            file: files::create_private(path)?,
        })
    }

    pub(super) fn keep(mut self, phrase: &RecoveryPhrase) -> Result<(), FileError> {
        let mut text = phrase.words();
        text.push('\n');
        let written = self
            .file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_all());
        written.map_err(|why| FileError::Write {
            path: self.path,
            why,
        })
    }

    /// Nothing stands in it.
    pub(super) fn take_back(self) {
        let _ = std::fs::remove_file(self.path);
    }
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
