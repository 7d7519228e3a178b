//! A vault in a temporary folder, and entries to write.

use daymark_client::{
    system::SystemBytes,
    vault::{FirstContents, Vault},
};
use daymark_core::{
    account::found,
    journal::{Entry, Tag, Text, Title, When},
    random::Random,
};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "a quiet harbour";

/// A folder that is gone afterwards, and the vault in it.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
    pub(crate) vault: Vault,
}

pub(crate) async fn home() -> Home {
    let folder = TempDir::new().unwrap();
    let vault = create(folder.path()).await;
    Home { folder, vault }
}

pub(crate) async fn create(folder: &Path) -> Vault {
    let (contents, random) = contents();
    Vault::create(folder, PASSPHRASE, contents, random)
        .await
        .unwrap()
}

/// The contents of a new account's vault.
pub(crate) fn contents() -> (FirstContents, Random) {
    let random = Random::first(Box::new(SystemBytes::new())).unwrap();
    let founded = found(None, &random).unwrap();
    (founded.into(), random)
}

pub(crate) async fn unlock(folder: &Path) -> Vault {
    let locked = Vault::open(folder).await.unwrap();
    locked.unlock(PASSPHRASE).await.unwrap()
}

pub(crate) fn at(minute: usize) -> When {
    let (day, hour, minute) = (1 + minute / 1440, minute / 60 % 24, minute % 60);
    let (month, day) = (1 + day / 28, 1 + day % 28);
    When::parse(
        &format!("2021-{month:02}-{day:02}T{hour:02}:{minute:02}Z"),
        None,
    )
    .unwrap()
    .0
}

/// An entry with a title and a text, later than those of lower numbers.
pub(crate) fn entry(number: usize) -> Entry {
    let mut entry = Entry::new(at(number));
    entry.title = Title::parse(&format!("Day {number}")).unwrap();
    entry.text = Text::parse(format!("What happened on day {number}, in some words.")).unwrap();
    entry.tags = [Tag::parse(if number.is_multiple_of(2) {
        "even"
    } else {
        "odd"
    })
    .unwrap()]
    .into();
    entry
}

/// Runs one of this binary's ignored tests as another process, with what `prepare` adds, perhaps through a
/// shell's `before`.
pub(crate) fn child(test: &str, folder: &Path, before: &str) -> Command {
    let mut command = Command::new("sh");
    let run = format!("{before} exec \"$0\" --exact --ignored --nocapture --quiet \"$1\"");
    command
        .arg("-c")
        .arg(run)
        .arg(std::env::current_exe().unwrap())
        .arg(test)
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// The folder that a child was given.
pub(crate) fn given_folder() -> PathBuf {
    std::env::var_os(FOLDER).unwrap().into()
}

/// What a child said, line by line: the test harness says other things too.
pub(crate) fn said(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let output = BufReader::new(child.stdout.take().unwrap());
    output.lines().filter_map(|line| {
        let line = line.unwrap();
        line.strip_prefix(SAYS).map(str::to_owned)
    })
}

/// Says a line to the parent, at once.
pub(crate) fn say(line: impl std::fmt::Display) {
    println!("\n{SAYS}{line}");
}

const FOLDER: &str = "DAYMARK_TEST_FOLDER";
const SAYS: &str = "child says: ";
