//! What is said of sharing holds: on which terms, to whom, what waits, what did not come about, and what is kept.

use crate::{
    editing::with_editor,
    person::sits,
    place::{PASSPHRASE, Place},
    sharing_devices::pair,
    two::{Two, lines, replies, shared},
};
use daymark::Exit;
use serde_json::{Value, json};

fn who(place: &Place) -> Vec<Value> {
    lines(place.run(["who-sees", "--json"]), "who_sees")
}

fn drafts(place: &Place) -> Vec<Value> {
    let entries = lines(place.run(["list", "--json"]), "entry");
    let drafts = entries.into_iter().filter(|entry| entry["draft"] == true);
    drafts.collect()
}

#[test]
fn sharing_again_keeps_the_terms_and_says_what_changes_before_a_yes() {
    let two = Two::agreed();
    let id = two.owner.add(["A word of today."]);
    let share = ["share", &id, "--with", "my sister"];
    let run = |more: &[&str]| {
        two.owner
            .run(share.iter().copied().chain(more.iter().copied()))
    };
    run(&["--until", "2099-12-31", "--keep-updated", "--yes"]).done();
    two.owner.run(["edit", &id, "--tag", "walks"]).done();
    let shown = run(&["--parts", "text,tags", "--preview"]).done().out;
    for told in [
        "my sister has it until 2099-12-31, as before.",
        "whatever you change in these parts later goes to my sister",
    ] {
        assert!(shown.contains(told), "{told} in {shown}");
    }
    run(&["--parts", "text,tags", "--yes"]).done();
    let now = who(&two.owner).remove(0);
    assert_eq!(
        (&now["until"], &now["keep_updated"], &now["parts"]),
        (&json!("2099-12-31"), &json!(true), &json!("text, tags"))
    );
    let less = ["--parts", "text,tags", "--no-until", "--no-keep-updated"];
    let shown = run(&[less.as_slice(), &["--preview"]].concat()).done().out;
    for told in [
        "my sister had it until 2099-12-31; now there is no last day.",
        "not kept up to date for my sister any more",
        "and nothing else",
    ] {
        assert!(shown.contains(told), "{told} in {shown}");
    }
    let preview = run(&[less.as_slice(), &["--preview", "--json"]].concat()).json();
    crate::schema::check("preview", &preview);
    assert_eq!(preview["receivers"][0]["until"], Value::Null);
    run(&[less.as_slice(), &["--yes"]].concat()).done();
    let now = who(&two.owner).remove(0);
    assert_eq!(
        (&now["until"], &now["keep_updated"]),
        (&Value::Null, &json!(false))
    );
}

#[test]
fn an_edit_says_whom_it_goes_to_by_itself_and_why_it_stops() {
    let two = Two::agreed();
    let id = two.owner.add(["Monday."]);
    let share = ["share", &id, "--with", "my sister", "--yes"];
    two.owner.run(share).done();
    let told = two.owner.run(["edit", &id, "Monday, and rain."]).done().out;
    assert!(
        told.contains("my sister: what they have reads as it did"),
        "{told}"
    );
    two.owner
        .run(share.into_iter().chain(["--keep-updated"]))
        .done();
    let told = two.owner.run(["edit", &id, "Tuesday."]).done().out;
    assert!(told.contains("kept up to date for my sister"), "{told}");
    let status = two.owner.run(["status"]).done().out;
    assert!(
        status.contains("my sister: 1 kept up to date, to be sent as changed"),
        "{status}"
    );
    assert!(status.contains("to verify     my sister\n"), "{status}");
    let page = two.owner.run(["show", &id]).done().out;
    assert!(page.contains("shared with my sister"), "{page}");
    let listed = two.owner.run(["list"]).done().out;
    assert!(listed.ends_with("  Tuesday. (shared)\n"), "{listed}");
    assert_eq!(two.owner.show(&id)["shared_with"], json!(["my sister"]));

    two.owner.run(["edit", &id, "--sensitive"]).done();
    assert_eq!(who(&two.owner)[0]["needs_verified"], true);
    let line = two.owner.run(["who-sees"]).done().out;
    assert!(
        line.contains("not kept up to date: it is sensitive by now"),
        "{line}"
    );
    assert!(!line.contains(", kept up to date"), "{line}");
    two.verify();
    assert_eq!(who(&two.owner)[0]["needs_verified"], false);
}

#[test]
fn a_reply_that_could_not_leave_before_the_end_is_kept_as_a_draft() {
    let two = Two::agreed();
    two.share(&two.owner.add(["Only for a while."]));
    shared(&two.sister);
    let end = ["supporter", "end", "my sister", "--yes"];
    two.owner.run(end).done();
    let replied = two.sister.run(["reply", "@1", "My long answer.", "--json"]);
    assert_eq!(replied.error(1), "not-active");
    let kept = drafts(&two.sister);
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (&kept[0]["text"], &kept[0]["title"]),
        (
            &json!("My long answer."),
            &json!("A reply to the owner that was not sent")
        )
    );
}

#[test]
fn a_reply_written_offline_and_the_end_are_said_with_the_next_sync() {
    let mut two = Two::agreed();
    two.share(&two.owner.add(["Only for a while."]));
    shared(&two.sister);
    two.relay.stop();
    two.sister.run(["reply", "@1", "From a train."]).done();
    two.relay.back();
    two.owner
        .run(["supporter", "end", "my sister", "--yes"])
        .done();
    let told = two.sister.run(["sync"]).done().err;
    assert!(told.contains("the owner ended it"), "{told}");
    assert!(told.contains("kept as a draft"), "{told}");
    assert_eq!(drafts(&two.sister)[0]["text"], "From a train.");
    assert!(replies(&two.owner).is_empty());
}

#[test]
fn replies_that_the_owner_may_not_have_at_the_end_are_kept_once_as_drafts() {
    let mut two = Two::agreed();
    let gone = two.owner.add(["Gone soon."]);
    two.share(&gone);
    two.share(&two.owner.add(["Only for a while."]));
    let tablet = pair(&two.sister, "tablet");
    shared(&two.sister);
    two.sister.run(["reply", "@1", "They have it."]).done();
    two.sister.run(["reply", "@1", "Taken back."]).done();
    assert_eq!(replies(&two.owner).len(), 2);
    two.owner.run(["unshare", &gone]).done();
    two.relay.stop();
    let end = ["supporter", "end", "my sister", "--yes"];
    two.owner.run(end).done();
    two.relay.back();
    two.sister.run(["reply", "take-back", "@1", "--yes"]).done();
    two.sister.run(["reply", "@1", "Please read this."]).done();
    tablet.run(["sync"]).done();
    two.owner.run(["sync"]).done();

    let on_tablet = tablet.run(["sync"]).done().err;
    assert!(!on_tablet.contains("draft"), "{on_tablet}");
    let told = two.sister.run(["sync"]).done().err;
    let says =
        "What you replied to the owner and they may not have is kept as drafts: `daymark list`.";
    assert!(told.contains(says), "{told}");
    let told = two.sister.run(["sync"]).done().err;
    assert!(!told.contains("draft"), "once: {told}");
    tablet.run(["sync"]).done();
    for place in [&two.sister, &tablet] {
        let kept = drafts(place);
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert_eq!(
            (&kept[0]["text"], &kept[0]["title"]),
            (
                &json!("Please read this."),
                &json!("A reply to the owner that they may not have")
            )
        );
    }
}

#[test]
fn who_leaves_means_their_replies_too() {
    let mut two = Two::agreed();
    two.share(&two.owner.add(["Only for a while."]));
    shared(&two.sister);
    two.relay.stop();
    two.sister.run(["reply", "@1", "From a train."]).done();
    let leave = ["supporter", "leave", "the owner", "--yes"];
    two.sister.run(leave).done();
    two.relay.back();
    two.sister.run(["sync"]).done();
    assert!(drafts(&two.sister).is_empty());
}

#[cfg(unix)]
#[test]
fn a_reply_to_what_is_taken_back_while_it_is_written_is_kept_as_a_draft() {
    let two = Two::agreed();
    let id = two.owner.add(["Only for a while."]);
    two.share(&id);
    shared(&two.sister);
    let program = env!("CARGO_BIN_EXE_daymark");
    let of = |place: &Place| {
        let (vault, passphrase) = (place.vault(), place.path("passphrase"));
        format!(
            "'{program}' --quiet --vault '{}' --passphrase-file '{}'",
            vault.display(),
            passphrase.display()
        )
    };
    let writes = format!(
        "{} unshare {id} && {} sync && printf 'Thinking of you.' > \"$file\"",
        of(&two.owner),
        of(&two.sister)
    );
    let replied = with_editor(&two.sister, &["reply", "@1", "--json"], &writes);
    assert_eq!(replied.error(4), "not-found");
    let kept = drafts(&two.sister);
    assert_eq!(
        (&kept[0]["text"], &kept[0]["title"]),
        (
            &json!("Thinking of you."),
            &json!("A reply to the owner that was not sent")
        )
    );
}

#[test]
fn nothing_is_said_to_be_shared_with_somebody_who_left() {
    let two = Two::agreed();
    two.agree("a friend", &two.friend);
    let id = two.owner.add(["A word of today."]);
    two.sister
        .run(["supporter", "leave", "the owner", "--yes"])
        .done();
    let told = two.share_with_both(&id).ends(3);
    assert!(told.out.contains("with a friend."), "{told:?}");
    assert!(
        told.err.contains("But not with my sister (they left)."),
        "{told:?}"
    );
    two.friend
        .run(["supporter", "leave", "the owner", "--yes"])
        .done();
    let other = two.owner.add(["Another."]);
    let alone = ["share", &other, "--with", "a friend", "--yes", "--json"];
    assert_eq!(two.owner.run(alone).error(1), "not-active");
    assert!(who(&two.owner).is_empty());
}

#[test]
fn what_another_device_took_back_is_not_said_to_be_shared() {
    let two = Two::agreed();
    let id = two.owner.add(["A word of today."]);
    two.share(&id);
    let tablet = pair(&two.owner, "tablet");
    tablet.run(["sync"]).done();
    two.owner.run(["unshare", &id]).done();
    let args = [
        "share",
        &id,
        "--with",
        "my sister",
        "--parts",
        "text",
        "--yes",
    ];
    // The tablet has not heard of it.
    tablet.run(["edit", &id, "Another word."]).done();
    let told = tablet.run(args).ends(1);
    assert!(
        told.err.contains("another device of yours took it back"),
        "{told:?}"
    );
    assert!(who(&tablet).is_empty());
    tablet.run(args).done();
    assert_eq!(who(&tablet).len(), 1, "said anew, it is shared anew");
}

#[test]
fn who_sees_says_what_they_still_have() {
    let mut two = Two::agreed();
    two.agree("a friend", &two.friend);
    let id = two.owner.add(["A word of today."]);
    two.share_with_both(&id).done();
    two.relay.stop();
    let back = ["unshare", &id, "--with", "my sister", "--json"];
    assert_eq!(two.owner.run(back).json()["synced"], false);
    two.owner
        .run(["supporter", "end", "a friend", "--yes"])
        .done();
    // What waits here may have left all the same, from this journal before it was restored: it is taken back, too.
    let unsent = two.owner.add(["Never sent."]);
    two.share(&unsent);
    two.owner.run(["unshare", &unsent]).done();
    let have = who(&two.owner);
    assert_eq!(have.len(), 3);
    assert!(have.iter().all(|one| one["taken_back"] == true), "{have:?}");
    let line = two.owner.run(["who-sees", &id]).done().out;
    assert_eq!(
        line.matches("taken back, waits for a sync").count(),
        2,
        "{line}"
    );
    two.relay.back();
    two.owner.run(["sync"]).done();
    assert_eq!(two.owner.run(["who-sees"]).done().out, "Nobody.\n");
}

#[test]
fn an_alias_is_found_in_any_case_and_one_that_says_a_name_is_pointed_to() {
    let place = Place::with_vault();
    let alias = |args: &[&'static str]| {
        place
            .run(["people", "alias"].into_iter().chain(args.iter().copied()))
            .done()
    };
    alias(&["Zoë", "a friend"]);
    let empty = place.run(["people", "alias", "", "a friend"]).ends(2);
    assert!(!empty.err.contains("leave it out"), "{empty:?}");
    assert_eq!(alias(&["zoe\u{308}"]).out, "Zoë  → a friend\n");
    let told = alias(&["ZOË", "a neighbour"]);
    assert!(
        told.err.contains("Before, Zoë read as a friend."),
        "{told:?}"
    );
    let told = alias(&["Ben", "Zoë's cousin"]);
    assert!(
        told.err.contains("says the name of somebody else"),
        "{told:?}"
    );
}

#[test]
fn what_the_entry_gives_to_think_of_is_said_before_a_yes() {
    let two = Two::agreed();
    let id = two.owner.add([
        "--draft",
        "--content-note",
        "about the hospital",
        "--person",
        "Zoë",
        "With Zoë.",
    ]);
    let args = ["share", &id, "--with", "my sister", "--preview"];
    let shown = two.owner.run(args).done().out;
    for told in [
        "a draft still",
        "Your note before it (about the hospital) is not sent",
        "Zoë: in it, and without an alias",
    ] {
        assert!(shown.contains(told), "{told} in {shown}");
    }
}

#[test]
fn a_reply_is_shown_before_it_is_deleted() {
    let two = Two::agreed();
    two.share(&two.owner.add(["A word of today."]));
    shared(&two.sister);
    two.sister.run(["reply", "@1", "An unkind word."]).done();
    two.owner.run(["sync"]).done();
    let args = ["reply", "delete", "@1"];
    let (exit, seen) = sits(&two.owner, &args, |question, _| match question {
        "Delete it? [y/N] " => "n".to_owned(),
        _ => PASSPHRASE.to_owned(),
    });
    assert_eq!(exit, Exit::Failed, "{seen}");
    assert!(seen.contains("  An unkind word."), "{seen}");
    let empty = two.sister.run(["reply", "@1", "", "--json"]);
    assert_eq!(empty.error(2), "not-shareable");
}
