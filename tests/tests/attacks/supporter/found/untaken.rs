//! J3, J5: records that an honest relay takes of a supporter, and the owner's device never can. An epoch must know of
//! every record that the relay received (rule L6), so with one of these no epoch of the owner's is taken any more.

use super::super::Scene;
use daymark_core::sharing::{Reply, ShareId, Version};
use daymark_tests::hostile::HostileSupporter;
use daymark_wire::{
    DeviceId, DocumentId, Hash, Header, Record, RecordKind, Signature, Signed,
    hash::Domain,
    logs::{BondContent, BondLink, HeadHash},
    sync::PushOutcome,
    wrapping::Wraps,
};

/// Whether a device shared something with it that is there to be read; keys that it wrapped again are no copy.
fn is_copy_of(device: DeviceId, record: &Record) -> bool {
    let header = record.claimed();
    header.chain.device == device && header.kind == RecordKind::Version && record.body().is_some()
}

/// What the supporter brings first, and whether the relay took it.
async fn brings(scene: &Scene, hostile: &HostileSupporter, records: Vec<Record>) -> bool {
    hostile.bring(scene.relay.address(), records).await == PushOutcome::Accepted
}

fn reply(share: ShareId) -> Version {
    Version::Reply(Reply::new(share, "a word").unwrap())
}

/// The owner takes an entry back: nothing of it is left at the relay.
async fn unshares(scene: &Scene, hostile: &HostileSupporter, entry: DocumentId) {
    scene.owner().vault.unshare(entry, None).await.unwrap();
    for _ in 0..3 {
        scene.owner().vault.sync(&|_| ()).await.unwrap();
    }
    let shown = hostile.fetch(scene.relay.address(), scene.bond()).await;
    let owner = scene.owner().vault.device();
    let records = shown.spaces[0].records.iter();
    let copies = records.filter(|record| is_copy_of(owner, record));
    assert_eq!(
        copies.count(),
        0,
        "copies left at the relay after unsharing; the owner is told {:?}",
        scene.names().await
    );
}

#[tokio::test]
async fn j3_a_reply_that_names_other_heads_keeps_nobody_from_unsharing() {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let other_heads = |header: &mut Header| {
        header.heads[0].hash = HeadHash::from_bytes([9; 16]);
    };
    let record = hostile.forge(&reply(share).to_bytes(), other_heads);
    brings(&scene, &hostile, vec![record]).await;
    unshares(&scene, &hostile, entry).await;
    assert_eq!(
        scene.names().await,
        Vec::<&str>::new(),
        "the relay is honest"
    );
}

#[tokio::test]
async fn j3_a_reply_that_names_heads_to_come_keeps_nobody_from_unsharing() {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let to_come = |header: &mut Header| header.heads[2].length += 1000;
    let record = hostile.forge(&reply(share).to_bytes(), to_come);
    brings(&scene, &hostile, vec![record]).await;
    unshares(&scene, &hostile, entry).await;
}

#[tokio::test]
async fn j3_a_reply_with_a_signature_that_is_none_before_one_that_holds_keeps_nobody_from_unsharing()
 {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let (header, body) = hostile
        .say(DocumentId::from_bytes([7; 16]), &reply(share))
        .into_parts();
    let unsigned = Signed::from_parts(header.bytes().to_vec(), Signature::from_bytes([7; 64]));
    let unsigned = Record::from_own_storage(unsigned.unwrap(), body);
    hostile.hand.go_on_after(&unsigned);
    // It names the one before, signature and all.
    let signed = hostile.say(DocumentId::from_bytes([8; 16]), &reply(share));
    brings(&scene, &hostile, vec![unsigned, signed]).await;
    unshares(&scene, &hostile, entry).await;
}

#[tokio::test]
async fn k17_an_epoch_that_is_wrapped_for_the_supporter_alone_is_replaced_by_the_owners_next_sync()
{
    let scene = Scene::set().await;
    scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    hostile.catch_up(scene.relay.address()).await;
    let honest = hostile.epoch(Vec::new()).link;
    let mut wraps: Wraps = minicbor::decode(honest.blob.as_ref().unwrap()).unwrap();
    // The owner's comes first.
    wraps.wraps.remove(0);
    let blob = minicbor::to_vec(&wraps).unwrap();
    let link: BondLink = honest.open().unwrap();
    let mut body = link.claimed().clone();
    let BondContent::Epoch(epoch) = &mut body.content else {
        panic!("an epoch")
    };
    epoch.wraps = Hash::of(Domain::Blob, &[&blob]);
    let bare = Signed::sign(body, hostile.hand.device.signing()).to_travel(Some(blob));
    hostile.append(scene.relay.address(), vec![bare]).await;
    scene.owner().sync().await;
    let entry = scene.owner().write("another day").await;
    scene.share(entry).await;
    let mut named = Vec::new();
    for _ in 0..3 {
        named.push(scene.names().await);
    }
    let who = scene.who_sees().await;
    assert!(
        named[2].is_empty() && who.iter().all(|one| !one.waiting),
        "nothing leaves in this bond any more: {named:?}"
    );
}
