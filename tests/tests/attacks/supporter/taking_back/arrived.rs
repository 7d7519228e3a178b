//! J3, K1, K3, K12: what is with the supporter already, and can be taken back all the same.

use super::*;
use crate::supporter::scripts::lost;
use daymark_client::sharing::Topic;
use daymark_core::journal::Day;
use daymark_tests::{
    hostile::{Answer, Asked, Hoard, Script, SeenKeys},
    world::{Device, Files, SetClock},
};
use daymark_wire::{DeviceId, Record, RecordKind};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use std::collections::BTreeSet;

/// Answers a device so many times, and then no more.
struct Breaks {
    device: DeviceId,
    after: usize,
}

impl Script for Breaks {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        if asked.device != self.device {
            return None;
        }
        let breaks = self.after == 0;
        self.after = self.after.saturating_sub(1);
        breaks.then(lost)
    }
}

/// What a device brought of a bond and the relay kept for itself.
fn kept_back(scene: &Scene) -> Vec<Record> {
    let exchanges = scene.relay.exchanges_of(scene.owner().vault.device());
    let spaces = exchanges.iter().flat_map(|one| &one.asked.request.spaces);
    let pushed = spaces.filter(|space| space.space == scene.bond());
    let records = pushed.flat_map(|space| &space.push);
    let versions = records.filter(|record| record.claimed().kind == RecordKind::Version);
    versions.cloned().collect()
}

/// Shows the supporter these records beside all that it shows them.
fn show(scene: &Scene, records: Vec<Record>) {
    let (to, bond) = (scene.supporter().vault.device(), scene.bond());
    scene.relay.alter(move |asked, reply| {
        for answer in &mut reply.spaces {
            if asked.device == to && answer.space == bond {
                answer.records.extend(records.iter().cloned());
            }
        }
    });
}

/// The owner's copy is with the supporter, and the owner's own record of it is gone: a chain was begun anew, and what
/// it said waits to be said again.
async fn said_and_to_be_said_again(scene: &Scene, how: &HowToShare) -> DocumentId {
    let bond = scene.bond();
    let supporter = scene.supporter();
    let topic = |topic: &str| BTreeSet::from([Topic::parse(topic).unwrap()]);
    supporter.vault.prefer(bond, topic("work")).await.unwrap();
    scene.in_step().await;
    // The relay keeps a copy, and says that it was lost.
    let entry = scene.owner().write("quxshared").await;
    scene.share_as(entry, how).await;
    scene.relay.play(LosesPushes { bond });
    scene.owner().vault.sync(&|_| ()).await.unwrap_err();
    let kept = kept_back(scene);
    assert!(!kept.is_empty());
    // The supporter says something else, and begins new keys by that.
    scene.relay.behave();
    supporter.vault.prefer(bond, topic("money")).await.unwrap();
    supporter.sync().await;
    let asked = scene.relay.exchanges_of(supporter.vault.device());
    let links = asked.iter().flat_map(|one| &one.asked.request.append);
    assert!(
        links.filter(|link| later_bond(link)).count() > 0,
        "new keys"
    );
    // Now they are shown it.
    show(scene, kept);
    supporter.sync().await;
    scene.relay.behave();
    assert_eq!(scene.received().await, ["quxshared"]);
    // The owner's chain is begun anew, and the line breaks.
    let device = scene.owner().vault.device();
    scene.relay.play(Breaks { device, after: 1 });
    scene.owner().vault.sync(&|_| ()).await.unwrap_err();
    scene.relay.behave();
    entry
}

/// The supporter has nothing any more, whatever the owner was told.
async fn nobody_has_it(scene: &Scene, taken_back: &impl std::fmt::Debug) {
    let told = scene.owner().vault.who_has(None).await.unwrap().len();
    let left = scene.received().await;
    assert!(
        left.is_empty(),
        "taken back: {taken_back:?}; told that {told} have it; the supporter has {left:?}"
    );
}

#[tokio::test]
async fn j3_what_is_with_the_supporter_and_waits_to_be_said_again_can_be_taken_back() {
    let scene = Scene::set().await;
    let entry = said_and_to_be_said_again(&scene, &HowToShare::default()).await;
    let vault = &scene.owner().vault;
    let taken_back = vault.unshare(entry, None).await.unwrap();
    assert_eq!(taken_back, 1);
    for _ in 0..2 {
        scene.owner().sync().await;
        scene.supporter().sync().await;
    }
    nobody_has_it(&scene, &taken_back).await;
}

#[tokio::test]
async fn k1_what_was_deleted_since_does_not_stay_with_the_supporter_under_an_older_number() {
    let scene = Scene::set().await;
    let entry = said_and_to_be_said_again(&scene, &kept_up_to_date()).await;
    scene.owner().edit(entry, "as it reads now").await;
    for _ in 0..3 {
        scene.owner().sync().await;
        scene.supporter().sync().await;
    }
    assert_eq!(scene.received().await, ["as it reads now"]);
    let kept = Hoard::of_vault(&scene.supporter().vault).await;
    let opened = SeenKeys::of(&scene.supporter().vault).await.open(&kept);
    assert!(
        !opened.holds(b"quxshared"),
        "the older copy is never forgotten"
    );
}

/// A share that ends so many days from now.
fn for_days(days: i32) -> HowToShare {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    HowToShare {
        until: Some(Day::from(today.checked_add(days.days()).unwrap())),
        ..HowToShare::default()
    }
}

#[tokio::test]
async fn j3_a_last_day_that_was_given_before_a_sync_ends_what_they_had_without_one() {
    let mut scene = Scene::set().await;
    let (entry, _) = scene.shared("a day like others").await;
    // With no network, until they come back: the supporter is to have it until tomorrow.
    let until = for_days(1);
    scene.share_as(entry, &until).await;
    let clock = SetClock::default();
    clock.put_ahead(4);
    scene.circle.owner = scene.circle.owner.by_clock(&clock).await;
    let vault = &scene.owner().vault;
    let has_still = vault.who_has(None).await.unwrap();
    assert_eq!(has_still.len(), 1, "until a sync has said so");
    assert!(has_still[0].taken_back);
    let lists = vault.shared_with().await.unwrap();
    assert!(lists.contains_key(&entry), "and lists say so, too");
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

#[tokio::test]
async fn k12_a_clock_that_was_ahead_for_a_day_lets_a_copy_be_taken_back_afterwards() {
    let mut scene = Scene::set().await;
    let how = for_days(30);
    let entry = scene.owner().write("quxshared").await;
    scene.share_as(entry, &how).await;
    scene.in_step().await;
    // A battery is empty, and the owner's device wakes up in another year.
    let clock = SetClock::default();
    clock.put_ahead(400);
    scene.circle.owner = scene.circle.owner.by_clock(&clock).await;
    scene.owner().sync().await;
    clock.put_ahead(0);
    let taken_back = scene.owner().vault.unshare(entry, None).await;
    scene.in_step().await;
    nobody_has_it(&scene, &taken_back).await;
}

#[tokio::test]
async fn k3_what_left_after_a_backup_was_made_can_be_taken_back_from_the_backup() {
    let mut scene = Scene::set().await;
    let entry = scene.owner().write("quxshared").await;
    scene.share(entry).await;
    // A backup, and then all of it leaves.
    let (folder, key) = (
        scene.owner().vault.folder().to_owned(),
        scene.owner().vault.key(),
    );
    let backup = scene.relay.vault_folder("backup");
    scene.circle.owner.vault.close().await;
    Files::of(&folder).put(&backup);
    scene.circle.owner = Device::open_with_key(&folder, "owner", key.clone()).await;
    scene.in_step().await;
    assert_eq!(scene.received().await, ["quxshared"]);
    // The device is lost, and the backup goes on. It is taken back first of all.
    scene.circle.owner.vault.close().await;
    scene.circle.owner = Device::open_with_key(&backup, "owner", key).await;
    let taken_back = scene.owner().vault.unshare(entry, None).await;
    for _ in 0..3 {
        scene.owner().sync().await;
        scene.supporter().sync().await;
    }
    nobody_has_it(&scene, &taken_back).await;
}
