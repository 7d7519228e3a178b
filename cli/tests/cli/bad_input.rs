//! Bad input: one plain sentence, a hint, an exit code, and nothing is lost.

use crate::place::{INVITE, Place, finish};
use std::fs;

#[test]
fn no_vault_and_a_wrong_passphrase() {
    let place = Place::empty();
    assert_eq!(place.run(["list", "--json"]).error(10), "no-vault");
    let told = place.run(["list"]).ends(10);
    let looked = format!(
        "There is no vault in {}.\n  Make one",
        place.vault().display()
    );
    assert!(
        told.err.starts_with(&looked) && told.err.contains("`daymark device join`"),
        "{told:?}"
    );
    for name in ["zzz", "@0", ""] {
        for verb in ["show", "unshare", "who-sees"] {
            assert_eq!(place.run([verb, name, "--json"]).error(10), "no-vault");
        }
        assert_eq!(
            place
                .run_with(["edit", name, "-", "--json"], b"x")
                .error(10),
            "no-vault"
        );
    }
    let place = Place::with_locked_vault();
    fs::write(place.path("passphrase"), "three little birds\n").unwrap();
    assert_eq!(
        place.run(["add", "words", "--json"]).error(12),
        "wrong-passphrase"
    );
    fs::write(place.path("passphrase"), "\n").unwrap();
    assert_eq!(place.run(["list", "--json"]).error(2), "no-passphrase");
    fs::remove_file(place.path("passphrase")).unwrap();
    assert_eq!(place.run(["list", "--json"]).error(1), "file-unreadable");
    let command = place.command(["list", "--json", "--no-input"]);
    assert_eq!(finish(command, b"").error(11), "locked");
}

#[test]
fn a_join_that_was_begun_is_not_gone_over() {
    let place = Place::empty();
    fs::create_dir(place.vault()).unwrap();
    fs::write(place.vault().join("joining"), "sealed").unwrap();
    let told = place.run(["list"]).ends(10);
    assert!(
        told.err.contains("A join was begun in") && told.err.contains("with the same link"),
        "{told:?}"
    );
    assert_eq!(place.run(["list", "--json"]).error(10), "join-begun");
    let init = ["init", "--name=laptop", "--recovery-file=words", "--json"];
    assert_eq!(place.run(init).error(10), "join-begun");
    assert_eq!(
        fs::read(place.vault().join("joining")).unwrap(),
        b"sealed".as_slice()
    );
    assert!(!place.path("words").exists());
}

#[test]
fn a_vault_that_is_damaged() {
    let place = Place::with_vault();
    let file = place.vault().join("vault.sqlite");
    let whole = fs::read(&file).unwrap();
    fs::write(
        &file,
        [b"no database at all".as_slice(), &whole[18..]].concat(),
    )
    .unwrap();
    assert_eq!(place.run(["list", "--json"]).error(16), "damaged");
    fs::write(&file, &whole[..4096]).unwrap();
    assert_eq!(place.run(["list", "--json"]).error(16), "damaged");
}

#[test]
fn a_vault_that_a_newer_version_made() {
    let place = Place::with_vault();
    let file = place.vault().join("vault.sqlite");
    let mut bytes = fs::read(&file).unwrap();
    let format = bytes
        .windows(7)
        .position(|row| row == b"format\x01")
        .unwrap();
    bytes[format + 6] = 2;
    fs::write(&file, &bytes).unwrap();
    assert_eq!(
        place.run(["add", "words", "--json"]).error(15),
        "newer-version"
    );
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[test]
fn an_entry_that_is_none_or_several() {
    let place = Place::with_vault();
    assert_eq!(place.run(["show", "@1", "--json"]).error(4), "not-found");
    let pages: String = (10..27)
        .map(|minute| {
            format!(
                "[2021-03-04 21:{minute}] Minute {minute}

"
            )
        })
        .collect();
    place
        .run_with(["import", "--from=jrnl", "-"], pages.as_bytes())
        .done();
    let ids: Vec<String> = place
        .run(["list", "--json"])
        .done()
        .json_lines()
        .iter()
        .map(|entry| entry["id"].as_str().unwrap()[..1].to_owned())
        .collect();
    let twice = ids
        .iter()
        .find(|id| ids.iter().filter(|other| other == id).count() > 1)
        .unwrap();
    let ended = place.run(["show", twice, "--json"]);
    assert!(ended.err.contains("Give more of the id: "), "{ended:?}");
    assert_eq!(ended.error(4), "ambiguous");
    for name in ["@0", "@18", "xyz", "@", ""] {
        assert_eq!(
            place.run(["show", name, "--json"]).error(4),
            "not-found",
            "{name}"
        );
    }
    assert_eq!(
        place
            .run_with(["edit", "@99", "-", "--json"], b"x")
            .error(4),
        "not-found"
    );
}

#[test]
fn a_text_that_is_too_long_or_none() {
    let place = Place::with_vault();
    let long = "x".repeat(10 * 1024 * 1024);
    let refused = place.run_with(["add", "-", "--json"], long.as_bytes());
    assert!(
        refused.err.contains("make several entries of it"),
        "{}",
        refused.err
    );
    assert!(refused.err.contains("each part"), "{}", refused.err);
    assert_eq!(refused.error(2), "not-writable");
    assert_eq!(
        place.run_with(["add", "-", "--json"], b"\xff\xfe").error(2),
        "not-utf8"
    );
    assert_eq!(
        place.run_with(["add", "-", "--json"], b" \n").error(2),
        "nothing-written"
    );
    place.add(["short"]);
    assert_eq!(
        place
            .run_with(["edit", "@1", "-", "--json"], long.as_bytes())
            .error(2),
        "not-writable"
    );
    assert_eq!(place.show("@1")["text"], "short");
}

#[test]
fn times_that_do_not_exist_and_fields_that_cannot_be() {
    let place = Place::with_vault();
    let skipped = place.run(["add", "x", "--at=2021-03-28T01:30", "--json"]);
    assert_eq!(skipped.error(2), "no-such-time");
    let beyond = place.run(["add", "x", "--at=9999-12-31T23:59"]).ends(2).err;
    assert!(
        beyond.contains("to 9999-12-30") && !beyond.contains("what is written"),
        "{beyond}"
    );
    let twice = place.run(["add", "x", "--at=2021-10-31T01:30"]).done();
    assert!(twice.err.contains("twice"), "{twice:?}");
    assert_eq!(
        place.show("@1")["at"],
        "2021-10-31T01:30:00+01:00[Europe/London]"
    );
    for (args, code) in [
        (["add", "x", "--at=soon", "--json"], "not-a-time"),
        (
            ["add", "x", "--zone=Mars/Olympus", "--json"],
            "unknown-zone",
        ),
        (["add", "x", "--zone=a b", "--json"], "usage"),
        (["add", "x", "--day=2021-02-30", "--json"], "usage"),
        (["add", "x", "--tag=a\nb", "--json"], "usage"),
        (["add", "x", "--kind= ", "--json"], "usage"),
    ] {
        assert_eq!(place.run(args).error(2), code, "{args:?}");
    }
}

#[test]
fn arguments_that_mean_nothing() {
    let place = Place::empty();
    assert_eq!(place.run(["ad", "--json"]).error(2), "usage");
    assert_eq!(place.run(["list", "--limit=x", "--json"]).error(2), "usage");
    let told = finish(place.command(["lsit"]), b"").ends(2);
    assert!(told.err.contains("list") && told.out.is_empty(), "{told:?}");
    assert!(
        finish(place.command(["--help"]), b"")
            .done()
            .out
            .contains("Usage: daymark")
    );
    assert!(
        finish(place.command(["--version"]), b"")
            .done()
            .out
            .starts_with("daymark ")
    );
    let escapes = finish(place.command(["show", "--\u{1b}[2J"]), b"").ends(2);
    assert!(!escapes.err.contains('\u{1b}'), "{escapes:?}");
}

#[test]
fn links_and_addresses_that_are_none() {
    let place = Place::empty();
    let join = |link: &str| place.run(["device", "join", link, "--name=phone", "--json"]);
    assert_eq!(join("https://example.org").error(2), "bad-link");
    assert_eq!(join("daymark:pair/1/AAAA").error(2), "bad-link");
    assert_eq!(join("daymark:pair/2/AAAA").error(15), "newer-version");
    let piped = ["device", "join", "-", "--name=phone", "--json"];
    assert_eq!(
        place.run_with(piped, b"daymark:pair/1/AA\n").error(2),
        "bad-link"
    );
    assert!(!place.vault().exists());
    // Before anybody is asked for a passphrase, here by a file that is not there.
    fs::remove_file(place.path("passphrase")).unwrap();
    let told = place
        .run_with(piped.into_iter().take(4), b"daymark:pair/1/AA\n")
        .ends(2);
    assert!(
        told.err.contains("damaged") && told.err.matches("whole").count() == 1,
        "{told:?}"
    );
    let place = Place::with_vault();
    assert_eq!(
        place
            .run(["relay", "set", "relay.example", "--json"])
            .error(2),
        "bad-relay-address"
    );
    let invite = [
        "relay",
        "set",
        "https://relay.example",
        "--invite=x",
        "--json",
    ];
    assert_eq!(place.run(invite).error(2), "bad-invite");
    let unknown = ["relay", "set", "http://relay.example", "--json"];
    assert_eq!(place.run(unknown).error(2), "relay-key-unknown");
    let exists = [
        "device",
        "join",
        "daymark:pair/1/AA",
        "--name=phone",
        "--json",
    ];
    assert_eq!(place.run(exists).error(1), "vault-exists");
    let nobody = place.run(["device", "pair", "--json"]);
    assert_eq!(nobody.error(2), "nobody-to-ask");
    place
        .run(["relay", "set", "http://relay.example", "--invite", INVITE])
        .done();
}
