//! What cannot be shared, answered or found: one plain sentence, a hint, its exit code, and nothing lost.

use crate::{
    place::Place,
    two::{RealRelay, Two, shared, standing},
};

#[test]
fn a_bond_needs_a_relay() {
    let place = Place::with_vault();
    let invited = place.run(["supporter", "invite", "my sister", "--json"]);
    assert_eq!(invited.error(1), "no-relay");
    assert_eq!(place.run(["supporter", "list"]).done().out, "");
}

#[test]
fn names_that_mean_nobody_or_several_are_said_with_those_there_are() {
    let two = Two::strangers();
    let id = two.owner.add(["x"]);
    let nobody = ["share", &id, "--with", "nobody", "--yes", "--json"];
    assert_eq!(two.owner.run(nobody).error(4), "unknown-supporter");
    two.invite("a friend");
    two.invite("a neighbour");
    assert_eq!(two.owner.run(nobody).error(4), "unknown-supporter");
    let told = two
        .owner
        .run(["share", &id, "--with", "a", "--yes"])
        .ends(4);
    assert!(told.err.contains("a friend, a neighbour"), "{told:?}");
    let taken = two.owner.run(["supporter", "invite", "A FRIEND", "--json"]);
    assert_eq!(taken.error(2), "name-taken");
    let early = ["share", &id, "--with", "a friend", "--yes", "--json"];
    assert_eq!(two.owner.run(early).error(1), "not-active");
    let early = ["supporter", "verify", "a friend", "--json"];
    assert_eq!(two.owner.run(early).error(1), "not-active");
}

#[test]
fn a_link_that_cannot_be_answered_is_said_for_what_it_is() {
    let two = Two::strangers();
    let link = two.invite("my sister");
    let accept = |place: &Place, link: &str| {
        place.run([
            "supporter",
            "accept",
            link,
            "--name",
            "them",
            "--yes",
            "--json",
        ])
    };
    assert_eq!(accept(&two.sister, "hello").error(2), "bad-invitation");
    let altered = link.replace("daymark:bond/1/", "daymark:bond/1/AA");
    assert_eq!(accept(&two.sister, &altered).error(2), "bad-invitation");
    let newer = link.replace("/1/", "/9/");
    assert_eq!(accept(&two.sister, &newer).error(15), "newer-version");
    assert_eq!(accept(&two.owner, &link).error(2), "own-invitation");
    let silent = two
        .sister
        .run(["supporter", "accept", &link, "--name", "them", "--json"]);
    assert_eq!(silent.error(2), "nobody-to-ask");
    assert_eq!(two.sister.run(["supporter", "list"]).done().out, "");

    accept(&two.sister, &link).done();
    assert_eq!(accept(&two.sister, &link).error(1), "already-accepted");
    assert_eq!(accept(&two.friend, &link).error(14), "no-invitation");
    let other = two.invite("a friend");
    two.owner
        .run(["supporter", "end", "a friend", "--yes"])
        .done();
    assert_eq!(accept(&two.friend, &other).error(14), "no-invitation");
}

#[test]
fn an_invitation_of_another_relay_than_ones_own_is_said_to_be_one() {
    let two = Two::strangers();
    let link = two.invite("my sister");
    let elsewhere = RealRelay::start();
    two.sister.run(["relay", "set", &elsewhere.url()]).done();
    let args = [
        "supporter",
        "accept",
        &link,
        "--name",
        "them",
        "--yes",
        "--json",
    ];
    assert_eq!(two.sister.run(args).error(1), "other-relay");
}

#[test]
fn only_the_side_whose_right_it_is_ends_leaves_shares_or_prefers() {
    let two = Two::agreed();
    let id = two.sister.add(["mine"]);
    for args in [
        vec!["supporter", "end", "the owner", "--yes", "--json"],
        vec!["share", &id, "--with", "the owner", "--yes", "--json"],
    ] {
        assert_eq!(two.sister.run(args).error(2), "other-side");
    }
    for args in [
        vec!["supporter", "leave", "my sister", "--yes", "--json"],
        vec!["supporter", "prefer", "my sister", "--any", "--json"],
    ] {
        assert_eq!(two.owner.run(args).error(2), "other-side");
    }
    assert_eq!(standing(&two.owner)["standing"], "active");
}

#[test]
fn what_cannot_be_shared_like_this_is_not_shared() {
    let two = Two::agreed();
    let id = two.owner.add(["Text only."]);
    let share = |more: &[&'static str]| {
        let args = ["share", &id, "--with", "my sister", "--json"];
        two.owner
            .run(args.iter().copied().chain(more.iter().copied()))
    };
    assert_eq!(share(&[]).error(2), "nobody-to-ask");
    assert_eq!(
        share(&["--until", "2021-03-04", "--yes"]).error(2),
        "passed"
    );
    assert_eq!(share(&["--until", "soon", "--yes"]).error(2), "usage");
    assert_eq!(
        share(&["--parts", "title", "--yes"]).error(2),
        "not-shareable"
    );
    assert_eq!(share(&["--parts", "pictures", "--yes"]).error(2), "usage");
    assert_eq!(share(&["--preview", "--yes"]).error(2), "usage");
    let page = ["share", "page:plan#crisis", "--with", "my sister", "--json"];
    assert_eq!(two.owner.run(page).error(2), "no-pages");
    let none = ["share", "@9", "--with", "my sister", "--yes", "--json"];
    assert_eq!(two.owner.run(none).error(4), "not-found");
    assert!(shared(&two.sister).is_empty());
}

#[test]
fn another_number_verifies_nobody() {
    let two = Two::agreed();
    let verify = |number: &str| {
        let args = [
            "supporter",
            "verify",
            "my sister",
            "--json",
            "--number",
            number,
        ];
        two.owner.run(args)
    };
    assert_eq!(verify(&"0".repeat(60)).error(20), "other-number");
    assert_eq!(verify("12345").error(2), "usage");
    assert_eq!(standing(&two.owner)["verified"], false);
}

#[test]
fn what_is_gone_cannot_be_read_or_answered() {
    let two = Two::agreed();
    let id = two.owner.add(["For a day."]);
    two.share(&id);
    let share = shared(&two.sister)[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        two.sister.run(["reply", &share, "--json"]).error(2),
        "no-text"
    );
    assert_eq!(
        two.sister.run(["reply", &share, " ", "--json"]).error(2),
        "not-shareable"
    );
    two.owner.run(["unshare", &id]).done();
    assert!(shared(&two.sister).is_empty());
    for args in [
        vec!["shared", "show", "@1", "--json"],
        vec!["shared", "show", &share, "--json"],
        vec!["shared", "seen", &share, "--json"],
        vec!["reply", &share, "Too late?", "--json"],
        vec!["shared", "show", "a friend", "--json"],
    ] {
        assert_eq!(two.sister.run(args).error(4), "not-found");
    }
    for args in [
        ["reply", "hide", "@1", "--json"],
        ["reply", "hide", "zz", "--json"],
    ] {
        assert_eq!(two.owner.run(args).error(4), "not-found");
    }
}
