//! What is kept after the end, and what is said of an end that no relay takes.

use super::super::Scene;
use super::*;
use daymark_client::sharing::Standing;
use daymark_tests::{
    hostile::{Asked, Hoard, rows},
    world::Device,
};
use daymark_wire::sync::SyncReply;

#[tokio::test]
async fn j3_an_end_that_a_relay_never_takes_is_named() {
    let scene = Scene::set().await;
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    scene.relay.play(TakesNoLinks::new());
    for _ in 0..3 {
        let said = scene.owner().vault.sync(&|_| ()).await;
        let named = said
            .as_ref()
            .map_or(true, |report| !report.faults.is_empty());
        assert!(named, "{said:?}");
    }
}

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
    let ended = side_of(scene.supporter(), bond).await.unwrap().standing;
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
        .filter(|row| super::super::holds(&row.content, b"quxneverseen"));
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
        .filter(|row| super::super::holds(&row.content, b"quxafterleaving"));
    assert!(readable.next().is_none());
}
