//! What one of two devices is shown, and what both make of it in the end.

use super::super::{
    alone::{invite, person, side_of, strangers::accepted_by_relay},
    found::leaves::new_root,
    together::{long_log, move_link},
};
use crate::stage::found;
use daymark_client::sharing::{Pause, Standing};
use daymark_core::journal::Alias;
use daymark_tests::{
    hostile::{Hoard, HostileRelay, HostileSupporter, StolenDevice},
    world::Device,
};
use daymark_wire::{
    Hash, LogId, Signed, Suite,
    logs::{Accept, Author, BondContent, BondLink, LinkBody},
    sync::AppendOutcome,
};
use jiff::{SignedDuration, Timestamp};

#[tokio::test]
async fn k7_a_second_device_that_was_shown_two_histories_of_a_strangers_comes_to_the_answer_that_its_journal_knows()
 {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let attacker = found(&relay, "attacker").await;
    let phone = owner.pair(&relay.vault_folder("phone"), "phone").await;
    owner.sync().await;
    let first = invite(&owner).await;
    let lapses = Timestamp::now() + SignedDuration::from_hours(24);
    let second = owner.vault.invite(&person("ANOTHER"), None, lapses).await;
    let second = second.unwrap();
    owner.sync().await;
    for _ in 0..2 {
        phone.sync().await;
    }
    // An account of the relay's own accepts the first.
    let stolen = StolenDevice::of(&attacker.vault).await;
    let hand = accepted_by_relay(&relay, &attacker, &first).await;
    phone.sync().await;
    let side = hand.replica.logs.as_bond().unwrap();
    let with = (&*hand.device, &*hand.random);
    let (one, epoch) = long_log(side, with, stolen.logs(), 1);
    let victim = phone.vault.device();
    let shown = [one[0].clone(), epoch];
    relay.alter(move |asked, reply| {
        if asked.device == victim {
            reply.links.extend(shown.iter().cloned());
        }
    });
    phone.sync().await;
    // The second it accepts by another history of that account.
    let own = stolen.logs().account();
    let mut other = own.clone();
    let link = move_link(&other, &hand.device, "https://elsewhere.example");
    other.apply(&link).unwrap();
    let fork = link.to_travel(None);
    let genesis = stolen.logs().links_beyond(own.id().into(), 0).to_vec();
    let bond = second.bond();
    let kept = Hoard::of_relay(&relay).await;
    let is_invite = |link: &&daymark_wire::logs::TravelLink| {
        let link = link.open::<BondContent>();
        link.is_ok_and(|link: BondLink| link.log_id() == LogId::from(bond))
    };
    let invite_link = kept.links().find(is_invite).unwrap().clone();
    let accept: BondLink = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: bond.into(),
            position: 2,
            previous: invite_link.hash(),
            author: Author::Device(hand.device.id()),
            rests_on: vec![second.owner_head(), other.head()],
            content: BondContent::Accept(Accept {
                supporter: own.id(),
                owner: second.owner_head(),
                mac: Hash::from_bytes([0x5c; 32]),
            }),
        },
        hand.device.signing(),
    );
    let accept = accept.to_travel(None);
    let mut round = 0;
    relay.alter(move |asked, reply| {
        if asked.device != victim {
            return;
        }
        round += 1;
        if round == 1 {
            reply.links.extend(genesis.iter().cloned());
            reply.links.push(fork.clone());
            for shown in &mut reply.spaces {
                shown.more |= shown.space == bond;
            }
        } else {
            reply.links.push(accept.clone());
        }
    });
    let _ = phone.vault.sync(&|_| ()).await;
    // From now on the relay is honest, and the right person answers.
    relay.behave();
    let deceived = side_of(&phone, bond).await.unwrap().standing;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let considered = meant.vault.consider(&second.to_string()).await.unwrap();
    considered.accept(&person("the owner")).await.unwrap();
    for _ in 0..3 {
        owner.sync().await;
        let _ = phone.vault.sync(&|_| ()).await;
    }
    let here = side_of(&owner, bond).await.unwrap().standing;
    let there = side_of(&phone, bond).await.unwrap().standing;
    assert_eq!(
        [here, there],
        [Standing::Active; 2],
        "the phone said {deceived:?} before"
    );
}

#[tokio::test]
async fn b2_a_second_device_that_hears_of_the_answer_later_does_not_end_a_pause_for_new_keys() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let supporter = found(&relay, "supporter").await;
    let phone = owner.pair(&relay.vault_folder("phone"), "phone").await;
    owner.sync().await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    for _ in 0..2 {
        phone.sync().await;
    }
    // The person uses this device more: it wrote in the same page, and nothing of that is sent yet.
    for name in ["one", "two", "three", "four"] {
        let alias = Alias::parse("somebody").unwrap();
        phone
            .vault
            .set_alias(&person(name), Some(&alias))
            .await
            .unwrap();
    }
    let considered = supporter.vault.consider(&invitation.to_string()).await;
    considered
        .unwrap()
        .accept(&person("the owner"))
        .await
        .unwrap();
    owner.sync().await;
    // Whoever has the supporter's phrase by now is somebody else.
    let mut hostile = HostileSupporter::of(&supporter.vault, bond).await;
    let link = new_root(&hostile, supporter.phrase.as_ref().unwrap());
    let appended = hostile.append(relay.address(), vec![link.clone()]).await;
    assert_eq!(appended, AppendOutcome::Appended);
    hostile.goes_on(&[link]);
    owner.sync().await;
    let paused = Standing::Paused(Pause::NewRoot);
    assert_eq!(side_of(&owner, bond).await.unwrap().standing, paused);
    // The phone is shown the bond, and not what the owner's other device wrote.
    let (device, journal) = (phone.vault.device(), phone.vault.journal());
    relay.alter(move |asked, reply| {
        for space in &mut reply.spaces {
            if asked.device == device && space.space == journal {
                space.records.clear();
                space.more = false;
            }
        }
    });
    let _ = phone.vault.sync(&|_| ()).await;
    relay.behave();
    for _ in 0..2 {
        phone.sync().await;
        owner.sync().await;
    }
    let here = side_of(&owner, bond).await.unwrap().standing;
    let there = side_of(&phone, bond).await.unwrap().standing;
    assert_eq!([here, there], [paused; 2], "nobody looked at the new keys");
}
