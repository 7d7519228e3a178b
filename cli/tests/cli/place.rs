//! A folder with a home, a passphrase and perhaps a vault, and the program run in it.

use daymark::{Keyring as _, SystemKeyring};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
    time::Duration,
};
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "three little words";

/// An invite of a relay that is nowhere.
pub(crate) const INVITE: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURoHBwcHBwcHBwcHBwcHBwcH";

/// How long a copied key is at hand: longer than any run of these tests.
const KEY_LASTS: Duration = Duration::from_secs(60 * 60);

pub(crate) struct Place {
    folder: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    /// Without a vault.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "run", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("passphrase"), format!("{PASSPHRASE}\n")).unwrap();
        Self { folder }
    }

    /// With an empty vault of an account of its own.
    pub(crate) fn with_another_vault() -> Self {
        let place = Self::empty();
        place
            .run(["init", "--name=tablet", "--recovery-file=words"])
            .done();
        place
    }

    /// With an empty vault. All are copies of one: making one costs.
    pub(crate) fn with_vault() -> Self {
        Self::of_person(0)
    }

    /// With an empty vault that no key is at hand for: each command needs the passphrase.
    pub(crate) fn with_locked_vault() -> Self {
        let place = Self::with_vault();
        place.forget_key();
        place
    }

    /// With the empty vault of one of a few people. All of one person's are copies of one, and so is the key at
    /// hand, where this system has a keyring: stretching the passphrase takes a command longer than all else.
    pub(crate) fn of_person(person: usize) -> Self {
        static FIRST: [OnceLock<Place>; 3] = [const { OnceLock::new() }; 3];
        let first = FIRST[person].get_or_init(|| {
            let first = Self::empty();
            let words = first.path("words");
            let words = words.to_str().unwrap();
            first
                .run(["init", "--name", "laptop", "--recovery-file", words])
                .done();
            first.unlock();
            first
        });
        let place = Self::empty();
        copy(&first.vault(), &place.vault());
        if let Ok(Some(key)) = SystemKeyring.find(&first.key_name()) {
            SystemKeyring
                .keep(&place.key_name(), &key, KEY_LASTS)
                .unwrap();
        }
        place
    }

    /// Has the key at hand from now on, where this system has a keyring.
    pub(crate) fn unlock(&self) {
        let unlocked = self.run(["unlock", "--for", "1h"]);
        assert!(
            unlocked.code == 0 || unlocked.err.contains("no keyring"),
            "{unlocked:?}"
        );
    }

    fn forget_key(&self) {
        if self.vault().exists() {
            // An error means that there is no keyring, and nothing in it.
            let _ = SystemKeyring.forget(&self.key_name());
        }
    }

    /// What the program calls this vault's key in the keyring.
    pub(crate) fn key_name(&self) -> String {
        format!("daymark:{}", self.vault().canonicalize().unwrap().display())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn vault(&self) -> PathBuf {
        self.path("vault")
    }

    /// The program with what every command needs to be left alone.
    pub(crate) fn command<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_daymark"));
        command.args(args);
        command
    }

    /// Any program, in the same surroundings.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("TZ", "Europe/London")
            .env("DAYMARK_VAULT", self.vault())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command with the passphrase from its file.
    pub(crate) fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Ended {
        self.run_with(args, b"")
    }

    /// The same, with something on its input.
    pub(crate) fn run_with<'a>(
        &self,
        args: impl IntoIterator<Item = &'a str>,
        input: &[u8],
    ) -> Ended {
        let alone = ["--no-input", "--passphrase-file", "passphrase"];
        finish(self.command(alone.into_iter().chain(args)), input)
    }

    /// Adds an entry and gives its id.
    pub(crate) fn add<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> String {
        let args = ["add", "--json"].into_iter().chain(args);
        self.run(args).json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn show(&self, entry: &str) -> Value {
        self.run(["show", entry, "--json"]).json()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.forget_key();
    }
}

impl Ended {
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        self.ends(0)
    }

    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// The one object that was printed.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        let mut lines = self.done().json_lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.remove(0)
    }

    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The error that was printed as JSON: checked against the contract, its code returned.
    #[track_caller]
    pub(crate) fn error(self, exit: i32) -> String {
        let this = self.ends(exit);
        let error: Value = serde_json::from_str(&this.err).unwrap_or_else(|_| panic!("{this:?}"));
        crate::schema::check("error", &error);
        let sentence = error["error"]["message"].as_str().unwrap();
        assert!(
            sentence.ends_with(['.', '?', '…']) && sentence.len() > 8,
            "{sentence}"
        );
        assert!(
            error["error"]["hint"].as_str().unwrap().len() > 8,
            "{error}"
        );
        assert_eq!(this.out, "");
        error["error"]["code"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn finish(mut command: Command, input: &[u8]) -> Ended {
    if !input.is_empty() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().unwrap();
    if let Some(mut stdin) = child.stdin.take() {
        // A program that refuses before it reads closes the pipe.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    copy_files(from, to);
}

/// The same into a folder that is there.
pub(crate) fn copy_files(from: &Path, to: &Path) {
    for found in fs::read_dir(from).unwrap() {
        let found = found.unwrap();
        fs::copy(found.path(), to.join(found.file_name())).unwrap();
    }
}

/// Permission bits.
#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
