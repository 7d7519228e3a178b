//! What was shared, afterwards: again as the entry reads by then, kept up to date, taken back, ended, declined.

use crate::{
    schema,
    two::{Two, lines, shared, standing},
};
use serde_json::json;

#[test]
fn an_edited_entry_is_shared_again_when_the_person_says_so() {
    let two = Two::agreed();
    let id = two.owner.add(["Tea by the open window."]);
    two.owner.run(["edit", &id, "Tea by the window."]).done();
    two.share(&id);
    assert_eq!(
        shared(&two.sister)[0]["content"]["text"],
        "Tea by the window."
    );
    two.owner
        .run(["edit", &id, "Tea by the window, and rain."])
        .done();
    two.owner.run(["sync"]).done();
    let before = shared(&two.sister).remove(0);
    assert_eq!(before["content"]["text"], "Tea by the window.");
    let who = lines(two.owner.run(["who-sees", "--json"]), "who_sees");
    assert_eq!(who[0]["differs"], true);
    assert!(
        two.owner
            .run(["who-sees"])
            .done()
            .out
            .contains("reads otherwise by now")
    );

    assert_eq!(two.share(&id)["changed"], true);
    let after = shared(&two.sister);
    assert_eq!(after.len(), 1, "in place of the first");
    assert_eq!(
        (&after[0]["content"]["text"], &after[0]["number"]),
        (&json!("Tea by the window, and rain."), &json!(2))
    );
    assert_eq!(after[0]["id"], before["id"]);
    assert_eq!(
        two.share(&id)["changed"],
        false,
        "it reads like that already"
    );
}

#[test]
fn k1_a_word_deleted_before_sharing_is_in_nothing_that_a_supporter_takes_out() {
    let two = Two::agreed();
    let id = two.owner.add(["Tea, thunderclaps and all."]);
    two.owner.run(["sync"]).done();
    two.owner.run(["edit", &id, "Tea and all."]).done();
    two.share(&id);
    assert_eq!(shared(&two.sister).len(), 1);
    let mut out = String::new();
    for args in [
        vec!["shared", "export", "--plaintext", "--format", "jsonl"],
        vec!["export", "--plaintext", "--format", "jsonl"],
        vec!["shared", "show", "@1"],
        vec!["search", "thunderclaps"],
    ] {
        out.push_str(&two.sister.run(args).done().out);
    }
    assert!(
        out.contains("Tea and all."),
        "the search finds what was shared"
    );
    assert!(!out.contains("thunderclaps"), "{out}");
}

#[test]
fn a_share_that_is_kept_up_to_date_follows_the_entry() {
    let two = Two::agreed();
    let id = two.owner.add(["Monday."]);
    two.owner
        .run([
            "share",
            &id,
            "--with",
            "my sister",
            "--keep-updated",
            "--yes",
        ])
        .done();
    assert_eq!(shared(&two.sister)[0]["content"]["text"], "Monday.");
    two.owner.run(["edit", &id, "Monday, and Tuesday."]).done();
    two.owner.run(["sync"]).done();
    two.owner.run(["sync"]).done();
    let after = shared(&two.sister);
    assert_eq!(
        (after.len(), &after[0]["content"]["text"]),
        (1, &json!("Monday, and Tuesday."))
    );
}

#[test]
fn j3_what_is_taken_back_is_gone_there_and_a_family_learns_nothing_of_each_other() {
    let two = Two::agreed();
    two.agree("a friend", &two.friend);
    let id = two.owner.add(["Both may read this."]);
    let args = [
        "share",
        &id,
        "--with",
        "my sister",
        "--with",
        "a friend",
        "--yes",
        "--json",
    ];
    let done = two.owner.run(args).json();
    schema::check("shared_with", &done);
    assert_eq!(done["shares"].as_array().unwrap().len(), 2);
    let (sister, friend) = (shared(&two.sister), shared(&two.friend));
    assert_eq!(sister[0]["content"], friend[0]["content"]);
    assert_ne!(sister[0]["id"], friend[0]["id"]);
    assert_eq!(standing(&two.friend)["name"], "the owner");

    let back = two
        .owner
        .run(["unshare", &id, "--with", "my sister", "--json"])
        .json();
    schema::check("unshared", &back);
    assert_eq!(back["ended"], 1);
    assert!(shared(&two.sister).is_empty());
    assert_eq!(shared(&two.friend).len(), 1);
    let who = lines(two.owner.run(["who-sees", &id, "--json"]), "who_sees");
    assert_eq!((who.len(), &who[0]["name"]), (1, &json!("a friend")));
    assert_eq!(two.owner.show(&id)["shared_with"], json!(["a friend"]));
    two.owner.run(["unshare", &id]).done();
    assert_eq!(two.owner.show(&id)["shared_with"], json!([]));
    assert!(shared(&two.friend).is_empty());
    assert_eq!(two.owner.run(["who-sees"]).done().out, "Nobody.\n");
    assert_eq!(
        two.owner.run(["unshare", &id, "--json"]).error(4),
        "not-shared"
    );
}

#[test]
fn j3_an_end_wipes_both_sides_whoever_asks_for_it() {
    let two = Two::agreed();
    let id = two.owner.add(["Only for a while."]);
    two.share(&id);
    assert_eq!(shared(&two.sister).len(), 1);
    assert_eq!(
        two.owner
            .run(["supporter", "end", "my sister", "--json"])
            .error(2),
        "nobody-to-ask"
    );
    let ended = two
        .owner
        .run(["supporter", "end", "my sister", "--yes", "--json"])
        .json();
    schema::check("parted", &ended);
    assert!(shared(&two.sister).is_empty());
    for place in [&two.owner, &two.sister] {
        let stands = standing(place);
        assert_eq!(
            (&stands["standing"], &stands["why"]),
            (&json!("ended"), &json!("owner"))
        );
    }
    let again = two
        .owner
        .run(["share", &id, "--with", "my sister", "--yes", "--json"]);
    assert_eq!(again.error(1), "not-active");

    two.agree("a friend", &two.friend);
    two.owner
        .run(["share", &id, "--with", "a friend", "--yes"])
        .done();
    assert_eq!(shared(&two.friend).len(), 1);
    let left = two
        .friend
        .run(["supporter", "leave", "the owner", "--yes", "--json"])
        .json();
    schema::check("parted", &left);
    assert_eq!(two.friend.run(["shared", "list"]).done().out, "");
    two.owner.run(["sync"]).done();
    let list = lines(two.owner.run(["supporter", "list", "--json"]), "supporter");
    let friend = list.iter().find(|one| one["name"] == "a friend").unwrap();
    assert_eq!(
        (&friend["standing"], &friend["why"]),
        (&json!("ended"), &json!("supporter"))
    );
    assert_eq!(two.owner.run(["who-sees"]).done().out, "Nobody.\n");
    assert_eq!(two.owner.show(&id)["shared_with"], json!([]));
}

#[test]
fn a_decline_reaches_the_owner_and_keeps_nothing() {
    let two = Two::strangers();
    let link = two.invite("my sister");
    let declined = two
        .sister
        .run(["supporter", "accept", &link, "--decline", "--yes", "--json"])
        .json();
    schema::check("answered", &declined);
    assert_eq!(declined["accepted"], false);
    assert_eq!(two.sister.run(["supporter", "list"]).done().out, "");
    two.owner.run(["sync"]).done();
    assert_eq!(standing(&two.owner)["standing"], "declined");
    // The name is free again.
    two.agree("my sister", &two.friend);
}
