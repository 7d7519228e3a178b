//! `import`: what can be read is in, what cannot is named, twice is once.

use crate::{place::Place, schema};
use std::fs;

const JRNL: &str = "[2021-03-04 21:10] A walk by the canal.\nThe @heron again.\n\n\
                    [2021-03-28 01:30] A short night\n";

#[test]
fn jrnl_comes_in_with_its_times_in_a_zone() {
    let place = Place::with_vault();
    fs::write(place.path("journal.txt"), JRNL).unwrap();
    let import = [
        "import",
        "--from=jrnl",
        "journal.txt",
        "--zone=Europe/Berlin",
        "--json",
    ];
    let dry = place.run(import.into_iter().chain(["--dry-run"])).json();
    schema::check("imported", &dry);
    assert_eq!((&dry["added"], &dry["dry_run"]), (&2.into(), &true.into()));
    assert_eq!(place.run(["list"]).done().out, "");
    let done = place.run(import).json();
    assert_eq!(
        (&done["added"], &done["skipped"]),
        (&2.into(), &serde_json::json!([]))
    );
    let again = place.run(import).json();
    assert_eq!(
        (&again["added"], &again["already_there"]),
        (&0.into(), &2.into())
    );
    let walk = place.show("@2");
    assert_eq!(walk["at"], "2021-03-04T21:10:00+01:00[Europe/Berlin]");
    assert_eq!(walk["imported"]["from"], "jrnl");
    // Changed here, it is still the one that was imported.
    place.run_with(["edit", "@2", "-"], b"Two herons.").done();
    let after_an_edit = place.run(import).json();
    assert_eq!(
        (&after_an_edit["added"], &after_an_edit["already_there"]),
        (&0.into(), &2.into())
    );
}

#[test]
fn the_sample_journal_comes_in_whole() {
    let place = Place::with_vault();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/sample/journal.jsonl");
    let entries = fs::read_to_string(sample).unwrap().lines().count() - 1;
    let told = place.run(["import", "--from=jsonl", sample]).done();
    assert_eq!(told.out, format!("{entries} added.\n"));
    let again = place.run(["import", "--from=jsonl", sample]).done();
    assert_eq!(again.out, format!("0 added, {entries} here already.\n"));
}

#[test]
fn entries_that_say_the_same_are_all_there_and_none_comes_twice() {
    let place = Place::with_vault();
    let line = |id: u32, sleep: &str| {
        format!(
            "{{\"type\":\"entry\",\"id\":\"{id:032}\",\"at\":\"2021-03-04T21:10Z\",\
             \"answers\":{{\"Sleep\":\"{sleep}\"}}}}\n"
        )
    };
    let lines = [
        line(1, "six hours"),
        line(2, "six hours"),
        line(3, "four"),
        line(1, "six hours"),
    ];
    let lines = lines.concat();
    let import = ["import", "--from=jsonl", "-"];
    assert_eq!(
        place.run_with(import, lines.as_bytes()).out,
        "3 added, 1 here already.\n"
    );
    assert_eq!(
        place.run_with(import, lines.as_bytes()).out,
        "0 added, 4 here already.\n"
    );
}

#[test]
fn lines_that_cannot_be_read_are_named_and_the_rest_is_in() {
    let place = Place::with_vault();
    let lines = "{\"type\":\"entry\",\"at\":\"2021-03-04T21:10Z\",\"text\":\"one\"}\nnot JSON\n\
                 {\"type\":\"entry\",\"at\":\"soon\"}\n\
                 {\"type\":\"entry\",\"at\":\"2021-03-05T21:10Z\",\"text\":\"two\"}\n";
    let ended = place.run_with(["import", "--from=jsonl", "-", "--json"], lines.as_bytes());
    let told = ended.ends(3).json_lines().remove(0);
    schema::check("imported", &told);
    assert_eq!(told["added"], 2);
    assert_eq!(
        (&told["skipped"][0]["line"], &told["skipped"][1]["line"]),
        (&2.into(), &3.into())
    );
    let shown = place
        .run_with(["import", "--from=jsonl", "-"], lines.as_bytes())
        .ends(3);
    assert!(shown.err.starts_with("Line 2: "), "{shown:?}");
    assert_eq!(shown.out, "0 added, 2 here already, 2 left out.\n");
}

#[test]
fn a_file_of_another_kind_is_refused_whole() {
    let place = Place::with_vault();
    let import = ["import", "--from=jsonl", "-"];
    let nothing = place.run_with(import, b"no\nJSON\n").ends(1);
    assert!(
        nothing.err.contains("Nothing in it could be read"),
        "{nothing:?}"
    );
    let newer = b"{\"type\":\"journal\",\"schema\":99,\"app\":\"daymark\"}\n";
    assert!(place.run_with(import, newer).ends(15).err.contains("newer"));
    let unreadable = place.run(["import", "--from=jsonl", "no-such-file", "--json"]);
    assert_eq!(unreadable.error(1), "file-unreadable");
    let folder = place.run(["import", "--from=jrnl", "home", "--json"]);
    assert_eq!(folder.error(2), "not-a-file");
    let zone = place.run([
        "import",
        "--from=jrnl",
        "-",
        "--zone=Mars/Olympus",
        "--json",
    ]);
    assert_eq!(zone.error(2), "unknown-zone");
}

#[test]
fn a_text_of_ten_megabytes_is_divided_and_one_longer_is_named() {
    let place = Place::with_vault();
    let entry = |text: &str| {
        format!("{{\"type\":\"entry\",\"at\":\"2021-03-04T21:10Z\",\"text\":\"{text}\"}}\n")
    };
    let text = "a walk by the canal ".repeat(30_000);
    let told = place
        .run_with(
            ["import", "--from=jsonl", "-", "--json"],
            entry(&text).as_bytes(),
        )
        .json();
    let parts = place.run(["list", "--json"]).json_lines();
    assert!(parts.len() > 2 && told["added"] == parts.len(), "{told}");
    let words = |text: &str| text.split_whitespace().count();
    let parts = parts
        .iter()
        .map(|part| words(part["text"].as_str().unwrap()));
    assert_eq!(parts.sum::<usize>(), words(&text));
    // Writing all of ten megabytes takes its time: here it is only looked at.
    let line = entry(&"a walk by the canal ".repeat(500_000));
    let good = "{\"type\":\"entry\",\"at\":\"2021-03-05T21:10Z\",\"text\":\"short\"}\n";
    let fits = line.clone() + good;
    let look = ["import", "--from=jsonl", "-", "--json", "--dry-run"];
    let told = place.run_with(look, fits.as_bytes()).json();
    assert!(told["added"].as_u64().unwrap() > 30, "{told}");
    let long = line.replacen("a walk", &"x".repeat(1_000_000), 1) + good;
    let ended = place.run_with(["import", "--from=jsonl", "-", "--json"], long.as_bytes());
    let told = ended.ends(3).json_lines().remove(0);
    assert_eq!(told["skipped"][0]["line"], 1);
}

#[test]
fn an_entry_of_jrnl_with_a_day_that_is_none_is_named_and_not_put_into_the_one_before() {
    let place = Place::with_vault();
    let text = "[2021-02-28 10:00] A day.\nIts text. [2021-02-30 10:00]\n[1] a note\n[2021-03-04 or so] too\n\n\
                [2021-02-30 10:00] Not a day.\nLost?\n\n[2021/03/01 25:61] No time.\n\n[2021-03-02 10:00] Another.\n";
    let told = place
        .run_with(["import", "--from=jrnl", "-", "--json"], text.as_bytes())
        .ends(3);
    let told: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(told["added"], 2);
    let lines: Vec<_> = told["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left| &left["line"])
        .collect();
    assert_eq!(lines, [6, 9]);
    let before = place.show("@2")["text"].as_str().unwrap().to_owned();
    assert_eq!(
        before,
        "Its text. [2021-02-30 10:00]\n[1] a note\n[2021-03-04 or so] too"
    );
}
