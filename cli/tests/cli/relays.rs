//! A relay that is not there, is something else, or is not set: work is kept.

use crate::{
    place::{INVITE, Place, finish},
    running::Running,
    schema,
    two::RealRelay,
};
use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

fn set(place: &Place, url: &str) {
    let told = place
        .run(["relay", "set", url, "--invite", INVITE, "--json"])
        .json();
    schema::check("relay_set", &told);
}

/// An address at which nothing listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A web server that has never heard of Daymark. It answers until the test ends.
fn something_else() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello",
            );
        }
    });
    format!("http://{address}")
}

#[test]
fn without_a_relay_everything_but_syncing_works() {
    let place = Place::with_vault();
    place.add(["words"]);
    assert_eq!(place.run(["sync", "--json"]).error(1), "no-relay");
    assert_eq!(
        place.run(["sync", "--watch", "--json"]).error(1),
        "no-relay"
    );
    assert_eq!(
        place
            .run(["device", "pair", "--trust-link", "--json"])
            .error(1),
        "no-relay"
    );
    let shown = place.run(["relay", "show"]).done().out;
    assert!(shown.starts_with("No relay is set."), "{shown}");
}

#[test]
fn a_relay_that_is_down_keeps_nobody_from_writing() {
    let place = Place::with_vault();
    set(&place, &nowhere());
    place.add(["words"]);
    assert_eq!(place.run(["sync", "--json"]).error(13), "relay-unreachable");
    let status = place.run(["status", "--json"]).json();
    schema::check("status", &status);
    assert_eq!(status["last_error"], "relay-unreachable");
    assert!(status["waiting"].as_u64().unwrap() >= 1);
    let lines = place.run(["status"]).done().out;
    assert!(
        lines.contains("\nwaiting       1 entry, 1 other change\n"),
        "{lines}"
    );
    assert!(
        lines.contains("\nlast error    The relay cannot be reached.\n"),
        "{lines}"
    );
    let told = place.run(["sync"]).ends(13);
    assert!(told.err.contains("is kept here"), "{told:?}");
    assert_eq!(
        place
            .run(["device", "pair", "--trust-link", "--json"])
            .error(13),
        "relay-unreachable"
    );
    let told = place.run(["device", "pair", "--trust-link"]).ends(13);
    assert!(told.err.contains("Both devices need it"), "{told:?}");
    let place = Place::with_vault();
    assert_eq!(
        place.run(["relay", "set", &nowhere(), "--json"]).error(13),
        "relay-unreachable"
    );
}

#[test]
fn an_invite_is_read_from_the_input_where_no_list_of_processes_shows_it() {
    let invite = format!("{INVITE}\n");
    let url = "https://relay.example";
    let set = ["relay", "set", url, "--invite", "-"];
    let place = Place::with_vault();
    place.run_with(set, invite.as_bytes()).done();
    assert_eq!(place.run_with(set, b"x\n").ends(2).out, "");

    let place = Place::empty();
    let init = [
        "init",
        "--name=laptop",
        "--recovery-file=words",
        "--relay",
        url,
    ];
    let init = init.into_iter().chain(["--invite", "-"]);
    place.run_with(init, invite.as_bytes()).done();
    let shown = place.run(["relay", "show"]).done().out;
    assert!(shown.starts_with(url), "{shown}");
}

#[test]
fn something_else_at_the_address_is_not_believed() {
    let place = Place::with_vault();
    let url = something_else();
    assert_eq!(
        place.run(["relay", "set", &url, "--json"]).error(14),
        "other-protocol"
    );
    set(&place, &url);
    let ended = place.run(["sync", "--json"]);
    assert!([14, 20].contains(&ended.code), "{ended:?}");
    let exit = ended.code;
    assert!(["other-protocol", "not-the-relay"].contains(&ended.error(exit).as_str()));
}

/// The program tells that it is not connected; then the interrupt key is pressed.
#[cfg(unix)]
#[test]
fn watching_goes_on_without_a_relay_until_it_is_interrupted() {
    let place = Place::with_vault();
    set(&place, &nowhere());
    let mut watching = Running::start(&place, &["sync", "--watch"]);
    let event = watching.next();
    schema::check("watch", &event);
    assert_eq!(event["event"], "disconnected");
    let told = place.run(["sync"]).ends(11).err;
    assert!(
        told.contains(
            "in step already.\n  It is `daymark sync --watch` or `daymark shared watch` perhaps"
        ),
        "{told}"
    );
    assert_eq!(place.run(["sync", "--json"]).error(11), "busy");
    place.add(["words, meanwhile"]);
    watching.interrupt();
    finish(place.command(["--version"]), b"").done();
}

/// After the alarm of the pinned key, the next thing that a person tries.
#[test]
fn another_relay_than_the_known_one_is_taken_only_with_an_invite_that_names_it() {
    let (known, other) = (RealRelay::start(), RealRelay::start());
    let place = Place::with_vault();
    let told = place.run(["relay", "set", &known.url()]).done().out;
    assert!(told.contains("it may ask for an invite"), "{told}");
    place.run(["sync"]).done();
    place.run(["relay", "set", &known.url()]).done();
    let refused = place.run(["relay", "set", &other.url()]).ends(20);
    assert!(
        refused.err.contains("from somebody you trust"),
        "{refused:?}"
    );
    let refused = place.run(["relay", "set", &other.url(), "--json"]);
    assert_eq!(refused.error(20), "not-the-relay");
    let shown = place.run(["relay", "show"]).done().out;
    assert!(shown.starts_with(&known.url()), "{shown}");
    set(&place, &other.url());
    let alarm = place.run(["sync", "--json"]).error(20);
    assert_eq!(alarm, "not-the-relay");
}
