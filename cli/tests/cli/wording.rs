//! What a person reads when something is not as they meant it: a plain sentence and what to do.

use crate::place::{Ended, Place, finish};
use std::fs;

/// Both lines of an error.
#[track_caller]
fn told(ended: &Ended, sentence: &str, hint: &str) {
    let expected = format!("{sentence}\n  {hint}");
    assert!(ended.err.starts_with(&expected), "{ended:?}");
}

#[test]
fn a_file_is_named_as_it_is_written() {
    let place = Place::with_vault();
    let file = "journal.jsonl";
    let look = "Look whether the name is right and you may read it.";
    told(
        &place.run(["import", "--from=jsonl", file]),
        "Cannot read journal.jsonl: it is not there.",
        look,
    );
    told(
        &place.run(["export", "--format=jsonl", "--plaintext", "-o", "no/such"]),
        "Cannot write no/such: its folder is not there.",
        "Look whether the folder exists",
    );
    fs::write(place.path(file), "").unwrap();
    let export = ["export", "--format=jsonl", "--plaintext", "-o", file];
    told(
        &place.run(export),
        "There is already something at journal.jsonl.",
        "Name another one, or add --force to write over it.",
    );
    told(
        &place.run(["add", "x", "--zone=mars/olympus"]),
        "This system knows no time zone mars/olympus.",
        "Write it like",
    );
}

#[test]
fn what_needs_a_person_says_what_for() {
    let place = Place::empty();
    told(
        &place.run(["init", "--name=laptop"]),
        "The recovery words have to be written down, and nobody can be shown them here.",
        "Name a new file for them with --recovery-file.",
    );
    let place = Place::with_locked_vault();
    told(
        &place.run(["device", "pair"]),
        "Six digits have to be compared, and nobody can be asked about them here.",
        "Run it in a terminal, or add --trust-link",
    );
    told(
        &finish(place.command(["list", "--no-input"]), b"").ends(11),
        "The vault is locked, and nobody can be asked for its passphrase here.",
        "Name a file that holds it with --passphrase-file, or run `daymark unlock` first.",
    );
}

#[test]
fn a_time_or_a_number_that_is_none_comes_with_one_that_is() {
    let place = Place::with_vault();
    told(
        &place.run(["add", "x", "--at", "banana"]),
        "That is not a time.",
        "Write it like 2021-03-04T21:10, 2021-03-04, or 21:10 for today.",
    );
    let limit = place.run(["list", "--limit", "x"]).ends(2);
    assert!(limit.err.contains("write a number, like 20"), "{limit:?}");
}

#[test]
fn no_usage_is_guessed_from_a_mistake() {
    let place = Place::with_vault();
    for args in [["add", "--no-inptu", "x"], ["import", "--dry-run", "-q"]] {
        let ended = place.run(args).ends(2);
        assert!(!ended.err.contains("Usage:"), "{ended:?}");
        assert!(ended.err.contains("try '--help'"), "{ended:?}");
    }
    let json = place.run(["import", "--dry-run", "--json"]);
    assert!(
        json.err.contains("provided: --from <FROM> <FILE>"),
        "{json:?}"
    );
    json.error(2);
}

#[test]
fn a_short_passphrase_is_taken_with_a_word_of_advice() {
    let begin = ["init", "--name=laptop", "--recovery-file=words"];
    let place = Place::empty();
    let ended = place.run(begin).done();
    assert_eq!(ended.err, "");
    let place = Place::empty();
    fs::write(place.path("passphrase"), "a").unwrap();
    let ended = place.run(begin).done();
    assert!(
        ended.err.starts_with("That passphrase is short."),
        "{ended:?}"
    );
    place.add(["words"]);
}

#[test]
fn a_passphrase_that_would_be_cut_is_refused() {
    let place = Place::empty();
    fs::write(place.path("passphrase"), "x".repeat(5000)).unwrap();
    let begin = ["init", "--name=laptop", "--recovery-file=words", "--json"];
    assert_eq!(place.run(begin).error(2), "long-passphrase");
    assert!(!place.vault().exists());
}

#[test]
fn an_import_of_nothing_says_so() {
    let place = Place::with_vault();
    fs::write(place.path("empty"), "").unwrap();
    for format in ["jsonl", "jrnl"] {
        // What people type who just exported.
        let ended = place.run(["import", "--format", format, "empty"]).done();
        assert_eq!(ended.err, "There is no entry in it.\n");
        assert_eq!(ended.out, "0 added.\n");
    }
    let cut = b"{\"entries\": [\n{\"title\": \"x\",\n";
    let ended = place.run_with(["import", "--from=jrnl", "-"], cut).ends(1);
    assert!(ended.err.starts_with("Line 2: "), "{ended:?}");
}
