//! K10: few bytes that would expand to many are refused before Automerge sees them, in little time and
//! memory.

use crate::fuzz::{base, chunk, offered};
use automerge::{ActorId, Automerge, ObjType, ROOT, ReadDoc, transaction::Transactable};
use daymark_core::gate::{Outcome, Refusal, admit};
use std::{
    process::Command,
    time::{Duration, Instant},
};

const TEN_MILLION: [u8; 4] = [0x80, 0xad, 0xe2, 0x04];
const MOST_MEMORY_KIB: u64 = 64 * 1024;
const LONGEST: Duration = Duration::from_secs(1);

/// Sets one key to null, ten million times.
pub(crate) fn run_length_bomb() -> Vec<u8> {
    let columns: [(u8, &[u8]); 5] = [
        (0x15, &[1, b'k']),
        (0x34, &[]),
        (0x42, &[1]),
        (0x56, &[0]),
        (0x70, &[0]),
    ];
    // No dependency; actor; first in sequence; operations from 1; no time, message or other actor.
    let mut bytes = vec![0, 16];
    bytes.extend([[1; 8], [0; 8]].concat());
    bytes.extend([1, 1, 0, 0, 0, columns.len() as u8]);
    for (specification, value) in columns {
        // Specifications above 0x7f would take two bytes; none is here.
        bytes.extend([specification, (TEN_MILLION.len() + value.len()) as u8]);
    }
    for (_, value) in columns {
        bytes.extend(TEN_MILLION);
        bytes.extend(value);
    }
    bytes
}

/// A deflated change: a long text of one letter.
pub(crate) fn deflated_bomb() -> Vec<u8> {
    let mut document = Automerge::new().with_actor(ActorId::from([1; 16]));
    let mut edit = document.transaction();
    let text = edit.put_object(ROOT, "text", ObjType::Text).unwrap();
    edit.splice_text(&text, 0, 0, &"a".repeat(100_000)).unwrap();
    let hash = edit.commit().0.unwrap();
    let mut change = document.get_change_by_hash(&hash).unwrap();
    change.bytes().into_owned()
}

#[test]
fn k10_bombs_are_refused_in_little_time() {
    let run_length = chunk(&run_length_bomb());
    assert!(run_length.len() < 80, "{}", run_length.len());
    let deflated = deflated_bomb();
    assert!(deflated.len() < 2_000, "{}", deflated.len());
    for (bytes, refusal) in [
        (run_length, Refusal::TooManyOperations),
        (deflated, Refusal::Compressed),
    ] {
        let start = Instant::now();
        let settled = admit(&base(), vec![offered(bytes)]).settled;
        assert_eq!(settled[0].outcome, Outcome::Refused(refusal));
        assert!(start.elapsed() < LONGEST);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn k10_bombs_are_refused_in_little_memory() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["bombs::many_bombs", "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    let peak: u64 = printed.trim().parse().unwrap();
    assert!(peak < MOST_MEMORY_KIB, "{peak} KiB");
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn many_bombs() {
    let bombs: Vec<_> = (0..1_000)
        .map(|_| offered(chunk(&run_length_bomb())))
        .collect();
    assert!(admit(&base(), bombs).admitted.is_none());
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    eprintln!("{}", peak.trim().trim_end_matches(" kB"));
}
