//! B2, L13: two links for one place, and new keys: what pauses a bond, and what ends the pause.

use super::{
    Open, Scene, accept, brings_bond, hands::new_root, later_bond, names, person, standing,
};
use daymark_client::sharing::{BondFault, Pause, SpaceId, Standing};
use daymark_core::journal::Alias;
use daymark_tests::{
    hostile::{Answer, Asked, HostileSupporter, Script},
    world::{Device, Watching},
};
use daymark_wire::{
    DeviceId,
    logs::TravelLink,
    sync::{AppendOutcome, News, SyncReply},
};
use std::sync::{Arc, Mutex};

/// Sees no links of bonds before it brings one.
struct Blind(DeviceId, bool);

impl Script for Blind {
    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        if asked.device == self.0 && !self.1 {
            reply.links.retain(|link| !later_bond(link));
            self.1 = brings_bond(asked);
        }
        Answer::reply(reply)
    }
}

/// The relay shows a device a link once more.
pub(super) async fn shown(scene: &Scene, link: &TravelLink, to: &Device) {
    let link = link.clone();
    scene
        .relay
        .alter(move |_, reply| reply.links.push(link.clone()));
    let report = to.sync().await;
    assert_eq!(names(&report), ["forked-view"], "{}", to.name);
    scene.relay.behave();
}

/// Whoever sees two histories compares the number once more.
pub(super) async fn looks_at_it(device: &Device, bond: SpaceId) {
    let paused = Standing::Paused(Pause::ForkedLog);
    assert_eq!(standing(device, bond).await, paused, "{}", device.name);
    let status = device.vault.status().await.unwrap();
    let fault = status.bonds.iter().find_map(|one| one.fault);
    assert_eq!(fault, Some(BondFault::Paused(Pause::ForkedLog)));
    let number = device.vault.number(bond).await.unwrap();
    device.vault.verify(bond, &number).await.unwrap();
    assert_eq!(standing(device, bond).await, Standing::Active);
}

#[tokio::test]
async fn b2_a_bond_that_two_links_for_one_place_paused_goes_on_when_the_person_has_verified_again()
{
    let (scene, second) = Scene::with_owners_phone().await;
    let bond = scene.bond();
    let (first_entry, _) = scene.shared("one").await;
    let (second_entry, _) = scene.shared("two").await;
    second.sync().await;
    second.sync().await;
    // A third link for the place that two are signed for below.
    let mut third = scene.hostile_owner().await;
    third.catch_up(scene.relay.address()).await;
    let third = third.epoch(Vec::new()).link;
    // Each device takes back one, before it hears of the other: both begin an epoch at one place.
    let owner = scene.owner();
    owner.vault.unshare(first_entry, None).await.unwrap();
    second.vault.unshare(second_entry, None).await.unwrap();
    scene.owner().sync().await;
    let from = scene.relay.exchanges_of(second.vault.device()).len();
    scene.relay.play(Blind(second.vault.device(), false));
    let _ = second.vault.sync(&|_| ()).await;
    scene.relay.behave();
    let exchanges = scene.relay.exchanges_of(second.vault.device());
    let links = exchanges[from..].iter();
    let refused = links
        .flat_map(|one| &one.asked.request.append)
        .find(|link| later_bond(link))
        .cloned();
    let refused = refused.expect("it began an epoch");
    for device in [&second, scene.owner(), &second] {
        device.sync().await;
    }
    let (before, entries) = (scene.who_sees().await, scene.owner().texts().await);
    // The relay kept what it refused, and shows it: paused, named, and nothing is lost.
    shown(&scene, &refused, scene.owner()).await;
    looks_at_it(scene.owner(), bond).await;
    assert_eq!(scene.who_sees().await, before);
    assert_eq!(scene.owner().texts().await, entries);
    // Whoever looked at it is shown it again; so are their other devices, and the other side has its own look.
    shown(&scene, &refused, scene.owner()).await;
    assert_eq!(standing(scene.owner(), bond).await, Standing::Active);
    second.sync().await;
    shown(&scene, &refused, &second).await;
    assert_eq!(standing(&second, bond).await, Standing::Active);
    scene.supporter().sync().await;
    shown(&scene, &refused, scene.supporter()).await;
    looks_at_it(scene.supporter(), bond).await;
    scene.heals().await;
    // Another one is to be looked at anew.
    shown(&scene, &third, scene.owner()).await;
    looks_at_it(scene.owner(), bond).await;
    scene.heals().await;
}

#[tokio::test]
async fn b2_a_second_device_that_hears_of_the_answer_later_does_not_end_a_pause_for_new_keys() {
    let (open, phone) = Open::with_phone().await;
    let bond = open.invitation.bond();
    // The person uses this device more: it wrote in the same page, and nothing of that is sent yet.
    for name in ["one", "two", "three", "four"] {
        let alias = Alias::parse("somebody").unwrap();
        phone
            .vault
            .set_alias(&person(name), Some(&alias))
            .await
            .unwrap();
    }
    accept(&open.stranger, &open.invitation).await;
    open.owner.sync().await;
    // Whoever has the supporter's phrase by now is somebody else.
    let mut hostile = HostileSupporter::of(&open.stranger.vault, bond).await;
    let link = new_root(&hostile, open.stranger.phrase.as_ref().unwrap());
    let appended = hostile
        .append(open.relay.address(), vec![link.clone()])
        .await;
    assert_eq!(appended, AppendOutcome::Appended);
    hostile.goes_on(&[link]);
    open.owner.sync().await;
    let paused = Standing::Paused(Pause::NewRoot);
    assert_eq!(standing(&open.owner, bond).await, paused);
    // The phone is shown the bond, and not what the owner's other device wrote.
    let (device, journal) = (phone.vault.device(), phone.vault.journal());
    open.relay.alter(move |asked, reply| {
        for space in &mut reply.spaces {
            if asked.device == device && space.space == journal {
                space.records.clear();
                space.more = false;
            }
        }
    });
    let _ = phone.vault.sync(&|_| ()).await;
    open.relay.behave();
    for _ in 0..2 {
        phone.sync().await;
        open.owner.sync().await;
    }
    let here = standing(&open.owner, bond).await;
    let there = standing(&phone, bond).await;
    assert_eq!([here, there], [paused; 2], "nobody looked at the new keys");
}

#[tokio::test]
async fn l13_a_relay_that_denies_an_epoch_has_no_second_one_signed_for_its_place() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let (entry, _) = scene.shared("quxshared").await;
    let signed: Arc<Mutex<Vec<TravelLink>>> = Arc::default();
    let (kept, device) = (Arc::clone(&signed), scene.owner().vault.device());
    // It keeps each, and says that it came too late.
    scene.relay.alter(move |asked, reply| {
        if asked.device != device {
            return;
        }
        let brought = asked.request.append.iter();
        let mut kept = kept.lock().unwrap();
        for link in brought.filter(|link| later_bond(link)) {
            if !kept.contains(link) {
                kept.push(link.clone());
            }
            reply.append = AppendOutcome::NotNext;
        }
        reply.links.retain(|link| !later_bond(link));
    });
    scene.owner().vault.unshare(entry, None).await.unwrap();
    for _ in 0..2 {
        scene.owner().sync().await;
    }
    let signed = signed.lock().unwrap().clone();
    let count = signed.len();
    scene
        .relay
        .alter(move |_, reply| reply.links.extend(signed.iter().cloned()));
    scene.owner().sync().await;
    scene.relay.behave();
    scene.owner().sync().await;
    let stands = standing(scene.owner(), bond).await;
    assert_eq!((count, stands), (1, Standing::Active));
}

#[tokio::test]
async fn b2_a_device_that_watches_goes_on_as_soon_as_the_person_has_verified_again() {
    let scene = Scene::set().await;
    let (owner, bond) = (scene.owner(), scene.bond());
    let (entry, _) = scene.shared("one").await;
    let mut other = scene.hostile_owner().await;
    other.catch_up(scene.relay.address()).await;
    let other = other.epoch(Vec::new()).link;
    owner.vault.unshare(entry, None).await.unwrap();
    scene.in_step().await;
    let entry = owner.write("two").await;
    owner.sync().await;
    let mut watching = Watching::connected(owner).await;
    let news = News {
        links: vec![other],
        ..News::default()
    };
    scene.relay.tell(owner.vault.device(), news);
    while standing(owner, bond).await == Standing::Active {
        watching.event().await;
    }
    looks_at_it(owner, bond).await;
    scene.share(entry).await;
    watching.until_sent().await;
    watching.stop().await;
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, ["two"]);
    scene.heals().await;
}
