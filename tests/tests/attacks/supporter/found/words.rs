//! K1, J3: what a share that is kept up to date still says when it should say it no more.

use super::super::{Scene, texts};
use daymark_client::sharing::{HowToShare, Parts};
use daymark_core::journal::Day;
use daymark_tests::{
    hostile::{Hoard, SeenKeys},
    world::{Circle, SetClock},
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};

const UPDATED: HowToShare = HowToShare {
    why: None,
    until: None,
    keep_updated: true,
};

#[tokio::test]
async fn k1_a_text_that_was_emptied_before_a_sync_never_leaves() {
    let scene = Scene::set().await;
    scene.in_step().await;
    // With no network: shared, and thought better of. `daymark edit @1 --empty`.
    let entry = scene.owner().write("quxtyped came by").await;
    scene.share_as(entry, &UPDATED).await;
    scene.owner().edit(entry, "").await;
    scene.in_step().await;
    let keys = SeenKeys::of(&scene.supporter().vault).await;
    let opened = keys.open(&Hoard::of_everything(&scene.relay).await);
    assert!(
        !opened.holds(b"quxtyped"),
        "the supporter's keys open the word that was deleted: {:?}",
        scene.received().await
    );
}

#[tokio::test]
async fn k1_what_is_not_to_be_kept_up_to_date_any_more_is_not_where_two_devices_shared_it() {
    let scene = Scene::set().await;
    let folder = scene.relay.vault_folder("a phone");
    let phone = scene.owner().pair(&folder, "a phone").await;
    let entry = scene.owner().write("a visit").await;
    scene.owner().sync().await;
    phone.sync().await;
    // Both share it, neither knowing of the other.
    let bonds = [scene.bond()];
    for device in [scene.owner(), &phone] {
        let preview = device.vault.preview(entry, &Parts::default(), &bonds).await;
        device
            .vault
            .share(&preview.unwrap(), &UPDATED)
            .await
            .unwrap();
    }
    for device in [scene.owner(), &phone, scene.owner(), &phone] {
        device.sync().await;
    }
    assert_eq!(scene.who_sees().await.len(), 1, "one share of one entry");
    // Not by itself any more, the person says, and reads that it is so.
    scene.share_as(entry, &HowToShare::default()).await;
    scene.owner().edit(entry, "quxlater").await;
    scene.owner().sync().await;
    phone.sync().await;
    scene.supporter().sync().await;
    let received = texts(scene.supporter()).await;
    assert!(!received.contains(&"quxlater".to_owned()), "{received:?}");
}

#[tokio::test]
async fn j3_a_last_day_that_was_given_before_a_sync_ends_what_they_had_without_one() {
    let scene = Scene::set().await;
    let (entry, _) = scene.shared("a day like others").await;
    // With no network, until they come back: the supporter is to have it until tomorrow.
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let until = HowToShare {
        until: Some(Day::from(today.checked_add(1.day()).unwrap())),
        ..HowToShare::default()
    };
    scene.share_as(entry, &until).await;
    let clock = SetClock::default();
    clock.put_ahead(4);
    let Scene { relay, circle } = scene;
    let owner = circle.owner.by_clock(&clock).await;
    let scene = Scene {
        relay,
        circle: Circle { owner, ..circle },
    };
    let vault = &scene.owner().vault;
    let has_still = vault.who_has(None).await.unwrap();
    assert_eq!(has_still.len(), 1, "until a sync has said so");
    assert!(has_still[0].taken_back);
    for _ in 0..2 {
        vault.sync(&|_| ()).await.unwrap();
    }
    scene.supporter().sync().await;
    let who = vault.who_has(None).await.unwrap();
    assert_eq!(
        scene.received().await,
        Vec::<String>::new(),
        "three days after the last one, and for good; the owner reads that {} see it",
        who.len()
    );
}
