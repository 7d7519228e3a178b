//! `init`: without a person, and what it leaves behind.

use crate::{
    place::{INVITE, Place, mode},
    schema,
};
use std::fs;

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
