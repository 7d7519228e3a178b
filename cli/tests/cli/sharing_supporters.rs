//! What is said of supporters: who came to nothing, who is meant, who is verified, whose link came how, what is new.

use crate::{
    person::sits,
    place::{PASSPHRASE, Place},
    two::{Two, lines, number, standing},
};
use daymark::Exit;

#[test]
fn invitations_that_came_to_nothing_stand_in_nobodys_way() {
    let two = Two::strangers();
    for _ in 0..2 {
        two.invite("mum");
        let back = two.owner.run(["supporter", "end", "mum", "--yes"]).done();
        assert!(
            back.out.contains("nobody can accept it any more"),
            "{back:?}"
        );
        assert!(!back.out.contains("hears of it"), "{back:?}");
    }
    let id = two.owner.add(["x"]);
    for args in [
        vec!["supporter", "verify", "mum", "--json"],
        vec!["supporter", "end", "mum", "--yes", "--json"],
        vec!["share", &id, "--with", "mum", "--yes", "--json"],
    ] {
        assert_eq!(two.owner.run(args).error(1), "not-active");
    }
    let listed = two.owner.run(["supporter", "list"]).done();
    assert_eq!(
        listed.out,
        "mum  invited by you: the invitation was taken back\n"
    );
    assert!(listed.err.contains("and 1 of the same names"), "{listed:?}");
    let all = lines(
        two.owner.run(["supporter", "list", "--all", "--json"]),
        "supporter",
    );
    assert_eq!(all.len(), 2);
    two.agree("mum", &two.sister);
    assert_eq!(standing(&two.owner)["standing"], "active");
    // However its accents are written.
    two.invite("Zoë");
    let told = two
        .owner
        .run(["supporter", "end", "zoe\u{308}", "--yes"])
        .done()
        .out;
    assert!(told.contains("nobody can accept it any more"), "{told}");
}

#[test]
fn an_invitation_that_was_accepted_meanwhile_is_said_to_have_ended() {
    let two = Two::strangers();
    let link = two.invite("my sister");
    let accept = ["supporter", "accept", &link, "--name", "the owner", "--yes"];
    let told = two.sister.run(accept).done().out;
    assert!(
        told.contains("`daymark supporter verify 'the owner'`"),
        "{told}"
    );
    let told = two
        .owner
        .run(["supporter", "end", "my sister", "--yes"])
        .done()
        .out;
    assert!(
        told.contains("my sister had accepted it already."),
        "{told}"
    );
    let again = two.sister.run(accept).ends(1);
    assert!(again.err.contains("`daymark supporter list`"), "{again:?}");
}

#[test]
fn who_asks_for_the_other_sides_right_is_told_of_their_own() {
    let two = Two::agreed();
    let told = two
        .sister
        .run(["supporter", "end", "the owner", "--yes"])
        .ends(2);
    assert!(told.err.contains("`daymark supporter leave`"), "{told:?}");
    let told = two
        .owner
        .run(["supporter", "leave", "my sister", "--yes"])
        .ends(2);
    assert!(told.err.contains("`daymark supporter end`"), "{told:?}");
}

#[test]
fn a_verified_mark_can_be_taken_back() {
    let two = Two::agreed();
    two.verify();
    let wrong = "0".repeat(60);
    let args = [
        "supporter",
        "verify",
        "my sister",
        "--number",
        &wrong,
        "--json",
    ];
    assert_eq!(two.owner.run(args).error(20), "other-number");
    assert_eq!(standing(&two.owner)["verified"], true);
    let undone = ["supporter", "verify", "my sister", "--undo", "--json"];
    let undone = two.owner.run(undone).json();
    crate::schema::check("number", &undone);
    assert_eq!(undone["verified"], false);
    assert_eq!(standing(&two.owner)["verified"], false);
    // The other devices hear of it at once.
    let status = two.owner.run(["status", "--json"]).json();
    assert_eq!(status["waiting"], 0);
    assert_eq!(number(&two.owner, "my sister").split(' ').count(), 12);
}

#[test]
fn a_sync_says_what_came_of_others() {
    let two = Two::strangers();
    let link = two.invite("my sister");
    let accept = ["supporter", "accept", &link, "--name", "the owner", "--yes"];
    two.sister.run(accept).done();
    let told = |place: &Place| place.run(["sync"]).done().err;
    let said = told(&two.owner);
    assert!(
        said.contains("my sister accepted. Compare the number with them next: `daymark supporter verify 'my sister'`."),
        "{said}"
    );
    assert_eq!(told(&two.owner), "");
    two.share(&two.owner.add(["A word."]));
    assert!(told(&two.sister).contains("the owner shares something with you"));
    two.sister.run(["reply", "@1", "Hello."]).done();
    assert!(told(&two.owner).contains("A reply from my sister came"));
    two.sister
        .run(["supporter", "leave", "the owner", "--yes"])
        .done();
    assert!(told(&two.owner).contains("my sister left."));
}

#[test]
fn a_link_comes_through_a_mail_program() {
    let two = Two::strangers();
    let accept = ["supporter", "accept", "-", "--name", "the owner"];
    let link = two.invite("my sister");
    let (first, rest) = link.split_at(60);
    let (second, third) = rest.split_at(40);
    let wrapped = format!("Dear sister,\n> ‹{first}\n> {second}\n>{third}›.\n\nLove\n");
    let args = accept.into_iter().chain(["--yes"]);
    two.sister.run_with(args, wrapped.as_bytes()).done();

    let link = two.invite("a friend");
    let mut parts = Vec::from([&link[..60], &link[60..100], &link[100..]].map(str::to_owned));
    parts.reverse();
    let (exit, seen) = sits(&two.friend, &accept, move |question, _| {
        let is_asked = |what: &str| question.ends_with(what);
        if is_asked("The link: ") || is_asked("The rest of it, or Enter: ") {
            return parts.pop().unwrap();
        }
        let answer = if is_asked("[y/N] ") { "y" } else { PASSPHRASE };
        answer.to_owned()
    });
    assert_eq!(exit, Exit::Done, "{seen}");

    let damaged = two.invite("a neighbour").replace("/1/", "/1/A");
    let place = Place::with_vault();
    let (exit, seen) = sits(&place, &accept, move |question, _| match question {
        "The link: " => damaged.clone(),
        rest => {
            assert!(rest.ends_with("The rest of it, or Enter: "), "{rest}");
            String::new()
        }
    });
    assert_eq!(exit, Exit::Usage, "{seen}");
}

#[test]
fn without_the_relay_nothing_is_answered_and_that_is_said() {
    let mut two = Two::strangers();
    let link = two.invite("my sister");
    two.relay.stop();
    let accept = ["supporter", "accept", &link, "--name", "the owner", "--yes"];
    let told = two.sister.run(accept).ends(13);
    assert!(told.err.contains("nothing is kept of it"), "{told:?}");
}
