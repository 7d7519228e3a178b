//! `edit`, and the editor, which leaves nothing behind (threat I1).

use crate::{
    place::{Ended, Place, finish, mode},
    schema,
};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
};

#[test]
fn a_text_and_its_fields_are_changed() {
    let place = Place::with_vault();
    let id = place.add([
        "A walk by the canal",
        "--tag",
        "walk",
        "--sensitive",
        "--content-note=x",
    ]);
    let edited = place
        .run_with(["edit", &id[..8], "-", "--json"], b"A walk by the river\n")
        .json();
    schema::check("edited", &edited);
    assert_eq!(
        (&edited["id"], &edited["changed"]),
        (&id.as_str().into(), &true.into())
    );
    assert_eq!(place.show("@1")["text"], "A walk by the river");
    let fields = [
        "edit",
        "@1",
        "--no-tag=walk",
        "--tag=kew",
        "--sensitive=false",
        "--content-note=",
    ];
    place
        .run(
            fields
                .into_iter()
                .chain(["--title=River", "--at=2021-03-04T21:10"]),
        )
        .done();
    let entry = place.show("@1");
    assert_eq!(entry["tags"], serde_json::json!(["kew"]));
    assert_eq!(
        (&entry["sensitive"], &entry["content_note"]),
        (&false.into(), &().into())
    );
    assert_eq!(entry["text"], "A walk by the river");
    assert_eq!(entry["at"], "2021-03-04T21:10:00+00:00[Europe/London]");
    let same = place
        .run(["edit", "@1", "A walk", "by", "the", "river", "--json"])
        .json();
    assert_eq!(same["changed"], false);
}

/// An editor that looks around, leaves copies everywhere it is pointed to, and writes an entry.
pub(crate) fn editor(place: &Place, writes: &str) -> String {
    let script = place.path("editor");
    let text = format!(
        "#!/bin/sh\n\
         for file; do :; done\n\
         dir=$(dirname \"$file\")\n\
         [ \"$TMPDIR\" = \"$dir\" ] && [ \"$XDG_STATE_HOME\" = \"$dir\" ] || exit 7\n\
         ls -ldn \"$dir\" \"$file\" > '{seen}'\n\
         echo \"core dumps $(ulimit -c)\" >> '{seen}'\n\
         cat \"$file\" >> '{seen}'\n\
         echo \"$dir\" > '{dir}'\n\
         echo canary-backup > \"$file~\"\n\
         mkdir \"$dir/undo\" && echo canary-undo > \"$dir/undo/entry\"\n\
         {writes}\n",
        seen = place.path("seen").display(),
        dir = place.path("dir").display(),
    );
    fs::write(&script, text).unwrap();
    format!("sh {}", script.display())
}

pub(crate) fn canaries(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(canaries(&path));
        } else if fs::read(&path)
            .unwrap()
            .windows(6)
            .any(|window| window == b"canary")
        {
            found.push(path.display().to_string());
        }
    }
    found
}

pub(crate) fn with_editor(place: &Place, args: &[&str], writes: &str) -> Ended {
    let editor = editor(place, writes);
    let mut command = place.command(args.iter().copied());
    command
        .args(["--passphrase-file", "passphrase"])
        .env("VISUAL", editor);
    finish(command, b"")
}

/// What the editor saw is for its owner only, and nothing of it is left.
pub(crate) fn assert_left_alone(place: &Place) {
    let seen = fs::read_to_string(place.path("seen")).unwrap();
    assert!(
        ["drwx------", "-rw-------", "core dumps 0\n"]
            .iter()
            .all(|part| seen.contains(part)),
        "{seen}"
    );
    let dir = fs::read_to_string(place.path("dir")).unwrap();
    assert!(
        dir.starts_with(place.path("run").to_str().unwrap()),
        "{dir}"
    );
    assert!(!Path::new(dir.trim()).exists());
    for name in ["home", "run", "tmp", "vault"] {
        assert_eq!(canaries(&place.path(name)), [""; 0]);
    }
}

#[test]
fn i1_an_editor_leaves_nothing_behind() {
    let place = Place::with_vault();
    let added = with_editor(
        &place,
        &["add", "--tag=walk"],
        "echo canary words > \"$file\"",
    );
    added.done();
    assert_left_alone(&place);
    let entry = place.show("@1");
    assert_eq!(
        (&entry["text"], &entry["tags"][0]),
        (&"canary words".into(), &"walk".into())
    );
    let edited = with_editor(&place, &["edit", "@1"], "echo canary and more >> \"$file\"");
    edited.done();
    assert_left_alone(&place);
    assert_eq!(place.show("@1")["text"], "canary words\ncanary and more");
    assert!(
        fs::read_to_string(place.path("seen"))
            .unwrap()
            .ends_with("canary words\n")
    );
}

#[test]
fn i1_an_editor_that_gives_up_leaves_nothing_behind_either() {
    let place = Place::with_vault();
    assert_eq!(
        with_editor(&place, &["add", "--json"], "exit 1").error(1),
        "editor-ended"
    );
    assert_left_alone(&place);
    assert_eq!(
        with_editor(&place, &["add", "--json"], "true").error(2),
        "nothing-written"
    );
    assert_left_alone(&place);
    assert_eq!(place.run(["list"]).done().out, "");
}

/// The file in which a text was left, by what was said of it.
pub(crate) fn left_in(ended: &Ended) -> PathBuf {
    let (_, rest) = ended.err.split_once("Your text is in ").unwrap();
    let path = PathBuf::from(rest.lines().next().unwrap().trim_end_matches('.'));
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    path
}

/// Runs the command that the hint names, as a person copies it.
pub(crate) fn bring_in(place: &Place, ended: &Ended) -> Ended {
    let command = ended.err.split('`').nth(1).unwrap();
    let command = command.replacen("daymark", env!("CARGO_BIN_EXE_daymark"), 1);
    let words = format!("{command} --passphrase-file passphrase");
    let mut shell = place.program("sh");
    shell.args(["-c", &words]);
    finish(shell, b"")
}

#[test]
fn a_text_that_cannot_be_kept_is_left_in_a_file() {
    let place = Place::with_vault();
    let id = place.add(["A walk by the canal"]);
    let ended = with_editor(&place, &["add"], "echo canary words > \"$file\"; exit 1").ends(1);
    assert!(
        ended
            .err
            .starts_with("The editor ended without keeping the text. Your text is in /"),
        "{ended:?}"
    );
    let left = left_in(&ended);
    // The next editor wipes what a kill left, and not this.
    with_editor(&place, &["add"], "echo other words > \"$file\"").done();
    assert_eq!(fs::read_to_string(&left).unwrap(), "canary words\n");
    bring_in(&place, &ended).done();
    assert_eq!(place.show("@1")["text"], "canary words");

    let long = "yes canary | head -c 300000 > \"$file\"";
    let ended = with_editor(&place, &["edit", &id], long).ends(2);
    assert!(
        ended.err.contains("make several entries of it"),
        "{ended:?}"
    );
    let left = left_in(&ended);
    assert_eq!(fs::metadata(&left).unwrap().len(), 300_000);
    fs::write(&left, "A walk by the river\n").unwrap();
    bring_in(&place, &ended).done();
    assert_eq!(place.show(&id)["text"], "A walk by the river");

    let json = with_editor(
        &place,
        &["add", "--json"],
        "printf '\\377canary' > \"$file\"",
    );
    assert!(json.err.contains("kept.md"), "{json:?}");
    assert_eq!(json.error(1), "not-utf8");
}

/// A limit on what the program's own files may grow to stands for a disk that is full.
#[cfg(unix)]
#[test]
fn a_full_disk_does_not_take_a_text_along() {
    let place = Place::with_vault();
    place.add(["before"]);
    let long = "ulimit -S -f unlimited; yes canary | head -c 200000 > \"$file\"";
    let editor = editor(&place, long);
    let mut shell = place.program("sh");
    let limited = "trap '' XFSZ; ulimit -S -f 70; exec \"$0\" add --passphrase-file passphrase";
    shell
        .args(["-c", limited, env!("CARGO_BIN_EXE_daymark")])
        .env("VISUAL", editor);
    let ended = finish(shell, b"").ends(1);
    let left = left_in(&ended);
    assert_eq!(fs::metadata(left).unwrap().len(), 200_000);
    bring_in(&place, &ended).done();
    let text = place.show("@1")["text"].as_str().unwrap().len();
    assert_eq!(text, 200_000);
}

#[test]
fn a_text_that_reads_as_before_is_left_nowhere() {
    let place = Place::with_vault();
    place.add(["canary words"]);
    let ended = with_editor(&place, &["edit", "@1", "--json"], "exit 1");
    assert_eq!(ended.error(1), "editor-ended");
    assert_left_alone(&place);
}

#[cfg(unix)]
#[test]
fn i1_a_signal_takes_the_editor_and_its_folder_along() {
    for signal in ["TERM", "HUP", "QUIT"] {
        let place = Place::with_vault();
        let writes = format!("echo canary > \"$file\"; kill -{signal} $PPID; exec sleep 600");
        let ended = with_editor(&place, &["add", "--json"], &writes);
        assert_eq!(ended.error(130), "interrupted", "{signal}");
        assert_left_alone(&place);
    }
}

/// Who closes the terminal loses nothing that was saved.
#[cfg(unix)]
#[test]
fn what_was_saved_before_a_signal_is_kept() {
    let place = Place::with_vault();
    let ends = "kill -HUP $PPID; exec sleep 600";
    with_editor(&place, &["add"], ends).ends(130);
    assert_eq!(place.run(["list"]).done().out, "", "nothing was written");
    let writes = format!("echo canary words > \"$file\"; {ends}");
    with_editor(&place, &["add", "--tag=walk"], &writes).ends(130);
    let draft = place.show("@1");
    assert_eq!(
        (&draft["text"], &draft["draft"], &draft["tags"][0]),
        (&"canary words".into(), &true.into(), &"walk".into())
    );
    let writes = format!("echo canary and more >> \"$file\"; {ends}");
    with_editor(&place, &["edit", "@1"], &writes).ends(130);
    assert_eq!(place.show("@1")["text"], "canary words\ncanary and more");
    assert_left_alone(&place);
}

/// Pours a text into `daymark add -`, which a signal ends before the text does.
#[cfg(unix)]
fn broken_off(place: &Place, args: &[&str], signal: &str) -> Ended {
    let mut command = place.command(["add", "-"].into_iter().chain(args.iter().copied()));
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // More than a pipe holds: when all is written, the beginning is read.
    input.write_all(&b"canary ".repeat(20_000)).unwrap();
    let pid = child.id().to_string();
    let mut kill = place.program("kill");
    kill.args([&format!("-{signal}"), &pid]);
    finish(kill, b"").done();
    let output = child.wait_with_output().unwrap();
    drop(input);
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What came in before the end is not lost.
#[cfg(unix)]
#[test]
fn what_was_read_before_a_signal_is_kept() {
    let place = Place::with_locked_vault();
    for signal in ["INT", "HUP", "TERM"] {
        let args = ["--tag=walk", "--passphrase-file=passphrase"];
        let ended = broken_off(&place, &args, signal).ends(130);
        let draft = place.show("@1");
        assert_eq!(
            (&draft["draft"], &draft["tags"][0]),
            (&true.into(), &"walk".into())
        );
        assert!(draft["text"].as_str().unwrap().starts_with("canary canary"));
        let id = &draft["id"].as_str().unwrap()[..8];
        assert!(
            ended.err.contains(&format!("is kept as the draft {id}.")),
            "{ended:?}"
        );
    }
    // Nobody can be asked for the passphrase any more.
    let ended = broken_off(&place, &[], "TERM").ends(130);
    let left = left_in(&ended);
    assert!(
        fs::read_to_string(left)
            .unwrap()
            .starts_with("canary canary")
    );
    bring_in(&place, &ended).done();
    assert_eq!(place.run(["list", "--json"]).json_lines().len(), 4);
}

#[test]
fn without_an_editor_or_a_wish_for_one_a_text_is_needed() {
    let place = Place::with_vault();
    assert_eq!(place.run(["add", "--json"]).error(2), "no-text");
    place.add(["words"]);
    assert_eq!(place.run(["edit", "@1", "--json"]).error(2), "no-text");
    let mut command = place.command(["add", "--json", "--passphrase-file", "passphrase"]);
    command.env("EDITOR", place.path("nowhere"));
    let refused = finish(command, b"").ends(1);
    assert!(refused.err.contains("\"no-editor\""), "{refused:?}");
    place.add(["--title", "A title is enough"]);
}

#[test]
fn a_text_does_not_vanish_unless_that_is_meant() {
    let place = Place::with_vault();
    place.add(["canary words"]);
    for nothing in ["", " ", "-"] {
        let refused = place.run(["edit", "@1", nothing, "--json"]);
        assert!(refused.err.contains("--empty"), "{refused:?}");
        assert_eq!(refused.error(2), "whole-text", "{nothing:?}");
    }
    let wiped = with_editor(&place, &["edit", "@1", "--json"], ": > \"$file\"");
    assert_eq!(wiped.error(2), "whole-text");
    assert_left_alone(&place);
    assert_eq!(place.show("@1")["text"], "canary words");
    place.run(["edit", "@1", "words", "--empty"]).ends(2);
    place.run(["edit", "@1", "--empty"]).done();
    assert_eq!(place.show("@1")["text"], "");
    place.run(["edit", "@1", ""]).done();
}

#[test]
fn an_edit_while_the_editor_is_open_stays() {
    let place = Place::with_vault();
    place.add(["Up late. A walk by the canal."]);
    let meanwhile = format!(
        "'{}' edit @1 'Up late. A walk by the canal. Tea.' --passphrase-file passphrase -q && \
         sed -i.old 's/late/at six/' \"$file\"",
        env!("CARGO_BIN_EXE_daymark")
    );
    with_editor(&place, &["edit", "@1"], &meanwhile).done();
    assert_eq!(
        place.show("@1")["text"],
        "Up at six. A walk by the canal. Tea."
    );
}
