//! `shared watch`: what is told while somebody watches.

use crate::{
    running::Running,
    schema,
    two::{Two, lines},
};
use serde_json::Value;

#[test]
fn who_watches_is_told_what_is_shared() {
    let two = Two::agreed();
    let mut watching = Running::start(&two.sister, &["shared", "watch"]);
    two.share(&two.owner.add(["While you watch."]));
    let line = watching.next();
    schema::check("shared", &line);
    assert_eq!(line["content"]["text"], "While you watch.");
    watching.interrupt();
}

#[test]
fn who_watches_is_told_what_is_taken_back_and_of_an_end() {
    let two = Two::agreed();
    let mut watching = Running::start_for_a_person(&two.sister, &["shared", "watch"]);
    assert_eq!(watching.beside(), "Connected.");
    let id = two.owner.add(["While you watch."]);
    two.share(&id);
    assert!(watching.line().contains("While you watch."));
    two.owner.run(["unshare", &id]).done();
    assert!(watching.beside().contains("is not shared any more"));
    let end = ["supporter", "end", "my sister", "--yes"];
    two.owner.run(end).done();
    assert!(watching.beside().starts_with("the owner ended it"));
    watching.interrupt();
}

/// What comes of somebody who is muted meanwhile is there, untold; it is told once they are not.
#[test]
fn a_mute_holds_for_who_watches_and_nothing_is_lost() {
    let two = Two::agreed();
    let mut watching = Running::start(&two.sister, &["shared", "watch"]);
    let told = |line: Value| line["content"]["text"].clone();
    two.share(&two.owner.add(["Before."]));
    assert_eq!(told(watching.next()), "Before.");
    let mute = ["supporter", "mute", "the owner"];
    two.sister.run(mute).done();
    two.share(&two.owner.add(["Meanwhile."]));
    while lines(two.sister.run(["shared", "list", "--json"]), "shared").len() < 2 {}
    two.sister.run(mute.into_iter().chain(["--off"])).done();
    two.share(&two.owner.add(["After."]));
    assert_eq!(told(watching.next()), "Meanwhile.");
    assert_eq!(told(watching.next()), "After.");
    watching.interrupt();
}
