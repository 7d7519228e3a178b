//! K19: Automerge panics inside the gate, and nothing of it is heard; outside, it is.
//!
//! What a process prints can only be seen from outside: each test runs this program again with one of the
//! ignored tests below, and reads what came out.

use crate::{
    fuzz::{base, chunk, offered},
    mutated::{Seeded, content_of},
};
use automerge::{Change, ROOT, ReadDoc, transaction::Transactable};
use daymark_core::gate::{Outcome, Refusal, admit};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::{Command, Output},
};

const CANARY: &str = "canary";

fn run(ignored_test: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args([ignored_test, "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap()
}

/// Changes around the canary that pass every check before Automerge, which cannot apply them.
fn inapplicable() -> Vec<Vec<u8>> {
    let base = base();
    let honest = content_of(&base, |edit| {
        let (_, text) = edit.get(ROOT, "text").unwrap().unwrap();
        edit.splice_text(&text, 2, 0, CANARY).unwrap();
        edit.put(ROOT, CANARY, CANARY).unwrap();
    });
    let mut seeded = Seeded(0x5eed_0005);
    let mut found = Vec::new();
    while found.len() < 20 {
        let mut bytes = honest.clone();
        seeded.mutate(&mut bytes);
        let settled = admit(&base, vec![offered(chunk(&bytes))]).settled;
        if settled[0].outcome == Outcome::Refused(Refusal::Inapplicable) {
            found.push(chunk(&bytes));
        }
    }
    found
}

#[test]
fn k19_a_panic_inside_the_gate_says_nothing() {
    let inside = run("silent::inside_the_gate");
    assert!(inside.status.success());
    assert_eq!(String::from_utf8_lossy(&inside.stderr), "");
    assert!(!String::from_utf8_lossy(&inside.stdout).contains(CANARY));
}

#[test]
fn k19_the_same_bytes_are_heard_outside() {
    let outside = run("silent::outside_the_gate");
    assert!(outside.status.success());
    assert!(String::from_utf8_lossy(&outside.stderr).contains("panicked"));
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn inside_the_gate() {
    for bytes in inapplicable() {
        let settled = admit(&base(), vec![offered(bytes)]).settled;
        let refused = Outcome::Refused(Refusal::Inapplicable);
        assert_eq!(settled[0].outcome, refused);
        assert!(!format!("{settled:?} {refused:?} {}", Refusal::Inapplicable).contains(CANARY));
    }
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn outside_the_gate() {
    for bytes in inapplicable() {
        let mut document = base();
        let change = Change::try_from(&bytes[..]).unwrap();
        drop(catch_unwind(AssertUnwindSafe(|| {
            document.apply_changes(vec![change])
        })));
    }
}
