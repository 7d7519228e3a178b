//! I3, L11: a supporter who appends whenever the owner does keeps them from ending the bond.

use super::super::Scene;
use daymark_client::connection::RelayAddress;
use daymark_core::keys::DeviceKey;
use daymark_tests::hostile::{Answer, Asked, HostileSupporter, Script};
use daymark_wire::{
    DeviceId, Hash, LogId, Nonce, Signed, Suite,
    logs::{
        AccountContent, AccountLink, Author, BondContent, BondLink, LinkBody, LogKind, NewDevice,
        NewDeviceStatement, TravelLink,
    },
    sync::{AppendOutcome, SyncRequest},
};
use std::sync::Arc;

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
        let relay = RelayAddress {
            url: RelayAddress::parse_url(&format!("http://{}", scene.relay.relay().address()))
                .unwrap(),
            key: scene.relay.key(),
        };
        Self {
            signs,
            brings,
            relay,
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
