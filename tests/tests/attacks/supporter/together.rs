//! A relay together with the other side of a bond: records under another's names, logs without end, days without end.

use super::{
    Scene,
    hands::{long_log, next},
};
use daymark_core::sharing::{CopyNumber, Reply, SharedCopy, Version};
use daymark_tests::hostile::{Answer, Asked, Hoard, HostileSupporter, Script, StolenDevice};
use daymark_wire::{
    DocumentId, Record, RecordKind, SpaceId,
    logs::{AccountContent, TravelLink},
    record::ExpiryDay,
    sync::PushOutcome,
};

/// Shows records in one space to one side, whatever the relay itself says of them.
fn show(scene: &Scene, to: daymark_wire::DeviceId, space: SpaceId, records: Vec<Record>) {
    scene.relay.alter(move |asked, reply| {
        for answer in &mut reply.spaces {
            if asked.device == to && answer.space == space {
                answer.records.clone_from(&records);
            }
        }
    });
}

/// The document in which the owner's last copy lies.
async fn copy_of_owner(scene: &Scene) -> DocumentId {
    let hoard = Hoard::of_relay(&scene.relay).await.of_space(scene.bond());
    let owner = scene.owner().vault.device();
    let mut copies: Vec<_> = hoard
        .records()
        .filter(|record| record.claimed().kind == RecordKind::Version)
        .filter(|record| record.claimed().chain.device == owner)
        .filter(|record| record.body().is_some())
        .map(|record| (record.claimed().seq, record.claimed().document))
        .collect();
    copies.sort();
    copies.last().unwrap().1
}

fn reply_to(share: daymark_client::sharing::ShareId) -> Vec<u8> {
    Version::Reply(Reply::new(share, "x").unwrap()).to_bytes()
}

#[tokio::test]
async fn j1_a_reply_that_expires_under_a_copys_name_does_not_make_the_owner_say_that_nobody_sees_it()
 {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("quxshared").await;
    let document = copy_of_owner(&scene).await;
    let mut hostile = scene.hostile().await;
    let reply = hostile.seal(document, &reply_to(share), ExpiryDay(20_000));
    show(
        &scene,
        scene.owner().vault.device(),
        scene.bond(),
        vec![reply],
    );
    scene.owner().sync().await;
    scene.relay.behave();
    assert_eq!(scene.received().await, ["quxshared"], "they have it");
    let said = scene.who_sees().await.len();
    // And it can be taken back no more.
    let unshared = scene.owner().vault.unshare(entry, None).await;
    scene.owner().sync().await;
    scene.supporter().sync().await;
    let left = scene.received().await;
    assert!(
        said == 1 && left.is_empty(),
        "who sees it: {said}; taken back: {unshared:?}; the supporter still has {left:?}"
    );
}

#[tokio::test]
async fn j1_an_epoch_of_the_supporters_that_names_a_copy_takes_nothing_from_the_owner_with_an_honest_relay()
 {
    let scene = Scene::set().await;
    let (_, share) = scene.shared("quxshared").await;
    let document = copy_of_owner(&scene).await;
    let mut hostile = scene.hostile().await;
    let reply = hostile.seal(document, &reply_to(share), ExpiryDay::default());
    // All of it by the rules, at a relay that is honest.
    let brought = hostile
        .bring(scene.relay.address(), vec![reply.clone()])
        .await;
    assert_eq!(brought, PushOutcome::Accepted);
    // The owner reads it, before the supporter forgets it.
    scene.owner().sync().await;
    // What the owner's device had seen by then belongs into the epoch's version vector.
    let all = Hoard::of_relay(&scene.relay).await.of_space(scene.bond());
    let mut records: Vec<_> = all.records().cloned().collect();
    records.sort_by_key(|record| record.place().seq);
    for record in &records {
        hostile.hand.note(record);
    }
    let epoch = hostile.epoch(vec![document]);
    let appended = hostile
        .append(scene.relay.address(), vec![epoch.link])
        .await;
    assert_eq!(
        appended,
        daymark_wire::sync::AppendOutcome::Appended,
        "the relay takes it"
    );
    scene.owner().sync().await;
    scene.supporter().sync().await;
    let (said, left) = (scene.who_sees().await.len(), scene.received().await);
    assert!(
        said == left.len(),
        "who sees it: {said}; the supporter has {left:?}"
    );
}

#[tokio::test]
async fn j5_a_copy_that_ends_on_no_day_of_the_calendar_can_be_listed() {
    let scene = Scene::set().await;
    scene.shared("quxhonest").await;
    let share = daymark_client::sharing::ShareId::from_bytes([7; 16]);
    let entry = scene.owner().write("quxforever").await;
    let content = scene.preview(entry).await.content;
    let copy = SharedCopy {
        share,
        number: CopyNumber::FIRST,
        content,
    };
    let copy = Version::SharedCopy(copy).to_bytes();
    let document = DocumentId::from_bytes([7; 16]);
    let mut owner = scene.hostile_owner().await;
    let record = owner.seal(document, &copy, ExpiryDay(u32::MAX));
    let brought = owner.bring(scene.relay.address(), vec![record]).await;
    assert_eq!(brought, PushOutcome::Accepted, "an honest relay takes it");
    scene.supporter().sync().await;
    let vault = scene.supporter().vault.clone();
    let listed = tokio::spawn(async move { vault.shared().await.map(|all| all.len()) }).await;
    assert!(
        listed.is_ok(),
        "listing what was shared panicked: {listed:?}"
    );
}

#[tokio::test]
async fn k18_a_supporters_long_account_log_stops_neither_the_owners_journal_nor_their_other_bonds()
{
    let scene = Scene::set().await;
    let hostile = scene.hostile().await;
    let journal = StolenDevice::of(&scene.supporter().vault).await;
    let (links, epoch) = long_log(
        hostile.side(),
        (&hostile.hand.device, &hostile.hand.random),
        journal.logs(),
        4_200,
    );
    let owner = scene.owner().vault.device();
    scene.relay.alter(move |asked, reply| {
        if asked.device == owner {
            reply.links.extend(links.iter().cloned());
            reply.links.push(epoch.clone());
        }
    });
    let first = scene.owner().vault.sync(&|_| ()).await;
    scene.relay.behave();
    scene.owner().write("a quiet day").await;
    let second = scene.owner().vault.sync(&|_| ()).await;
    let listed = scene.owner().vault.supporters().await;
    let ended = scene.owner().vault.end_bond(scene.bond()).await;
    let status = scene.owner().vault.status().await;
    assert!(
        second.is_ok() && listed.is_ok() && ended.is_ok(),
        "first sync {:?}; next sync {:?}; list {:?}; end {:?}; status {:?}",
        first.map(|_| ()),
        second.map(|_| ()),
        listed.map(|_| ()),
        ended,
        status.map(|_| ())
    );
}

#[tokio::test]
async fn h2_a_supporters_long_account_log_keeps_no_new_device_out_at_an_honest_relay() {
    let scene = Scene::set().await;
    // Both: whichever bond is shown first.
    for (supporter, bond) in scene.circle.supporters.iter().zip(scene.circle.bonds) {
        let hostile = HostileSupporter::of(&supporter.vault, bond).await;
        let journal = StolenDevice::of(&supporter.vault).await;
        let with = (&*hostile.hand.device, &*hostile.hand.random);
        let (links, _) = long_log(hostile.side(), with, journal.logs(), 256);
        let appended = hostile.append(scene.relay.address(), links).await;
        assert_eq!(appended, daymark_wire::sync::AppendOutcome::Appended);
    }
    scene.owner().sync().await;
    let (vault, folder) = (&scene.owner().vault, scene.relay.vault_folder("second"));
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let trusted = vault.pair(show, async |_| true);
    let newcomer = async {
        let link = link.await.unwrap();
        let passphrase = daymark_tests::world::PASSPHRASE;
        daymark_client::pairing::join(&folder, passphrase, &link, "second", |_| ()).await
    };
    let (paired, joined) = tokio::join!(trusted, newcomer);
    assert!(joined.is_ok(), "{paired:?} {:?}", joined.map(|_| ()));
}

#[tokio::test]
async fn h2_a_new_device_of_an_account_whose_log_is_longer_than_a_reply_is_let_in() {
    let (scene, second) = Scene::with_owners_phone().await;
    let owner = scene.owner();
    let hand = HostileSupporter::of(&second.vault, scene.bond()).await;
    let journal = StolenDevice::of(&second.vault).await;
    let with = (&*hand.hand.device, &*hand.hand.random);
    let (links, _) = long_log(hand.side(), with, journal.logs(), 256);
    let appended = hand.append(scene.relay.address(), links).await;
    assert_eq!(appended, daymark_wire::sync::AppendOutcome::Appended);
    owner.sync().await;
    let folder = scene.relay.vault_folder("third");
    let third = owner.pair(&folder, "third").await;
    assert_eq!(third.sync().await.faults, [].into());
}

/// Shows one side a link, and says that it takes whatever that side brings of bonds.
struct TakesAll {
    to: daymark_wire::DeviceId,
    link: TravelLink,
}

impl Script for TakesAll {
    fn sync(&mut self, asked: &Asked, mut reply: daymark_wire::sync::SyncReply) -> Answer {
        if asked.device == self.to {
            reply.links.push(self.link.clone());
            if !asked.request.append.is_empty() {
                reply.append = daymark_wire::sync::AppendOutcome::Appended;
                reply.links.clear();
            }
            for (asked, answer) in asked.request.spaces.iter().zip(&mut reply.spaces) {
                if !asked.push.is_empty() {
                    answer.push = PushOutcome::Accepted;
                }
            }
            reply.behind.clear();
        }
        Answer::reply(reply)
    }
}

#[tokio::test]
async fn b2_what_is_sensitive_waits_where_its_receiver_is_verified_no_more() {
    let scene = Scene::set().await;
    let (owner, bond) = (&scene.owner().vault, scene.bond());
    let number = owner.number(bond).await.unwrap();
    owner.verify(bond, &number).await.unwrap();
    let mut entry = daymark_tests::world::note("quxsensitive");
    entry.sensitive = true;
    let entry = owner.write(&entry, None).await.unwrap();
    scene.share(entry).await;
    // Before it leaves, the supporter's account has another key.
    let hand = StolenDevice::of(&scene.supporter().vault).await;
    let account = hand.logs().account();
    let key = daymark_core::keys::WrappingKey::generate(&hand.random).unwrap();
    let content = AccountContent::AccountKey { key: key.public() };
    let link = next(account, &hand.device, content);
    let link = link.to_travel(None);
    let to = owner.device();
    scene.relay.play(TakesAll { to, link });
    let said = owner.sync(&|_| ()).await;
    let one = owner.supporters().await.unwrap();
    let one = one.iter().find(|one| one.bond == bond).unwrap();
    assert!(!one.verified, "another key");
    let exchanges = scene.relay.exchanges_of(owner.device());
    let spaces = exchanges.iter().flat_map(|one| &one.asked.request.spaces);
    let pushed = spaces.filter(|space| space.space == bond);
    let versions = pushed.flat_map(|space| &space.push);
    let versions = versions.filter(|record| record.claimed().kind == RecordKind::Version);
    assert_eq!(versions.count(), 0, "{said:?}");
}
