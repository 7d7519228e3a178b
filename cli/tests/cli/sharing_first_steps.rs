//! Sharing as somebody meets it for the first time: what is said holds on each device, and what it hints at works.

use crate::{
    editing::with_editor,
    place::Place,
    schema,
    sharing_devices::pair,
    two::{Two, shared, standing},
};
use serde_json::{Value, json};
#[cfg(unix)]
use std::path::Path;

const SHARE: [&str; 4] = ["--with", "my sister", "--yes", "--json"];

fn share(place: &Place, entry: &str) -> Value {
    let shared = place.run(["share", entry].into_iter().chain(SHARE)).json();
    schema::check("shared_with", &shared);
    shared
}

#[test]
fn what_another_device_verified_is_shared_and_what_it_took_back_is_shared_anew() {
    let two = Two::agreed();
    let id = two.owner.add(["--sensitive", "A hard day."]);
    let tablet = pair(&two.owner, "tablet");
    tablet.run(["sync"]).done();
    two.verify();
    let preview = ["share", &id, "--with", "my sister", "--preview"];
    let shown = tablet.run(preview).done().out;
    assert!(shown.contains("The entry is marked sensitive"), "{shown}");
    let shown = tablet.run(preview.into_iter().chain(["--json"])).json();
    schema::check("preview", &shown);
    assert_eq!(shown["sensitive"], true);
    assert_eq!(share(&tablet, &id)["synced"], true);
    assert_eq!(share(&tablet, &id)["changed"], false);

    two.owner.run(["sync"]).done();
    two.owner.run(["unshare", &id]).done();
    // The tablet has not heard of it.
    let anew = share(&tablet, &id);
    assert_eq!(
        (&anew["changed"], &anew["synced"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(shared(&two.sister).len(), 1);
}

#[test]
fn a_guest_of_the_relay_invites_and_who_has_no_invite_is_told_what_is_missing() {
    let mut two = Two::agreed();
    let invited = two
        .sister
        .run(["supporter", "invite", "a friend", "--json"]);
    let link = invited.json()["link"].as_str().unwrap().to_owned();
    let args = ["supporter", "accept", "-", "--name", "a sister", "--yes"];
    let refused = two.friend.run_with(args, link.as_bytes()).ends(14);
    assert!(
        refused
            .err
            .contains("needs an invite of its operator: `daymark relay set URL --invite -`"),
        "{refused:?}"
    );
    two.relay.open_to_all();
    two.friend
        .run(["relay", "set", &two.relay.url(), "--json"])
        .json();
    let json = args.into_iter().chain(["--json"]);
    let answered = two.friend.run_with(json, link.as_bytes()).json();
    schema::check("answered", &answered);
    assert_eq!(answered["accepted"], true);
    assert_eq!(standing(&two.friend)["standing"], "active");
}

#[test]
fn what_waited_here_is_not_said_to_be_read() {
    let mut two = Two::agreed();
    let id = two.owner.add(["A word of today."]);
    two.relay.stop();
    two.share(&id);
    let told = two.owner.run(["unshare", &id]).done();
    assert!(told.out.contains("it had not left"), "{told:?}");
    assert!(!told.out.contains("they have read"), "{told:?}");
    assert!(!told.err.contains("Their copy"), "{told:?}");
    two.relay.back();
    two.share(&id);
    let told = two.owner.run(["unshare", &id]).done();
    assert!(told.out.contains("they have read"), "{told:?}");
}

#[test]
fn an_edit_says_why_what_is_kept_up_to_date_waits_and_its_hint_works() {
    let two = Two::agreed();
    let id = two.owner.add(["Monday."]);
    two.share(&id);
    let told = two.owner.run(["edit", &id, "Tuesday."]).done().out;
    let again = format!("`daymark share {} --with 'my sister'`", &id[..8]);
    assert!(told.contains(&again), "{told}");
    let with = ["--with", "my sister", "--keep-updated", "--yes"];
    two.owner.run(["share", &id].into_iter().chain(with)).done();
    for args in [["edit", &id, "--sensitive"], ["edit", &id, "Wednesday."]] {
        let told = two.owner.run(args).done().out;
        assert!(told.contains("waits for my sister"), "{told}");
        assert!(
            told.contains("`daymark supporter verify 'my sister'`"),
            "{told}"
        );
        assert!(!told.contains("sends it anew"), "{told}");
    }
}

#[cfg(unix)]
#[test]
fn a_reply_that_was_kept_as_a_draft_is_left_in_no_file() {
    let two = Two::agreed();
    let id = two.owner.add(["Only for a while."]);
    two.share(&id);
    shared(&two.sister);
    let of = |place: &Place| {
        let (vault, passphrase) = (place.vault(), place.path("passphrase"));
        format!(
            "'{}' --quiet --vault '{}' --passphrase-file '{}'",
            env!("CARGO_BIN_EXE_daymark"),
            vault.display(),
            passphrase.display()
        )
    };
    let writes = format!(
        "{} unshare {id} && {} sync && dirname \"$file\" > '{}' && printf 'Thinking of you.' > \"$file\"",
        of(&two.owner),
        of(&two.sister),
        two.sister.path("folder").display()
    );
    let replied = with_editor(&two.sister, &["reply", "@1"], &writes).ends(4);
    assert!(replied.err.contains("`daymark show "), "{replied:?}");
    assert!(!replied.err.contains("kept.md"), "{replied:?}");
    let folder = std::fs::read_to_string(two.sister.path("folder")).unwrap();
    assert!(!Path::new(folder.trim()).exists());
}
