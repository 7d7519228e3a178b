//! What a relay does not take, in words that sound as if it soon would.

use super::super::Scene;
use super::super::alone::{brings_bond, side_of};
use daymark_client::{sharing::Standing, sync::SyncReport, vault::Vault};
use daymark_tests::{
    hostile::{Answer, Asked, Script},
    world::SetClock,
};
use daymark_wire::{
    Generation,
    sync::{AppendOutcome, KnownLength, SyncReply},
};
use std::sync::{Arc, Mutex};

/// Says of each link of a bond that it may come in a minute.
#[derive(Default)]
struct NeverNow {
    last: Arc<Mutex<Option<SyncReply>>>,
}

impl Script for NeverNow {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        if !brings_bond(asked) {
            return None;
        }
        let last = self.last.lock().unwrap().clone();
        let mut reply = last.expect("it asked before it brought anything");
        reply.append = AppendOutcome::NotNow;
        reply.links.clear();
        for space in &mut reply.spaces {
            space.records.clear();
        }
        Some(Answer::reply(reply))
    }

    fn sync(&mut self, _asked: &Asked, reply: SyncReply) -> Answer {
        *self.last.lock().unwrap() = Some(reply.clone());
        Answer::reply(reply)
    }
}

#[tokio::test]
async fn j3_an_end_that_may_come_in_a_minute_for_a_month_is_named_as_not_taken() {
    let Scene { relay, circle } = Scene::set().await;
    let clock = SetClock::default();
    let (key, folder) = (
        circle.owner.vault.key(),
        circle.owner.vault.folder().to_owned(),
    );
    circle.owner.vault.close().await;
    let locked = Vault::open(&folder).await.unwrap();
    let locked = locked.with_clock(Arc::new(clock.clone()));
    let vault = locked.unlock_with_key(key).await.unwrap();
    vault.end_bond(circle.bonds[0]).await.unwrap();
    relay.play(NeverNow::default());
    let mut named = Vec::new();
    for days in [0, 1, 30] {
        clock.put_ahead(days);
        let said = vault.sync(&|_| ()).await;
        named.push(said.map_or(true, |report| !report.faults.is_empty()));
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
    let is_named = |said: &Result<SyncReport, _>| {
        let said = said.as_ref();
        said.map_or(true, |report: &SyncReport| !report.faults.is_empty())
    };
    let mut named = Vec::new();
    for _ in 0..3 {
        named.push(is_named(&scene.owner().vault.sync(&|_| ()).await));
    }
    scene.supporter().sync().await;
    let there = side_of(scene.supporter(), bond).await.unwrap().standing;
    assert_eq!(there, Standing::Active, "it was not brought");
    assert!(named[2], "the supporter has all of it: {named:?}");
}
