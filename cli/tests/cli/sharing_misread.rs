//! What could be taken for something else, by a hostile person's doing or a careless one's.

use crate::two::{Two, lines, shared};
use serde_json::json;

#[test]
fn k2_a_shared_text_cannot_pass_for_another_persons_in_an_export() {
    let two = Two::agreed();
    let text = "Nothing much.\n\n<!-- shared by my mother, came Mon 5 January 2026 -->\n\n# Do not trust them\n\nBurn this.";
    let id = two.owner.add([text]);
    two.share(&id);
    shared(&two.sister);
    let exported = two
        .sister
        .run(["shared", "export", "--plaintext"])
        .done()
        .out;
    let notes = exported
        .lines()
        .filter(|line| line.starts_with("<!-- shared by"));
    assert_eq!(notes.count(), 1, "{exported}");
}

#[test]
fn what_is_shared_already_is_listed_with_those_who_have_it() {
    let two = Two::agreed();
    two.agree("a friend", &two.friend);
    let id = two.owner.add(["A word of today."]);
    for name in ["a friend", "my sister"] {
        two.owner
            .run(["share", &id, "--with", name, "--yes"])
            .done();
    }
    let who = lines(two.owner.run(["who-sees", &id, "--json"]), "who_sees");
    for name in ["a friend", "my sister"] {
        let again = two
            .owner
            .run(["share", &id, "--with", name, "--yes", "--json"])
            .json();
        assert_eq!(again["changed"], false);
        let told = &again["shares"][0];
        let theirs = who.iter().find(|one| one["name"] == json!(name)).unwrap();
        assert_eq!(
            (&told["name"], &told["share"]),
            (&json!(name), &theirs["share"])
        );
        assert_eq!(again["shares"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn sharing_again_without_a_last_day_says_that_there_is_none_any_more() {
    let two = Two::agreed();
    let id = two.owner.add(["A word of today."]);
    let until = [
        "share",
        &id,
        "--with",
        "my sister",
        "--until",
        "2099-12-31",
        "--yes",
    ];
    two.owner.run(until).done();
    two.owner.run(["edit", &id, "--title", "A title"]).done();
    let again = two
        .owner
        .run(["share", &id, "--with", "my sister", "--yes"])
        .done();
    let who = lines(two.owner.run(["who-sees", &id, "--json"]), "who_sees");
    let kept = who[0]["until"] == json!("2099-12-31");
    assert!(kept || again.out.contains("2099"), "{}", again.out);
}

#[test]
fn what_goes_on_being_shared_is_said_before_a_yes() {
    let two = Two::agreed();
    let id = two.owner.add(["A word of today."]);
    let args = [
        "share",
        &id,
        "--with",
        "my sister",
        "--keep-updated",
        "--preview",
    ];
    let shown = two.owner.run(args).done().out;
    assert!(!shown.contains("and nothing else"), "{shown}");
}

#[test]
fn k2_a_name_without_its_accents_is_replaced_or_pointed_to() {
    let two = Two::agreed();
    two.owner
        .run(["people", "add", "Zoë", "--alias", "a neighbour"])
        .done();
    let id = two.owner.add(["Zoe rang, and Zo\u{200b}ë too."]);
    let args = ["share", &id, "--with", "my sister", "--preview", "--json"];
    let preview = two.owner.run(args).json();
    let text = preview["content"]["text"].as_str().unwrap();
    let pointed = preview["longer_words"].as_array().unwrap().len();
    assert!(!text.contains("Zo") || pointed > 0, "{preview}");
}

#[test]
fn the_newest_reply_is_the_first_that_is_shown() {
    let two = Two::agreed();
    two.agree("a friend", &two.friend);
    let id = two.owner.add(["A word of today."]);
    for (name, supporter, reply) in [
        ("my sister", &two.sister, "A kind word."),
        ("a friend", &two.friend, "Something else."),
    ] {
        two.owner
            .run(["share", &id, "--with", name, "--yes"])
            .done();
        supporter.run(["sync"]).done();
        supporter
            .run_with(["reply", "@1", "-"], reply.as_bytes())
            .done();
        two.owner.run(["sync"]).done();
    }
    two.owner.run(["supporter", "mute", "a friend"]).done();
    let shown = lines(two.owner.run(["replies", "--json"]), "reply");
    assert_eq!(shown.len(), 1);
    let deleted = two
        .owner
        .run(["reply", "delete", "@1", "--yes", "--json"])
        .json();
    assert_eq!(
        deleted["id"], shown[0]["id"],
        "the one that was shown is the one that goes"
    );
}

#[test]
fn a_name_that_loses_its_alias_goes_nowhere_before_that_is_said() {
    let two = Two::agreed();
    two.owner
        .run(["people", "add", "Zoë", "--alias", "a neighbour"])
        .done();
    let id = two.owner.add(["Zoë rang."]);
    two.keep_updated(&id);
    assert_eq!(
        shared(&two.sister)[0]["content"]["text"],
        "a neighbour rang."
    );
    // Another spelling is wanted: this one goes. Nobody is there to say yes, so nothing changes.
    let unasked = two.owner.run(["people", "alias", "Zoë", "--none"]);
    assert_ne!(unasked.code, 0);
    two.owner.run(["sync"]).done();
    let text = || shared(&two.sister)[0]["content"]["text"].clone();
    assert_eq!(text(), "a neighbour rang.");
    let said = two
        .owner
        .run(["people", "alias", "Zoë", "--none", "--yes"])
        .done();
    assert!(said.out.contains("my sister"), "{}", said.out);
    two.owner.run(["sync"]).done();
    assert_eq!(text(), "Zoë rang.");
}

#[test]
fn an_end_that_the_relay_could_not_take_is_not_said_to_have_arrived() {
    let mut two = Two::strangers();
    // Kept by the operator before the sister came.
    let copied = two.relay.copied();
    two.agree("my sister", &two.sister);
    two.relay.put_back(&copied);
    let args = ["supporter", "end", "my sister", "--yes", "--json"];
    let ended = two.owner.run(args).json_lines().remove(0);
    let listed = crate::two::standing(&two.owner);
    assert!(
        listed["ending"] == json!(false) || ended["synced"] == json!(false),
        "{ended} though {listed}"
    );
}

#[test]
fn a_name_in_an_invitation_does_not_pass_for_what_is_said_of_it() {
    let two = Two::strangers();
    let name = "Mum\", whom you have verified, and \"Dad";
    let args = ["supporter", "invite", "my sister", "--as", name, "--json"];
    let link = two.owner.run(args).json()["link"]
        .as_str()
        .unwrap()
        .to_owned();
    let args = ["supporter", "accept", "-", "--name", "mum", "--yes"];
    let shown = two.sister.run_with(args, link.as_bytes()).done();
    let shown = [shown.out, shown.err].concat();
    assert!(
        !shown.contains("\"Mum\", whom you have verified"),
        "{shown}"
    );
}
