//! J3, L1: what was taken back, or whose bond was ended, before it left.

use super::*;
use daymark_client::sync::SyncError;
use daymark_tests::hostile::{Answer, Asked, Script};
use daymark_wire::{
    DeviceId, Generation,
    logs::LogKind,
    sync::{AppendOutcome, KnownLength, SpaceReply, SyncReply},
};

/// Says to each link of a bond that one device brings that somebody was first, and shows nothing.
struct SomebodyWasFirst {
    asks: DeviceId,
    generation: Generation,
}

impl SomebodyWasFirst {
    /// For the owner's links, with the generation that the relay named before.
    fn of(scene: &Scene) -> Self {
        let asks = scene.owner().vault.device();
        let exchanges = scene.relay.exchanges_of(asks);
        let replies = exchanges.iter().rev();
        let mut replies = replies.map(|one| SyncReply::from_bytes(&one.body));
        Self {
            asks,
            generation: replies.find_map(Result::ok).unwrap().generation,
        }
    }
}

impl Script for SomebodyWasFirst {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let mut links = asked.request.append.iter();
        let says = asked.device == self.asks && links.any(|link| link.kind == LogKind::Bond);
        let spaces = asked.request.spaces.iter();
        says.then(|| {
            Answer::reply(SyncReply {
                generation: self.generation,
                append: AppendOutcome::NotNext,
                links: Vec::new(),
                behind: Vec::new(),
                spaces: spaces.map(|space| SpaceReply::empty(space.space)).collect(),
            })
        })
    }
}

#[tokio::test]
async fn j3_what_was_taken_back_before_it_left_does_not_leave_where_no_link_is_taken() {
    let scene = Scene::set().await;
    scene.in_step().await;
    let entry = scene.owner().write("quxtakenback").await;
    scene.sealed_only(entry, &HowToShare::default()).await;
    scene.owner().vault.unshare(entry, None).await.unwrap();
    scene.relay.play(SomebodyWasFirst::of(&scene));
    scene.owner().vault.sync(&|_| ()).await.unwrap();
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}

#[tokio::test]
async fn j3_what_waited_at_the_end_does_not_leave_where_the_end_is_not_taken() {
    let scene = Scene::set().await;
    scene.in_step().await;
    let entry = scene.owner().write("quxtakenback").await;
    scene.sealed_only(entry, &HowToShare::default()).await;
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    scene.relay.play(SomebodyWasFirst::of(&scene));
    let synced = scene.owner().vault.sync(&|_| ()).await;
    assert!(matches!(synced, Err(SyncError::NotTaken)), "{synced:?}");
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}

#[tokio::test]
async fn j3_what_was_taken_back_before_it_left_never_leaves_whatever_a_relay_refuses() {
    let scene = Scene::set().await;
    let entry = scene.owner().write("quxtakenback").await;
    let document = scene.sealed_only(entry, &HowToShare::default()).await;
    scene.owner().vault.unshare(entry, None).await.unwrap();
    assert_eq!(scene.who_sees().await, []);
    let from = asked_so_far(&scene, scene.owner());
    // The relay takes no link of a bond, and so no forgetting.
    scene.relay.play(TakesNoLinks::new());
    scene.owner().sync().await;
    assert_eq!(
        bodies_brought_of(document, &scene, scene.owner(), from),
        0,
        "it left after it was taken back"
    );
}

#[tokio::test]
async fn j3_nothing_leaves_after_an_end_was_asked_for_whatever_a_relay_refuses() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let entry = scene.owner().write("quxended").await;
    let document = scene.sealed_only(entry, &HowToShare::default()).await;
    scene.owner().vault.end_bond(bond).await.unwrap();
    let from = asked_so_far(&scene, scene.owner());
    scene.relay.play(TakesNoLinks::new());
    scene.owner().sync().await;
    assert_eq!(bodies_brought_of(document, &scene, scene.owner(), from), 0);
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}

#[tokio::test]
async fn j3_what_arrived_while_its_answer_was_lost_is_taken_back_by_the_next_sync() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let entry = scene.owner().write("quxarrived").await;
    scene.share(entry).await;
    scene.relay.play(LosesAnswers { bond });
    scene.owner().vault.sync(&|_| ()).await.unwrap_err();
    let document = newest_version(scene.owner(), bond).await;
    scene.owner().vault.unshare(entry, None).await.unwrap();
    scene.relay.behave();
    scene.in_step().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
    let kept = Hoard::of_relay(&scene.relay).await.of_space(bond);
    let mut kept = kept
        .records()
        .filter(|record| record.claimed().document == document);
    assert!(kept.all(|record| record.body().is_none()));
}

#[tokio::test]
async fn l1_while_a_relay_lacks_a_bonds_log_nothing_of_it_is_sent() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    scene.relay.alter(move |_, reply| {
        reply.behind.push(KnownLength {
            log: bond.into(),
            length: 1,
        });
    });
    let entry = scene.owner().write("waits").await;
    scene.share(entry).await;
    let from = asked_so_far(&scene, scene.owner());
    let _ = scene.owner().vault.sync(&|_| ()).await;
    assert_eq!(brought(&scene, scene.owner(), from), []);
}
