//! Answers to an invitation of which its owner was told that nothing came of it.

use super::super::alone::{
    TakesNoLinks, brings_bond, invite, later_bond, person, side_of, strangers::signed_by_relay,
};
use crate::stage::found;
use daymark_client::sharing::{Invitation, SpaceId, Standing};
use daymark_tests::{
    hostile::{Answer, Asked, Hoard, HostileRelay, Script, StolenDevice},
    world::{Device, SetClock},
};
use daymark_wire::{
    LogId,
    invitation::Decline,
    logs::{AccountContent, TravelLink},
    problem::Code,
    sync::SyncReply,
};

/// Somebody who found the invitation accepts it now, at a relay that takes it.
async fn found_and_accepted(relay: &HostileRelay, invitation: &Invitation) -> Device {
    let folder = relay.vault_folder("finder");
    let finder = Device::found(&folder, "finder", None).await;
    let considered = finder.vault.consider(&invitation.to_string()).await;
    let accepted = considered.unwrap().accept(&person("the owner")).await;
    accepted.unwrap();
    finder
}

#[tokio::test]
async fn b3_an_invitation_that_lapsed_a_year_ago_makes_nobody_a_supporter_whatever_a_relay_takes() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    // A year goes by. The relay takes no link that says so.
    let clock = SetClock::default();
    clock.put_ahead(400);
    let owner = owner.by_clock(&clock).await;
    relay.play(TakesNoLinks::new());
    for _ in 0..2 {
        let _ = owner.vault.sync(&|_| ()).await;
    }
    let told = side_of(&owner, bond).await.unwrap().standing;
    assert_eq!(told, Standing::Lapsed);
    // By the clock of this relay it may be accepted for ever.
    relay.behave();
    let _finder = found_and_accepted(&relay, &invitation).await;
    for _ in 0..2 {
        owner.sync().await;
    }
    let stands = side_of(&owner, bond).await.unwrap().standing;
    assert_ne!(stands, Standing::Active, "it was {told:?} for a year");
}

#[tokio::test]
async fn b3_an_answer_in_time_is_agreed_though_its_owner_was_away_until_after_the_last_day() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let invitation = invite(&owner).await;
    let meant = found_and_accepted(&relay, &invitation).await;
    let clock = SetClock::default();
    clock.put_ahead(400);
    let owner = owner.by_clock(&clock).await;
    let before = side_of(&owner, invitation.bond()).await.unwrap().standing;
    assert_eq!(before, Standing::Lapsed);
    owner.sync().await;
    meant.sync().await;
    for device in [&owner, &meant] {
        let stands = side_of(device, invitation.bond()).await.unwrap().standing;
        assert_eq!(stands, Standing::Active);
    }
}

/// Shows an owner the no that was given, and takes no link.
struct Declined {
    bond: SpaceId,
    no: Decline,
    inner: TakesNoLinks,
}

impl Script for Declined {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        self.inner.instead(asked)
    }

    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        for space in &mut reply.spaces {
            if space.space == self.bond {
                space.declined = Some(self.no);
            }
        }
        self.inner.sync(asked, reply)
    }
}

/// The no of whoever holds the invitation.
async fn declined(relay: &HostileRelay, invitation: &Invitation) -> Decline {
    let kept = Hoard::of_relay(relay).await;
    let mut links: Vec<TravelLink> = kept.links().cloned().collect();
    links.sort_by_key(|link| {
        let account = link.open::<AccountContent>();
        account.map_or(u64::MAX, |link| link.claimed().position)
    });
    let offer = daymark_core::bonds::consider(invitation.clone(), &links);
    offer.unwrap().decline()
}

#[tokio::test]
async fn b3_an_invitation_that_was_declined_makes_nobody_a_supporter_whatever_a_relay_takes() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    relay.play(Declined {
        bond,
        no: declined(&relay, &invitation).await,
        inner: TakesNoLinks::new(),
    });
    for _ in 0..2 {
        let _ = owner.vault.sync(&|_| ()).await;
    }
    let told = side_of(&owner, bond).await.unwrap().standing;
    assert_eq!(told, Standing::Declined);
    relay.behave();
    let _finder = found_and_accepted(&relay, &invitation).await;
    for _ in 0..2 {
        owner.sync().await;
    }
    let stands = side_of(&owner, bond).await.unwrap().standing;
    assert_ne!(stands, Standing::Active, "it was {told:?}");
}

/// Answers nothing where a link of a bond is brought.
struct Silent;

impl Script for Silent {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        brings_bond(asked).then(|| Answer::problem(Code::Unavailable, "", &[]).unsigned())
    }
}

#[tokio::test]
async fn l13_whoever_withdrew_an_answer_from_a_silent_relay_can_accept_at_another() {
    let relay = HostileRelay::start().await;
    let another = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let friend = found(&another, "friend").await;
    let folder = relay.vault_folder("meant");
    let meant = Device::found(&folder, "meant", None).await;
    let first = invite(&owner).await;
    let considered = meant.vault.consider(&first.to_string()).await.unwrap();
    relay.play(Silent);
    let said = considered.accept(&person("the owner")).await;
    assert!(said.is_err());
    meant.vault.leave_bond(first.bond()).await.unwrap();
    let status = meant.vault.status().await.unwrap();
    assert_eq!(status.bonds, [], "nothing waits");
    // Somebody else invites, at a relay that is honest.
    let second = invite(&friend).await;
    let considered = meant.vault.consider(&second.to_string()).await.unwrap();
    let said = considered.accept(&person("a friend")).await;
    assert!(said.is_ok(), "{said:?}");
}

#[tokio::test]
async fn a2_an_answer_of_the_relays_own_that_was_shown_once_leaves_nothing_that_nobody_can_end() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let attacker = found(&relay, "attacker").await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    let (_, forged) = signed_by_relay(&relay, &attacker, &invitation).await;
    let attackers = StolenDevice::of(&attacker.vault).await;
    let log = LogId::from(attackers.account);
    let mut shown = attackers.logs().links_beyond(log, 0).to_vec();
    shown.extend(forged.append);
    let device = owner.vault.device();
    relay.alter(move |asked, reply| {
        if asked.device == device {
            reply.links.extend(shown.iter().cloned());
        }
    });
    let _ = owner.vault.sync(&|_| ()).await;
    let told = side_of(&owner, bond).await.unwrap().standing;
    assert_eq!(told, Standing::NotAgreed);
    // From now on the relay is honest. Who was meant accepts; the owner ends it.
    relay.behave();
    let meant = found_and_accepted(&relay, &invitation).await;
    owner.vault.end_bond(bond).await.unwrap();
    let mut said = Vec::new();
    for _ in 0..3 {
        let synced = owner.vault.sync(&|_| ()).await;
        said.push(synced.map(|report| report.faults));
        let _ = meant.vault.sync(&|_| ()).await;
    }
    let there = side_of(&meant, bond).await.unwrap().standing;
    assert_ne!(
        there,
        Standing::Active,
        "the owner ended it; each sync: {said:?}"
    );
}

/// Hides from everybody what stands in a bond after its *invite*, and takes no link of it.
struct Hides(TakesNoLinks);

impl Script for Hides {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        self.0.instead(asked)
    }

    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        reply.links.retain(|link| !later_bond(link));
        self.0.sync(asked, reply)
    }
}

#[tokio::test]
async fn b2_a_lapse_that_was_signed_before_the_answer_was_shown_pauses_nobody_for_good() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    // In time, and the owner is not shown it.
    let meant = found_and_accepted(&relay, &invitation).await;
    let clock = SetClock::default();
    clock.put_ahead(2);
    let owner = owner.by_clock(&clock).await;
    relay.play(Hides(TakesNoLinks::new()));
    for _ in 0..2 {
        let _ = owner.vault.sync(&|_| ()).await;
    }
    let exchanges = relay.exchanges_of(owner.vault.device());
    let mut brought = exchanges.iter().flat_map(|one| &one.asked.request.append);
    let lapse = brought.find(|link| later_bond(link)).unwrap().clone();
    // Now it is shown the answer, and both are shown the lapse.
    relay.behave();
    owner.sync().await;
    relay.alter(move |_, reply| reply.links.push(lapse.clone()));
    for device in [&owner, &meant] {
        let _ = device.vault.sync(&|_| ()).await;
    }
    relay.behave();
    let mut stand = Vec::new();
    for device in [&owner, &meant] {
        let _ = device.vault.sync(&|_| ()).await;
        stand.push(side_of(device, bond).await.unwrap().standing);
    }
    let is_paused = |one: &Standing| matches!(one, Standing::Paused(_));
    assert!(!stand.iter().any(is_paused), "{stand:?}");
}

#[tokio::test]
async fn a4_a_move_that_was_signed_for_an_answer_goes_to_no_other_relay_than_the_invitations() {
    let relay = HostileRelay::start().await;
    let another = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let folder = relay.vault_folder("meant");
    let meant = Device::found(&folder, "meant", None).await;
    let invitation = invite(&owner).await;
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    relay.play(Silent);
    let said = considered.accept(&person("the owner")).await;
    assert!(said.is_err());
    meant.vault.leave_bond(invitation.bond()).await.unwrap();
    meant
        .vault
        .set_relay(&another.address(), None)
        .await
        .unwrap();
    for _ in 0..2 {
        let _ = meant.vault.sync(&|_| ()).await;
    }
    let url = relay.address().url.to_string();
    assert!(
        !another.knows(url.trim_end_matches('/').as_bytes()),
        "where the owner's bonds live"
    );
}
