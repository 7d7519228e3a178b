//! What was taken back, ended or deleted before it left, and leaves all the same.

use super::super::{Scene, kept_up_to_date};
use super::*;
use daymark_client::sharing::{HowToShare, SpaceId};
use daymark_core::journal::{Edit, Step};
use daymark_tests::{
    hostile::{Answer, Asked, Hoard, Script, SeenKeys},
    world::Device,
};
use daymark_wire::{
    DocumentId, RecordKind,
    problem::Code,
    sync::{KnownLength, SyncReply},
};

/// Loses every request that carries a record of a bond.
struct LosesPushes {
    bond: SpaceId,
}

impl Script for LosesPushes {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let mut spaces = asked.request.spaces.iter();
        let lost = spaces.any(|space| space.space == self.bond && !space.push.is_empty());
        lost.then(|| Answer::problem(Code::Unavailable, "lost on its way", &[]))
    }
}

/// Bodies of a bond's versions that a device brought in its exchanges from this one on.
fn bodies_brought(scene: &Scene, device: &Device, from: usize, document: DocumentId) -> usize {
    let exchanges = scene.relay.exchanges_of(device.vault.device());
    let requests = exchanges[from..].iter().map(|one| &one.asked.request);
    let spaces = requests.flat_map(|request| &request.spaces);
    let records = spaces.filter(|space| space.space == scene.bond());
    records
        .flat_map(|space| &space.push)
        .filter(|record| record.claimed().document == document && record.body().is_some())
        .count()
}

fn asked_so_far(scene: &Scene, device: &Device) -> usize {
    scene.relay.exchanges_of(device.vault.device()).len()
}

/// The document of the only version that a vault holds sealed in a bond beyond those known before.
async fn newest_version(device: &Device, bond: SpaceId) -> DocumentId {
    let hoard = Hoard::of_vault(&device.vault).await.of_space(bond);
    let own = device.vault.device();
    let mut versions: Vec<_> = hoard
        .records()
        .filter(|record| record.claimed().kind == RecordKind::Version)
        .filter(|record| record.claimed().chain.device == own)
        .map(|record| (record.claimed().seq, record.claimed().document))
        .collect();
    versions.sort();
    versions.last().unwrap().1
}

impl Scene {
    /// The owner shares an entry; it is sealed, and the line breaks. Gives the copy's document.
    async fn sealed_only(&self, entry: DocumentId, how: &HowToShare) -> DocumentId {
        self.share_as(entry, how).await;
        self.relay.play(LosesPushes { bond: self.bond() });
        self.owner().vault.sync(&|_| ()).await.unwrap_err();
        newest_version(self.owner(), self.bond()).await
    }
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
        bodies_brought(&scene, scene.owner(), from, document),
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
    assert_eq!(bodies_brought(&scene, scene.owner(), from, document), 0);
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}

#[tokio::test]
async fn k1_a_word_deleted_after_the_line_broke_does_not_leave_with_what_was_sealed() {
    let scene = Scene::set().await;
    let entry = scene.owner().write("quxdeleted").await;
    let document = scene.sealed_only(entry, &kept_up_to_date()).await;
    scene.owner().edit(entry, "as it reads now").await;
    let from = asked_so_far(&scene, scene.owner());
    scene.relay.behave();
    scene.owner().sync().await;
    assert_eq!(bodies_brought(&scene, scene.owner(), from, document), 0);
}

#[tokio::test]
async fn k1_what_was_sealed_and_changed_since_arrives_as_it_reads_with_nothing_wrong() {
    let scene = Scene::set().await;
    let entry = scene.owner().write("quxdeleted").await;
    scene.sealed_only(entry, &kept_up_to_date()).await;
    scene.owner().edit(entry, "as it reads now").await;
    scene.relay.behave();
    scene.in_step().await;
    assert_eq!(scene.received().await, ["as it reads now"]);
    let kept = Hoard::of_relay(&scene.relay).await;
    let opened = SeenKeys::of(&scene.supporter().vault).await.open(&kept);
    assert!(!opened.holds(b"quxdeleted"));
    scene.heals().await;
}

/// Takes what a device brings in a bond, and its answer is lost.
struct LosesAnswers {
    bond: SpaceId,
}

impl Script for LosesAnswers {
    fn sync(&mut self, asked: &Asked, reply: SyncReply) -> Answer {
        let mut spaces = asked.request.spaces.iter();
        if spaces.any(|space| space.space == self.bond && !space.push.is_empty()) {
            return Answer::problem(Code::Unavailable, "lost on its way", &[]);
        }
        Answer::reply(reply)
    }
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
async fn j3_what_waits_on_one_device_and_was_taken_back_on_another_never_leaves() {
    let scene = Scene::set().await;
    let (bond, owner) = (scene.bond(), scene.owner());
    let folder = scene.relay.vault_folder("second");
    let second = owner.pair(&folder, "second").await;
    for _ in 0..2 {
        second.sync().await;
        owner.sync().await;
    }
    let entry = owner.write("quxtakenback").await;
    scene.share(entry).await;
    // It became sensitive before it left: the journal goes, and what is shared waits.
    let sensitive = |sensitive| [Step::Sensitive(sensitive)].into_iter().collect::<Edit>();
    owner.vault.edit(entry, &sensitive(true)).await.unwrap();
    owner.sync().await;
    assert!(scene.who_sees().await[0].waiting);
    second.sync().await;
    second.vault.unshare(entry, None).await.unwrap();
    second.vault.edit(entry, &sensitive(false)).await.unwrap();
    second.sync().await;
    owner.sync().await;
    assert_eq!(owner.vault.unsent().await.unwrap(), 0, "nothing waits");
    scene.in_step().await;
    let kept = Hoard::of_relay(&scene.relay).await.of_space(bond);
    let mut kept = kept.records().map(daymark_wire::Record::claimed);
    let own = owner.vault.device();
    assert!(!kept.any(|one| one.kind == RecordKind::Version && one.chain.device == own));
}

#[tokio::test]
async fn b2_what_was_sealed_and_became_sensitive_on_another_device_waits_until_they_are_verified() {
    let scene = Scene::set().await;
    let (bond, owner) = (scene.bond(), scene.owner());
    let folder = scene.relay.vault_folder("second");
    let second = owner.pair(&folder, "second").await;
    let entry = owner.write("quxsensitive").await;
    owner.sync().await;
    second.sync().await;
    let document = scene.sealed_only(entry, &HowToShare::default()).await;
    // Meanwhile it becomes sensitive.
    scene.relay.behave();
    let sensitive = [Step::Sensitive(true)].into_iter().collect::<Edit>();
    second.vault.edit(entry, &sensitive).await.unwrap();
    second.sync().await;
    let from = asked_so_far(&scene, owner);
    scene.in_step().await;
    assert_eq!(bodies_brought(&scene, owner, from, document), 0);
    assert_eq!(scene.received().await, Vec::<String>::new());
    assert!(scene.who_sees().await[0].waiting);
    let number = owner.vault.number(bond).await.unwrap();
    owner.vault.verify(bond, &number).await.unwrap();
    scene.in_step().await;
    assert_eq!(scene.received().await, ["quxsensitive"]);
    assert_eq!(owner.vault.unsent().await.unwrap(), 0, "nothing waits");
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
    let exchanges = scene.relay.exchanges_of(scene.owner().vault.device());
    let spaces = exchanges[from..]
        .iter()
        .flat_map(|one| &one.asked.request.spaces);
    let pushed = spaces
        .filter(|space| space.space == bond)
        .map(|space| space.push.len());
    assert_eq!(pushed.sum::<usize>(), 0);
}
