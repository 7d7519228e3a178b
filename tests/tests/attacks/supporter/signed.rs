//! L13: a relay swallows a bond's link, waits until the program was started again, and has another one signed for the
//! same place: two histories of the bond, each rightly signed, one for either side.

use super::{Scene, names};
use daymark_client::sharing::Standing;
use daymark_tests::{
    hostile::{Answer, Asked, Script},
    world::Circle,
};
use daymark_wire::{
    DeviceId,
    logs::{BondContent, BondLink, LogKind, Role, TravelLink},
    problem::Code,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

/// A relay that keeps every link of bonds that a device brings to itself, and says that it cannot do this now.
struct Swallows {
    by: DeviceId,
    kept: Arc<Mutex<Vec<TravelLink>>>,
}

impl Script for Swallows {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let brought = asked.request.append.iter();
        let of_bonds = brought.filter(|link| link.kind == LogKind::Bond);
        let mut kept = self.kept.lock().unwrap();
        let before = kept.len();
        kept.extend(of_bonds.cloned());
        let swallows = asked.device == self.by && kept.len() > before;
        swallows.then(|| Answer::problem(Code::Unavailable, "Try again later.", &[]))
    }
}

impl Scene {
    /// The owner's next sync brings a link that the relay swallows; then their program ends and begins again.
    async fn swallowed(self) -> (Self, TravelLink) {
        let kept = Arc::default();
        let by = self.owner().vault.device();
        let swallows = Swallows {
            by,
            kept: Arc::clone(&kept),
        };
        self.relay.play(swallows);
        let failed = Box::pin(self.owner().vault.sync(&|_| ())).await;
        assert_eq!(failed.unwrap_err().code(), "unavailable");
        self.relay.behave();
        let link = kept.lock().unwrap()[0].clone();
        let Self { relay, circle } = self;
        let owner = circle.owner.reopen().await;
        let circle = Circle { owner, ..circle };
        (Self { relay, circle }, link)
    }

    /// Of each place of the bond's log every link that the owner brought for it.
    fn signed_by_owner(&self) -> BTreeMap<u64, BTreeSet<Vec<u8>>> {
        let exchanges = self.relay.exchanges_of(self.owner().vault.device());
        let links = exchanges.iter().flat_map(|one| &one.asked.request.append);
        let mut signed: BTreeMap<u64, BTreeSet<Vec<u8>>> = BTreeMap::new();
        for link in links.filter(|link| link.kind == LogKind::Bond) {
            let opened: BondLink = link.open::<BondContent>().unwrap();
            if opened.log_id() == self.bond().into() {
                let place = signed.entry(opened.claimed().position).or_default();
                place.insert(link.bytes.clone());
            }
        }
        signed
    }

    /// The relay shows the supporter what it swallowed, beside what stands; gives what they then name, and how the
    /// bond stands for them.
    async fn shown_to_supporter(&self, swallowed: TravelLink) -> (Vec<&'static str>, Standing) {
        self.supporter().sync().await;
        let supporter = self.supporter().vault.device();
        self.relay.alter(move |asked, reply| {
            if asked.device == supporter {
                reply.links.push(swallowed.clone());
            }
        });
        let named = names(&self.supporter().sync().await);
        let bonds = self.supporter().vault.supporters().await.unwrap();
        (named, bonds[0].standing)
    }
}

#[tokio::test]
async fn l13_a_relay_that_swallows_a_bonds_link_has_no_second_one_signed_after_a_restart() {
    let scene = Scene::set().await;
    let (entry, _) = scene.shared("quxtakenback").await;
    scene.owner().vault.unshare(entry, None).await.unwrap();
    let (scene, swallowed) = scene.swallowed().await;
    assert_eq!(scene.names().await, Vec::<&str>::new());
    let signed = scene.signed_by_owner();
    assert!(
        signed.values().all(|links| links.len() == 1),
        "two for one place"
    );
    let (named, standing) = scene.shown_to_supporter(swallowed).await;
    assert_eq!((named, standing), (Vec::new(), Standing::Active));
    assert_eq!(scene.received().await, Vec::<String>::new());
    scene.heals().await;
}

#[tokio::test]
async fn l13_whoever_wants_something_else_after_a_restart_says_it_at_the_next_place() {
    let scene = Scene::set().await;
    let (entry, _) = scene.shared("quxtakenback").await;
    scene.owner().vault.unshare(entry, None).await.unwrap();
    let (scene, swallowed) = scene.swallowed().await;
    let owner = &scene.owner().vault;
    owner.end_bond(scene.bond()).await.unwrap();
    assert_eq!(scene.names().await, Vec::<&str>::new());
    let signed = scene.signed_by_owner();
    assert!(
        signed.values().all(|links| links.len() == 1),
        "two for one place"
    );
    let (named, standing) = scene.shown_to_supporter(swallowed).await;
    let ended = Standing::Ended { by: Role::Owner };
    assert_eq!((named, standing), (Vec::new(), ended));
}
