//! L3: answers that are too long, too many, or make too much of something.

use super::{LONGEST, Signs};
use crate::stage::{Stage, opened};
use daymark_tests::hostile::{Answer, Asked};
use daymark_wire::{LogId, Record, Seq, Signed, limits, problem::Code};
use std::time::{Duration, Instant};

#[tokio::test]
async fn l3_answers_that_are_too_long_or_never_end_are_cut_off_by_name() {
    let stage = Stage::set().await;
    stage.sent("behind an answer that is too long").await;
    let before = stage.held().await;
    let answers: [fn() -> Answer; 4] = [
        || Answer::bytes(vec![0; limits::MAX_REPLY_BYTES + 1]),
        Answer::endless,
        || Answer::bytes(vec![0xff; 1000]),
        || Answer::problem(Code::Internal, &"a".repeat(1 << 20), &[]),
    ];
    for answer in answers {
        stage.relay.play(Signs(move |_: &Asked, _| answer()));
        let begun = Instant::now();
        assert_eq!(stage.names().await, ["other-protocol"]);
        assert!(begun.elapsed() < LONGEST);
        assert_eq!(stage.held().await, before);
    }
    stage.heals().await;
}

#[tokio::test]
async fn l3_an_answer_that_stalls_is_given_up() {
    let stage = Stage::set().await;
    stage.sent("behind an answer that never comes").await;
    let before = stage.held().await;
    stage.relay.play(Signs(|_: &Asked, _| Answer::stalled()));
    let given_up = tokio::time::timeout(Duration::from_secs(60), stage.names()).await;
    assert_eq!(given_up.expect("in time"), ["relay-unreachable"]);
    assert_eq!(stage.held().await, before);
    stage.heals().await;
}

#[tokio::test]
async fn l3_a_relay_that_always_has_more_is_asked_only_while_something_comes() {
    let stage = Stage::set().await;
    let reader = stage.reader.vault.device();
    stage.relay.alter(|_, reply| {
        for space in &mut reply.spaces {
            space.more = true;
        }
    });
    stage.sent("with more to come for ever").await;
    let so_far = stage.relay.exchanges_of(reader).len();
    assert_eq!(stage.faults().await, []);
    let asked = stage.relay.exchanges_of(reader).len() - so_far;
    assert!(asked <= 2, "{asked} requests");
    stage.heals().await;
}

#[tokio::test]
async fn l3_thousands_of_faults_are_named_by_a_few() {
    let stage = Stage::set().await;
    let (_, kept) = stage.sent("among thousands").await;
    let honest = opened(&kept).claimed().clone();
    let before = stage.held().await;
    let invented: Vec<Record> = (0..20_000_u64)
        .map(|n| {
            let mut header = honest.clone();
            header.seq = Seq(honest.seq.0 + n + 1);
            let bytes = daymark_wire::signing::Payload::to_bytes(&header);
            let signed = Signed::from_parts(bytes, *opened(&kept).signature()).unwrap();
            Record::from_own_storage(signed, None)
        })
        .collect();
    stage.relay.alter(move |_, reply| {
        for space in &mut reply.spaces {
            space.records.clone_from(&invented);
        }
    });
    let begun = Instant::now();
    let faults = stage.faults().await;
    assert!(begun.elapsed() < LONGEST, "{:?}", begun.elapsed());
    assert!((1..=100).contains(&faults.len()), "{} faults", faults.len());
    assert_eq!(stage.held().await, before);
    stage.heals().await;
}

#[tokio::test]
async fn l3_a_clock_that_the_relay_makes_up_is_named_after_one_more_try() {
    let stage = Stage::set().await;
    let reader = stage.reader.vault.device();
    let before = stage.held().await;
    stage.relay.play(Signs(|_: &Asked, _| {
        Answer::problem(Code::ClockSkew, "no", &[("time", 4_000_000_000_u64.into())])
    }));
    let so_far = stage.relay.exchanges_of(reader).len();
    assert_eq!(stage.names().await, ["clock-off"]);
    assert_eq!(stage.relay.exchanges_of(reader).len() - so_far, 2);
    assert_eq!(stage.held().await, before);
    stage.heals().await;
}

#[tokio::test]
async fn l3_a_log_or_document_that_nobody_asked_about_is_passed_over() {
    let stage = Stage::set().await;
    let before = stage.held().await;
    let unknown = LogId::from_bytes([1; 16]);
    stage.relay.alter(move |asked, reply| {
        reply.behind.push(daymark_wire::sync::KnownLength {
            log: unknown,
            length: 0,
        });
        for space in &mut reply.spaces {
            let chain = daymark_wire::ChainId {
                device: asked.device,
                incarnation: daymark_wire::Incarnation::from_bytes([1; 8]),
            };
            space.behind.set(chain, Seq(0));
            space
                .want
                .push(daymark_wire::record::Place { chain, seq: Seq(9) });
        }
        let extra = reply.spaces.clone();
        reply.spaces.extend(extra);
    });
    let names = stage.names().await;
    assert!(names.is_empty() || names == ["rolled-back"], "{names:?}");
    assert_eq!(stage.held().await, before);
    stage.heals().await;
}
