//! A supporter takes back what they replied; and a relay that says nothing keeps nobody waiting for long.

use crate::{
    schema,
    two::{Two, lines, replies, shared},
};
use serde_json::{Value, json};
use std::net::TcpListener;

fn sent(two: &Two) -> Vec<Value> {
    let args = ["replies", "--sent", "--json"];
    lines(two.sister.run(args), "own_reply")
}

#[test]
fn a_reply_is_taken_back_by_who_wrote_it() {
    let mut two = Two::agreed();
    let id = two.owner.add(["A word."]);
    two.share(&id);
    shared(&two.sister);
    two.sister.run(["reply", "@1", "A kind word."]).done();
    assert_eq!(replies(&two.owner).len(), 1);
    let own = sent(&two);
    assert_eq!(
        (&own[0]["text"], &own[0]["waiting"]),
        (&json!("A kind word."), &json!(false))
    );
    let args = ["reply", "take-back", "@1", "--json"];
    assert_eq!(two.sister.run(args).error(2), "nobody-to-ask");
    let told = two.sister.run(["reply", "take-back", "@1", "--yes"]).done();
    assert!(told.out.contains("What they read, they have read."));
    assert_eq!(sent(&two), [] as [Value; 0]);
    assert!(replies(&two.owner).is_empty());
    let all = two.owner.run(["replies", "--all"]).done();
    assert_eq!(all.out, "", "not hidden: gone");
    let who = lines(two.owner.run(["who-sees", "--json"]), "who_sees");
    assert_eq!((who.len(), &who[0]["replies"]), (1, &json!(0)));

    two.relay.stop();
    // By the id that the reply itself was given: of a share there may be several.
    let said = ["--json", "reply", "@1", "Never sent."];
    let said = two.sister.run(said).json();
    schema::check("replied", &said);
    let own = sent(&two);
    assert_eq!(own[0]["waiting"], true);
    assert_eq!(
        (&said["reply"], &said["id"]),
        (&own[0]["id"], &own[0]["share"])
    );
    let reply = said["reply"].as_str().unwrap();
    let args = ["reply", "take-back", &reply[..8], "--yes", "--json"];
    let back = two.sister.run(args).json();
    schema::check("reply_taken_back", &back);
    assert_eq!(
        (&back["never_left"], &back["id"]),
        (&json!(true), &own[0]["id"])
    );
    two.relay.back();
    two.sister.run(["sync"]).done();
    assert!(replies(&two.owner).is_empty());
    let none = two
        .sister
        .run(["reply", "take-back", "@1", "--yes", "--json"]);
    assert_eq!(none.error(4), "not-found");
}

/// Whoever shares does not wait for a relay that takes a connection and then says nothing.
#[test]
fn what_is_shared_waits_for_a_silent_relay_and_the_person_does_not() {
    let mut two = Two::agreed();
    let id = two.owner.add(["A word."]);
    let url = two.relay.url();
    two.relay.stop();
    let silent = TcpListener::bind(url.trim_start_matches("http://")).unwrap();
    let args = ["share", &id, "--with", "my sister", "--yes"];
    let told = two.owner.run(args).done();
    let named = format!("The relay at {url}/ cannot be reached, or does not answer.");
    assert!(told.err.contains(&named), "{told:?}");
    let who = lines(two.owner.run(["who-sees", "--json"]), "who_sees");
    assert_eq!(who[0]["waiting"], true);
    drop(silent);
    two.relay.back();
    two.owner.run(["sync"]).done();
    assert_eq!(shared(&two.sister).len(), 1);
}
