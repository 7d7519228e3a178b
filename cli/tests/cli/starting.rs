//! `init`: without a person, and what it leaves behind.

use crate::{
    place::{INVITE, Place, mode},
    schema,
};
use std::{fs, path::Path};

#[test]
fn a_journal_is_begun_without_a_terminal() {
    let place = Place::empty();
    let made = place
        .run([
            "init",
            "--name",
            "laptop",
            "--recovery-file",
            "words",
            "--json",
        ])
        .json();
    schema::check("init", &made);
    let words = fs::read_to_string(place.path("words")).unwrap();
    assert_eq!(words.split_whitespace().count(), 24);
    assert_eq!(mode(&place.path("words")), 0o600);
    assert_eq!(mode(&place.vault()), 0o700);
    for found in fs::read_dir(place.vault()).unwrap() {
        assert_eq!(mode(&found.unwrap().path()), 0o600);
    }
    assert_eq!(
        place
            .run(["init", "--name", "x", "--recovery-file", "w", "--json"])
            .error(1),
        "vault-exists"
    );
    assert!(!place.path("w").exists());
}

#[test]
fn a_relay_may_be_named_from_the_start_with_no_network() {
    let place = Place::empty();
    let url = "https://relay.example";
    let made = [
        "init", "--name", "laptop", "--relay", url, "--invite", INVITE,
    ];
    place
        .run(made.into_iter().chain(["--recovery-file", "words"]))
        .done();
    let shown = place.run(["relay", "show", "--json"]).json();
    schema::check("relay_shown", &shown);
    assert_eq!(shown["relay"], "https://relay.example/");
}

#[test]
fn without_a_place_for_the_words_nothing_is_made() {
    let place = Place::empty();
    assert_eq!(
        place.run(["init", "--name", "laptop", "--json"]).error(2),
        "nobody-to-ask"
    );
    fs::write(place.path("words"), "mine").unwrap();
    let kept = place.run([
        "init",
        "--name",
        "laptop",
        "--recovery-file",
        "words",
        "--json",
    ]);
    assert_eq!(kept.error(2), "file-exists");
    assert_eq!(fs::read_to_string(place.path("words")).unwrap(), "mine");
    let nowhere = [
        "init",
        "--name",
        "laptop",
        "--recovery-file",
        "no/such/words",
        "--json",
    ];
    assert_eq!(place.run(nowhere).error(1), "file-unwritable");
    assert!(!place.vault().exists());
}

#[test]
fn a_vault_that_cannot_be_made_takes_the_words_file_back() {
    let place = Place::empty();
    fs::write(place.vault(), "not a folder").unwrap();
    let refused = place.run([
        "init",
        "--name",
        "laptop",
        "--recovery-file",
        "words",
        "--json",
    ]);
    refused.ends(1);
    assert!(!place.path("words").exists());
}

#[test]
fn without_a_name_for_the_folder_the_platforms_is_used() {
    let place = Place::empty();
    let mut command = place.command(["init", "--name", "laptop", "--recovery-file", "words"]);
    command
        .args(["--no-input", "--passphrase-file", "passphrase"])
        .env_remove("DAYMARK_VAULT");
    crate::place::finish(command, b"").done();
    let home = place.path("home");
    let usual = [
        ".local/share/daymark",
        "Library/Application Support/daymark",
    ];
    assert!(
        usual
            .iter()
            .any(|usual| home.join(usual).join("vault.sqlite").exists())
    );
}

const BEGIN: [&str; 8] = [
    "init",
    "--name=laptop",
    "--relay=https://relay.example",
    "--invite",
    INVITE,
    "--recovery-file=words",
    "--quiet",
    "--json",
];

/// Kills a beginning at the moment at which something appears.
fn killed_when_there_is(place: &Place, found: &Path) {
    let alone = ["--no-input", "--passphrase-file=passphrase"];
    let mut command = place.command(alone.into_iter().chain(BEGIN));
    let mut child = command.spawn().unwrap();
    while !found.exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn words_of(place: &Place) -> usize {
    let words = fs::read_to_string(place.path("words")).unwrap();
    let first = words.lines().next().unwrap_or_default();
    first.split_whitespace().count()
}

#[test]
fn a_beginning_that_is_killed_leaves_no_journal_without_its_words() {
    for moment in ["vault/vault.sqlite.new", "words", "vault/vault.sqlite"] {
        let place = Place::empty();
        killed_when_there_is(&place, &place.path(moment));
        if place.path("vault/vault.sqlite").exists() {
            assert_eq!(words_of(&place), 24, "{moment}");
            let device = place.run(["device", "list", "--json"]).json();
            assert_eq!(device["name"], "laptop", "{moment}");
            let relay = place.run(["relay", "show", "--json"]).json();
            assert_eq!(relay["relay"], "https://relay.example/", "{moment}");
            continue;
        }
        place.run(BEGIN).done();
        assert_eq!(words_of(&place), 24, "{moment}");
        let words = fs::read_to_string(place.path("words")).unwrap();
        assert_eq!(words.lines().count(), 1, "{moment}");
        let left = fs::read_dir(place.vault()).unwrap();
        let left = left.map(|found| found.unwrap().file_name().into_string().unwrap());
        let strange: Vec<_> = left.filter(|name| name.contains("new")).collect();
        assert!(strange.is_empty(), "{moment}: {strange:?}");
        place.add(["words"]);
    }
}

#[test]
fn words_of_a_journal_that_was_never_made_are_written_anew() {
    let place = Place::empty();
    let left = |vault: &Path| {
        format!(
            "word word\n# The journal in {} is not made yet.\n",
            vault.display()
        )
    };
    fs::write(place.path("words"), left(&place.path("another"))).unwrap();
    assert_eq!(place.run(BEGIN).error(2), "file-exists");
    fs::write(place.path("words"), left(&place.vault())).unwrap();
    place.run(BEGIN).done();
    assert_eq!(words_of(&place), 24);
    // Killed before the first byte was in it.
    let place = Place::empty();
    fs::write(place.path("words"), "").unwrap();
    place.run(BEGIN).done();
    assert_eq!(words_of(&place), 24);
    assert_eq!(mode(&place.path("words")), 0o600);
}
