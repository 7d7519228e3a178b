//! `export`: complete, private, never over something, never plain without a word.

use crate::{
    place::{Place, mode},
    schema,
};
use std::fs;

fn with_entries() -> Place {
    let place = Place::with_vault();
    place.add(["first \u{1b}[2J", "--at=2020-01-02T08:00", "--tag=walk"]);
    place.add(["second", "--at=2021-03-04", "--title=Two"]);
    place
}

#[test]
fn json_lines_come_out_whole_and_go_in_again() {
    let place = with_entries();
    let out = place
        .run(["export", "--format=jsonl", "--plaintext"])
        .done();
    let lines = out.json_lines();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (&lines[0]["type"], &lines[1]["text"]),
        (&"journal".into(), &"first \u{1b}[2J".into())
    );
    let told = place.run([
        "export",
        "--format=jsonl",
        "--plaintext",
        "-o",
        "out.jsonl",
        "--json",
    ]);
    let told = told.json();
    schema::check("exported", &told);
    assert_eq!(told["exported"], 2);
    assert_eq!(
        fs::read_to_string(place.path("out.jsonl")).unwrap(),
        out.out
    );
    assert_eq!(mode(&place.path("out.jsonl")), 0o600);
    let again = place
        .run(["import", "--from=jsonl", "out.jsonl", "--json"])
        .json();
    assert_eq!(
        (&again["added"], &again["already_there"]),
        (&0.into(), &2.into())
    );
}

#[test]
fn one_entry_is_spoken_of_as_one() {
    let place = Place::with_vault();
    place.add(["only"]);
    let told = place
        .run(["export", "--format=jsonl", "--plaintext", "-o", "one.jsonl"])
        .done();
    assert!(told.out.contains("1 entry is in"), "{}", told.out);
}

#[test]
fn markdown_is_a_folder_of_private_files_or_a_stream() {
    let place = with_entries();
    place
        .run([
            "export",
            "--format=markdown",
            "--plaintext",
            "-o",
            "pages/all",
        ])
        .done();
    assert_eq!(mode(&place.path("pages/all")), 0o700);
    let mut names = Vec::new();
    for file in fs::read_dir(place.path("pages/all")).unwrap() {
        let file = file.unwrap();
        assert_eq!(mode(&file.path()), 0o600);
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    assert!(
        names[0].starts_with("2020-01-02-") && names[1].ends_with(".md"),
        "{names:?}"
    );
    let stream = place
        .run(["export", "--format=markdown", "--plaintext"])
        .done()
        .out;
    assert!(
        stream.contains(&format!("<!-- {} -->", names[1])),
        "{stream}"
    );
}

#[test]
fn nothing_leaves_as_plain_text_unless_it_is_said() {
    let place = with_entries();
    assert_eq!(
        place.run(["export", "--format=jsonl", "--json"]).error(2),
        "plaintext"
    );
    let refused = place.run(["export", "--format=markdown", "-o", "pages", "--json"]);
    assert_eq!(refused.error(2), "plaintext");
    assert!(!place.path("pages").exists());
}

#[test]
fn what_is_there_is_written_over_only_by_force() {
    let place = with_entries();
    fs::write(place.path("out"), "mine").unwrap();
    let export = [
        "export",
        "--format=jsonl",
        "--plaintext",
        "-o",
        "out",
        "--json",
    ];
    assert_eq!(place.run(export).error(2), "file-exists");
    assert_eq!(fs::read_to_string(place.path("out")).unwrap(), "mine");
    place.run(export.into_iter().chain(["--force"])).done();
    assert_eq!(mode(&place.path("out")), 0o600);
    fs::create_dir(place.path("pages")).unwrap();
    fs::write(place.path("pages/mine.md"), "mine").unwrap();
    let pages = [
        "export",
        "--format=markdown",
        "--plaintext",
        "-o",
        "pages",
        "--json",
    ];
    assert_eq!(place.run(pages).error(2), "file-exists");
    place.run(pages.into_iter().chain(["--force"])).done();
    assert_eq!(
        fs::read_to_string(place.path("pages/mine.md")).unwrap(),
        "mine"
    );
    let folder = [
        "export",
        "--format=jsonl",
        "--plaintext",
        "-o",
        "pages",
        "--force",
        "--json",
    ];
    assert_eq!(place.run(folder).error(2), "not-a-file");
    let nowhere = [
        "export",
        "--format=jsonl",
        "--plaintext",
        "-o",
        "no/such/file",
        "--json",
    ];
    assert_eq!(place.run(nowhere).error(1), "file-unwritable");
}

/// What one journal exports, another takes in; neither ever gets anything twice, whoever changed what meanwhile.
#[test]
fn an_entry_is_known_again_in_whichever_journal_it_was() {
    let (ours, theirs, third) = (
        Place::with_vault(),
        Place::with_another_vault(),
        Place::with_another_vault(),
    );
    ours.add(["Canal", "--at=2021-03-04T21:10", "--tag=walk"]);
    let jrnl = b"[2021-03-05 08:00] Tea.\nWith my sister.\n";
    ours.run_with(["import", "--from=jrnl", "-"], jrnl).done();
    let exported = |place: &Place| {
        place
            .run(["export", "--format=jsonl", "--plaintext"])
            .done()
            .out
    };
    let import = |place: &Place, lines: &str| {
        let args = ["import", "--from=jsonl", "-"];
        place.run_with(args, lines.as_bytes()).done().out
    };
    assert_eq!(import(&theirs, &exported(&ours)), "2 added.\n");
    theirs.run(["edit", "@2", "River"]).done();
    theirs.add(["Only theirs"]);
    let back = import(&ours, &exported(&theirs));
    assert_eq!(back, "1 added, 2 here already.\n");
    assert_eq!(
        import(&theirs, &exported(&ours)),
        "0 added, 3 here already.\n"
    );
    // By whichever way it comes.
    assert_eq!(import(&third, &exported(&theirs)), "3 added.\n");
    assert_eq!(
        import(&third, &exported(&ours)),
        "0 added, 3 here already.\n"
    );
    assert_eq!(
        import(&ours, &exported(&third)),
        "0 added, 3 here already.\n"
    );
}

#[test]
fn what_a_killed_export_left_is_swept_by_the_next() {
    let place = Place::with_vault();
    place.add(["a walk by the canal"]);
    let left = [
        ".daymark-unfinished-Ab12Cd",
        "notes/.daymark-unfinished-Ab12Ce",
    ];
    fs::create_dir(place.path("notes")).unwrap();
    for left in left {
        fs::write(place.path(left), "a walk by the").unwrap();
    }
    for (format, to) in [("jsonl", "journal.jsonl"), ("markdown", "notes")] {
        let args = [
            "export",
            "--plaintext",
            "--force",
            "--format",
            format,
            "-o",
            to,
        ];
        place.run(args).done();
    }
    for left in left {
        assert!(!place.path(left).exists(), "{left}");
    }
}
