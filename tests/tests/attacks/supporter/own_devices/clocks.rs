//! HONEST RELAY, K12: what a clock that was ahead once leaves of what had not left yet.

use super::super::{LosesPushes, Scene};
use daymark_client::sharing::HowToShare;
use daymark_core::journal::Day;
use daymark_tests::world::SetClock;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

fn for_thirty_days() -> HowToShare {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    HowToShare {
        until: Some(Day::from(today.checked_add(30.days()).unwrap())),
        ..HowToShare::default()
    }
}

#[tokio::test]
async fn k12_what_was_shared_and_waited_while_a_clock_was_ahead_leaves_when_it_is_right() {
    for is_sealed in [false, true] {
        let mut scene = Scene::set().await;
        let clock = SetClock::default();
        scene.circle.owner = scene.circle.owner.by_clock(&clock).await;
        let entry = scene.owner().write("quxshared").await;
        scene.share_as(entry, &for_thirty_days()).await;
        if is_sealed {
            let bond = scene.bond();
            scene.relay.play(LosesPushes { bond });
            scene.owner().vault.sync(&|_| ()).await.unwrap_err();
            scene.relay.behave();
        }
        // A battery is empty, and the device wakes up in another year, for one sync.
        clock.put_ahead(400);
        scene.owner().vault.sync(&|_| ()).await.unwrap();
        assert_eq!(scene.owner().vault.unsent().await.unwrap(), 0);
        clock.put_ahead(0);
        assert!(scene.who_sees().await[0].waiting);
        for _ in 0..2 {
            scene.owner().sync().await;
            scene.supporter().sync().await;
        }
        assert_eq!(scene.received().await, ["quxshared"]);
        let told = scene.who_sees().await;
        assert_eq!((told.len(), told[0].waiting), (1, false));
    }
}

#[tokio::test]
async fn k12_a_reply_that_waited_while_a_clock_was_ahead_is_not_lost() {
    let mut scene = Scene::set().await;
    let entry = scene.owner().write("quxshared").await;
    let share = scene.share_as(entry, &for_thirty_days()).await;
    scene.in_step().await;
    let clock = SetClock::default();
    let [supporter, other] = scene.circle.supporters;
    let supporter = supporter.by_clock(&clock).await;
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

/// Expiry fails closed: what a clock that was ahead has wiped is not fetched again. It comes when it is shared anew.
#[tokio::test]
async fn k12_what_a_clock_that_was_ahead_has_wiped_comes_when_it_is_shared_anew() {
    let mut scene = Scene::set().await;
    let entry = scene.owner().write("quxshared").await;
    scene.share_as(entry, &for_thirty_days()).await;
    scene.in_step().await;
    let clock = SetClock::default();
    let [supporter, other] = scene.circle.supporters;
    scene.circle.supporters = [supporter.by_clock(&clock).await, other];
    clock.put_ahead(400);
    let _ = scene.supporter().vault.sync(&|_| ()).await;
    clock.put_ahead(0);
    scene.in_step().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
    scene.owner().vault.unshare(entry, None).await.unwrap();
    scene.share_as(entry, &for_thirty_days()).await;
    scene.in_step().await;
    assert_eq!(scene.received().await, ["quxshared"]);
}
