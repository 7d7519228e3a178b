//! K1, B2: words that were deleted, and entries that became sensitive, before they left.

use super::*;
use daymark_core::journal::Text;
use daymark_tests::world::Watching;

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
    scene.never_left("quxtyped").await;
}

#[tokio::test]
async fn k1_a_text_that_was_emptied_before_a_sync_never_leaves() {
    let scene = Scene::set().await;
    scene.in_step().await;
    // With no network: shared, and thought better of. `daymark edit @1 --empty`.
    let entry = scene.owner().write("quxtyped came by").await;
    scene.share_as(entry, &kept_up_to_date()).await;
    scene.owner().edit(entry, "").await;
    scene.in_step().await;
    scene.never_left("quxtyped").await;
}

#[tokio::test]
async fn k1_a_text_that_was_deleted_whole_before_it_left_never_leaves() {
    let scene = Scene::set().await;
    let entry = scene.owner().write("quxdeleted").await;
    scene.share_as(entry, &kept_up_to_date()).await;
    // Without a connection, all of it is deleted.
    scene.owner().edit(entry, "").await;
    scene.in_step().await;
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
    assert_eq!(bodies_brought_of(document, &scene, scene.owner(), from), 0);
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

#[tokio::test]
async fn k1_a_word_deleted_from_what_became_sensitive_does_not_leave_with_what_was_sealed() {
    let scene = Scene::set().await;
    let entry = scene.owner().write("quxdeleted").await;
    scene.sealed_only(entry, &kept_up_to_date()).await;
    // The word is deleted, and the entry marked: nobody is verified.
    let text = Text::parse("as it reads now").unwrap();
    let edit: Edit = [Step::Text(text.into()), Step::Sensitive(true)]
        .into_iter()
        .collect();
    scene.owner().vault.edit(entry, &edit).await.unwrap();
    scene.relay.behave();
    scene.in_step().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}

#[tokio::test]
async fn b2_what_is_marked_sensitive_before_it_left_waits_for_a_verified_supporter() {
    let scene = Scene::set().await;
    let entry = scene.owner().write("quxsensitive").await;
    scene.share(entry).await;
    let vault = &scene.owner().vault;
    vault.edit(entry, &sensitive(true)).await.unwrap();
    scene.in_step().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}
