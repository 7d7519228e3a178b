//! J1, J5: replies in documents that have the names of others.

use super::{Scene, kept_up_to_date};
use daymark_client::sharing::{HowToShare, ShareError};
use daymark_core::sharing::{Reply, Version};
use daymark_wire::sync::AppendOutcome;

#[tokio::test]
async fn j1_forgetting_a_reply_that_borrows_a_copys_document_takes_nothing_out_of_the_ledger() {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let copies = scene.copies_at_the_relay(&hostile).await;
    let copy = copies[0].claimed().document;
    let reply = Version::Reply(Reply::new(share, "thanks").unwrap());
    let said = hostile.say(copy, &reply);
    hostile.bring(scene.relay.address(), vec![said]).await;
    scene.owner().sync().await;
    // The supporter forgets what they wrote, which is theirs to forget.
    hostile.catch_up(scene.relay.address()).await;
    let epoch = hostile.epoch(vec![copy]).link;
    let appended = hostile.append(scene.relay.address(), vec![epoch]).await;
    assert_eq!(appended, AppendOutcome::Appended);
    scene.owner().sync().await;
    scene.supporter().sync().await;
    assert_eq!(
        scene.received().await,
        ["a day like others"],
        "they have it still"
    );
    let listed = scene.who_sees().await.len();
    scene.owner().vault.unshare(entry, None).await.unwrap();
    scene.owner().sync().await;
    let left = scene.copies_at_the_relay(&hostile).await.len();
    assert_eq!(
        (listed, left),
        (1, 0),
        "(shares that the owner sees, copies left after unsharing)"
    );
}

#[tokio::test]
async fn j1_a_reply_that_borrows_a_copys_document_makes_no_device_share_again() {
    let scene = Scene::set().await;
    let entry = scene.owner().write("a day like others").await;
    let share = scene.share_as(entry, &kept_up_to_date()).await;
    scene.in_step().await;
    for _ in 0..2 {
        let mut hostile = scene.hostile().await;
        hostile.hand.begin_chain();
        let copies = scene.copies_at_the_relay(&hostile).await;
        let copy = copies.last().unwrap().claimed().document;
        let reply = Version::Reply(Reply::new(share, "thanks").unwrap());
        let said = hostile.say(copy, &reply);
        hostile.bring(scene.relay.address(), vec![said]).await;
        scene.owner().sync().await;
        hostile.catch_up(scene.relay.address()).await;
        let epoch = hostile.epoch(vec![copy]).link;
        hostile.append(scene.relay.address(), vec![epoch]).await;
        scene.owner().sync().await;
        scene.supporter().sync().await;
    }
    let hostile = scene.hostile().await;
    let copies = scene.copies_at_the_relay(&hostile).await;
    assert_eq!(copies.len(), 1, "the entry never changed");
}

#[tokio::test]
async fn j5_a_reply_that_borrows_the_name_of_anothers_reply_is_the_one_that_goes() {
    let scene = Scene::set().await;
    let entry = scene.owner().write("for both").await;
    let bonds = scene.circle.bonds;
    let vault = &scene.owner().vault;
    let preview = vault.preview(entry, &Default::default(), &bonds).await;
    vault
        .share(&preview.unwrap(), &HowToShare::default())
        .await
        .unwrap();
    scene.owner().sync().await;
    let [theirs, kind] = &scene.circle.supporters;
    let mut shares = Vec::new();
    for supporter in [theirs, kind] {
        supporter.sync().await;
        shares.push(supporter.vault.shared().await.unwrap()[0].share);
    }
    kind.vault.reply(shares[1], "a kind word").await.unwrap();
    kind.sync().await;
    // The relay tells the other supporter the name of the document, and holds it back until theirs is there.
    let mut database = scene.relay.database().await;
    let said = database.records_of(kind.vault.device()).await;
    let named = said.last().unwrap().to_record().claimed().document;
    let held = bonds[1];
    scene.relay.alter(move |_, reply| {
        let mut spaces = reply.spaces.iter_mut();
        if let Some(space) = spaces.find(|space| space.space == held) {
            space.records.clear();
        }
    });
    let mut hostile = scene.hostile().await;
    let reply = Version::Reply(Reply::new(shares[0], "an unkind word").unwrap());
    let said = hostile.say(named, &reply);
    hostile.bring(scene.relay.address(), vec![said]).await;
    scene.owner().sync().await;
    scene.relay.behave();
    scene.owner().sync().await;
    let by_id = vault.find_reply(&named.to_string()).await;
    assert!(
        matches!(by_id, Err(ShareError::AmbiguousReply { .. })),
        "{by_id:?}"
    );
    // The owner deletes the unkind one.
    let unkind = vault.find_reply("@2").await.unwrap();
    assert_eq!(unkind.text.as_str(), "an unkind word");
    vault.delete_reply(unkind.id).await.unwrap();
    scene.owner().sync().await;
    let left = vault.replies().await.unwrap();
    let left: Vec<_> = left.iter().map(|reply| reply.text.as_str()).collect();
    assert_eq!(left, ["a kind word"]);
}
