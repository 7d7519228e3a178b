//! L3: relays that never take what is brought.

use super::{LONGEST, MOST_REQUESTS};
use crate::stage::{Stage, found};
use daymark_client::pairing::join;
use daymark_tests::{
    hostile::{Answer, Asked, HostileRelay, Script},
    world::PASSPHRASE,
};
use daymark_wire::sync::{AppendOutcome, PushOutcome, SyncReply};
use std::time::Instant;

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
    let joined =
        async |link: &str| join(&folder, PASSPHRASE, link, "reader's pocket", |_| ()).await;
    let there = async {
        let link = link.await.unwrap();
        (joined(&link).await.map(drop), link)
    };
    let begun = Instant::now();
    let (here, (there, link)) = tokio::join!(here, there);
    assert!(begun.elapsed() < LONGEST, "{:?}", begun.elapsed());
    let error = here.unwrap_err();
    assert_eq!(error.code(), "pairing-undecided", "{error:?}");
    assert_eq!(there.unwrap_err().code(), "not-let-in");
    let appended = relay.exchanges();
    let appended = appended
        .iter()
        .filter(|exchange| !exchange.asked.request.append.is_empty());
    assert!(appended.count() <= MOST_REQUESTS);
    relay.behave();
    trusted.sync().await;
    assert_eq!(trusted.vault.status().await.unwrap().devices.len(), 2);
    joined(&link)
        .await
        .expect("what was said yes to stands now");
}
