//! K1, K2: what a copy holds, and that a preview shows it, byte for byte.

use super::{Scene, holds, kept_up_to_date};
use daymark_client::sharing::{Part, Parts};
use daymark_core::{
    journal::{Edit, Step, Tag, Text, Title},
    sharing::{CopyNumber, SharedCopy, Version},
};
use daymark_tests::{
    hostile::{Answer, Asked, Hoard, Opened, Script, SeenKeys, rows},
    world::Watching,
};
use daymark_wire::{DeviceId, RecordKind, problem::Code, sync::SyncReply};
use jiff::Timestamp;

/// How an Automerge document, or a chunk of one, begins.
const AUTOMERGE: &[u8] = &[0x85, 0x6f, 0x4a, 0x83];

/// Typed, then deleted.
const TYPED: [&str; 4] = ["quxtyped", "quxtitle", "quxtag", "zorbetween"];

impl Scene {
    /// Everything that the supporter's keys open of everything that ever passed the relay and of their own vault.
    async fn opened_by_supporter(&self) -> Opened {
        let vault = &self.supporter().vault;
        let everything = Hoard::of_everything(&self.relay).await;
        let all = everything.and(Hoard::of_vault(vault).await);
        SeenKeys::of(vault).await.open(&all)
    }

    /// What was shared reads as its entry does now, and a word that was deleted before it went is in nothing that the
    /// supporter's keys open.
    async fn nothing_typed_has_left(&self) {
        self.in_step().await;
        assert_eq!(self.received().await, ["today somebody came by"]);
        let opened = self.opened_by_supporter().await;
        assert!(opened.holds(b"somebody came by"));
        assert!(
            !opened.holds(b"quxtyped"),
            "though the relay keeps everything"
        );
        assert!(!self.relay.knows(b"quxtyped"));
        self.heals().await;
    }
}

#[tokio::test]
async fn k1_a_word_typed_and_deleted_before_sharing_is_in_no_byte_that_the_supporter_opens() {
    let scene = Scene::set().await;
    let owner = scene.owner();
    let entry = owner.write("today quxtyped came by").await;
    let tag = Tag::parse("quxtag").unwrap();
    let title = |text: &str| Step::Title(Title::parse(text).unwrap().into());
    let text = |text: &str| Step::Text(Text::parse(text).unwrap().into());
    for edit in [
        vec![title("with quxtitle"), Step::AddTag(tag.clone())],
        vec![text("today quxtyped came by, and zorbetween left")],
        vec![
            text("today somebody came by"),
            title("a visit"),
            Step::RemoveTag(tag),
        ],
    ] {
        let edit: Edit = edit.into_iter().collect();
        owner.vault.edit(entry, &edit).await.unwrap();
        // Each draft goes to the owner's other devices.
        owner.sync().await;
    }
    let parts = Parts::new([Part::Title, Part::Text, Part::Tags]).unwrap();
    let preview = owner
        .vault
        .preview(entry, &parts, &[scene.bond()])
        .await
        .unwrap();
    owner
        .vault
        .share(&preview, &Default::default())
        .await
        .unwrap();
    scene.in_step().await;

    let opened = scene.opened_by_supporter().await;
    let in_rows = rows(&scene.supporter().vault).await;
    assert!(
        opened.holds(b"today somebody came by"),
        "the search finds what is there"
    );
    let owners = SeenKeys::of(&owner.vault)
        .await
        .open(&Hoard::of_relay(&scene.relay).await);
    for word in TYPED {
        assert!(
            owners.holds(word.as_bytes()),
            "the owner's own devices have {word}"
        );
        assert!(!opened.holds(word.as_bytes()), "{word}");
        let held = in_rows
            .iter()
            .any(|row| holds(&row.content, word.as_bytes()));
        assert!(!held, "{word} in the supporter's vault");
        assert!(!scene.relay.knows(word.as_bytes()), "{word} at the relay");
    }
    let row_bytes: usize = in_rows.iter().map(|row| row.content.len()).sum();
    println!(
        "K1: {} words typed and deleted; {} bytes of records and links searched, {} records opened by the \
         supporter's keys, {} rows of their vault with {row_bytes} bytes, {} bytes at the relay and on the way: \
         found in none",
        TYPED.len(),
        opened.searched,
        opened.records.len(),
        in_rows.len(),
        scene.relay.seen_bytes(),
    );
}

#[tokio::test]
async fn k1_a_word_deleted_before_the_sync_of_a_share_that_is_kept_up_to_date_never_leaves() {
    let scene = Scene::set().await;
    let entry = scene.owner().write("today quxtyped came by").await;
    scene.share_as(entry, &kept_up_to_date()).await;
    scene.owner().edit(entry, "today somebody came by").await;
    scene.nothing_typed_has_left().await;
}

/// A relay that cannot serve anybody just now.
struct Away;

impl Script for Away {
    fn instead(&mut self, _asked: &Asked) -> Option<Answer> {
        Some(Answer::problem(Code::Unavailable, "in a while", &[]))
    }
}

#[tokio::test]
async fn k1_a_word_deleted_while_the_relay_was_away_never_leaves_by_a_live_connection_either() {
    let scene = Scene::set().await;
    let owner = scene.owner();
    scene.relay.play(Away);
    let mut watching = Watching::start(owner);
    watching.until_disconnected().await;
    let entry = owner.write("today quxtyped came by").await;
    scene.share_as(entry, &kept_up_to_date()).await;
    owner.edit(entry, "today somebody came by").await;
    scene.relay.behave();
    watching.until_connected().await;
    watching.stop().await;
    scene.nothing_typed_has_left().await;
}

/// Keeps the answer to a device's next sync back until it is let go.
struct Holding {
    device: DeviceId,
    asked: Option<tokio::sync::oneshot::Sender<()>>,
    go: std::sync::mpsc::Receiver<()>,
}

impl Script for Holding {
    fn sync(&mut self, asked: &Asked, reply: SyncReply) -> Answer {
        if asked.device == self.device
            && let Some(tell) = self.asked.take()
        {
            tell.send(()).unwrap();
            tokio::task::block_in_place(|| self.go.recv().unwrap());
        }
        Answer::reply(reply)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k1_a_word_deleted_while_an_answer_is_awaited_never_leaves() {
    let scene = Scene::set().await;
    let owner = scene.owner();
    let entry = owner.write("today quxtyped came by").await;
    owner.sync().await;
    let (tell, asked) = tokio::sync::oneshot::channel();
    let (go, waits) = std::sync::mpsc::channel();
    scene.relay.play(Holding {
        device: owner.vault.device(),
        asked: Some(tell),
        go: waits,
    });
    let meanwhile = async {
        asked.await.unwrap();
        scene.share_as(entry, &kept_up_to_date()).await;
        owner.edit(entry, "today somebody came by").await;
        go.send(()).unwrap();
    };
    let (synced, ()) = tokio::join!(owner.sync(), meanwhile);
    assert_eq!(synced.faults, [].into());
    let unsent = owner.vault.unsent().await.unwrap();
    assert_eq!(unsent, 0, "the ledger, which names the copy, goes with it");
    scene.nothing_typed_has_left().await;
}

#[tokio::test]
async fn k2_what_arrives_is_what_the_preview_showed_and_nothing_else() {
    let scene = Scene::set().await;
    let owner = scene.owner();
    let entry = owner.write("a walk by the harbour").await;
    owner.edit(entry, "a longer walk by the harbour").await;
    let preview = scene.preview(entry).await;
    let share = scene.share(entry).await;
    scene.in_step().await;
    // J6: the preview is what is received, byte for byte.
    let received = scene.supporter().vault.shared().await.unwrap();
    assert_eq!(received[0].content.to_bytes(), preview.content.to_bytes());
    assert_eq!(received[0].content.digest(), preview.digest());
    assert_eq!(received[0].content.to_bytes().len(), preview.bytes());

    scene.supporter().vault.reply(share, "good").await.unwrap();
    assert!(scene.supporter().vault.acknowledge(share).await.unwrap());
    scene.supporter().sync().await;
    let opened = scene.opened_by_supporter().await;
    let in_bond = |kind: RecordKind| {
        let of_kind = move |header: &daymark_wire::Header| header.kind == kind;
        let records = opened
            .records
            .iter()
            .filter(move |one| of_kind(&one.header));
        records.filter(|one| one.header.space == scene.bond())
    };
    let copy = Version::SharedCopy(SharedCopy {
        share,
        number: CopyNumber::FIRST,
        content: preview.content.clone(),
    });
    let of_owner =
        in_bond(RecordKind::Version).filter(|one| one.header.chain.device == owner.vault.device());
    let of_owner: Vec<_> = of_owner.map(|one| one.content.clone()).collect();
    assert_eq!(of_owner, [copy.to_bytes()], "this and nothing beside it");
    assert_eq!(in_bond(RecordKind::Version).count(), 3);
    assert_eq!(in_bond(RecordKind::Change).count(), 0);

    let mut actors: Vec<Vec<u8>> = Vec::new();
    for row in rows(&owner.vault).await {
        if row.table == "documents" {
            let document = automerge::AutoCommit::load(&row.content);
            let mut document = document.expect("the owner's journal is Automerge's");
            let changes = document.get_changes(&[]);
            actors.extend(
                changes
                    .iter()
                    .map(|change| change.actor_id().to_bytes().to_vec()),
            );
        }
    }
    assert!(!actors.is_empty());
    let written = owner.vault.read(entry).await.unwrap().entry.at.instant();
    let times = [written, Timestamp::now()];
    let mut replies_and_copies = 0;
    for one in in_bond(RecordKind::Version) {
        replies_and_copies += 1;
        let header = one.header.sealed_with();
        for place in [&one.content, &header] {
            assert!(!holds(place, AUTOMERGE));
            assert!(!holds(place, entry.as_bytes()));
            assert!(actors.iter().all(|actor| !holds(place, actor)));
            assert!(!holds(place, owner.vault.journal().as_bytes()));
        }
        // Without the share's own random bytes, no four or eight are a time of these days.
        let at = one
            .content
            .windows(16)
            .position(|part| part == share.as_bytes());
        let after = at.unwrap() + 16;
        for place in [&one.content[..after - 16], &one.content[after..]] {
            assert!(times.iter().all(|time| !holds_time(place, *time)));
        }
    }
    assert_eq!(replies_and_copies, 3);
    let in_rows = rows(&scene.supporter().vault).await;
    let versions = in_rows.iter().filter(|row| row.table == "versions");
    assert!(versions.clone().count() == 3);
    for row in versions {
        assert!(!holds(&row.content, AUTOMERGE) && !holds(&row.content, entry.as_bytes()));
    }
}

/// Whether a time of the same week stands somewhere, in seconds or in milliseconds.
fn holds_time(place: &[u8], time: Timestamp) -> bool {
    let week = 7 * 24 * 60 * 60;
    let seconds = place
        .windows(4)
        .map(|part| i64::from(u32::from_be_bytes(part.try_into().unwrap())));
    let milliseconds = place
        .windows(8)
        .map(|part| i64::from_be_bytes(part.try_into().unwrap()) / 1000);
    let mut all = seconds.chain(milliseconds);
    all.any(|number| (number - time.as_second()).abs() < week)
}
