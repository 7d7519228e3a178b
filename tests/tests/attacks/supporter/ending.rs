//! J3: what is kept after the end, and what is said of an end that no relay takes.

use super::{Scene, TakesNoLinks, holds, standing};
use daymark_client::sharing::Standing;
use daymark_tests::{
    hostile::{Asked, Hoard, rows},
    world::{Device, SetClock},
};
use daymark_wire::{
    Generation,
    sync::{AppendOutcome, KnownLength, SyncReply},
};

#[tokio::test]
async fn j3_keys_that_were_destroyed_at_the_end_do_not_come_back_with_the_next_sync() {
    let scene = Scene::set().await;
    scene.shared("quxseen").await;
    let epochs = async |device: &Device| {
        let rows = rows(&device.vault).await.into_iter();
        rows.filter(|row| row.table == "epochs").count()
    };
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    scene.in_step().await;
    let left = [epochs(scene.owner()).await, epochs(scene.supporter()).await];
    scene.in_step().await;
    let now = [epochs(scene.owner()).await, epochs(scene.supporter()).await];
    assert_eq!(now, left, "owner, supporter");
}

#[tokio::test]
async fn j3_what_is_first_shown_after_the_end_is_not_kept() {
    let scene = Scene::set().await;
    let (bond, device) = (scene.bond(), scene.supporter().vault.device());
    let hide = move |asked: &Asked, reply: &mut SyncReply| {
        for space in &mut reply.spaces {
            if asked.device == device && space.space == bond {
                space.records.clear();
                space.more = false;
            }
        }
    };
    scene.relay.alter(hide);
    let entry = scene.owner().write("quxneverseen").await;
    scene.share(entry).await;
    scene.in_step().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
    let kept = Hoard::of_relay(&scene.relay).await.of_space(bond);
    let mut kept: Vec<_> = kept.records().cloned().collect();
    kept.sort_by_key(|record| record.place().seq);
    scene.owner().vault.end_bond(bond).await.unwrap();
    scene.in_step().await;
    let ended = standing(scene.supporter(), bond).await;
    assert!(matches!(ended, Standing::Ended { .. }));
    // The copy that they never fetched, once all was wiped.
    scene.relay.alter(move |asked, reply| {
        for space in &mut reply.spaces {
            if asked.device == device && space.space == bond {
                space.records.clone_from(&kept);
            }
        }
    });
    for _ in 0..3 {
        scene.supporter().sync().await;
    }
    let vault = &scene.supporter().vault;
    let rows = rows(vault).await;
    let readable = rows
        .iter()
        .filter(|row| holds(&row.content, b"quxneverseen"));
    assert_eq!(readable.count(), 0, "it is readable on the disk");
    let records = Hoard::of_vault(vault).await.of_space(bond);
    assert!(records.records().all(|record| record.body().is_none()));
}

#[tokio::test]
async fn j3_after_leaving_nothing_new_is_kept_though_the_relay_does_not_take_it() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    scene.shared("quxseen").await;
    let supporter = scene.supporter();
    supporter.vault.leave_bond(bond).await.unwrap();
    scene.relay.play(TakesNoLinks::new());
    supporter.sync().await;
    scene.relay.behave();
    let entry = scene.owner().write("quxafterleaving").await;
    scene.share(entry).await;
    scene.owner().sync().await;
    scene.relay.play(TakesNoLinks::new());
    supporter.sync().await;
    let rows = rows(&supporter.vault).await;
    let mut readable = rows
        .iter()
        .filter(|row| holds(&row.content, b"quxafterleaving"));
    assert!(readable.next().is_none());
}

#[tokio::test]
async fn j3_an_end_that_a_relay_never_takes_is_named() {
    let scene = Scene::set().await;
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    scene.relay.play(TakesNoLinks::new());
    for _ in 0..3 {
        assert!(is_named(scene.owner()).await);
    }
}

/// Whether a sync of a device fails, or says that something is wrong.
async fn is_named(device: &Device) -> bool {
    let said = device.vault.sync(&|_| ()).await;
    said.map_or(true, |report| !report.faults.is_empty())
}

#[tokio::test]
async fn j3_an_end_that_may_come_in_a_minute_for_a_month_is_named_as_not_taken() {
    let mut scene = Scene::set().await;
    let clock = SetClock::default();
    scene.circle.owner = scene.circle.owner.by_clock(&clock).await;
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    let not_now = TakesNoLinks::saying(AppendOutcome::NotNow);
    scene.relay.play(not_now);
    let mut named = Vec::new();
    for days in [0, 1, 30] {
        clock.put_ahead(days);
        named.push(is_named(scene.owner()).await);
    }
    assert!(
        named[2],
        "for a month it was to be brought in a minute: {named:?}"
    );
}

#[tokio::test]
async fn j3_an_end_that_a_relay_of_ever_new_histories_never_takes_is_named() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    scene.owner().vault.end_bond(bond).await.unwrap();
    // Each time it says that it was restored, and lacks the bond's log.
    let mut count = 0;
    scene.relay.alter(move |_, reply| {
        count += 1;
        reply.generation = Generation::from_bytes([count; 16]);
        reply.behind.push(KnownLength {
            log: bond.into(),
            length: 1,
        });
    });
    let mut named = Vec::new();
    for _ in 0..3 {
        named.push(is_named(scene.owner()).await);
    }
    scene.supporter().sync().await;
    let there = standing(scene.supporter(), bond).await;
    assert_eq!(there, Standing::Active, "it was not brought");
    assert!(named[2], "the supporter has all of it: {named:?}");
}
