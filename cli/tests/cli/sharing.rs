//! Sharing through a real relay: invite, accept, verify, preview, share, reply, take back, end.

use crate::{
    schema,
    two::{Two, lines, number, replies, shared, standing},
};
use serde_json::{Value, json};
use std::fs;

#[test]
fn two_people_agree_and_see_the_same_number() {
    let two = Two::agreed();
    let (ours, theirs) = (standing(&two.owner), standing(&two.sister));
    assert_eq!(
        (&ours["role"], &ours["standing"]),
        (&json!("owner"), &json!("active"))
    );
    assert_eq!(
        (&theirs["role"], &theirs["standing"]),
        (&json!("supporter"), &json!("active"))
    );
    assert_eq!(
        (&ours["name"], &theirs["name"]),
        (&json!("my sister"), &json!("the owner"))
    );
    assert_eq!(ours["verified"], false);

    let ours = number(&two.owner, "my sister");
    assert_eq!(ours, number(&two.sister, "the owner"));
    assert_eq!(ours.split(' ').count(), 12);
    let shown = two.owner.run(["supporter", "verify", "my"]).done();
    assert_eq!(
        shown.out.lines().count(),
        3,
        "four groups a line: {shown:?}"
    );
    two.verify();
    assert_eq!(standing(&two.owner)["verified"], true);
}

#[test]
fn what_a_preview_shows_is_what_the_supporter_reads() {
    let two = Two::agreed();
    let text = [
        "--title",
        "By the canal",
        "--tag",
        "walks",
        "The first swallows.\n\nSoup.",
    ];
    let id = two.owner.add(text);
    let args = [
        "share",
        &id,
        "--with",
        "my sister",
        "--parts",
        "title,text,tags",
    ];
    let preview = two
        .owner
        .run(args.into_iter().chain(["--preview", "--json"]))
        .json();
    schema::check("preview", &preview);
    assert!(preview["bytes"].as_u64().unwrap() > 40);
    assert_eq!(preview["content"]["day"], Value::Null);
    let shown = two
        .owner
        .run(args.into_iter().chain(["--preview"]))
        .done()
        .out;
    for told in [
        "  │ By the canal\n",
        "  │ The first swallows.\n  │ \n  │ Soup.\n",
        "photograph",
    ] {
        assert!(shown.contains(told), "{told} in {shown}");
    }
    assert!(shared(&two.sister).is_empty(), "a preview shares nothing");

    let done = two
        .owner
        .run(args.into_iter().chain(["--yes", "--json"]))
        .json();
    schema::check("shared_with", &done);
    assert_eq!(
        (&done["changed"], &done["synced"]),
        (&json!(true), &json!(true))
    );
    let received = shared(&two.sister);
    assert_eq!(received.len(), 1);
    assert_eq!(received[0]["content"], preview["content"]);
    assert_eq!(received[0]["name"], "the owner");
    let page = two.sister.run(["shared", "show", "@1"]).done().out;
    assert!(
        page.starts_with("the owner shares this with you:\n\n  By the canal\n"),
        "{page}"
    );
    let who = lines(two.owner.run(["who-sees", &id, "--json"]), "who_sees");
    assert_eq!(
        (&who[0]["name"], &who[0]["seen"]),
        (&json!("my sister"), &json!(false))
    );
}

#[test]
fn a_reply_and_an_acknowledgement_come_back_by_choice_only() {
    let two = Two::agreed();
    let id = two.owner.add(["A word of today."]);
    two.share(&id);
    shared(&two.sister);
    two.sister.run(["shared", "show", "@1"]).done();
    assert!(replies(&two.owner).is_empty());
    let who = || lines(two.owner.run(["who-sees", "--json"]), "who_sees").remove(0);
    assert_eq!(
        who()["seen"],
        false,
        "nobody is told that something was read"
    );

    let replied = two
        .sister
        .run_with(["reply", "@1", "-", "--json"], b"Thinking of you.\n");
    schema::check("replied", &replied.json());
    let seen = two.sister.run(["shared", "seen", "@1", "--json"]).json();
    schema::check("seen", &seen);
    assert_eq!(seen["changed"], true);
    let came = replies(&two.owner);
    assert_eq!(came.len(), 1);
    assert_eq!(
        (&came[0]["text"], &came[0]["entry"]),
        (&json!("Thinking of you."), &json!(id))
    );
    assert_eq!(
        (&who()["seen"], &who()["replies"]),
        (&json!(true), &json!(1))
    );
    let again = two.sister.run(["shared", "seen", "@1", "--json"]).json();
    assert_eq!(again["changed"], false);
    let own = lines(two.sister.run(["shared", "list", "--json"]), "shared");
    assert_eq!(own[0]["replies"], json!(["Thinking of you."]));
}

#[test]
fn replies_are_hidden_shown_again_and_deleted() {
    let two = Two::agreed();
    two.share(&two.owner.add(["A word of today."]));
    shared(&two.sister);
    two.sister.run(["reply", "@1", "One.", "More"]).done();
    assert_eq!(replies(&two.owner)[0]["text"], "One. More");
    let hidden = two.owner.run(["reply", "hide", "@1", "--json"]).json();
    schema::check("reply_hidden", &hidden);
    assert!(replies(&two.owner).is_empty());
    let all = lines(two.owner.run(["replies", "--all", "--json"]), "reply");
    assert_eq!(all[0]["hidden"], true);
    two.owner.run(["reply", "hide", "@1", "--off"]).done();
    assert_eq!(replies(&two.owner).len(), 1);

    assert_eq!(
        two.owner.run(["reply", "delete", "@1", "--json"]).error(2),
        "nobody-to-ask"
    );
    let deleted = two
        .owner
        .run(["reply", "delete", "@1", "--yes", "--json"])
        .json();
    schema::check("reply_deleted", &deleted);
    assert!(replies(&two.owner).is_empty());
    assert_eq!(two.owner.run(["replies", "--all"]).done().out, "");
    assert_eq!(
        shared(&two.sister)[0]["replies"],
        json!([]),
        "gone there too"
    );
}

#[test]
fn without_a_connection_everything_is_kept_and_goes_later() {
    let mut two = Two::agreed();
    let id = two.owner.add(["Written on a train."]);
    two.relay.stop();
    let shared_offline = two.share(&id);
    assert_eq!(
        (&shared_offline["changed"], &shared_offline["synced"]),
        (&json!(true), &json!(false))
    );
    let who = lines(two.owner.run(["who-sees", "--json"]), "who_sees");
    assert_eq!(who[0]["waiting"], true);
    let told = two.owner.run(["supporter", "invite", "a friend"]).done();
    assert!(told.err.contains("goes with the next sync"), "{told:?}");
    let link = told.out.lines().last().unwrap().to_owned();
    let early = two.friend.run([
        "supporter",
        "accept",
        &link,
        "--name",
        "x",
        "--yes",
        "--json",
    ]);
    assert_eq!(early.error(13), "relay-unreachable");

    two.relay.back();
    two.owner.run(["sync"]).done();
    assert_eq!(shared(&two.sister).len(), 1);
    let args = ["supporter", "accept", &link, "--name", "the owner", "--yes"];
    two.friend.run(args).done();
}

#[test]
fn names_are_replaced_by_aliases_in_what_is_shared() {
    let two = Two::agreed();
    two.owner.run(["add", "--person", "the baker", "x"]).done();
    let people = lines(two.owner.run(["people", "list", "--json"]), "person");
    assert_eq!(people, [json!({"name": "the baker", "alias": null})]);
    let set = two
        .owner
        .run(["people", "alias", "the baker", "a neighbour", "--json"])
        .json();
    schema::check("alias", &set);
    let added = two
        .owner
        .run(["people", "add", "the postman", "--alias", "P.", "--json"])
        .json();
    schema::check("alias", &added);
    let unsaid = two.owner.run(["people", "add", "somebody", "--json"]);
    assert_eq!(unsaid.error(2), "nobody-to-ask");
    let id = two
        .owner
        .add(["Today the baker and the postman came, past the bakers garden."]);
    let args = ["share", &id, "--with", "my", "--preview", "--json"];
    let preview = two.owner.run(args).json();
    assert_eq!(preview["longer_words"], json!(["the bakers"]));
    two.share(&id);
    let text = "Today a neighbour and P. came, past the bakers garden.";
    assert_eq!(shared(&two.sister)[0]["content"]["text"], text);
    two.owner
        .run(["people", "alias", "the postman", "--none"])
        .done();
    assert_eq!(
        two.owner.run(["people", "alias", "the postman"]).done().out,
        "the postman\n"
    );
    assert_eq!(
        two.owner
            .run([
                "people",
                "alias",
                "the baker",
                "the baker himself",
                "--json"
            ])
            .error(2),
        "not-shareable"
    );
}

#[test]
fn what_a_supporter_would_rather_not_receive_is_a_gentle_warning() {
    let two = Two::agreed();
    let args = [
        "supporter",
        "prefer",
        "the owner",
        "--not",
        "hospital",
        "work",
        "--json",
    ];
    let said = two.sister.run(args).json();
    schema::check("preferred", &said);
    assert_eq!(said["not"], json!(["hospital", "work"]));
    let shown = two
        .sister
        .run(["supporter", "prefer", "the owner"])
        .done()
        .out;
    assert_eq!(shown, "Rather not from the owner: hospital, work.\n");
    two.owner.run(["sync"]).done();
    let id = two.owner.add(["--tag", "work", "A long day."]);
    let shown = two
        .owner
        .run(["share", &id, "--with", "my", "--preview"])
        .done()
        .out;
    assert!(
        shown.contains("my sister said that they would rather not receive: work."),
        "{shown}"
    );
    two.share(&id);
    assert_eq!(shared(&two.sister).len(), 1, "it is up to the owner");
    two.sister
        .run(["supporter", "prefer", "the owner", "--any"])
        .done();
    two.owner.run(["sync"]).done();
    let args = ["share", &id, "--with", "my", "--preview", "--json"];
    assert_eq!(
        two.owner.run(args).json()["receivers"][0]["rather_not"],
        json!([])
    );
}

#[test]
fn what_is_sensitive_waits_until_the_number_was_compared() {
    let two = Two::agreed();
    let id = two.owner.add(["--sensitive", "Close to me."]);
    let args = ["share", &id, "--with", "my sister", "--yes", "--json"];
    assert_eq!(two.owner.run(args).error(1), "not-verified");
    two.verify();
    two.share(&id);
    assert_eq!(shared(&two.sister).len(), 1);
}

#[test]
fn whom_one_mutes_is_not_told_and_their_news_wait() {
    let two = Two::agreed();
    two.share(&two.owner.add(["A word."]));
    shared(&two.sister);
    let muted = two
        .owner
        .run(["supporter", "mute", "my sister", "--json"])
        .json();
    schema::check("muted", &muted);
    two.sister.run(["reply", "@1", "Hello."]).done();
    assert!(replies(&two.owner).is_empty());
    assert_eq!(
        lines(two.owner.run(["replies", "--all", "--json"]), "reply").len(),
        1
    );
    two.owner
        .run(["supporter", "mute", "my sister", "--off"])
        .done();
    assert_eq!(replies(&two.owner).len(), 1);
}

#[test]
fn what_was_shared_can_be_taken_out_as_a_file() {
    let two = Two::agreed();
    two.share(&two.owner.add(["--title", "First", "One --> two."]));
    shared(&two.sister);
    two.share(&two.owner.add(["--title", "Second", "Three."]));
    shared(&two.sister);
    let refused = two.sister.run(["shared", "export", "--json"]);
    assert_eq!(refused.error(2), "plaintext");
    let args = ["shared", "export", "--plaintext", "-o", "out.md", "--json"];
    let exported = two.sister.run(args).json();
    schema::check("exported", &exported);
    let text = fs::read_to_string(two.sister.path("out.md")).unwrap();
    let places = [
        "shared by the owner",
        "# First",
        "One --> two.",
        "# Second",
        "Three.",
    ];
    let found: Vec<_> = places.iter().map(|part| text.find(part).unwrap()).collect();
    assert!(found.is_sorted(), "{text}");
    #[cfg(unix)]
    assert_eq!(crate::place::mode(&two.sister.path("out.md")), 0o600);
    let args = ["shared", "export", "--plaintext", "--format", "jsonl"];
    assert_eq!(lines(two.sister.run(args), "shared").len(), 2);
    let again = ["shared", "export", "--plaintext", "-o", "out.md", "--json"];
    assert_eq!(two.sister.run(again).error(2), "file-exists");
}
