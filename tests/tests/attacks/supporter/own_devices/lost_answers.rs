//! What is taken back, or given a last day, while its writer does not know whether a relay has it.

use super::super::{
    LosesAnswers, LosesPushes, Scene, TakesNoLinks, names, scripts::brings_records,
};
use daymark_client::{
    sharing::{HowToShare, Parts, ReceivedReply, SharedText},
    vault::Vault,
};
use daymark_core::journal::Day;
use daymark_tests::{
    hostile::{Answer, Asked, Script},
    world::{Circle, SetClock},
};
use daymark_wire::{
    SpaceId,
    sync::{PushOutcome, SyncReply},
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use std::sync::Arc;

/// What the owner has of replies.
async fn replies(scene: &Scene) -> Vec<String> {
    let replies = scene.owner().vault.replies().await.unwrap();
    let text = |reply: &ReceivedReply| SharedText::as_str(&reply.text).to_owned();
    replies.iter().map(text).collect()
}

/// HONEST RELAY. A reply was sealed, and the request that carries it did not arrive. It is taken back.
#[tokio::test]
async fn r7_a_reply_that_was_taken_back_before_it_left_holds_up_no_later_one() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let (_, share) = scene.shared("quxshared").await;
    let supporter = scene.supporter();
    supporter.vault.reply(share, "quxhasty").await.unwrap();
    scene.relay.play(LosesPushes { bond });
    supporter.vault.sync(&|_| ()).await.unwrap_err();
    scene.relay.behave();
    let own = supporter.vault.own_replies().await.unwrap();
    supporter.vault.take_back_reply(own[0].id).await.unwrap();
    supporter.vault.reply(share, "what I meant").await.unwrap();
    let mut said = Vec::new();
    for _ in 0..3 {
        let synced = supporter.vault.sync(&|_| ()).await;
        said.push(synced.map(|report| names(&report)));
        scene.owner().sync().await;
    }
    let waiting = supporter.vault.unsent().await.unwrap();
    assert_eq!(
        replies(&scene).await,
        ["what I meant"],
        "{waiting} wait here for good; each sync says: {said:?}"
    );
}

/// The same, and the relay never takes the epoch that forgets it: nothing explains to it why the body is gone.
#[tokio::test]
async fn r7_a_reply_that_no_epoch_forgets_holds_up_no_later_one() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let (_, share) = scene.shared("quxshared").await;
    let vault = &scene.supporter().vault;
    let reply = vault.reply(share, "quxhasty").await.unwrap();
    scene.relay.play(LosesPushes { bond });
    vault.sync(&|_| ()).await.unwrap_err();
    scene.relay.play(TakesNoLinks::new());
    vault.take_back_reply(reply).await.unwrap();
    vault.reply(share, "what I meant").await.unwrap();
    let report = vault.sync(&|_| ()).await.unwrap();
    assert_eq!(names(&report), ["not-taken"]);
    scene.owner().sync().await;
    assert_eq!(replies(&scene).await, ["what I meant"]);
}

/// HONEST RELAY. It has the reply, and its answer was lost. The reply is taken back.
#[tokio::test]
async fn j3_a_reply_whose_receipt_was_lost_can_be_taken_back() {
    let scene = Scene::set().await;
    let (_, share) = scene.shared("quxshared").await;
    let supporter = scene.supporter();
    supporter.vault.reply(share, "quxhasty").await.unwrap();
    let bond = scene.bond();
    scene.relay.play(LosesAnswers { bond });
    supporter.vault.sync(&|_| ()).await.unwrap_err();
    scene.relay.behave();
    let own = supporter.vault.own_replies().await.unwrap();
    let never_left = supporter.vault.take_back_reply(own[0].id).await.unwrap();
    for _ in 0..3 {
        supporter.sync().await;
        scene.owner().sync().await;
    }
    let listed = supporter.vault.own_replies().await.unwrap().len();
    assert_eq!(
        replies(&scene).await,
        Vec::<String>::new(),
        "said to have never left: {never_left}; {listed} listed with its writer"
    );
}

/// A phone took a reply back; its journal went, and the relay took no epoch of it. The phone is lost.
#[tokio::test]
async fn j3_a_reply_that_was_taken_back_on_a_lost_phone_is_taken_back() {
    let scene = Scene::set().await;
    let (_, share) = scene.shared("quxshared").await;
    let supporter = scene.supporter();
    let folder = scene.relay.vault_folder("a phone");
    let phone = supporter.pair(&folder, "a phone").await;
    let reply = supporter.vault.reply(share, "quxhasty").await.unwrap();
    for device in [supporter, &phone, supporter, scene.owner()] {
        device.sync().await;
    }
    assert_eq!(replies(&scene).await, ["quxhasty"]);
    scene.relay.play(TakesNoLinks::new());
    phone.vault.take_back_reply(reply).await.unwrap();
    let _ = phone.vault.sync(&|_| ()).await;
    scene.relay.behave();
    phone.vault.close().await;
    for device in [supporter, scene.owner()] {
        device.sync().await;
    }
    assert_eq!(supporter.vault.own_replies().await.unwrap(), []);
    assert_eq!(replies(&scene).await, Vec::<String>::new());
}

/// HONEST RELAY. What was given a last day while the first copy's receipt was lost.
#[tokio::test]
async fn j3_a_last_day_ends_a_copy_whose_receipt_was_lost() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let entry = scene.owner().write("quxshared").await;
    scene.share(entry).await;
    scene.relay.play(LosesAnswers { bond });
    scene.owner().vault.sync(&|_| ()).await.unwrap_err();
    scene.relay.behave();
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, ["quxshared"]);
    // With no network: until tomorrow. The network is back in four days.
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
    for _ in 0..3 {
        vault.sync(&|_| ()).await.unwrap();
        scene.supporter().sync().await;
    }
    let who = vault.who_has(None).await.unwrap().len();
    assert_eq!(
        scene.received().await,
        Vec::<String>::new(),
        "three days after the last one, and for good; the owner reads that {who} have it"
    );
}

/// Says of each record of a bond that it may come in a minute.
struct NeverNow {
    bond: SpaceId,
    last: Option<SyncReply>,
}

impl Script for NeverNow {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        if !brings_records(asked, self.bond) {
            return None;
        }
        let mut reply = self
            .last
            .clone()
            .expect("it asked before it brought anything");
        reply.links.clear();
        for space in &mut reply.spaces {
            space.records.clear();
            if space.space == self.bond {
                space.push = PushOutcome::NotNow;
            }
        }
        Some(Answer::reply(reply))
    }

    fn sync(&mut self, _asked: &Asked, reply: SyncReply) -> Answer {
        self.last = Some(reply.clone());
        Answer::reply(reply)
    }
}

/// The other side's turn lasts for ten seconds.
#[tokio::test]
async fn k9_what_was_shared_and_may_come_in_a_minute_for_a_month_is_named() {
    let Scene { relay, circle } = Scene::set().await;
    let bond = circle.bonds[0];
    let clock = SetClock::default();
    let (key, folder) = (
        circle.owner.vault.key(),
        circle.owner.vault.folder().to_owned(),
    );
    circle.owner.vault.close().await;
    let locked = Vault::open(&folder).await.unwrap();
    let locked = locked.with_clock(Arc::new(clock.clone()));
    let vault = locked.unlock_with_key(key).await.unwrap();
    let owner = daymark_tests::world::Device {
        vault,
        ..circle.owner
    };
    let scene = Scene {
        relay,
        circle: Circle { owner, ..circle },
    };
    let entry = scene.owner().write("quxshared").await;
    scene.share(entry).await;
    scene.relay.play(NeverNow { bond, last: None });
    let mut named = Vec::new();
    for days in [0, 1, 30] {
        clock.put_ahead(days);
        let said = scene.owner().vault.sync(&|_| ()).await;
        named.push(said.map_or_else(
            |error| vec![error.to_string()],
            |report| names(&report).into_iter().map(str::to_owned).collect(),
        ));
    }
    scene.supporter().sync().await;
    assert!(scene.received().await.is_empty());
    assert!(
        !named[2].is_empty(),
        "for a month it was to be brought in a minute: {named:?}"
    );
}

/// A phone shared something; its journal went, and the copy may come in a minute. The phone is lost.
#[tokio::test]
async fn k9_a_copy_that_stayed_on_a_lost_phone_is_not_said_to_be_with_its_supporter() {
    let scene = Scene::set().await;
    let (owner, bond) = (scene.owner(), scene.bond());
    let folder = scene.relay.vault_folder("a phone");
    let phone = owner.pair(&folder, "a phone").await;
    let entry = owner.write("quxshared").await;
    for device in [owner, &phone, owner, &phone] {
        device.sync().await;
    }
    let preview = phone.vault.preview(entry, &Parts::default(), &[bond]).await;
    let how = super::super::kept_up_to_date();
    phone.vault.share(&preview.unwrap(), &how).await.unwrap();
    scene.relay.play(NeverNow { bond, last: None });
    let _ = phone.vault.sync(&|_| ()).await;
    scene.relay.behave();
    // It never comes back.
    phone.vault.close().await;
    for _ in 0..2 {
        owner.sync().await;
        scene.supporter().sync().await;
    }
    let told = scene.who_sees().await;
    assert_eq!(told.len(), 1, "the journal says that it was shared");
    let again = owner.vault.share_again(told[0].share).await;
    for _ in 0..2 {
        owner.sync().await;
        scene.supporter().sync().await;
    }
    let received = scene.received().await;
    assert!(
        received == ["quxshared"] || told[0].waiting || told[0].differs == Some(true),
        "the supporter has {received:?}; shared again: {again:?}; the owner reads: {told:?}"
    );
    assert!(told[0].elsewhere && again.unwrap());
    assert_eq!(received, ["quxshared"], "sent from this device");
    assert!(!scene.who_sees().await[0].waiting);
}
