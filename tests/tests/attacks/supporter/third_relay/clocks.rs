//! HONEST RELAY, K12: what a clock that was ahead once leaves of what had not left yet.

use super::super::Scene;
use daymark_client::{sharing::HowToShare, vault::Vault};
use daymark_core::journal::Day;
use daymark_tests::world::{Device, SetClock};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use std::sync::Arc;

/// The same vault, closed, and opened again by this clock.
async fn opened_by(device: Device, clock: &SetClock) -> Device {
    let (folder, key) = (device.vault.folder().to_owned(), device.vault.key());
    device.vault.close().await;
    let locked = Vault::open(&folder).await.unwrap();
    let locked = locked.with_clock(Arc::new(clock.clone()));
    let vault = locked.unlock_with_key(key).await.unwrap();
    Device { vault, ..device }
}

fn for_thirty_days() -> HowToShare {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    HowToShare {
        until: Some(Day::from(today.checked_add(30.days()).unwrap())),
        ..HowToShare::default()
    }
}

#[tokio::test]
async fn k12_what_was_shared_and_waited_while_a_clock_was_ahead_leaves_or_is_said_to_wait() {
    let mut scene = Scene::set().await;
    let clock = SetClock::default();
    scene.circle.owner = opened_by(scene.circle.owner, &clock).await;
    let entry = scene.owner().write("quxshared").await;
    scene.share_as(entry, &for_thirty_days()).await;
    // A battery is empty, and the device wakes up in another year, for one sync.
    clock.put_ahead(400);
    let _ = scene.owner().vault.sync(&|_| ()).await;
    clock.put_ahead(0);
    for _ in 0..2 {
        scene.owner().sync().await;
        scene.supporter().sync().await;
    }
    let told = scene.who_sees().await;
    let waits = told
        .iter()
        .all(|one| one.waiting || one.differs == Some(true));
    let received = scene.received().await;
    assert!(
        received == ["quxshared"] || waits,
        "the supporter never had it ({received:?}), and the owner reads: {told:?}"
    );
}

#[tokio::test]
async fn k12_a_reply_that_waited_while_a_clock_was_ahead_is_not_lost() {
    let mut scene = Scene::set().await;
    let entry = scene.owner().write("quxshared").await;
    let share = scene.share_as(entry, &for_thirty_days()).await;
    scene.in_step().await;
    let clock = SetClock::default();
    let [supporter, other] = scene.circle.supporters;
    let supporter = opened_by(supporter, &clock).await;
    scene.circle.supporters = [supporter, other];
    let vault = &scene.supporter().vault;
    vault.reply(share, "an evening's words").await.unwrap();
    clock.put_ahead(400);
    let _ = vault.sync(&|_| ()).await;
    clock.put_ahead(0);
    for _ in 0..2 {
        let _ = vault.sync(&|_| ()).await;
        scene.owner().sync().await;
    }
    let replies = scene.owner().vault.replies().await.unwrap().len();
    let own = vault.own_replies().await.unwrap().len();
    let drafts = scene.supporter().texts().await;
    assert!(
        replies + own > 0
            || drafts
                .iter()
                .any(|text| text.contains("an evening's words")),
        "it is nowhere any more: replies {replies}, own {own}, drafts {drafts:?}"
    );
}

#[tokio::test]
async fn k12_what_somebody_was_given_is_there_again_when_their_clock_is_right_again() {
    let mut scene = Scene::set().await;
    let entry = scene.owner().write("quxshared").await;
    scene.share_as(entry, &for_thirty_days()).await;
    scene.in_step().await;
    let clock = SetClock::default();
    let [supporter, other] = scene.circle.supporters;
    let supporter = opened_by(supporter, &clock).await;
    scene.circle.supporters = [supporter, other];
    let vault = &scene.supporter().vault;
    clock.put_ahead(400);
    let _ = vault.sync(&|_| ()).await;
    clock.put_ahead(0);
    let mut named = Vec::new();
    for _ in 0..2 {
        named.extend(scene.supporter().sync().await.faults);
        scene.owner().sync().await;
    }
    let told = scene.who_sees().await;
    assert!(
        scene.received().await == ["quxshared"] || !named.is_empty(),
        "thirty days long they have nothing, and no word of it; the owner reads: {told:?}"
    );
}
