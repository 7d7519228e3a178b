//! Somebody of the relay's own who accepted, and on whom nobody agreed; vaults that stop for good.

use super::super::Scene;
use super::*;
use crate::stage::found;
use daymark_client::sharing::{Invitation, Standing};
use daymark_core::{
    bonds::{AccountLog, BondLogs, Forks, NewEpoch, begin_epoch},
    sync::{BondSide, Wishes},
};
use daymark_tests::{
    hostile::{Hoard, HostileRelay, StolenDevice},
    world::Device,
};
use daymark_wire::{
    DocumentId, Hash, LogId, Signed, Suite,
    logs::{Accept, AccountLink, Author, BondContent, BondLink, LinkBody, LogKind, TravelLink},
    sync::{AppendOutcome, SyncRequest},
};
use jiff::{SignedDuration, Timestamp};

/// *accept* and an epoch by an account of the relay's own, and what it then holds of the bond.
pub(in super::super) async fn accepted_by_relay(
    relay: &HostileRelay,
    attacker: &Device,
    invitation: &Invitation,
) -> StolenDevice {
    let (hand, request) = signed_by_relay(relay, attacker, invitation).await;
    let reply = hand.connect(relay.address()).sync(&request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);
    hand
}

/// The same, before it is brought.
pub(in super::super) async fn signed_by_relay(
    relay: &HostileRelay,
    attacker: &Device,
    invitation: &Invitation,
) -> (StolenDevice, SyncRequest) {
    let mut hand = StolenDevice::of(&attacker.vault).await;
    let own = hand.logs().account().clone();
    let own_log = AccountLog::of_own(hand.logs());
    let bond = LogId::from(invitation.bond());
    let kept = Hoard::of_relay(relay).await;
    let of_bond = |link: &&TravelLink| match link.kind {
        LogKind::Bond => link
            .open::<BondContent>()
            .is_ok_and(|link: BondLink| link.log_id() == bond),
        LogKind::Account => true,
        LogKind::Journal => false,
    };
    let mut links: Vec<_> = kept.links().filter(of_bond).cloned().collect();
    links.sort_by_key(|link| match link.kind {
        LogKind::Account => {
            let link: AccountLink = link.open().unwrap();
            link.claimed().position
        }
        _ => 0,
    });
    let mut logs = BondLogs::fold(&links, &own).unwrap();
    let owner = logs.other().unwrap().head();
    let accept: BondLink = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: bond,
            position: 2,
            previous: logs.state().last(),
            author: Author::Device(hand.device.id()),
            rests_on: vec![owner, own.head()],
            content: BondContent::Accept(Accept {
                supporter: own.id(),
                owner: invitation.owner_head(),
                mac: Hash::from_bytes([0x5c; 32]),
            }),
        },
        hand.device.signing(),
    );
    let accept = accept.to_travel(None);
    let mut known = hand.logs().known();
    known.extend(logs.known());
    assert_eq!(logs.take(std::slice::from_ref(&accept), &own).fault, None);
    let agreed = logs.accepted().unwrap().own(own.id()).unwrap();
    let epoch = begin_epoch(
        &logs,
        &agreed,
        &own,
        NewEpoch::default(),
        &hand.device,
        &hand.random,
    )
    .unwrap();
    assert_eq!(
        logs.take(std::slice::from_ref(&epoch.link), &own).fault,
        None
    );
    let request = SyncRequest {
        known,
        append: vec![accept, epoch.link],
        spaces: Vec::new(),
        invite: Some(invitation.secret().token().to_header()),
    };
    hand.space = invitation.bond();
    hand.replica.epochs.insert(epoch.epoch.0, epoch.epoch.1);
    hand.replica.logs = BondSide {
        logs,
        own: own_log,
        agreed: Some(agreed),
        pin: None,
        forks: Forks::default(),
        wishes: Wishes::default(),
        now: 1,
    }
    .into();
    (hand, request)
}

#[tokio::test]
async fn a2_nothing_is_kept_of_somebody_who_agreed_on_nothing() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let attacker = found(&relay, "attacker").await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    let mut hand = accepted_by_relay(&relay, &attacker, &invitation).await;
    owner.sync().await;
    let standing = side_of(&owner, bond).await.unwrap().standing;
    assert_eq!(standing, Standing::NotAgreed);
    let filler = vec![0x51; 500 * 1024];
    let mut seals = 0_u8;
    let size = async || {
        let file = owner.vault.folder().join("vault.sqlite");
        std::fs::metadata(file).unwrap().len()
    };
    let before = size().await;
    let records: Vec<_> = (0..24)
        .map(|_| {
            seals += 1;
            hand.seal(DocumentId::from_bytes([seals; 16]), &filler)
        })
        .collect();
    relay.alter(move |_, reply| {
        for space in &mut reply.spaces {
            if space.space == bond {
                space.records.clone_from(&records);
            }
        }
    });
    owner.sync().await;
    let kept = Hoard::of_vault(&owner.vault).await.of_space(bond);
    let kept = kept.records().filter(|record| record.body().is_some());
    assert_eq!(
        kept.count(),
        0,
        "records of a stranger are on the owner's disk: {} bytes became {}",
        before,
        size().await
    );
}

/// Everything that a person does after an attack, with a relay that is honest again.
async fn goes_on(relay: &HostileRelay, device: &Device) {
    relay.behave();
    let entry = device.write("a quiet day").await;
    let synced = device.vault.sync(&|_| ()).await;
    let status = device.vault.status().await;
    let listed = device.vault.supporters().await;
    assert!(
        synced.is_ok() && status.is_ok() && listed.is_ok(),
        "sync {:?}; status {:?}; list {:?}",
        synced.map(|_| ()),
        status.map(|_| ()),
        listed.map(|_| ())
    );
    assert_eq!(device.text(entry).await, "a quiet day");
}

#[tokio::test]
async fn k9_a_link_that_is_none_before_ones_own_does_not_stop_the_journal_for_good() {
    let scene = Scene::set().await;
    let folder = |name: &str| scene.relay.vault_folder(name);
    let second = scene.owner().pair(&folder("second"), "second").await;
    let (entry, _) = scene.shared("quxshared").await;
    for _ in 0..2 {
        second.sync().await;
        scene.owner().sync().await;
    }
    // The account's log goes on, and then the bond's, which rests on it.
    let _third = second.pair(&folder("third"), "third").await;
    second.vault.unshare(entry, None).await.unwrap();
    second.sync().await;
    let victim = scene.owner().vault.device();
    scene.relay.alter(move |asked, reply| {
        if asked.device == victim && !reply.links.is_empty() {
            let mut junk = reply.links[0].clone();
            junk.kind = LogKind::Account;
            junk.bytes = vec![0xff];
            junk.blob = None;
            reply.links.insert(0, junk);
        }
    });
    let _ = scene.owner().vault.sync(&|_| ()).await;
    goes_on(&scene.relay, scene.owner()).await;
}

#[tokio::test]
async fn a2_an_account_of_the_relays_own_in_a_bond_that_nobody_agreed_on_does_not_stop_the_journal()
{
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let attacker = found(&relay, "attacker").await;
    let invitation = invite(&owner).await;
    let logs = StolenDevice::of(&attacker.vault).await;
    let hand = accepted_by_relay(&relay, &attacker, &invitation).await;
    owner.sync().await;
    let side = hand.replica.logs.as_bond().unwrap();
    let (links, epoch) =
        super::super::together::long_log(side, (&hand.device, &hand.random), logs.logs(), 4_200);
    let victim = owner.vault.device();
    relay.alter(move |asked, reply| {
        if asked.device == victim {
            reply.links.extend(links.iter().cloned());
            reply.links.push(epoch.clone());
        }
    });
    let _ = owner.vault.sync(&|_| ()).await;
    goes_on(&relay, &owner).await;
}

#[tokio::test]
async fn k7_two_histories_of_an_account_of_the_relays_own_do_not_stop_the_journal() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let attacker = found(&relay, "attacker").await;
    let first = invite(&owner).await;
    let stolen = StolenDevice::of(&attacker.vault).await;
    let hand = accepted_by_relay(&relay, &attacker, &first).await;
    owner.sync().await;
    let side = hand.replica.logs.as_bond().unwrap();
    let with = (&*hand.device, &*hand.random);
    // One history in the first bond.
    let (one, epoch) = super::super::together::long_log(side, with, stolen.logs(), 1);
    let (two, _) = super::super::together::long_log(side, with, stolen.logs(), 2);
    assert_eq!(one[0].bytes, two[0].bytes, "the same so far");
    let victim = owner.vault.device();
    let shown = [one[0].clone(), epoch];
    relay.alter(move |asked, reply| {
        if asked.device == victim {
            reply.links.extend(shown.iter().cloned());
        }
    });
    owner.sync().await;
    relay.behave();
    // Another in the second.
    let lapses = Timestamp::now() + SignedDuration::from_hours(24);
    let second = owner.vault.invite(&person("ANOTHER"), None, lapses).await;
    let second = second.unwrap();
    owner.sync().await;
    let own = stolen.logs().account();
    let mut other = own.clone();
    let link = super::super::together::move_link(&other, &hand.device, "https://elsewhere.example");
    other.apply(&link).unwrap();
    let fork = link.to_travel(None);
    let genesis = stolen.logs().links_beyond(own.id().into(), 0).to_vec();
    let kept = Hoard::of_relay(&relay).await;
    let bond = LogId::from(second.bond());
    let invite_link = kept
        .links()
        .find(|link| {
            link.open::<BondContent>()
                .is_ok_and(|link: BondLink| link.log_id() == bond)
        })
        .unwrap()
        .clone();
    let owner_head = second.owner_head();
    let accept: BondLink = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: bond,
            position: 2,
            previous: invite_link.hash(),
            author: Author::Device(hand.device.id()),
            rests_on: vec![owner_head, other.head()],
            content: BondContent::Accept(Accept {
                supporter: own.id(),
                owner: owner_head,
                mac: Hash::from_bytes([0x5c; 32]),
            }),
        },
        hand.device.signing(),
    );
    let accept = accept.to_travel(None);
    let (space, mut round) = (second.bond(), 0);
    relay.alter(move |asked, reply| {
        if asked.device != victim {
            return;
        }
        round += 1;
        if round == 1 {
            reply.links.extend(genesis.iter().cloned());
            reply.links.push(fork.clone());
            for shown in &mut reply.spaces {
                shown.more |= shown.space == space;
            }
        } else {
            reply.links.push(accept.clone());
        }
    });
    let _ = owner.vault.sync(&|_| ()).await;
    goes_on(&relay, &owner).await;
}
