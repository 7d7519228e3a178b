//! What a killed program left of a text in an editor.

use super::editing::{assert_left_alone, canaries, editor, with_editor};
use crate::place::{Place, finish};
use std::{fs, path::PathBuf};

/// The folders that a killed program left, once its editor is gone too.
fn left_behind(place: &Place) -> Vec<PathBuf> {
    let found = fs::read_dir(place.path("run")).unwrap();
    let folders: Vec<_> = found.map(|found| found.unwrap().path()).collect();
    for folder in &folders {
        fs::File::open(folder).unwrap().lock().unwrap();
    }
    folders
}

/// Threat I1, and nothing that was written is lost either.
#[test]
fn i1_what_a_killed_program_left_is_kept_and_wiped_by_the_next_editor() {
    let place = Place::with_vault();
    let killed = "kill -KILL $PPID";
    for writes in ["true", "echo canary > \"$file\""] {
        with_editor(&place, &["add"], &format!("{writes}; {killed}")).ends(-1);
        assert_eq!(left_behind(&place).len(), 1, "what held nothing is wiped");
    }
    assert_ne!(canaries(&place.path("run")), [""; 0], "a kill leaves it");
    let next = with_editor(&place, &["add"], "echo words > \"$file\"").done();
    assert_left_alone(&place);
    assert_eq!(left_behind(&place).len(), 0);
    let entries = place.run(["list", "--json"]).json_lines();
    let draft = entries.iter().find(|entry| entry["draft"] == true).unwrap();
    assert_eq!((entries.len(), &draft["text"]), (2, &"canary".into()));
    let id = &draft["id"].as_str().unwrap()[..8];
    let said = format!("is kept as the draft {id}.\n");
    assert!(next.err.ends_with(&said), "{next:?}");
}

#[test]
fn what_a_kill_left_of_an_edit_is_kept_only_where_it_differs() {
    let place = Place::with_vault();
    place.add(["canary words"]);
    let killed = "kill -KILL $PPID";
    with_editor(&place, &["edit", "@1"], killed).ends(-1);
    assert_eq!(left_behind(&place).len(), 1);
    let adds = format!("echo and more >> \"$file\"; {killed}");
    with_editor(&place, &["edit", "@1"], &adds).ends(-1);
    assert_eq!(left_behind(&place).len(), 1);
    let next = with_editor(&place, &["edit", "@1"], "true").done();
    assert_left_alone(&place);
    let entries = place.run(["list", "--json"]).json_lines();
    let id = |draft: bool| {
        let entry = entries.iter().find(|entry| entry["draft"] == draft);
        entry.unwrap()["id"].as_str().unwrap()[..8].to_owned()
    };
    let (entry, draft) = (id(false), id(true));
    let title = format!("A change to {entry} that was cut off");
    assert_eq!(place.show(&draft)["title"], title);
    let again = format!("`daymark edit {entry} --from {draft}`.\n");
    assert!(next.err.ends_with(&again), "{next:?}");
    let texts: Vec<_> = entries.iter().map(|entry| &entry["text"]).collect();
    assert_eq!(texts.len(), 2);
    assert!(texts.contains(&&"canary words".into()));
    assert!(texts.contains(&&"canary words\nand more".into()));
    let goes_on = ["edit", &entry, "--from", &draft];
    with_editor(&place, &goes_on, "echo 'to the end' >> \"$file\"").done();
    assert_eq!(
        place.show(&entry)["text"],
        "canary words\nand more\nto the end"
    );
    place.run(goes_on).done();
    assert_eq!(place.show(&entry)["text"], "canary words\nand more");
}

#[test]
fn what_a_kill_left_of_another_journal_stays_for_it() {
    let (place, other) = (Place::with_vault(), Place::with_another_vault());
    let writes = "echo canary > \"$file\"; kill -KILL $PPID";
    with_editor(&place, &["add"], writes).ends(-1);
    let left = left_behind(&place);
    let editor = editor(&place, "echo words > \"$file\"");
    let mut command = other.command(["add", "--passphrase-file", "passphrase"]);
    command
        .env("VISUAL", editor)
        .env("XDG_RUNTIME_DIR", place.path("run"));
    finish(command, b"").done();
    assert_eq!(left_behind(&place), left);
    with_editor(&place, &["add"], "echo words > \"$file\"").done();
    assert_eq!(left_behind(&place).len(), 0);
    assert_eq!(place.run(["list", "--json"]).json_lines().len(), 2);
}

/// What cannot be kept is still there for who can mend it.
#[test]
fn what_a_kill_left_and_cannot_be_kept_stays() {
    let place = Place::with_vault();
    let writes = "printf '\\377canary' > \"$file\"; kill -KILL $PPID";
    with_editor(&place, &["add"], writes).ends(-1);
    let left = left_behind(&place);
    let next = with_editor(&place, &["add"], "echo words > \"$file\"").done();
    assert_eq!(left_behind(&place), left);
    let text = left[0].join("entry.md");
    assert!(next.err.contains(text.to_str().unwrap()), "{next:?}");
    assert!(next.err.contains("not text in UTF-8"), "{next:?}");
}

/// A program that is killed does not take its editor along: who still writes in it is not disturbed.
#[test]
fn an_editor_that_outlives_its_program_is_left_alone() {
    let place = Place::with_vault();
    let gate = place.path("gate");
    let made = place.program("mkfifo").arg(&gate).status().unwrap();
    assert!(made.success());
    let waits = format!(
        "echo canary > \"$file\"; exec > /dev/null 2>&1; kill -KILL $PPID; read -r more < '{}'; \
         echo \"$more\" >> \"$file\"",
        gate.display()
    );
    with_editor(&place, &["add"], &waits).ends(-1);
    with_editor(&place, &["add"], "echo words > \"$file\"").done();
    assert_eq!(place.run(["list", "--json"]).json_lines().len(), 1);
    fs::write(&gate, "and more\n").unwrap();
    assert_eq!(left_behind(&place).len(), 1);
    with_editor(&place, &["add"], "echo words > \"$file\"").done();
    let found = place.run(["search", "more", "--json"]).json();
    assert_eq!(found["text"], "canary\nand more");
    assert_eq!(left_behind(&place).len(), 0);
}
