//! J3, K1, B2: what was taken back, ended, deleted or marked on another device before it left this one.

use super::*;
use daymark_client::sharing::Standing;
use daymark_tests::hostile::{Answer, Asked, Script};
use daymark_wire::{DeviceId, sync::SyncReply};

#[tokio::test]
async fn k1_a_word_deleted_on_another_device_never_leaves() {
    let (scene, phone) = Scene::with_owners_phone().await;
    let entry = scene.owner().write("a visit").await;
    scene.owner().sync().await;
    phone.sync().await;
    // On the laptop, with no network.
    scene.owner().edit(entry, "quxtyped came by").await;
    scene.owner().sync().await;
    phone.sync().await;
    scene.share_as(entry, &kept_up_to_date()).await;
    // On the phone the word is deleted.
    phone.edit(entry, "somebody came by").await;
    phone.sync().await;
    scene.owner().sync().await;
    scene.in_step().await;
    assert_eq!(scene.received().await, ["somebody came by"]);
    scene.never_left("quxtyped").await;
}

#[tokio::test]
async fn k1_a_word_deleted_on_another_device_does_not_leave_with_what_was_sealed() {
    let (scene, phone) = Scene::with_owners_phone().await;
    let owner = scene.owner();
    let entry = owner.write("quxdeleted").await;
    for _ in 0..2 {
        owner.sync().await;
        phone.sync().await;
    }
    scene.sealed_only(entry, &kept_up_to_date()).await;
    scene.relay.behave();
    phone.edit(entry, "as it reads now").await;
    phone.sync().await;
    let from = asked_so_far(&scene, owner);
    owner.sync().await;
    assert_eq!(
        bodies_brought(&scene, owner, from),
        1,
        "as it reads now, and not as it read before"
    );
}

#[tokio::test]
async fn k1_what_is_not_to_be_kept_up_to_date_any_more_is_not_where_two_devices_shared_it() {
    let (scene, phone) = Scene::with_owners_phone().await;
    let entry = scene.owner().write("a visit").await;
    scene.owner().sync().await;
    phone.sync().await;
    // Both share it, neither knowing of the other.
    for device in [scene.owner(), &phone] {
        scene.share_on(device, entry, &kept_up_to_date()).await;
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
    let received = scene.received().await;
    assert!(!received.contains(&"quxlater".to_owned()), "{received:?}");
}

#[tokio::test]
async fn j3_what_was_taken_back_on_another_device_is_not_sent_again() {
    let (scene, phone) = Scene::with_owners_phone().await;
    let (entry, _) = scene.shared("a visit").await;
    phone.sync().await;
    scene.owner().edit(entry, "quxagain").await;
    scene.share(entry).await;
    // Nothing of that left the laptop. On the phone the entry is taken back.
    phone.vault.unshare(entry, None).await.unwrap();
    phone.sync().await;
    scene.owner().sync().await;
    scene.in_step().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
    scene.never_left("quxagain").await;
}

#[tokio::test]
async fn j3_what_waits_on_one_device_and_was_taken_back_on_another_never_leaves() {
    let (scene, phone) = Scene::with_owners_phone().await;
    let (bond, owner) = (scene.bond(), scene.owner());
    let entry = owner.write("quxtakenback").await;
    scene.share(entry).await;
    // It became sensitive before it left: the journal goes, and what is shared waits.
    owner.vault.edit(entry, &sensitive(true)).await.unwrap();
    owner.sync().await;
    assert!(scene.who_sees().await[0].waiting);
    phone.sync().await;
    phone.vault.unshare(entry, None).await.unwrap();
    phone.vault.edit(entry, &sensitive(false)).await.unwrap();
    phone.sync().await;
    owner.sync().await;
    assert_eq!(owner.vault.unsent().await.unwrap(), 0, "nothing waits");
    scene.in_step().await;
    let kept = Hoard::of_relay(&scene.relay).await.of_space(bond);
    let mut kept = kept.records().map(daymark_wire::Record::claimed);
    let own = owner.vault.device();
    assert!(!kept.any(|one| one.kind == RecordKind::Version && one.chain.device == own));
}

#[tokio::test]
async fn j3_what_was_sealed_does_not_leave_in_the_sync_that_brings_that_another_device_took_it_back()
 {
    let (scene, phone) = Scene::with_owners_phone().await;
    let owner = scene.owner();
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
    let from = asked_so_far(&scene, owner);
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
async fn b2_what_was_sealed_and_became_sensitive_on_another_device_waits_until_they_are_verified() {
    let (scene, phone) = Scene::with_owners_phone().await;
    let (bond, owner) = (scene.bond(), scene.owner());
    let entry = owner.write("quxsensitive").await;
    owner.sync().await;
    phone.sync().await;
    let document = scene.sealed_only(entry, &HowToShare::default()).await;
    // Meanwhile it becomes sensitive.
    scene.relay.behave();
    phone.vault.edit(entry, &sensitive(true)).await.unwrap();
    phone.sync().await;
    let from = asked_so_far(&scene, owner);
    scene.in_step().await;
    assert_eq!(bodies_brought_of(document, &scene, owner, from), 0);
    assert_eq!(scene.received().await, Vec::<String>::new());
    assert!(scene.who_sees().await[0].waiting);
    let number = owner.vault.number(bond).await.unwrap();
    owner.vault.verify(bond, &number).await.unwrap();
    scene.in_step().await;
    assert_eq!(scene.received().await, ["quxsensitive"]);
    assert_eq!(owner.vault.unsent().await.unwrap(), 0, "nothing waits");
}

#[tokio::test]
async fn j3_a_reply_does_not_leave_in_the_sync_that_brings_that_its_person_left_on_another_device()
{
    let (scene, phone) = Scene::with_supporters_phone().await;
    let (_, share) = scene.shared("quxshared").await;
    let supporter = scene.supporter();
    for _ in 0..2 {
        phone.sync().await;
        supporter.sync().await;
    }
    phone.vault.reply(share, "quxreply").await.unwrap();
    // No relay takes that they left; their journal says so.
    scene.relay.play(TakesNoLinks::new());
    supporter.vault.leave_bond(scene.bond()).await.unwrap();
    supporter.sync().await;
    let from = asked_so_far(&scene, &phone);
    phone.sync().await;
    assert_eq!(texts(&phone).await, Vec::<String>::new());
    assert_eq!(bodies_brought(&scene, &phone, from), 0, "it left");
}

#[tokio::test]
async fn j3_a_copy_does_not_leave_in_the_sync_that_brings_that_its_bond_was_ended_on_another_device()
 {
    let (scene, phone) = Scene::with_owners_phone().await;
    let owner = scene.owner();
    // On the phone something is shared, with no network.
    let entry = phone.write("quxshared").await;
    scene.share_on(&phone, entry, &HowToShare::default()).await;
    scene.relay.play(TakesNoLinks::new());
    owner.vault.end_bond(scene.bond()).await.unwrap();
    owner.sync().await;
    let from = asked_so_far(&scene, &phone);
    phone.sync().await;
    let stands = standing(&phone, scene.bond()).await;
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
    let (scene, phone) = Scene::with_owners_phone().await;
    let owner = scene.owner();
    let entry = phone.write("quxshared").await;
    scene.share_on(&phone, entry, &HowToShare::default()).await;
    // Much was written meanwhile, and the end comes last.
    let device = phone.vault.device();
    scene.relay.play(RecordByRecord {
        device,
        links: TakesNoLinks::new(),
    });
    owner.write("a day").await;
    owner.vault.end_bond(scene.bond()).await.unwrap();
    owner.sync().await;
    let from = asked_so_far(&scene, &phone);
    phone.sync().await;
    let stands = standing(&phone, scene.bond()).await;
    assert!(matches!(stands, Standing::Ended { .. }), "{stands:?}");
    assert_eq!(bodies_brought(&scene, &phone, from), 0, "it left");
}
