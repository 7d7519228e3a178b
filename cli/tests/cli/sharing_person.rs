//! Two people at their terminals: what each is shown before they say yes, and what a no leaves.

use crate::{
    person::sits,
    place::PASSPHRASE,
    two::{Two, shared, standing},
};
use daymark::Exit;

/// Gives the passphrase, and this answer to the question that ends so.
fn says(
    question: &'static str,
    answer: &'static str,
) -> impl FnMut(&str, &str) -> String + Send + 'static {
    move |asked, _| {
        if asked.ends_with(question) {
            answer.to_owned()
        } else {
            PASSPHRASE.to_owned()
        }
    }
}

#[test]
fn an_invitation_is_a_link_and_a_picture_and_is_explained_to_both() {
    let two = Two::strangers();
    let args = [
        "supporter",
        "invite",
        "my sister",
        "--as",
        "Your \u{202e}sibling",
    ];
    let (exit, seen) = sits(&two.owner, &args, says("?", ""));
    assert_eq!(exit, Exit::Done, "{seen}");
    assert!(seen.contains('█'), "a picture: {seen}");
    assert!(
        seen.contains("whoever has it can accept in their place, once, until"),
        "{seen}"
    );
    let link = seen
        .lines()
        .find(|line| line.starts_with("daymark:bond/1/"));
    let link = link.unwrap().to_owned();

    let args = ["supporter", "accept", &link, "--name", "the owner"];
    let (exit, seen) = sits(&two.sister, &args, says("the owner? [y/N] ", "n"));
    assert_eq!(exit, Exit::Failed, "{seen}");
    for told in [
        "calls themself \"Your \\u{202e}sibling\"",
        "that they choose",
        "learns that your two accounts have a bond",
        "Either of you can end it at any time",
        "becomes the relay of your own journal too",
        "Nobody is told when you read something",
        "Nothing was changed.",
    ] {
        assert!(seen.contains(told), "{told} in {seen}");
    }
    assert_eq!(two.sister.run(["supporter", "list"]).done().out, "");
    assert!(
        two.sister
            .run(["relay", "show"])
            .done()
            .out
            .starts_with("No relay")
    );
    let (exit, seen) = sits(&two.sister, &args, says("the owner? [y/N] ", "y"));
    assert_eq!(exit, Exit::Done, "{seen}");
    assert_eq!(standing(&two.sister)["standing"], "active");
}

#[test]
fn both_compare_the_number_and_a_no_verifies_nobody() {
    let two = Two::agreed();
    let args = ["supporter", "verify", "my sister"];
    let question = "Is it the same on both sides? [y/N] ";
    let (exit, seen) = sits(&two.owner, &args, says(question, ""));
    assert_eq!(exit, Exit::Failed, "{seen}");
    assert!(seen.contains("somebody may stand between you"), "{seen}");
    assert_eq!(standing(&two.owner)["verified"], false);
    let (exit, seen) = sits(&two.owner, &args, says(question, "yes"));
    assert_eq!(exit, Exit::Done, "{seen}");
    let groups = seen
        .lines()
        .filter(|line| line.starts_with("  ") && line.len() == 25);
    assert_eq!(groups.count(), 3, "{seen}");
    assert_eq!(standing(&two.owner)["verified"], true);
    let (exit, seen) = sits(&two.owner, &args, says(question, "no"));
    assert_eq!(exit, Exit::Done);
    assert!(seen.contains("it still holds"), "{seen}");
}

#[test]
fn a_preview_is_shown_and_nothing_is_shared_before_a_yes() {
    let two = Two::agreed();
    let id = two
        .owner
        .add(["A line\n\u{1b}[2J that a terminal would obey."]);
    let args = ["share", &id, "--with", "my sister"];
    let (exit, seen) = sits(&two.owner, &args, says("Share it? [y/N] ", "no"));
    assert_eq!(exit, Exit::Failed, "{seen}");
    assert!(!seen.contains('\u{1b}'), "{seen:?}");
    for told in [
        "This is what my sister will read, and nothing else",
        "  │ A line\n",
        "You have not compared the number with my sister yet",
        "Taking it back deletes the copy",
    ] {
        assert!(seen.contains(told), "{told} in {seen}");
    }
    assert!(shared(&two.sister).is_empty());
    let (exit, seen) = sits(&two.owner, &args, says("Share it? [y/N] ", "y"));
    assert_eq!(exit, Exit::Done, "{seen}");
    assert!(seen.contains("You are not told when it is read"), "{seen}");
    assert_eq!(shared(&two.sister).len(), 1);
}

#[test]
fn ending_says_what_it_does_and_does_not_do_and_asks() {
    let two = Two::agreed();
    let args = ["supporter", "end", "my sister"];
    let (exit, seen) = sits(&two.owner, &args, says("End it with my sister? [y/N] ", ""));
    assert_eq!(exit, Exit::Failed, "{seen}");
    assert!(seen.contains("cannot reach what they remember"), "{seen}");
    assert_eq!(standing(&two.owner)["standing"], "active");
    let args = ["supporter", "leave", "the owner"];
    let (exit, seen) = sits(&two.sister, &args, says("Leave the owner? [y/N] ", "y"));
    assert_eq!(exit, Exit::Done, "{seen}");
    assert!(seen.contains("is wiped from your devices"), "{seen}");
}

#[test]
fn j5_a_reply_does_nothing_to_the_terminal_and_cannot_pass_for_our_words() {
    let two = Two::agreed();
    two.share(&two.owner.add(["A word."]));
    shared(&two.sister);
    let reply = "Hello \u{202e}\u{1b}[2J\u{9b}31m\n00000000  somebody else, came today";
    two.sister
        .run_with(["reply", "@1", "-"], reply.as_bytes())
        .done();
    two.owner.run(["sync"]).done();
    let (exit, seen) = sits(&two.owner, &["replies"], says("?", ""));
    assert_eq!(exit, Exit::Done, "{seen}");
    let piped = two.owner.run(["replies"]).done().out;
    assert!(piped.contains("Hello \\u{202e}"), "{piped:?}");
    assert!(!seen.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{seen:?}");
    assert!(
        seen.contains("\n  Hello \\u{202e}[2J31m\n  00000000  "),
        "{seen}"
    );
}
