//! `unlock` and `lock`: the key at hand, with the real keyring of this system's kernel.
//!
//! A vault's name there is its folder's, so tests at the same time do not meet. Where the system has no
//! keyring, as in some containers, each test sees that this is said by name.

use crate::{
    place::{Ended, PASSPHRASE, Place, finish},
    schema,
};
use daymark::{Exit, Io, Machine, Stop, SystemKeyring, Terminal};
use daymark_client::{
    system::{Clock, SystemClock},
    vault::Vault,
};
use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A place whose vault is locked again when the test is over.
struct Unlocked(Place);

impl Drop for Unlocked {
    fn drop(&mut self) {
        alone(&self.0, ["lock"]);
    }
}

/// Unlocks a place's vault; none where there is no keyring.
fn unlock(place: Place) -> Option<Unlocked> {
    if user_keyring().is_err() {
        let refused = place.run(["unlock", "--json"]);
        assert_eq!(refused.error(1), "no-keyring");
        return None;
    }
    let place = Unlocked(place);
    let unlocked = place.0.run(["unlock", "--json"]).json();
    schema::check("unlocked", &unlocked);
    Some(place)
}

/// Runs a command that has no passphrase and nobody to ask.
fn alone<'a>(place: &Place, args: impl IntoIterator<Item = &'a str>) -> Ended {
    finish(place.command(["--no-input"].into_iter().chain(args)), b"")
}

#[track_caller]
fn asks(place: &Place) {
    assert_eq!(alone(place, ["list", "--json"]).error(11), "locked");
}

fn user_keyring() -> Result<KeyRing, KeyError> {
    KeyRing::from_special_id(KeyRingIdentifier::User, true)
}

/// What the kernel keeps for a vault.
fn kept(vault: &Path) -> Result<Key, KeyError> {
    let user = user_keyring()?;
    KeyRing::from_special_id(KeyRingIdentifier::Process, true)?.link_keyring(user)?;
    let place = vault.canonicalize().unwrap();
    user.search(&format!("daymark:{}", place.display()))
}

#[test]
fn a_journal_is_unlocked_once_and_locked_again() {
    let place = Place::with_locked_vault();
    place.add(["a walk"]);
    let Some(Unlocked(place)) = &unlock(place) else {
        return;
    };
    alone(place, ["add", "some tea"]).done();
    assert_eq!(alone(place, ["list"]).done().out.lines().count(), 2);
    let status = alone(place, ["status", "--json"]).json();
    schema::check("status", &status);
    assert!(status["unlocked_until"].is_string(), "{status}");
    let lines = alone(place, ["status"]).done().out;
    assert!(lines.contains("unlocked      until "), "{lines}");

    let locked = alone(place, ["lock", "--json"]).json();
    schema::check("locked", &locked);
    assert_eq!(locked["forgotten"], true);
    asks(place);
    let status = place.run(["status", "--json"]).json();
    assert!(status["unlocked_until"].is_null(), "{status}");
    let lines = place.run(["status"]).done().out;
    assert!(lines.contains("unlocked      no\n"), "{lines}");
    let again = alone(place, ["lock"]).done().out;
    assert!(again.contains("locked already"), "{again}");
}

#[test]
fn a_folder_without_a_vault_is_not_called_locked() {
    let place = Place::empty();
    if user_keyring().is_ok() {
        assert_eq!(alone(&place, ["lock", "--json"]).error(10), "no-vault");
    }
}

#[test]
fn the_time_is_bounded_by_the_kernel_too() {
    let Some(Unlocked(place)) = &unlock(Place::with_locked_vault()) else {
        return;
    };
    let until = |hours: &str| {
        let unlocked = place.run(["unlock", "--json", "--for", hours]).json();
        let until = unlocked["unlocked_until"].as_str().unwrap();
        let until: jiff::Timestamp = until.parse().unwrap();
        u64::try_from(until.as_millisecond()).unwrap()
    };
    let hour = 60 * 60 * 1000;
    let before = SystemClock.now_ms();
    assert!(until("2h") < before + 3 * hour);
    assert!(until("24h") > before + 23 * hour);
    for never in ["25h", "0s", "-1h", "soon"] {
        let refused = place.run(["unlock", "--json", "--for", never]);
        assert_eq!(refused.error(2), "usage", "{never}");
    }
    until("1m");
    // `/proc/keys` shows the time that is left: "perm" for a key without an end.
    let Ok(keys) = fs::read_to_string("/proc/keys") else {
        return;
    };
    let vault = place.vault().canonicalize().unwrap();
    let name = format!("daymark:{}:", vault.display());
    if let Some(line) = keys.lines().find(|line| line.contains(&name)) {
        let left = line.split_whitespace().nth(3).unwrap();
        assert!(left == "1m" || left.ends_with('s'), "{line}");
    }
}

#[test]
fn unlocking_always_asks_and_a_wrong_passphrase_keeps_nothing() {
    let place = Place::with_locked_vault();
    fs::write(place.path("wrong"), "three little birds\n").unwrap();
    if user_keyring().is_ok() {
        let wrong = alone(&place, ["unlock", "--json", "--passphrase-file", "wrong"]);
        assert_eq!(wrong.error(12), "wrong-passphrase");
        asks(&place);
    }
    let Some(Unlocked(place)) = &unlock(place) else {
        return;
    };
    let refused = alone(place, ["unlock", "--json"]);
    assert_eq!(refused.error(2), "nobody-to-ask");
}

#[test]
fn a_device_is_let_in_by_the_passphrase_alone() {
    let Some(Unlocked(place)) = &unlock(Place::with_locked_vault()) else {
        return;
    };
    alone(place, ["list"]).done();
    let pair = ["device", "pair", "--trust-link", "--json"];
    assert_eq!(alone(place, pair).error(2), "nobody-to-ask");
    fs::write(place.path("wrong"), "three little birds\n").unwrap();
    let wrong = ["--passphrase-file", "wrong"].into_iter().chain(pair);
    assert_eq!(alone(place, wrong).error(12), "wrong-passphrase");
    let right = place.run(pair);
    assert_ne!(right.error(1), "wrong-passphrase");
}

#[test]
fn e4_once_locked_no_command_gets_in() {
    let place = Place::with_locked_vault();
    place.add(["a walk"]);
    let Some(Unlocked(place)) = &unlock(place) else {
        return;
    };
    alone(place, ["lock"]).done();
    let database = place.vault().join("vault.sqlite");
    let before = fs::read(&database).unwrap();
    for command in [
        vec!["add", "words"],
        vec!["list"],
        vec!["show", "@1"],
        vec!["search", "walk"],
        vec!["sync"],
        vec!["status"],
        vec!["device", "list"],
        vec!["relay", "show"],
        vec!["export", "--format", "jsonl", "--plaintext"],
    ] {
        let refused = alone(place, command.iter().copied().chain(["--json"]));
        assert_eq!(refused.error(11), "locked", "{command:?}");
    }
    let refused = alone(place, ["unlock", "--json"]);
    assert_eq!(refused.error(2), "nobody-to-ask");
    assert_eq!(fs::read(&database).unwrap(), before);
}

#[test]
fn another_vaults_key_is_dropped() {
    let place = Place::with_locked_vault();
    let Some(Unlocked(place)) = &unlock(place) else {
        return;
    };
    fs::rename(place.vault(), place.path("before")).unwrap();
    let init = ["init", "--name", "phone", "--recovery-file", "words"];
    place.run(init).done();
    asks(place);
    assert!(kept(&place.vault()).is_err());
    place.run(["list"]).done();
    fs::remove_dir_all(place.vault()).unwrap();
    fs::rename(place.path("before"), place.vault()).unwrap();
    asks(place);
}

#[test]
fn a_key_that_was_renewed_is_dropped() {
    let Some(Unlocked(place)) = &unlock(Place::with_locked_vault()) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let locked = Vault::open(&place.vault()).await.unwrap();
        let vault = locked.unlock(PASSPHRASE).await.unwrap();
        let renewed = vault.change_passphrase(PASSPHRASE, "four little words");
        renewed.await.unwrap();
        vault.close().await;
    });
    assert!(kept(&place.vault()).is_ok());
    asks(place);
    assert!(kept(&place.vault()).is_err());
    fs::write(place.path("passphrase"), "four little words\n").unwrap();
    place.run(["unlock"]).done();
    alone(place, ["list"]).done();
}

#[test]
fn i1_the_key_is_in_no_file_and_no_output() {
    let Some(Unlocked(place)) = &unlock(Place::with_locked_vault()) else {
        return;
    };
    let mut said = String::new();
    for command in [
        vec!["add", "a walk"],
        vec!["status"],
        vec!["status", "--json"],
        vec!["sync"],
        vec!["export", "--format", "jsonl", "--plaintext"],
        vec!["unlock", "--passphrase-file", "passphrase"],
    ] {
        let ended = alone(place, command);
        said += &ended.out;
        said += &ended.err;
    }
    let secret = kept(&place.vault()).unwrap().read_to_vec().unwrap();
    let key = &secret[secret.len() - 32..];
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let holds = |bytes: &[u8]| {
        let raw = bytes.windows(key.len()).any(|window| window == key);
        raw || bytes.windows(64).any(|window| window == hex.as_bytes())
    };
    assert!(!said.is_empty() && !holds(said.as_bytes()));
    let folder = place.path("");
    assert!(
        files(&folder)
            .iter()
            .all(|file| !holds(&fs::read(file).unwrap()))
    );
    fs::write(place.path("planted"), &secret).unwrap();
    assert!(
        files(&folder)
            .iter()
            .any(|file| holds(&fs::read(file).unwrap()))
    );
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).unwrap();
    let found = found.map(|found| found.unwrap().path());
    found
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// A clock that shows one time.
#[derive(Debug)]
struct Shows(u64);

impl Clock for Shows {
    fn now_ms(&self) -> u64 {
        self.0
    }
}

/// Lists the entries at another time, with nobody to ask.
fn list_at(place: &Place, now_ms: u64) -> Exit {
    let io = Io::new(
        io::empty(),
        io::sink(),
        io::sink(),
        Terminal::default(),
        Stop::never(),
    );
    let vault = place.vault().into_os_string();
    let args = ["daymark".into(), "list".into(), "--vault".into(), vault];
    let machine = Machine::new(Shows(now_ms), SystemKeyring);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(daymark::run_on(args, io, machine))
}

#[test]
fn k12_a_key_is_dropped_when_its_time_is_over_and_when_the_clock_is_set_back() {
    let Some(Unlocked(place)) = &unlock(Place::with_locked_vault()) else {
        return;
    };
    let hour = 60 * 60 * 1000;
    let now = SystemClock.now_ms();
    assert_eq!(list_at(place, now + hour), Exit::Done);
    assert_eq!(list_at(place, now + 9 * hour), Exit::Busy);
    // It is gone, and not only out of its time.
    assert!(kept(&place.vault()).is_err());
    asks(place);
    place.run(["unlock"]).done();
    alone(place, ["list"]).done();
    assert_eq!(list_at(place, now - hour), Exit::Busy);
    asks(place);
}
