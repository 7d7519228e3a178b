//! Answers that a relay took and denied, refused, or showed too late.

use super::*;
use crate::stage::found;
use daymark_client::sharing::{BondFault, Pause, ShareError, Standing};
use daymark_tests::{
    hostile::{Answer, Asked, HostileRelay, Script},
    world::{Device, SetClock},
};
use daymark_wire::{
    logs::{AccountLink, BondLink, LogKind, TravelLink},
    problem::Code,
    sync::AppendOutcome,
};

#[tokio::test]
async fn l13_an_answer_that_a_relay_took_and_denied_is_brought_again() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    relay.alter(|asked, reply| {
        if brings_bond(asked) {
            assert_eq!(reply.append, AppendOutcome::Appended, "it took the answer");
            reply.append = AppendOutcome::NotNext;
        }
    });
    let said = considered.accept(&person("the owner")).await;
    relay.behave();
    for _ in 0..2 {
        owner.sync().await;
        // Without a relay in the end, where the answer was given up.
        let _ = meant.vault.sync(&|_| ()).await;
    }
    let here = side_of(&owner, bond).await.unwrap().standing;
    let there = side_of(&meant, bond).await.map(|one| one.standing);
    assert_eq!(here, Standing::Active);
    assert_eq!(
        there,
        Some(Standing::Active),
        "the owner is told that both agreed; the other was told {said:?}"
    );
}

#[tokio::test]
async fn b3_an_answer_of_which_was_said_that_it_failed_does_not_come_to_be_later() {
    struct Fails;
    impl Script for Fails {
        fn instead(&mut self, asked: &Asked) -> Option<Answer> {
            brings_bond(asked).then(|| Answer::problem(Code::Internal, "try later", &[]))
        }
    }
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = found(&relay, "meant").await;
    let invitation = invite(&owner).await;
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    relay.play(Fails);
    let said = considered.accept(&person("the owner")).await.unwrap_err();
    relay.behave();
    meant.sync().await;
    // `Undecided` is "the only variant after which the bond may yet come to be".
    let came = side_of(&meant, invitation.bond()).await.is_some();
    assert!(
        matches!(said, ShareError::Undecided) || !came,
        "{said:?}, and they agreed all the same"
    );
}

#[tokio::test]
async fn a4_an_answer_that_waits_goes_to_no_other_relay_than_the_invitations() {
    let relay = HostileRelay::start().await;
    let another = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let invitation = invite(&owner).await;
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    struct Lost;
    impl Script for Lost {
        fn instead(&mut self, asked: &Asked) -> Option<Answer> {
            brings_bond(asked).then(|| Answer::problem(Code::Unavailable, "", &[]).unsigned())
        }
    }
    relay.play(Lost);
    let said = considered.accept(&person("the owner")).await.unwrap_err();
    assert!(matches!(said, ShareError::Undecided), "{said:?}");
    meant
        .vault
        .set_relay(&another.address(), None)
        .await
        .unwrap();
    let _ = meant.vault.sync(&|_| ()).await;
    let token = invitation.secret().token().to_header();
    let token = token.rsplit(' ').next().unwrap().to_owned();
    assert!(!another.knows(token.as_bytes()), "the token");
    assert!(
        !another.knows(invitation.owner().as_bytes()),
        "the owner's account"
    );
}

#[tokio::test]
async fn b2_an_answer_that_a_relay_showed_after_the_invitation_lapsed_leaves_a_bond_that_can_be_ended()
 {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    considered.accept(&person("the owner")).await.unwrap();
    // In time; but the owner is shown it when the day has passed.
    relay.alter(move |_, reply| reply.links.retain(|link| !later_bond(link)));
    let clock = SetClock::default();
    clock.put_ahead(2);
    let owner = owner.by_clock(&clock).await;
    owner.sync().await;
    relay.behave();
    for _ in 0..2 {
        owner.sync().await;
        meant.sync().await;
    }
    let here = side_of(&owner, bond).await.unwrap();
    let there = side_of(&meant, bond).await.unwrap().standing;
    let ended = owner.vault.end_bond(bond).await;
    owner.sync().await;
    meant.sync().await;
    let after = side_of(&meant, bond).await.unwrap().standing;
    assert!(
        here.standing == there || matches!(after, Standing::Ended { .. }),
        "owner {:?} (ending {}), supporter {there:?}; ending it: {ended:?}; supporter then {after:?}",
        here.standing,
        here.ending
    );
}

#[tokio::test]
async fn b7_a_relay_whose_invitation_was_refused_is_not_the_journals_from_then_on() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let entry = meant.write("quxmyownjournal").await;
    let invitation = invite(&owner).await;
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    struct Refuses;
    impl Script for Refuses {
        fn instead(&mut self, asked: &Asked) -> Option<Answer> {
            brings_bond(asked).then(|| Answer::problem(Code::BadInvite, "", &[]))
        }
    }
    relay.play(Refuses);
    let said = considered.accept(&person("the owner")).await.unwrap_err();
    assert!(matches!(said, ShareError::NoInvitation), "{said:?}");
    relay.behave();
    let set = meant.vault.relay().await.unwrap();
    let synced = meant.vault.sync(&|_| ()).await;
    let brought = relay
        .database()
        .await
        .records_of(meant.vault.device())
        .await;
    assert!(
        set.is_none() && brought.is_empty(),
        "nothing is kept, it says; {set:?}, sync {:?}: {} records of the journal are there now ({entry})",
        synced.map(|_| ()),
        brought.len()
    );
}

/// Answers nothing where a link of a bond is brought.
struct Silent;

impl Script for Silent {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        brings_bond(asked).then(|| Answer::problem(Code::Unavailable, "", &[]).unsigned())
    }
}

#[tokio::test]
async fn l13_an_answer_that_waits_is_shown_and_can_be_withdrawn() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let invitation = invite(&owner).await;
    let text = invitation.to_string();
    let considered = meant.vault.consider(&text).await.unwrap();
    relay.play(Silent);
    considered.accept(&person("the owner")).await.unwrap_err();
    let faults = async || {
        let bonds = meant.vault.status().await.unwrap().bonds.into_iter();
        bonds.map(|bond| bond.fault).collect::<Vec<_>>()
    };
    assert_eq!(faults().await, [Some(BondFault::AnswerWaits)]);
    let known = meant.vault.find_supporter("the owner").await.unwrap();
    assert_eq!(known.standing, Standing::Paused(Pause::Withheld));
    meant.vault.leave_bond(known.bond).await.unwrap();
    assert_eq!(faults().await, []);
    relay.behave();
    assert_eq!(meant.vault.bring_answers().await.unwrap(), 0);
    owner.sync().await;
    let standing = side_of(&owner, invitation.bond()).await.unwrap().standing;
    assert_eq!(standing, Standing::Invited);
    // And it can be given anew.
    let considered = meant.vault.consider(&text).await.unwrap();
    considered.accept(&person("the owner")).await.unwrap();
}

#[tokio::test]
async fn l13_an_answer_that_a_relay_refused_rests_until_the_person_tries_again() {
    struct Refuses;
    impl Script for Refuses {
        fn instead(&mut self, asked: &Asked) -> Option<Answer> {
            brings_bond(asked).then(|| Answer::problem(Code::BadInvite, "", &[]))
        }
    }
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let invitation = invite(&owner).await;
    let text = invitation.to_string();
    let considered = meant.vault.consider(&text).await.unwrap();
    relay.play(Refuses);
    considered.accept(&person("the owner")).await.unwrap_err();
    relay.behave();
    assert_eq!(meant.vault.bring_answers().await.unwrap(), 0);
    let status = meant.vault.status().await.unwrap();
    assert_eq!(status.bonds[0].fault, Some(BondFault::AnswerRefused));
    // What was signed, and no other.
    let again = meant.vault.consider(&text).await.unwrap_err();
    assert!(matches!(again, ShareError::AlreadyAccepted), "{again:?}");
    owner.sync().await;
    for device in [&owner, &meant] {
        let side = side_of(device, invitation.bond()).await.unwrap();
        assert_eq!(side.standing, Standing::Active);
    }
    assert_eq!(signed_by(&relay, &meant, 2, LogKind::Bond).len(), 1);
}

#[tokio::test]
async fn l13_a_move_that_a_relay_denied_is_not_signed_anew_for_its_other_address() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let mut by_name = relay.address();
    by_name.url.set_host(Some("localhost")).unwrap();
    let (folder, address) = (relay.vault_folder("other"), Some((by_name, None)));
    let other = Device::found(&folder, "other", address).await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let mut invitations = Vec::new();
    for owner in [&owner, &other] {
        invitations.push(invite(owner).await);
    }
    assert_ne!(invitations[0].relay().url, invitations[1].relay().url);
    // It keeps all of it, and says that it came too late.
    let device = meant.vault.device();
    relay.alter(move |asked, reply| {
        if asked.device == device && !asked.request.append.is_empty() {
            reply.append = AppendOutcome::NotNext;
            reply.links.clear();
        }
    });
    for (invitation, name) in invitations.iter().zip(["the owner", "the other"]) {
        let considered = meant.vault.consider(&invitation.to_string()).await;
        let _ = considered.unwrap().accept(&person(name)).await;
    }
    assert_eq!(signed_by(&relay, &meant, 2, LogKind::Account).len(), 1);
}

/// What a device brought for this place of its own logs of a kind: each once.
fn signed_by(
    relay: &HostileRelay,
    device: &Device,
    position: u64,
    kind: LogKind,
) -> Vec<TravelLink> {
    let is_there = |link: &TravelLink| match kind {
        LogKind::Account => link
            .open()
            .is_ok_and(|link: AccountLink| link.claimed().position == position),
        _ => link
            .open()
            .is_ok_and(|link: BondLink| link.claimed().position == position),
    };
    let mut signed: Vec<TravelLink> = Vec::new();
    for exchange in relay.exchanges_of(device.vault.device()) {
        for link in exchange.asked.request.append {
            if link.kind == kind && is_there(&link) && !signed.contains(&link) {
                signed.push(link);
            }
        }
    }
    signed
}
