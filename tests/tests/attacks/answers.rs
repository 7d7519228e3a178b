//! Answers that are not the pinned relay's, too many, too large, or too slow.

use crate::stage::{Stage, found, opened};
use daymark_client::{
    connection::RelayError,
    sync::{SyncError, WatchEvent},
};
use daymark_core::secret::Secret;
use daymark_tests::hostile::{Answer, Asked, HostileRelay, Script};
use daymark_wire::{
    LogId, Record, Seq, Signed, SigningKey, limits,
    logs::TravelLink,
    problem::Code,
    sync::{AppendOutcome, News, PushOutcome, SyncReply},
};
use std::time::{Duration, Instant};

fn another_key() -> SigningKey {
    SigningKey::from_seed(Secret::from_slice(&[9; 32]).unwrap().expose_zeroizing())
}

/// Signs each answer as this does.
struct Signs<F>(F);

impl<F: FnMut(&Asked, Answer) -> Answer + Send + 'static> Script for Signs<F> {
    fn sync(&mut self, asked: &Asked, reply: SyncReply) -> Answer {
        (self.0)(asked, Answer::reply(reply))
    }
}

async fn not_the_relay(stage: &Stage) {
    let before = stage.held().await;
    let error = stage.error().await;
    assert!(
        matches!(error, SyncError::Relay(RelayError::NotTheRelay)),
        "{error:?}"
    );
    assert_eq!(error.code(), "not-the-relay");
    assert_eq!(stage.held().await, before);
}

#[tokio::test]
async fn l4_an_answer_that_the_pinned_key_did_not_sign_is_not_the_relays() {
    let stage = Stage::set().await;
    stage.sent("what is held back by a false signature").await;
    stage.relay.play(Signs(|_: &Asked, answer: Answer| {
        answer.signed_by(another_key())
    }));
    not_the_relay(&stage).await;
    stage
        .relay
        .play(Signs(|_: &Asked, answer: Answer| answer.unsigned()));
    not_the_relay(&stage).await;
    stage
        .relay
        .play(Signs(|_: &Asked, answer: Answer| answer.signed_as("AAAA")));
    not_the_relay(&stage).await;
    stage.heals().await;
}

#[tokio::test]
async fn l4_an_old_answer_to_a_new_request_is_not_the_relays() {
    let stage = Stage::set().await;
    stage.sent("what an old answer does not hold").await;
    let old = stage
        .relay
        .exchanges_of(stage.reader.vault.device())
        .pop()
        .unwrap();
    stage.relay.play(Signs(move |_: &Asked, _| {
        Answer::bytes(old.body.clone()).signed_as(&old.signature)
    }));
    not_the_relay(&stage).await;
    stage.heals().await;
}

#[tokio::test]
async fn l4_another_relay_at_the_same_address_is_not_the_relay() {
    let stage = Stage::set().await;
    let other = HostileRelay::start().await;
    // The address is the other's, the pinned key the first one's.
    let mut moved = other.address();
    moved.key = stage.relay.key();
    stage.reader.vault.set_relay(&moved, None).await.unwrap();
    let stranger = found(&other, "somebody else").await;
    not_the_relay(&stage).await;
    assert_eq!(stranger.texts().await, Vec::<String>::new());
    stage
        .reader
        .vault
        .set_relay(&stage.relay.address(), None)
        .await
        .unwrap();
    stage.heals().await;
}

/// Longer than anything here takes, shorter than a relay that holds a device up.
const LONGEST: Duration = Duration::from_secs(20);

/// Requests that one sync makes at most, whatever it is told.
const MOST_REQUESTS: usize = 24;

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

/// A relay that says the same of everything that is brought.
async fn says_always(outcome: PushOutcome) -> (Stage, Vec<&'static str>) {
    let stage = Stage::set().await;
    let reader = stage.reader.vault.device();
    let said = outcome.clone();
    stage.relay.alter(move |asked, reply| {
        for (space, asked) in reply.spaces.iter_mut().zip(&asked.request.spaces) {
            if !asked.push.is_empty() {
                space.push = said.clone();
            }
        }
    });
    stage.reader.write("what is never taken").await;
    let so_far = stage.relay.exchanges_of(reader).len();
    let begun = Instant::now();
    let names = stage.names().await;
    assert!(begun.elapsed() < LONGEST);
    let asked = stage.relay.exchanges_of(reader).len() - so_far;
    assert!(asked <= MOST_REQUESTS, "{asked} requests after {outcome:?}");
    assert_eq!(stage.reader.vault.unsent().await.unwrap(), 1, "it waits");
    assert_eq!(stage.reader.texts().await.len(), 2);
    (stage, names)
}

#[tokio::test]
async fn l3_a_relay_that_never_takes_what_is_brought_is_named_and_not_asked_for_ever() {
    for outcome in [
        PushOutcome::HeadsNotCurrent,
        PushOutcome::Stale,
        PushOutcome::Nothing,
    ] {
        let (stage, names) = says_always(outcome.clone()).await;
        assert_eq!(names, ["not-taken"], "{outcome:?}");
        stage.heals().await;
        assert_eq!(stage.writer.texts().await.len(), 2);
    }
    let (stage, names) = says_always(PushOutcome::QuotaExceeded).await;
    assert_eq!(names, ["quota-exceeded"]);
    stage.heals().await;
}

#[tokio::test]
async fn l3_what_a_live_socket_never_takes_is_named_in_the_status() {
    let stage = Stage::set().await;
    let (tell, mut events) = tokio::sync::mpsc::unbounded_channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let vault = stage.reader.vault.clone();
    let watching = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        vault
            .watch(stopped, |event| drop(tell.send(event)), &|_| ())
            .await
    });
    while events.recv().await.unwrap() != WatchEvent::Connected {}
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
    assert_eq!(status.last.error.as_deref(), Some("not-taken"));
    assert_eq!(status.unsent, 1);
    drop(stop);
    watching.await.unwrap().unwrap();
    stage.heals().await;
    assert_eq!(stage.writer.texts().await.len(), 2);
    assert_eq!(stage.reader.vault.status().await.unwrap().last.error, None);
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

/// A relay at which every link comes too late.
struct TooLate;

impl Script for TooLate {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        (!asked.request.append.is_empty()).then(|| {
            Answer::reply(SyncReply {
                generation: daymark_wire::Generation::ZERO,
                append: AppendOutcome::NotNext,
                links: Vec::new(),
                behind: Vec::new(),
                spaces: Vec::new(),
            })
        })
    }
}

#[tokio::test]
async fn l3_a_relay_at_which_links_always_come_too_late_is_not_asked_for_ever() {
    let relay = HostileRelay::start().await;
    let trusted = found(&relay, "writer's desk").await;
    relay.play(TooLate);
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let here = trusted.vault.pair(show, async |_| true);
    let folder = relay.vault_folder("reader");
    let there = async {
        let link = link.await.unwrap();
        daymark_client::pairing::join(
            &folder,
            daymark_tests::world::PASSPHRASE,
            &link,
            "reader's pocket",
            |_| (),
        )
        .await
    };
    let begun = Instant::now();
    let (here, there) = tokio::join!(here, there);
    assert!(begun.elapsed() < LONGEST, "{:?}", begun.elapsed());
    let error = here.unwrap_err();
    assert_eq!(error.code(), "pairing-failed", "{error:?}");
    assert!(there.is_err());
    let appended = relay.exchanges();
    let appended = appended
        .iter()
        .filter(|exchange| !exchange.asked.request.append.is_empty());
    assert!(appended.count() <= MOST_REQUESTS);
    relay.behave();
    trusted.sync().await;
    assert_eq!(trusted.vault.status().await.unwrap().devices.len(), 1);
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
    let (tell, mut events) = tokio::sync::mpsc::unbounded_channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let vault = stage.reader.vault.clone();
    let watching = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        vault
            .watch(stopped, |event| drop(tell.send(event)), &|_| ())
            .await
    });
    let wait = async |events: &mut tokio::sync::mpsc::UnboundedReceiver<WatchEvent>| {
        tokio::time::timeout(LONGEST, events.recv())
            .await
            .unwrap()
            .unwrap()
    };
    while wait(&mut events).await != WatchEvent::Connected {}
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
            stage.relay.tell(reader, news.clone());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let closed = async {
        loop {
            if let WatchEvent::Disconnected { why, .. } = wait(&mut events).await {
                return why;
            }
        }
    };
    let begun = Instant::now();
    let why = tokio::select! {
        () = flood => unreachable!("it floods for ever"),
        why = closed => why,
    };
    assert!(begun.elapsed() < LONGEST);
    assert_eq!(why.code(), "relay-unreachable");
    #[cfg(target_os = "linux")]
    assert!(peak_kib() < 1024 * 1024, "{} KiB", peak_kib());
    drop(stop);
    watching.await.unwrap().unwrap();
    assert_eq!(stage.reader.texts().await.len(), 2);
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
