//! J3, J5, D6: records and links that an honest relay takes of a supporter, and the owner's device never can. An epoch
//! must know of every record that the relay received (rule L6), so with one of these no epoch of the owner's is taken
//! any more.

use super::*;
use crate::supporter::hands::{new_root, next_body};
use daymark_client::sharing::ShareId;
use daymark_core::{account::begin_epoch, keys::DeviceKey, sharing::Reply};
use daymark_tests::hostile::StolenDevice;
use daymark_wire::{
    Hash, Have, Header, Signature, Signed,
    hash::Domain,
    limits,
    logs::{
        AccountContent, Author, BondContent, BondLink, Head, HeadHash, JournalContent, Link,
        LinkBody, LogKind, TravelLink,
    },
    signing::{Context, Payload},
    sync::{AppendOutcome, PushOutcome, RecordRefusal},
    wrapping::{WrappingPublicKey, Wraps},
};

/// What the supporter brings first, and whether the relay took it.
async fn brings(scene: &Scene, hostile: &HostileSupporter, records: Vec<Record>) -> bool {
    hostile.bring(scene.relay.address(), records).await == PushOutcome::Accepted
}

fn reply(share: ShareId) -> Version {
    Version::Reply(Reply::new(share, "a word").unwrap())
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
async fn j3_a_supporter_who_begins_chains_without_end_keeps_nobody_from_unsharing() {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let count = u16::try_from(limits::MAX_CHAINS).unwrap();
    let records = in_chains(&mut hostile, count, &reply(share));
    let mut taken = 0;
    for some in records.chunks(512) {
        match hostile.bring(scene.relay.address(), some.to_vec()).await {
            PushOutcome::Accepted => taken += some.len(),
            PushOutcome::Refused { why, .. } => assert_eq!(why, RecordRefusal::TooManyChains),
            other => panic!("{other:?} after {taken}"),
        }
    }
    scene.owner().sync().await;
    unshares_within(2, &scene, &hostile, entry).await;
}

#[tokio::test]
async fn j3_a_supporter_with_new_keys_keeps_nobody_from_unsharing() {
    let scene = Scene::set().await;
    let (entry, _) = scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let link = new_root(&hostile, scene.supporter().phrase.as_ref().unwrap());
    let appended = hostile
        .append(scene.relay.address(), vec![link.clone()])
        .await;
    assert_eq!(appended, AppendOutcome::Appended);
    hostile.goes_on(&[link]);
    scene.owner().sync().await;
    unshares_within(1, &scene, &hostile, entry).await;
}

/// A link that gives the account another key: one with numbers that ML-KEM has not, as no honest code writes it.
fn without_key(body: LinkBody<AccountContent>, device: &DeviceKey) -> (TravelLink, Head) {
    let sound = [7; WrappingPublicKey::SIZE];
    let key = WrappingPublicKey::from_bytes(sound).unwrap();
    let position = body.position;
    let content = AccountContent::AccountKey { key };
    let mut bytes = LinkBody { content, ..body }.to_bytes();
    let mut places = bytes.windows(sound.len());
    let at = places.position(|place| place == sound).unwrap();
    bytes[at..at + 3].fill(0xff);
    let signature = device.signing().sign(Context::AccountLink, &bytes);
    let hash = Hash::of(Domain::Link, &[&bytes, signature.as_bytes()]);
    let head = Head {
        length: position,
        hash: hash.into(),
    };
    let link = TravelLink {
        kind: LogKind::Account,
        bytes,
        signature,
        blob: None,
    };
    (link, head)
}

#[tokio::test]
async fn d6_a_supporter_whose_key_is_none_keeps_nobody_from_unsharing() {
    let scene = Scene::set().await;
    let (entry, _) = scene.shared("a day like others").await;
    let hand = StolenDevice::of(&scene.supporter().vault).await;
    let logs = hand.logs();
    let account = logs.account();
    let home = account.home().unwrap().clone();
    let author = Author::Device(hand.device.id());
    let body = next_body(account, author, AccountContent::Move { home });
    let (link, head) = without_key(body, &hand.device);
    let keys = &hand.replica.account_keys;
    let (device, random) = (&hand.device, &hand.random);
    let epoch = begin_epoch(logs, keys, Have::new(), None, device, random).unwrap();
    let begun: Link<JournalContent> = epoch.0.open().unwrap();
    let mut body = begun.claimed().clone();
    body.rests_on = vec![head];
    let epoch = Signed::sign(body, device.signing()).to_travel(epoch.0.blob);
    let hostile = scene.hostile().await;
    let appended = hostile
        .append(scene.relay.address(), vec![link, epoch])
        .await;
    assert!(
        matches!(appended, AppendOutcome::Refused { index: 0, .. }),
        "{appended:?}"
    );
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
