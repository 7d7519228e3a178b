//! L3: relays that a live socket is open to.

use super::{LONGEST, Signs};
use crate::stage::Stage;
use daymark_tests::{
    hostile::{Answer, Asked, Script},
    world::Watching,
};
use daymark_wire::{
    logs::TravelLink,
    sync::{News, PushOutcome},
};
use std::time::Instant;

/// The kibibytes that this process has held at most so far.
#[cfg(target_os = "linux")]
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

#[tokio::test]
async fn l3_what_a_live_socket_never_takes_is_named_in_the_status() {
    let stage = Stage::set().await;
    let watching = Watching::connected(&stage.reader).await;
    stage.relay.alter(|asked, reply| {
        for (space, asked) in reply.spaces.iter_mut().zip(&asked.request.spaces) {
            if !asked.push.is_empty() {
                space.push = PushOutcome::Stale;
            }
        }
    });
    stage.reader.write("what waits behind a live socket").await;
    let named = async {
        while stage
            .reader
            .vault
            .status()
            .await
            .unwrap()
            .last
            .error
            .is_none()
        {
            tokio::task::yield_now().await;
        }
        stage.reader.vault.status().await.unwrap()
    };
    let status = tokio::time::timeout(LONGEST, named)
        .await
        .expect("it is named");
    assert_eq!(status.last.error_code(), Some("not-taken"));
    assert_eq!(status.unsent, 1);
    watching.stop().await;
    stage.heals().await;
    assert_eq!(stage.writer.texts().await.len(), 2);
    assert_eq!(stage.reader.vault.status().await.unwrap().last.error, None);
}

#[tokio::test]
async fn l4_answers_that_are_not_the_relays_end_no_watching_for_good() {
    let stage = Stage::set().await;
    stage
        .relay
        .play(Signs(|_: &Asked, answer: Answer| answer.unsigned()));
    let mut watching = Watching::start(&stage.reader);
    assert_eq!(watching.until_disconnected().await.code(), "not-the-relay");
    let status = stage.reader.vault.status().await.unwrap();
    assert_eq!(status.last.error_code(), Some("not-the-relay"));

    // What comes over the socket instead of a frame.
    stage.relay.play(Signs(|asked: &Asked, answer: Answer| {
        if asked.live {
            Answer::bytes(b"<html>".to_vec())
        } else {
            answer
        }
    }));
    while watching.until_disconnected().await.code() != "other-protocol" {}
    let status = stage.reader.vault.status().await.unwrap();
    assert_eq!(status.last.error_code(), Some("other-protocol"));

    stage.relay.behave();
    watching.until_connected().await;
    watching.stop().await;
    stage.heals().await;
}

/// A relay that never answers over a live socket.
struct SilentWhenLive;

impl Script for SilentWhenLive {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let pushed = asked
            .request
            .spaces
            .iter()
            .any(|space| !space.push.is_empty());
        (asked.live && pushed).then(Answer::stalled)
    }
}

#[tokio::test]
async fn l3_news_without_end_while_an_answer_is_awaited_close_the_socket() {
    let stage = Stage::set().await;
    let reader = stage.reader.vault.device();
    let mut watching = Watching::connected(&stage.reader).await;
    stage.relay.play(SilentWhenLive);
    stage.reader.write("what the relay never answers").await;
    // About a megabyte each; far more of them than may be kept.
    let link = TravelLink {
        kind: daymark_wire::logs::LogKind::Account,
        bytes: vec![0; 1 << 20],
        signature: daymark_wire::Signature::from_bytes([0; 64]),
        blob: None,
    };
    let news = News {
        links: vec![link],
        space: None,
        records: Vec::new(),
    };
    let flood = async {
        loop {
            stage.relay.tell_next(reader, news.clone()).await;
        }
    };
    let begun = Instant::now();
    let why = tokio::select! {
        () = flood => unreachable!("it floods for ever"),
        why = watching.until_disconnected() => why,
    };
    assert!(begun.elapsed() < LONGEST);
    assert_eq!(why.code(), "relay-unreachable");
    #[cfg(target_os = "linux")]
    assert!(peak_kib() < 1024 * 1024, "{} KiB", peak_kib());
    watching.stop().await;
    assert_eq!(stage.reader.texts().await.len(), 2);
    stage.heals().await;
}
