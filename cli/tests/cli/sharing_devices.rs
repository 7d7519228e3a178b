//! A supporter's second device, a reply from an editor, and two programs at one vault.

use crate::{
    editing::{assert_left_alone, with_editor},
    place::Place,
    running::Running,
    schema,
    two::{Two, lines, replies, shared, standing},
};
use serde_json::{Value, json};

/// Lets another device of somebody in.
pub(crate) fn pair(place: &Place, name: &str) -> Place {
    let other = Place::empty();
    let mut pairing = Running::start(place, &["device", "pair", "--trust-link"]);
    let link = pairing.next()["link"].as_str().unwrap().to_owned();
    other.run(["device", "join", &link, "--name", name]).done();
    pairing.ends(0);
    other
}

#[test]
fn a_second_device_of_a_supporter_reads_and_replies() {
    let two = Two::agreed();
    for text in ["First.", "Second.", "Third."] {
        two.share(&two.owner.add([text]));
    }
    let list = |place: &Place| {
        let of = |one: &Value| [one["id"].clone(), one["content"].clone()];
        shared(place).iter().map(of).collect::<Vec<_>>()
    };
    let on_first = list(&two.sister);
    assert_eq!(on_first.len(), 3);
    let tablet = pair(&two.sister, "tablet");
    assert_eq!(list(&tablet), on_first, "in the same order");
    assert_eq!(standing(&tablet)["name"], "the owner");

    let page = tablet.run(["shared", "show", "@1"]).done().out;
    assert!(page.contains("\n  Third.\n"), "{page}");
    tablet.run(["reply", "@1", "From the tablet."]).done();
    let came = replies(&two.owner);
    assert_eq!(came[0]["text"], "From the tablet.");
    let own = shared(&two.sister);
    assert_eq!(own[0]["replies"], json!(["From the tablet."]));
}

#[cfg(unix)]
#[test]
fn i1_a_reply_from_an_editor_is_sent_and_leaves_nothing_behind() {
    let two = Two::agreed();
    two.share(&two.owner.add(["A word of today."]));
    shared(&two.sister);
    let writes = "printf 'canary, thinking of you\\nand all\\n' > \"$file\"";
    with_editor(&two.sister, &["reply", "@1"], writes).done();
    assert_left_alone(&two.sister);
    let came = replies(&two.owner);
    assert_eq!(came[0]["text"], "canary, thinking of you\nand all");

    let nothing = with_editor(&two.sister, &["reply", "@1", "--json"], "true");
    assert_eq!(nothing.error(2), "nothing-written");
    assert_eq!(replies(&two.owner).len(), 1);

    // What a kill cuts off says what it was, and goes on as that.
    let killed = "echo 'and more' > \"$file\"; kill -KILL $PPID";
    with_editor(&two.sister, &["reply", "@1"], killed).ends(-1);
    let next = with_editor(&two.sister, &["add"], "echo words > \"$file\"").done();
    let draft = two.sister.run(["list", "--json"]).json_lines();
    let draft = draft.iter().find(|entry| entry["draft"] == true).unwrap();
    let share = came[0]["share"].as_str().unwrap();
    let title = format!("A reply to the owner ({}) that was cut off", &share[..8]);
    assert_eq!(draft["title"], title);
    let id = &draft["id"].as_str().unwrap()[..8];
    let again = format!("`daymark reply {} --from {id}`.\n", &share[..8]);
    assert!(next.err.contains(&again), "{next:?}");
    two.sister.run(["reply", &share[..8], "--from", id]).done();
    assert_eq!(replies(&two.owner)[0]["text"], "and more");
}

/// Lists until there are so many.
#[cfg(unix)]
fn until_shared(place: &Place, count: usize) {
    let listed = || lines(place.run(["shared", "list", "--json"]), "shared").len();
    while listed() != count {}
}

#[cfg(unix)]
#[test]
fn what_another_program_takes_back_or_ends_is_carried_by_the_one_that_watches() {
    let two = Two::agreed();
    let id = two.owner.add(["Taken back."]);
    two.share(&id);
    assert_eq!(shared(&two.sister).len(), 1);
    let mut watching = [&two.owner, &two.sister].map(|place| {
        let mut watching = Running::start(place, &["sync", "--watch"]);
        while watching.next()["event"] != "connected" {}
        watching
    });
    let back = two.owner.run(["unshare", &id, "--json"]).json();
    schema::check("unshared", &back);
    until_shared(&two.sister, 0);
    two.share(&two.owner.add(["Shared afterwards."]));
    until_shared(&two.sister, 1);
    let left = two
        .sister
        .run(["supporter", "leave", "the owner", "--yes", "--json"]);
    schema::check("parted", &left.json());
    while standing(&two.owner)["standing"] != "ended" {}
    while standing(&two.sister)["ending"] == true {}
    // Neither ended by itself.
    for one in &mut watching {
        assert!(one.runs());
    }
    watching.into_iter().for_each(Running::interrupt);
}
