//! I3, L11: a supporter who appends, or brings a record, whenever the owner appends keeps them from nothing.

use super::super::Scene;
use daymark_client::connection::RelayAddress;
use daymark_core::{
    keys::DeviceKey,
    sharing::{Reply, ShareId, Version},
};
use daymark_relay::Clock;
use daymark_tests::hostile::{Answer, Asked, HostileRelay, HostileSupporter, Script};
use daymark_wire::{
    DeviceId, DocumentId, Hash, LogId, Nonce, Record, Signed, Suite,
    logs::{
        AccountContent, AccountLink, Author, BondContent, BondLink, LinkBody, LogKind, NewDevice,
        NewDeviceStatement, TravelLink,
    },
    sync::{AppendOutcome, PushOutcome, SyncRequest},
};
use std::sync::Arc;

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
    owner: DeviceId,
}

impl Racing {
    async fn set(scene: &Scene) -> Self {
        let mut signs = scene.hostile().await;
        let mut brings = scene.hostile().await;
        let second = DeviceKey::generate(&signs.hand.random).unwrap();
        let own = signs.side().own.state().clone();
        let statement = NewDeviceStatement {
            signing: second.verifying_key(),
            wrapping: Hash::from_bytes([1; 32]),
            account: own.id(),
            nonce: Nonce::from_bytes([1; 16]),
        };
        let add: AccountLink = Signed::sign(
            LinkBody {
                suite: Suite::One,
                log: LogId::from(own.id()),
                position: own.length() + 1,
                previous: own.last(),
                author: Author::Device(signs.hand.device.id()),
                rests_on: Vec::new(),
                content: AccountContent::Add {
                    device: NewDevice::sign(statement, second.signing()),
                },
            },
            signs.hand.device.signing(),
        );
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
            owner: scene.owner().vault.device(),
        }
    }

    /// One more epoch of the bond, where the relay takes it.
    async fn append(&mut self) {
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

impl Script for Racing {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let of_bond = |link: &TravelLink| link.kind == LogKind::Bond;
        if asked.device == self.owner && asked.request.append.iter().any(of_bond) {
            let here = tokio::runtime::Handle::current();
            tokio::task::block_in_place(|| here.block_on(self.append()));
        }
        None
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l3_a_supporter_who_always_appends_first_keeps_nobody_from_ending_the_bond() {
    let scene = Scene::set().await;
    scene.shared("a day like others").await;
    let racing = Racing::set(&scene).await;
    scene.in_step().await;
    scene.relay.play(racing);
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    for _ in 0..4 {
        scene.owner().vault.sync(&|_| ()).await.unwrap();
    }
    let kept = scene.relay.database().await.links().await;
    let ends = |link: &&TravelLink| {
        let link: Result<BondLink, _> = link.open();
        link.is_ok_and(|link| matches!(link.claimed().content, BondContent::End { .. }))
    };
    let epochs = kept
        .iter()
        .filter(|link| link.kind == LogKind::Bond)
        .count();
    assert_eq!(
        kept.iter().filter(ends).count(),
        1,
        "after {epochs} links of bonds within seconds"
    );
}

/// Brings one more reply whenever the owner brings a link of the bond, so that no epoch of theirs knows all.
struct Bringing {
    hand: HostileSupporter,
    relay: RelayAddress,
    owner: DeviceId,
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
            owner: scene.owner().vault.device(),
            share,
            unsent: Vec::new(),
            said: 0,
        }
    }

    async fn bring(&mut self) {
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

impl Script for Bringing {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let of_bond = |link: &TravelLink| link.kind == LogKind::Bond;
        if asked.device == self.owner && asked.request.append.iter().any(of_bond) {
            let here = tokio::runtime::Handle::current();
            tokio::task::block_in_place(|| here.block_on(self.bring()));
        }
        None
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l3_a_supporter_who_always_brings_a_record_first_keeps_nobody_from_taking_back() {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("a day like others").await;
    scene.relay.play(Bringing::set(&scene, share).await);
    scene.owner().vault.unshare(entry, None).await.unwrap();
    let report = scene.owner().vault.sync(&|_| ()).await.unwrap();
    assert_eq!(report.faults, [].into());
    let kept = scene.relay.database().await.links().await;
    let forgets = |link: &&TravelLink| {
        let link: Result<BondLink, _> = link.open();
        link.is_ok_and(|link| match &link.claimed().content {
            BondContent::Epoch(epoch) => !epoch.forgets.is_empty(),
            _ => false,
        })
    };
    assert_eq!(kept.iter().filter(forgets).count(), 1);
    // Their turn is over, and each side goes on.
    scene.heals().await;
}

#[tokio::test]
async fn l3_what_came_in_the_other_sides_turn_waits_and_goes_after_it() {
    let time = Clock::standing_at(Clock::system().now());
    let (relay, circle) = HostileRelay::with_circle_at(time.clone()).await;
    let scene = Scene { relay, circle };
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
