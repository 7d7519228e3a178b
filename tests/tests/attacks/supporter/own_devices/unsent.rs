//! K1, J3: what one device has published and could not send, the others take for sent.

use super::super::{Scene, kept_up_to_date};
use daymark_wire::sync::AppendOutcome;

#[tokio::test]
async fn k1_a_word_deleted_on_a_device_that_went_away_leaves_the_supporter_or_is_named() {
    let scene = Scene::set().await;
    let (other, _) = scene.shared("another day").await;
    let entry = scene.owner().write("quxdeleted came by").await;
    scene.share_as(entry, &kept_up_to_date()).await;
    let folder = scene.relay.vault_folder("a phone");
    let phone = scene.owner().pair(&folder, "a phone").await;
    scene.in_step().await;
    phone.sync().await;
    scene.in_step().await;
    // The supporter comes too late with new keys, and has a turn by that.
    let hostile = scene.hostile().await;
    scene.owner().vault.unshare(other, None).await.unwrap();
    scene.owner().sync().await;
    let late = hostile.epoch(Vec::new()).link;
    let late = hostile.append(scene.relay.address(), vec![late]).await;
    assert_eq!(late, AppendOutcome::NotNext);
    // On the phone the word is deleted, and the phone goes away for months.
    phone.edit(entry, "as it reads now").await;
    let report = phone.sync().await;
    assert!(!report.held_up.is_empty(), "it was the supporter's turn");
    let phone_said = phone.vault.who_sees(Some(entry)).await.unwrap();
    assert!(phone_said[0].waiting, "the phone knows");
    phone.vault.close().await;
    for _ in 0..3 {
        scene.owner().sync().await;
        scene.supporter().sync().await;
    }
    let received = scene.received().await;
    let who = scene.who_sees().await;
    let again = scene.owner().vault.share_again(who[0].share).await;
    assert!(
        received == ["as it reads now"] || who[0].waiting || who[0].differs == Some(true),
        "the supporter reads {received:?}; the owner reads waiting: {}, differs: {:?}; shared again: {again:?}",
        who[0].waiting,
        who[0].differs,
    );
}
