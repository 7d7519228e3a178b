//! I3, L3, L11: a supporter who appends, or brings a record, whenever the owner does keeps them from nothing.

use super::*;
use crate::supporter::hands::{add_device, by_root};
use daymark_client::{connection::RelayAddress, sharing::ShareId};
use daymark_core::{
    keys::{DeviceKey, RecoveryPhrase},
    sharing::{Reply, Version},
};
use daymark_relay::Clock;
use daymark_tests::hostile::{Answer, Asked, Script};
use daymark_wire::{
    DeviceId, DocumentId, Record,
    logs::{BondContent, BondLink, LogKind, TravelLink},
    sync::{AppendOutcome, PushOutcome, SyncRequest},
};
use std::sync::Arc;

/// What a supporter does whenever the owner brings such a link, before the relay hears of that.
trait Racer: Send + 'static {
    async fn goes(&mut self);
}

struct ComesFirst<R> {
    racer: R,
    owner: DeviceId,
    before: fn(&TravelLink) -> bool,
}

impl<R: Racer> Script for ComesFirst<R> {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        if asked.device == self.owner && asked.request.append.iter().any(self.before) {
            let here = tokio::runtime::Handle::current();
            tokio::task::block_in_place(|| here.block_on(self.racer.goes()));
        }
        None
    }
}

fn comes_first(scene: &Scene, before: fn(&TravelLink) -> bool, racer: impl Racer) {
    scene.relay.play(ComesFirst {
        racer,
        owner: scene.owner().vault.device(),
        before,
    });
}

fn is_of_bond(link: &TravelLink) -> bool {
    link.kind == LogKind::Bond
}

/// What a link says of a bond, if it does.
fn said_of_bond(link: &TravelLink) -> Option<BondContent> {
    let link: BondLink = link.open().ok()?;
    Some(link.claimed().content.clone())
}

/// The relay itself, past whoever plays with it.
fn straight_to(scene: &Scene) -> RelayAddress {
    let url = format!("http://{}", scene.relay.relay().address());
    RelayAddress {
        url: RelayAddress::parse_url(&url).unwrap(),
        key: scene.relay.key(),
    }
}

/// Two devices of the supporter's: one signs links, the other brings them, so that nobody counts them.
struct Racing {
    signs: HostileSupporter,
    brings: HostileSupporter,
    relay: RelayAddress,
}

impl Racing {
    async fn set(scene: &Scene) -> Self {
        let mut signs = scene.hostile().await;
        let mut brings = scene.hostile().await;
        let second = DeviceKey::generate(&signs.hand.random).unwrap();
        let add = add_device(signs.side().own.state(), &signs.hand.device, &second);
        let add = add.to_travel(None);
        let appended = signs.append(scene.relay.address(), vec![add.clone()]).await;
        assert_eq!(appended, AppendOutcome::Appended);
        for hand in [&mut signs, &mut brings] {
            hand.goes_on(std::slice::from_ref(&add));
        }
        brings.hand.device = Arc::new(second);
        Self {
            signs,
            brings,
            relay: straight_to(scene),
        }
    }
}

impl Racer for Racing {
    /// One more epoch of the bond, where the relay takes it.
    async fn goes(&mut self) {
        self.signs.catch_up(self.relay.clone()).await;
        let link = self.signs.epoch(Vec::new()).link;
        let request = SyncRequest {
            append: vec![link.clone()],
            ..self.brings.hand.push(Vec::new())
        };
        let reply = self.brings.ask(self.relay.clone(), &request).await;
        let appended = reply.expect("an answer").append;
        if appended != AppendOutcome::Appended {
            return;
        }
        for hand in [&mut self.signs, &mut self.brings] {
            let taken = hand.hand.replica.logs.take(std::slice::from_ref(&link));
            assert_eq!(taken.fault, None);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l3_a_supporter_who_always_appends_first_keeps_nobody_from_ending_the_bond() {
    let scene = Scene::set().await;
    scene.shared("a day like others").await;
    let racing = Racing::set(&scene).await;
    scene.in_step().await;
    comes_first(&scene, is_of_bond, racing);
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    for _ in 0..4 {
        scene.owner().vault.sync(&|_| ()).await.unwrap();
    }
    let kept = scene.relay.database().await.links().await;
    let ends = |link: &&TravelLink| matches!(said_of_bond(link), Some(BondContent::End { .. }));
    let epochs = kept.iter().filter(|link| is_of_bond(link)).count();
    assert_eq!(
        kept.iter().filter(ends).count(),
        1,
        "after {epochs} links of bonds within seconds"
    );
}

/// Brings one more reply each time, so that no epoch of the owner's knows all.
struct Bringing {
    hand: HostileSupporter,
    relay: RelayAddress,
    share: ShareId,
    /// Sealed, and not taken yet.
    unsent: Vec<Record>,
    said: u8,
}

impl Bringing {
    async fn set(scene: &Scene, share: ShareId) -> Self {
        Self {
            hand: scene.hostile().await,
            relay: straight_to(scene),
            share,
            unsent: Vec::new(),
            said: 0,
        }
    }
}

impl Racer for Bringing {
    async fn goes(&mut self) {
        self.said += 1;
        let reply = Version::Reply(Reply::new(self.share, "and another").unwrap());
        let document = DocumentId::from_bytes([self.said; 16]);
        self.unsent.push(self.hand.say(document, &reply));
        let records = self.unsent.clone();
        if self.hand.bring(self.relay.clone(), records).await == PushOutcome::Accepted {
            self.unsent.clear();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l3_a_supporter_who_always_brings_a_record_first_keeps_nobody_from_taking_back() {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("a day like others").await;
    let bringing = Bringing::set(&scene, share).await;
    comes_first(&scene, is_of_bond, bringing);
    scene.owner().vault.unshare(entry, None).await.unwrap();
    let report = scene.owner().vault.sync(&|_| ()).await.unwrap();
    assert_eq!(report.faults, [].into());
    let kept = scene.relay.database().await.links().await;
    let forgets = |link: &&TravelLink| match said_of_bond(link) {
        Some(BondContent::Epoch(epoch)) => !epoch.forgets.is_empty(),
        _ => false,
    };
    assert_eq!(kept.iter().filter(forgets).count(), 1);
    // Their turn is over, and each side goes on.
    scene.heals().await;
}

#[tokio::test]
async fn l3_what_came_in_the_other_sides_turn_waits_and_goes_after_it() {
    let time = Clock::standing_at(Clock::system().now());
    let scene = Scene::set_at(time.clone()).await;
    let (_, share) = scene.shared("a day like others").await;
    let owner = scene.hostile_owner().await;
    let supporter = scene.supporter();
    let reply = |text: &'static str| supporter.vault.reply(share, text);
    reply("at once").await.unwrap();
    supporter.sync().await;
    // An epoch of the owner's that does not know of it.
    let epoch = owner.epoch(Vec::new()).link;
    let appended = owner.append(scene.relay.address(), vec![epoch]).await;
    assert_eq!(appended, AppendOutcome::NotNext);
    reply("a moment later").await.unwrap();
    let report = supporter.sync().await;
    assert_eq!(report.held_up, [scene.bond()].into());
    assert_eq!(report.faults, [].into());
    assert_eq!(supporter.vault.unsent().await.unwrap(), 1);
    time.set(time.now() + 10);
    let report = supporter.sync().await;
    assert_eq!(report.held_up, [].into());
    assert_eq!(supporter.vault.unsent().await.unwrap(), 0);
    scene.owner().sync().await;
    assert_eq!(scene.owner().vault.replies().await.unwrap().len(), 2);
}

/// A supporter whose root says something each time.
struct Rooting {
    hostile: HostileSupporter,
    phrase: RecoveryPhrase,
    relay: RelayAddress,
}

impl Racer for Rooting {
    async fn goes(&mut self) {
        let links = by_root(self.hostile.side().own.state(), &self.phrase, 1);
        let appended = self.hostile.append(self.relay.clone(), links.clone());
        assert_eq!(appended.await, AppendOutcome::Appended);
        self.hostile.goes_on(&links);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn j3_a_supporter_whose_root_speaks_each_time_keeps_nobody_from_unsharing() {
    let scene = Scene::set().await;
    let (entry, _) = scene.shared("a day like others").await;
    let begins_an_epoch =
        |link: &TravelLink| matches!(said_of_bond(link), Some(BondContent::Epoch(_)));
    let rooting = Rooting {
        hostile: scene.hostile().await,
        phrase: scene.supporter().phrase.clone().unwrap(),
        relay: straight_to(&scene),
    };
    comes_first(&scene, begins_an_epoch, rooting);
    scene.owner().vault.unshare(entry, None).await.unwrap();
    for _ in 0..4 {
        scene.owner().vault.sync(&|_| ()).await.unwrap();
    }
    let kept = scene.relay.database().await.links().await;
    let said = kept.iter().filter(|link| link.kind == LogKind::Account);
    let copies = scene.copies_at_the_relay(&scene.hostile().await).await;
    assert_eq!(
        copies,
        [],
        "copies left at the relay after unsharing; {} links of accounts within seconds",
        said.count()
    );
}
