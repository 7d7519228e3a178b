//! What was taken back, or deleted, and is with the supporter all the same.

use super::super::Scene;
use super::super::alone::{TakesNoLinks, later_bond, side_of};
use daymark_client::{
    sharing::{HowToShare, Parts, Standing, Topic},
    vault::Vault,
};
use daymark_core::journal::{Day, Edit, Step, Text};
use daymark_tests::{
    hostile::{Answer, Asked, Hoard, Script, SeenKeys},
    world::{Device, Files, SetClock},
};
use daymark_wire::{DeviceId, Record, RecordKind, SpaceId, problem::Code, sync::SyncReply};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use std::{collections::BTreeSet, sync::Arc};

/// Loses every request that carries a record of a bond.
pub(crate) struct LosesPushes {
    pub(crate) bond: SpaceId,
}

impl Script for LosesPushes {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let mut spaces = asked.request.spaces.iter();
        let lost = spaces.any(|space| space.space == self.bond && !space.push.is_empty());
        lost.then(|| Answer::problem(Code::Unavailable, "lost on its way", &[]))
    }
}

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
        breaks.then(|| Answer::problem(Code::Unavailable, "lost on its way", &[]))
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
async fn said_and_to_be_said_again(scene: &Scene, how: &HowToShare) -> daymark_wire::DocumentId {
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

#[tokio::test]
async fn j3_what_is_with_the_supporter_and_waits_to_be_said_again_can_be_taken_back() {
    let scene = Scene::set().await;
    let entry = said_and_to_be_said_again(&scene, &HowToShare::default()).await;
    let vault = &scene.owner().vault;
    assert_eq!(vault.unshare(entry, None).await.unwrap(), 1);
    for _ in 0..2 {
        scene.owner().sync().await;
        scene.supporter().sync().await;
    }
    let told = vault.who_has(None).await.unwrap().len();
    let left = scene.received().await;
    assert!(
        left.is_empty(),
        "the owner is told that {told} have it; the supporter has {left:?}"
    );
}

#[tokio::test]
async fn k1_what_was_deleted_since_does_not_stay_with_the_supporter_under_an_older_number() {
    let scene = Scene::set().await;
    let how = HowToShare {
        keep_updated: true,
        ..HowToShare::default()
    };
    let entry = said_and_to_be_said_again(&scene, &how).await;
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

#[tokio::test]
async fn k1_a_text_that_was_deleted_whole_before_it_left_never_leaves() {
    let scene = Scene::set().await;
    let how = HowToShare {
        keep_updated: true,
        ..HowToShare::default()
    };
    let entry = scene.owner().write("quxdeleted").await;
    scene.share_as(entry, &how).await;
    // Without a connection, all of it is deleted.
    scene.owner().edit(entry, "").await;
    scene.in_step().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}

#[tokio::test]
async fn k1_a_word_deleted_from_what_became_sensitive_does_not_leave_with_what_was_sealed() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let how = HowToShare {
        keep_updated: true,
        ..HowToShare::default()
    };
    let entry = scene.owner().write("quxdeleted").await;
    scene.share_as(entry, &how).await;
    scene.relay.play(LosesPushes { bond });
    scene.owner().vault.sync(&|_| ()).await.unwrap_err();
    // The word is deleted, and the entry marked: nobody is verified.
    let text = Text::parse("as it reads now").unwrap();
    let edit: Edit = [Step::Text(text.into()), Step::Sensitive(true)]
        .into_iter()
        .collect();
    scene.owner().vault.edit(entry, &edit).await.unwrap();
    scene.relay.behave();
    scene.in_step().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}

/// The same vault, closed, and opened again by this clock.
async fn opened_by(device: Device, clock: &SetClock) -> Device {
    let folder = device.vault.folder().to_owned();
    let key = device.vault.key();
    device.vault.close().await;
    let locked = Vault::open(&folder).await.unwrap();
    let locked = locked.with_clock(Arc::new(clock.clone()));
    let vault = locked.unlock_with_key(key).await.unwrap();
    Device { vault, ..device }
}

#[tokio::test]
async fn k12_a_clock_that_was_ahead_for_a_day_lets_a_copy_be_taken_back_afterwards() {
    let mut scene = Scene::set().await;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let how = HowToShare {
        until: Some(Day::from(today.checked_add(30.days()).unwrap())),
        ..HowToShare::default()
    };
    let entry = scene.owner().write("quxshared").await;
    scene.share_as(entry, &how).await;
    scene.in_step().await;
    // A battery is empty, and the owner's device wakes up in another year.
    let clock = SetClock::default();
    clock.put_ahead(400);
    scene.circle.owner = opened_by(scene.circle.owner, &clock).await;
    scene.owner().sync().await;
    clock.put_ahead(0);
    let taken_back = scene.owner().vault.unshare(entry, None).await;
    scene.in_step().await;
    let told = scene.owner().vault.who_has(None).await.unwrap().len();
    let left = scene.received().await;
    assert!(
        left.is_empty(),
        "taken back: {taken_back:?}; told that {told} have it; the supporter has {left:?}"
    );
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
    let told = scene.owner().vault.who_has(None).await.unwrap().len();
    let left = scene.received().await;
    assert!(
        left.is_empty(),
        "taken back: {taken_back:?}; told that {told} have it; the supporter has {left:?}"
    );
}

/// Bodies of versions that a device brought of the bond, from this exchange of its on.
fn bodies_brought(scene: &Scene, device: &Device, from: usize) -> usize {
    let exchanges = scene.relay.exchanges_of(device.vault.device());
    let spaces = exchanges[from..].iter();
    let spaces = spaces.flat_map(|one| &one.asked.request.spaces);
    let records = spaces.filter(|space| space.space == scene.bond());
    records
        .flat_map(|space| &space.push)
        .filter(|record| record.claimed().kind == RecordKind::Version && record.body().is_some())
        .count()
}

#[tokio::test]
async fn j3_a_reply_does_not_leave_in_the_sync_that_brings_that_its_person_left_on_another_device()
{
    let scene = Scene::set().await;
    let (_, share) = scene.shared("quxshared").await;
    let supporter = scene.supporter();
    let phone = supporter
        .pair(&scene.relay.vault_folder("phone"), "phone")
        .await;
    for _ in 0..2 {
        phone.sync().await;
        supporter.sync().await;
    }
    phone.vault.reply(share, "quxreply").await.unwrap();
    // No relay takes that they left; their journal says so.
    scene.relay.play(TakesNoLinks::new());
    supporter.vault.leave_bond(scene.bond()).await.unwrap();
    supporter.sync().await;
    let from = scene.relay.exchanges_of(phone.vault.device()).len();
    phone.sync().await;
    assert_eq!(super::super::texts(&phone).await, Vec::<String>::new());
    assert_eq!(bodies_brought(&scene, &phone, from), 0, "it left");
}

#[tokio::test]
async fn j3_a_copy_does_not_leave_in_the_sync_that_brings_that_its_bond_was_ended_on_another_device()
 {
    let scene = Scene::set().await;
    let owner = scene.owner();
    let phone = owner
        .pair(&scene.relay.vault_folder("phone"), "phone")
        .await;
    for _ in 0..2 {
        phone.sync().await;
        owner.sync().await;
    }
    // On the phone something is shared, with no network.
    let entry = phone.write("quxshared").await;
    let bonds = [scene.bond()];
    let preview = phone.vault.preview(entry, &Parts::default(), &bonds).await;
    let how = HowToShare::default();
    phone.vault.share(&preview.unwrap(), &how).await.unwrap();
    scene.relay.play(TakesNoLinks::new());
    owner.vault.end_bond(scene.bond()).await.unwrap();
    owner.sync().await;
    let from = scene.relay.exchanges_of(phone.vault.device()).len();
    phone.sync().await;
    let stands = side_of(&phone, scene.bond()).await.unwrap().standing;
    assert!(matches!(stands, Standing::Ended { .. }), "{stands:?}");
    scene.supporter().sync().await;
    let left = scene.received().await;
    assert_eq!(
        (bodies_brought(&scene, &phone, from), left),
        (0, Vec::new()),
        "it left"
    );
}

/// Shows one device its journal record by record.
struct RecordByRecord {
    device: DeviceId,
    links: TakesNoLinks,
}

impl Script for RecordByRecord {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        self.links.instead(asked)
    }

    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        let journal = reply.spaces.first_mut();
        if let Some(journal) = journal.filter(|_| asked.device == self.device) {
            journal.more |= journal.records.len() > 1;
            journal.records.truncate(1);
        }
        self.links.sync(asked, reply)
    }
}

#[tokio::test]
async fn j3_a_copy_does_not_leave_before_all_of_the_journal_came_that_says_that_its_bond_was_ended()
{
    let scene = Scene::set().await;
    let owner = scene.owner();
    let phone = owner
        .pair(&scene.relay.vault_folder("phone"), "phone")
        .await;
    for _ in 0..2 {
        phone.sync().await;
        owner.sync().await;
    }
    let entry = phone.write("quxshared").await;
    let bonds = [scene.bond()];
    let preview = phone.vault.preview(entry, &Parts::default(), &bonds).await;
    let how = HowToShare::default();
    phone.vault.share(&preview.unwrap(), &how).await.unwrap();
    // Much was written meanwhile, and the end comes last.
    let device = phone.vault.device();
    scene.relay.play(RecordByRecord {
        device,
        links: TakesNoLinks::new(),
    });
    owner.write("a day").await;
    owner.vault.end_bond(scene.bond()).await.unwrap();
    owner.sync().await;
    let from = scene.relay.exchanges_of(device).len();
    phone.sync().await;
    let stands = side_of(&phone, scene.bond()).await.unwrap().standing;
    assert!(matches!(stands, Standing::Ended { .. }), "{stands:?}");
    assert_eq!(bodies_brought(&scene, &phone, from), 0, "it left");
}

fn sensitive(sensitive: bool) -> Edit {
    Edit::from(Step::Sensitive(sensitive))
}

#[tokio::test]
async fn j3_what_was_sealed_does_not_leave_in_the_sync_that_brings_that_another_device_took_it_back()
 {
    let scene = Scene::set().await;
    let owner = scene.owner();
    let phone = owner
        .pair(&scene.relay.vault_folder("phone"), "phone")
        .await;
    for _ in 0..2 {
        phone.sync().await;
        owner.sync().await;
    }
    // The journal goes first, and then the line breaks with what is shared.
    let entry = owner.write("quxtakenback").await;
    scene.share(entry).await;
    owner.vault.edit(entry, &sensitive(true)).await.unwrap();
    owner.sync().await;
    owner.vault.edit(entry, &sensitive(false)).await.unwrap();
    let bond = scene.bond();
    scene.relay.play(LosesPushes { bond });
    owner.vault.sync(&|_| ()).await.unwrap_err();
    // The phone takes it back, of which no relay takes the link.
    scene.relay.play(TakesNoLinks::new());
    phone.sync().await;
    assert_eq!(phone.vault.unshare(entry, None).await.unwrap(), 1);
    phone.sync().await;
    let from = scene.relay.exchanges_of(owner.vault.device()).len();
    let _ = owner.vault.sync(&|_| ()).await;
    assert_eq!(scene.who_sees().await, []);
    scene.supporter().sync().await;
    let left = scene.received().await;
    assert_eq!(
        (bodies_brought(&scene, owner, from), left),
        (0, Vec::new()),
        "it left"
    );
}

#[tokio::test]
async fn k1_a_word_deleted_on_another_device_does_not_leave_with_what_was_sealed() {
    let scene = Scene::set().await;
    let owner = scene.owner();
    let phone = owner
        .pair(&scene.relay.vault_folder("phone"), "phone")
        .await;
    let entry = owner.write("quxdeleted").await;
    for _ in 0..2 {
        owner.sync().await;
        phone.sync().await;
    }
    let how = HowToShare {
        keep_updated: true,
        ..HowToShare::default()
    };
    scene.share_as(entry, &how).await;
    let bond = scene.bond();
    scene.relay.play(LosesPushes { bond });
    owner.vault.sync(&|_| ()).await.unwrap_err();
    scene.relay.behave();
    phone.edit(entry, "as it reads now").await;
    phone.sync().await;
    let from = kept_back(&scene).len();
    owner.sync().await;
    let brought = kept_back(&scene);
    let with_body = brought[from..].iter().filter(|one| one.body().is_some());
    assert_eq!(
        with_body.count(),
        1,
        "as it reads now, and not as it read before"
    );
}
