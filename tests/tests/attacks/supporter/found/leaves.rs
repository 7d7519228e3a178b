//! J3, K1: what was taken back, or deleted, before it ever left, and leaves all the same.

use super::super::{Scene, kept_up_to_date};
use daymark_client::sync::SyncError;
use daymark_core::{journal::Person, keys::RecoveryPhrase};
use daymark_tests::{
    hostile::{Answer, Asked, Hoard, HostileRelay, HostileSupporter, Script, SeenKeys},
    world::{Circle, Watching},
};
use daymark_wire::{
    DeviceId, Generation, LogId, Signed, SpaceId, Suite,
    logs::{AccountContent, AccountLink, Author, LinkBody, LogKind, TravelLink, new_root_message},
    problem::Code,
    signing::Context,
    sync::{AppendOutcome, SpaceReply, SyncReply},
};

#[tokio::test]
async fn k1_a_word_deleted_before_a_device_watches_never_leaves() {
    let scene = Scene::set().await;
    let entry = scene.owner().write("today quxtyped came by").await;
    scene.share_as(entry, &kept_up_to_date()).await;
    scene.owner().edit(entry, "today somebody came by").await;
    // As `daymark shared watch` does, in the place of `daymark sync`.
    let watching = Watching::connected(scene.owner()).await;
    watching.stop().await;
    scene.in_step().await;
    assert_eq!(scene.received().await, ["today somebody came by"]);
    let keys = SeenKeys::of(&scene.supporter().vault).await;
    let opened = keys.open(&Hoard::of_everything(&scene.relay).await);
    assert!(
        !opened.holds(b"quxtyped"),
        "the supporter's keys open the word that was deleted"
    );
}

/// Takes no record of the bond while `closed`; afterwards takes records, and no link of it.
struct Late {
    asks: DeviceId,
    bond: SpaceId,
    generation: Generation,
    closed: bool,
}

impl Script for Late {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        if asked.device != self.asks {
            return None;
        }
        let spaces = &asked.request.spaces;
        let brings = spaces
            .iter()
            .any(|space| space.space == self.bond && !space.push.is_empty());
        if self.closed {
            return brings.then(|| Answer::problem(Code::Unavailable, "Try again later.", &[]));
        }
        let links = asked.request.append.iter();
        let says = links.filter(|link| link.kind == LogKind::Bond).count() > 0;
        says.then(|| {
            Answer::reply(SyncReply {
                generation: self.generation,
                append: AppendOutcome::NotNext,
                links: Vec::new(),
                behind: Vec::new(),
                spaces: spaces
                    .iter()
                    .map(|space| SpaceReply::empty(space.space))
                    .collect(),
            })
        })
    }
}

impl Scene {
    fn late(&self, closed: bool) -> Late {
        let exchanges = self.relay.exchanges_of(self.owner().vault.device());
        let mut replies = exchanges
            .iter()
            .rev()
            .map(|one| SyncReply::from_bytes(&one.body));
        Late {
            asks: self.owner().vault.device(),
            bond: self.bond(),
            generation: replies.find_map(Result::ok).unwrap().generation,
            closed,
        }
    }
}

#[tokio::test]
async fn j3_what_was_taken_back_before_it_left_does_not_leave_where_no_link_is_taken() {
    let scene = Scene::set().await;
    scene.in_step().await;
    let entry = scene.owner().write("quxtakenback").await;
    scene.share(entry).await;
    // Sealed, and the line breaks.
    scene.relay.play(scene.late(true));
    assert!(scene.owner().vault.sync(&|_| ()).await.is_err());
    scene.owner().vault.unshare(entry, None).await.unwrap();
    // The relay says to each link of the bond that somebody was first.
    scene.relay.play(scene.late(false));
    scene.owner().vault.sync(&|_| ()).await.unwrap();
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}

#[tokio::test]
async fn j3_what_waited_at_the_end_does_not_leave_where_the_end_is_not_taken() {
    let scene = Scene::set().await;
    scene.in_step().await;
    let entry = scene.owner().write("quxtakenback").await;
    scene.share(entry).await;
    scene.relay.play(scene.late(true));
    assert!(scene.owner().vault.sync(&|_| ()).await.is_err());
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    scene.relay.play(scene.late(false));
    let synced = scene.owner().vault.sync(&|_| ()).await;
    assert!(matches!(synced, Err(SyncError::NotTaken)), "{synced:?}");
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}

#[tokio::test]
async fn b2_what_is_marked_sensitive_before_it_left_waits_for_a_verified_supporter() {
    let scene = Scene::set().await;
    let entry = scene.owner().write("quxsensitive").await;
    scene.share(entry).await;
    let edit = daymark_core::journal::Edit::from(daymark_core::journal::Step::Sensitive(true));
    scene.owner().vault.edit(entry, &edit).await.unwrap();
    scene.in_step().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}

#[tokio::test]
async fn k1_a_word_deleted_on_another_device_never_leaves() {
    let scene = Scene::set().await;
    let folder = scene.relay.vault_folder("a phone");
    let phone = scene.owner().pair(&folder, "a phone").await;
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
    let keys = SeenKeys::of(&scene.supporter().vault).await;
    let opened = keys.open(&Hoard::of_everything(&scene.relay).await);
    assert!(
        !opened.holds(b"quxtyped"),
        "the supporter's keys open the word that was deleted"
    );
}

#[tokio::test]
async fn j3_what_was_taken_back_on_another_device_is_not_sent_again() {
    let scene = Scene::set().await;
    let folder = scene.relay.vault_folder("a phone");
    let phone = scene.owner().pair(&folder, "a phone").await;
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
    let keys = SeenKeys::of(&scene.supporter().vault).await;
    let opened = keys.open(&Hoard::of_everything(&scene.relay).await);
    assert!(
        !opened.holds(b"quxagain"),
        "the supporter's keys open what was taken back"
    );
}

/// A new recovery phrase of the supporter's.
pub(in super::super) fn new_root(
    hostile: &HostileSupporter,
    phrase: &RecoveryPhrase,
) -> TravelLink {
    let own = hostile.side().own.state();
    let next = RecoveryPhrase::generate(&hostile.hand.random).unwrap();
    let (root, recovery) = (
        next.root_key().verifying_key(),
        next.recovery_key().public(),
    );
    let message = new_root_message(own.id(), &root, &recovery);
    let proof = next.root_key().signing().sign(Context::NewDevice, &message);
    let link: AccountLink = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: LogId::from(own.id()),
            position: own.length() + 1,
            previous: own.last(),
            author: Author::Root,
            rests_on: Vec::new(),
            content: AccountContent::NewRoot {
                root,
                recovery,
                proof,
            },
        },
        phrase.root_key().signing(),
    );
    link.to_travel(None)
}

#[tokio::test]
async fn j3_a_supporter_with_new_keys_keeps_nobody_from_unsharing() {
    let relay = HostileRelay::start().await;
    let owner = crate::stage::found(&relay, "owner").await;
    let supporter = crate::stage::found(&relay, "supporter").await;
    let other = crate::stage::found(&relay, "another").await;
    let lapses = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    let called = Person::parse("a supporter").unwrap();
    let invited = owner.vault.invite(&called, None, lapses).await.unwrap();
    owner.sync().await;
    let considered = supporter
        .vault
        .consider(&invited.to_string())
        .await
        .unwrap();
    considered
        .accept(&Person::parse("the owner").unwrap())
        .await
        .unwrap();
    owner.sync().await;
    let scene = Scene {
        relay,
        circle: Circle {
            owner,
            supporters: [supporter, other],
            bonds: [invited.bond(), SpaceId::ZERO],
        },
    };
    let (entry, _) = scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let link = new_root(&hostile, scene.supporter().phrase.as_ref().unwrap());
    let appended = hostile
        .append(scene.relay.address(), vec![link.clone()])
        .await;
    assert_eq!(appended, AppendOutcome::Appended);
    hostile.goes_on(&[link]);
    scene.owner().sync().await;
    scene.owner().vault.unshare(entry, None).await.unwrap();
    scene.owner().vault.sync(&|_| ()).await.unwrap();
    let shown = hostile.fetch(scene.relay.address(), scene.bond()).await;
    let owner = scene.owner().vault.device();
    let records = shown.spaces[0].records.iter();
    let copies =
        records.filter(|record| record.claimed().chain.device == owner && record.body().is_some());
    assert_eq!(
        copies.count(),
        0,
        "copies left at the relay after unsharing"
    );
}
