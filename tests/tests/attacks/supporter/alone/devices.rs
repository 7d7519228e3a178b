//! Two devices of one person, and what a relay keeps from one of them; two links for one place.

use super::super::{Scene, names};
use super::*;
use crate::stage::found;
use daymark_client::sharing::{BondFault, Pause, Standing};
use daymark_tests::{
    hostile::{Answer, Asked, HostileRelay, Script, StolenDevice},
    world::{Device, SetClock},
};
use daymark_wire::{
    LogId,
    logs::{AccountLink, BondContent, BondLink, EndReason, LogKind, TravelLink},
    sync::{AppendOutcome, SyncReply},
};
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn j3_another_device_of_the_owner_knows_of_an_end_that_only_the_bonds_log_is_kept_from() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let folder = scene.relay.vault_folder("second");
    let second = scene.owner().pair(&folder, "second").await;
    second.sync().await;
    scene.owner().sync().await;
    second.sync().await;
    let known = side_of(&second, bond).await.unwrap().standing;
    assert_eq!(known, Standing::Active);
    // From now on the second device is shown the journal, and nothing of bonds.
    let frozen = second.vault.device();
    scene.relay.alter(move |asked, reply| {
        if asked.device == frozen {
            reply.links.retain(|link| link.kind != LogKind::Bond);
        }
    });
    scene.owner().vault.end_bond(bond).await.unwrap();
    scene.owner().sync().await;
    let entry = second.write("quxaftertheend").await;
    for _ in 0..2 {
        second.sync().await;
    }
    let standing = side_of(&second, bond).await.unwrap().standing;
    let preview = second
        .vault
        .preview(entry, &Default::default(), &[bond])
        .await;
    assert!(
        preview.is_err() && standing != Standing::Active,
        "the journal came through, and this device would share on: {standing:?}"
    );
}

#[tokio::test]
async fn l13_a_device_signs_no_lapse_of_an_invitation_that_its_journal_knows_was_accepted() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let second = owner.pair(&relay.vault_folder("second"), "second").await;
    owner.sync().await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    second.sync().await;
    second.sync().await;
    // The second device knows of the invitation, and is shown nothing more of it.
    let frozen = second.vault.device();
    let hide = move |asked: &Asked, reply: &mut SyncReply| {
        if asked.device == frozen {
            reply.links.retain(|link| !later_bond(link));
        }
    };
    relay.alter(hide);
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    considered.accept(&person("the owner")).await.unwrap();
    for _ in 0..2 {
        owner.sync().await;
        second.sync().await;
    }
    assert_eq!(
        side_of(&owner, bond).await.unwrap().standing,
        Standing::Active
    );
    assert!(
        side_of(&second, bond).await.unwrap().since.is_some(),
        "its journal says that they agreed"
    );
    let clock = SetClock::default();
    clock.put_ahead(2);
    let second = second.by_clock(&clock).await;
    for _ in 0..2 {
        let _ = second.vault.sync(&|_| ()).await;
    }
    // What it signed, the relay may show to everybody: two histories, each rightly signed.
    let exchanges = relay.exchanges_of(frozen);
    let mut links = exchanges.iter().flat_map(|one| &one.asked.request.append);
    let lapse = links
        .find(|link| {
            link.open::<BondContent>().is_ok_and(|link: BondLink| {
                let why = EndReason::Lapsed;
                link.claimed().content == BondContent::End { why }
            })
        })
        .cloned();
    let shown = lapse.clone();
    relay.alter(move |_, reply| reply.links.extend(shown.clone()));
    owner.sync().await;
    meant.sync().await;
    let stand = [&owner, &meant].map(|device| side_of(device, bond));
    let [here, there] = stand;
    let stand = [here.await.unwrap().standing, there.await.unwrap().standing];
    assert!(
        lapse.is_none(),
        "it signed a lapse, and now they stand {stand:?}"
    );
}

/// Sees no links of bonds before it brings one.
struct Blind(daymark_wire::DeviceId, bool);

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
pub(crate) async fn shown(scene: &Scene, link: &TravelLink, to: &Device) {
    let link = link.clone();
    scene
        .relay
        .alter(move |_, reply| reply.links.push(link.clone()));
    let report = to.sync().await;
    assert_eq!(names(&report), ["forked-view"], "{}", to.name);
    scene.relay.behave();
}

async fn stands(device: &Device, bond: SpaceId) -> Standing {
    side_of(device, bond).await.unwrap().standing
}

/// Whoever sees two histories compares the number once more.
pub(crate) async fn looks_at_it(device: &Device, bond: SpaceId) {
    let paused = Standing::Paused(Pause::ForkedLog);
    assert_eq!(stands(device, bond).await, paused, "{}", device.name);
    let status = device.vault.status().await.unwrap();
    let fault = status.bonds.iter().find_map(|one| one.fault);
    assert_eq!(fault, Some(BondFault::Paused(Pause::ForkedLog)));
    let number = device.vault.number(bond).await.unwrap();
    device.vault.verify(bond, &number).await.unwrap();
    assert_eq!(stands(device, bond).await, Standing::Active);
}

#[tokio::test]
async fn b2_a_bond_that_two_links_for_one_place_paused_goes_on_when_the_person_has_verified_again()
{
    let scene = Scene::set().await;
    let bond = scene.bond();
    let folder = scene.relay.vault_folder("second");
    let second = scene.owner().pair(&folder, "second").await;
    for _ in 0..2 {
        second.sync().await;
        scene.owner().sync().await;
    }
    let (first_entry, _) = scene.shared("one").await;
    let (second_entry, _) = scene.shared("two").await;
    second.sync().await;
    second.sync().await;
    // A third link for the place that two are signed for below.
    let mut third = scene.hostile_owner().await;
    third.catch_up(scene.relay.address()).await;
    let third = third.epoch(Vec::new()).link;
    // Each device takes back one, before it hears of the other: both begin an epoch at one place.
    scene
        .owner()
        .vault
        .unshare(first_entry, None)
        .await
        .unwrap();
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
    assert_eq!(stands(scene.owner(), bond).await, Standing::Active);
    second.sync().await;
    shown(&scene, &refused, &second).await;
    assert_eq!(stands(&second, bond).await, Standing::Active);
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
async fn k16_a_device_that_was_not_shown_a_bonds_log_does_not_say_that_nobody_answered() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let own = LogId::from(scene.owner().vault.account());
    scene.relay.alter(move |_, reply| {
        reply.links.retain(|link| match link.kind {
            LogKind::Journal => true,
            LogKind::Bond => false,
            LogKind::Account => link
                .open()
                .is_ok_and(|link: AccountLink| link.log_id() == own),
        });
    });
    let folder = scene.relay.vault_folder("second");
    let second = scene.owner().pair(&folder, "second").await;
    second.sync().await;
    let side = side_of(&second, bond).await.unwrap();
    assert!(
        side.since.is_none() || side.standing != Standing::Invited,
        "its journal says that they agreed, and it says {:?}",
        side.standing
    );
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
    let stands = side_of(scene.owner(), bond).await.unwrap().standing;
    assert_eq!((count, stands), (1, Standing::Active));
}

#[tokio::test]
async fn j3_another_device_of_the_supporter_knows_that_they_left() {
    let scene = Scene::set().await;
    scene.shared("quxshared").await;
    let bond = scene.bond();
    let folder = scene.relay.vault_folder("second");
    let second = scene.supporter().pair(&folder, "second").await;
    for _ in 0..2 {
        second.sync().await;
        scene.supporter().sync().await;
    }
    assert_eq!(super::super::texts(&second).await, ["quxshared"]);
    scene.relay.play(TakesNoLinks::new());
    scene.supporter().vault.leave_bond(bond).await.unwrap();
    scene.supporter().sync().await;
    for _ in 0..2 {
        second.sync().await;
    }
    assert_eq!(super::super::texts(&second).await, Vec::<String>::new());
}

#[tokio::test]
async fn a2_a_second_device_takes_no_other_answer_than_the_one_that_its_journal_knows() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let attacker = found(&relay, "attacker").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let second = owner.pair(&relay.vault_folder("second"), "second").await;
    owner.sync().await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    second.sync().await;
    let (hand, forged) = super::strangers::signed_by_relay(&relay, &attacker, &invitation).await;
    let hidden = second.vault.device();
    relay.alter(move |asked, reply| {
        if asked.device == hidden {
            reply.links.retain(|link| !later_bond(link));
        }
    });
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    considered.accept(&person("the owner")).await.unwrap();
    for _ in 0..2 {
        owner.sync().await;
        second.sync().await;
    }
    assert!(
        side_of(&second, bond).await.unwrap().since.is_some(),
        "its journal says that they agreed"
    );
    // It is shown the answer of somebody else, and only then the right one.
    let attackers = StolenDevice::of(&attacker.vault).await;
    let log = LogId::from(attackers.account);
    let account = attackers.logs().links_beyond(log, 0).to_vec();
    relay.alter(move |asked, reply| {
        if asked.device == hidden {
            reply.links.retain(|link| !later_bond(link));
            reply.links.extend(account.iter().cloned());
            reply.links.extend(forged.append.iter().cloned());
        }
    });
    second.sync().await;
    relay.behave();
    for _ in 0..2 {
        second.sync().await;
    }
    let _ = hand;
    let stands = [&owner, &second].map(|device| side_of(device, bond));
    let [here, there] = stands;
    let stands = [here.await.unwrap().standing, there.await.unwrap().standing];
    assert_eq!(stands, [Standing::Active; 2]);
}
