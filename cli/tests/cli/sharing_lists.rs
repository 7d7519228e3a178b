//! What lists show of what is shared: its order, its last day, and how the bond stands in which it lies.

use crate::{
    place::PASSPHRASE,
    two::{Two, lines, replies, shared, standing},
};
use daymark_client::vault::Vault;
use jiff::{ToSpan, tz::TimeZone};
use serde_json::{Value, json};

fn texts(shared: &[Value]) -> Vec<&str> {
    shared
        .iter()
        .map(|one| one["content"]["text"].as_str().unwrap())
        .collect()
}

#[test]
fn what_was_shared_in_one_go_is_listed_in_the_order_in_which_it_was_shared() {
    let mut two = Two::agreed();
    two.relay.stop();
    for text in ["First.", "Second.", "Third.", "Fourth."] {
        two.share(&two.owner.add([text]));
    }
    two.relay.back();
    two.owner.run(["sync"]).done();
    let listed = shared(&two.sister);
    assert_eq!(texts(&listed), ["Fourth.", "Third.", "Second.", "First."]);
    let page = two.sister.run(["shared", "show", "@2"]).done().out;
    assert!(page.contains("\n  Third.\n"), "{page}");

    two.relay.stop();
    for reply in ["One.", "Two.", "Three."] {
        two.sister.run(["reply", "@1", reply]).done();
    }
    two.relay.back();
    two.sister.run(["sync"]).done();
    let said: Vec<_> = replies(&two.owner)
        .iter()
        .map(|reply| reply["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(said, ["Three.", "Two.", "One."]);
}

#[test]
fn a_last_day_is_said_on_both_sides() {
    let two = Two::agreed();
    let id = two.owner.add(["Until then."]);
    let today = jiff::Timestamp::now().to_zoned(TimeZone::UTC).date();
    let until = today.checked_add(2.days()).unwrap().to_string();
    let args = [
        "share",
        &id,
        "--with",
        "my sister",
        "--until",
        &until,
        "--yes",
    ];
    two.owner.run(args).done();
    let who = lines(two.owner.run(["who-sees", "--json"]), "who_sees");
    assert_eq!(who[0]["until"], json!(until));
    let line = two.owner.run(["who-sees"]).done().out;
    assert!(line.contains(&format!(", until {until}")), "{line}");

    let theirs = shared(&two.sister);
    assert_eq!(theirs[0]["until"], json!(until));
    let line = two.sister.run(["shared", "list"]).done().out;
    assert!(line.ends_with(&format!(" (until {until})\n")), "{line}");
    let page = two.sister.run(["shared", "show", "@1"]).done().out;
    assert!(page.contains(&format!(", here until {until}")), "{page}");
}

#[test]
fn before_somebody_has_answered_nobody_sees_and_nothing_is_shared() {
    let two = Two::strangers();
    let id = two.owner.add(["Not yet."]);
    let link = two.invite("my sister");
    assert_eq!(two.owner.run(["who-sees"]).done().out, "Nobody.\n");
    let early = ["share", &id, "--with", "my sister", "--yes", "--json"];
    assert_eq!(two.owner.run(early).error(1), "not-active");
    assert_eq!(standing(&two.owner)["standing"], "invited");

    let accept = ["supporter", "accept", &link, "--name", "the owner", "--yes"];
    two.sister.run(accept).done();
    // The owner has not heard of it.
    assert_eq!(standing(&two.owner)["standing"], "invited");
    assert_eq!(two.owner.run(["who-sees"]).done().out, "Nobody.\n");
    let listed = two.sister.run(["shared", "list"]).done();
    assert_eq!(listed.out, "");
    assert!(
        listed.err.contains("Nothing is shared with you"),
        "{listed:?}"
    );
    let none = two.sister.run(["reply", "@1", "Hello?", "--json"]);
    assert_eq!(none.error(4), "not-found");
    // Sharing asks the relay first whether somebody answered.
    two.share(&id);
    assert_eq!(shared(&two.sister).len(), 1);
}

/// Two people who have shared something, and a bond of which each side said something else at a relay that was put
/// back in between. `first` is said before, `then` after.
fn with_two_histories(first: impl Fn(&Two, &str), then: impl Fn(&Two, &str)) -> Two {
    let mut two = Two::agreed();
    two.share(&two.owner.add(["Both have this."]));
    let other = two.owner.add(["To be taken back."]);
    two.share(&other);
    shared(&two.sister);
    let prefer = ["supporter", "prefer", "the owner", "--not", "work"];
    two.sister.run(prefer).done();
    two.owner.run(["sync"]).done();
    let before = two.relay.copied();
    first(&two, &other);
    two.relay.put_back(&before);
    then(&two, &other);
    two
}

fn owner_says(two: &Two, entry: &str) {
    two.owner.run(["unshare", entry]).done();
}

fn sister_says(two: &Two, _: &str) {
    let prefer = ["supporter", "prefer", "the owner", "--not", "money"];
    two.sister.run(prefer).done();
}

#[test]
fn in_a_paused_bond_it_is_still_said_who_has_what_and_nothing_is_sent() {
    let two = with_two_histories(owner_says, sister_says);
    assert_eq!(two.owner.run(["sync"]).code, 20);
    let stands = standing(&two.owner);
    assert_eq!(
        (&stands["standing"], &stands["why"]),
        (&json!("paused"), &json!("two-histories"))
    );
    let who = lines(two.owner.run(["who-sees", "--json"]), "who_sees");
    assert_eq!(who.len(), 1, "what they have, they have");
    let id = two.owner.add(["Nothing more."]);
    let refused = ["share", &id, "--with", "my sister", "--yes", "--json"];
    assert_eq!(two.owner.run(refused).error(20), "not-active");
    let told = two.owner.run(["supporter", "list"]).done().out;
    assert!(
        told.contains("paused, the relay showed two histories of it: compare the number with them"),
        "{told}"
    );
    // Whoever compares the number goes on from what is here; this relay goes on from elsewhere.
    let number = two
        .owner
        .run(["supporter", "verify", "my sister", "--json"]);
    let number = number.json()["number"].as_str().unwrap().to_owned();
    let verify = ["supporter", "verify", "my sister", "--number", &number];
    two.owner.run(verify).ends(20);
    assert_eq!(standing(&two.owner)["standing"], "active");
    let status = two.owner.run(["status"]).out;
    assert!(status.contains("end it and invite anew"), "{status}");
    two.owner
        .run(["supporter", "end", "my sister", "--yes"])
        .ends(20);
    // It is over here, and what they have, they have until it is over there.
    let line = two.owner.run(["who-sees"]).done().out;
    assert!(line.contains("taken back, waits for a sync"), "{line}");
}

#[test]
fn in_a_paused_bond_a_supporter_reads_what_they_have_and_nothing_is_sent() {
    let two = with_two_histories(sister_says, owner_says);
    assert_eq!(two.sister.run(["sync"]).code, 20);
    let stands = standing(&two.sister);
    assert_eq!(
        (&stands["standing"], &stands["why"]),
        (&json!("paused"), &json!("two-histories"))
    );
    let listed = lines(two.sister.run(["shared", "list", "--json"]), "shared");
    assert!(texts(&listed).contains(&"Both have this."), "{listed:?}");
    let refused = two.sister.run(["reply", "@1", "Hello?", "--json"]);
    assert_eq!(refused.error(20), "not-active");
}

#[test]
fn of_several_replies_that_begin_alike_each_is_named() {
    let two = Two::agreed();
    two.share(&two.owner.add(["A word."]));
    shared(&two.sister);
    // Of more than there are digits, two begin with one.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let locked = Vault::open(&two.sister.vault()).await.unwrap();
        let vault = locked.unlock(PASSPHRASE).await.unwrap();
        let share = vault.shared().await.unwrap()[0].share;
        for number in 0..17 {
            let text = format!("Reply {number}.");
            vault.reply(share, &text).await.unwrap();
        }
        vault.close().await;
    });
    two.sister.run(["sync"]).done();
    let came = replies(&two.owner);
    let ids: Vec<_> = came.iter().map(|one| one["id"].as_str().unwrap()).collect();
    let alike = |digit: &char| ids.iter().filter(|id| id.starts_with(*digit)).count() > 1;
    let digit = "0123456789abcdef".chars().find(alike).unwrap();
    let name = digit.to_string();
    let told = two.owner.run(["reply", "hide", &name]).ends(4);
    for id in ids.iter().filter(|id| id.starts_with(digit)) {
        assert!(told.err.contains(&id[..8]), "{id} in {told:?}");
    }
    let refused = two.owner.run(["reply", "hide", &name, "--json"]);
    assert_eq!(refused.error(4), "ambiguous");
}
