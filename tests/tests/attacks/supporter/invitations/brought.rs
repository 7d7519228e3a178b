//! L13, B3, A4, B7: answers that a relay took and denied, refused, or never answered.

use super::*;
use daymark_client::sharing::{BondFault, Pause};
use daymark_wire::{
    logs::{AccountLink, BondLink, LogKind, TravelLink},
    sync::AppendOutcome,
};

#[tokio::test]
async fn l13_an_answer_that_a_relay_took_and_denied_is_brought_again() {
    let open = Open::set().await;
    let bond = open.invitation.bond();
    let considered = open
        .meant
        .vault
        .consider(&open.invitation.to_string())
        .await
        .unwrap();
    open.relay.alter(|asked, reply| {
        if brings_bond(asked) {
            assert_eq!(reply.append, AppendOutcome::Appended, "it took the answer");
            reply.append = AppendOutcome::NotNext;
        }
    });
    let said = considered.accept(&person("the owner")).await;
    open.relay.behave();
    for _ in 0..2 {
        open.owner.sync().await;
        // Without a relay in the end, where the answer was given up.
        let _ = open.meant.vault.sync(&|_| ()).await;
    }
    let here = standing(&open.owner, bond).await;
    let there = side_of(&open.meant, bond).await.map(|one| one.standing);
    assert_eq!(here, Standing::Active);
    assert_eq!(
        there,
        Some(Standing::Active),
        "the owner is told that both agreed; the other was told {said:?}"
    );
}

#[tokio::test]
async fn b3_an_answer_of_which_was_said_that_it_failed_does_not_come_to_be_later() {
    const FAILS: Answers = Answers(|| Answer::problem(Code::Internal, "try later", &[]));
    let open = Open::set().await;
    let said = is_told(&open.relay, &open.stranger, &open.invitation, FAILS).await;
    open.relay.behave();
    open.stranger.sync().await;
    // `Undecided` is "the only variant after which the bond may yet come to be".
    let came = side_of(&open.stranger, open.invitation.bond())
        .await
        .is_some();
    assert!(
        matches!(said, ShareError::Undecided) || !came,
        "{said:?}, and they agreed all the same"
    );
}

#[tokio::test]
async fn b7_a_relay_whose_invitation_was_refused_is_not_the_journals_from_then_on() {
    let open = Open::set().await;
    let entry = open.meant.write("quxmyownjournal").await;
    let said = is_told(&open.relay, &open.meant, &open.invitation, REFUSES).await;
    assert!(matches!(said, ShareError::NoInvitation), "{said:?}");
    open.relay.behave();
    let set = open.meant.vault.relay().await.unwrap();
    let synced = open.meant.vault.sync(&|_| ()).await;
    let brought = open
        .relay
        .database()
        .await
        .records_of(open.meant.vault.device())
        .await;
    assert!(
        set.is_none() && brought.is_empty(),
        "nothing is kept, it says; {set:?}, sync {:?}: {} records of the journal are there now ({entry})",
        synced.map(|_| ()),
        brought.len()
    );
}

#[tokio::test]
async fn l13_an_answer_that_waits_is_shown_and_can_be_withdrawn() {
    let open = Open::set().await;
    is_told(&open.relay, &open.meant, &open.invitation, SILENT).await;
    let faults = async || {
        let bonds = open.meant.vault.status().await.unwrap().bonds.into_iter();
        bonds.map(|bond| bond.fault).collect::<Vec<_>>()
    };
    assert_eq!(faults().await, [Some(BondFault::AnswerWaits)]);
    let known = open.meant.vault.find_supporter("the owner").await.unwrap();
    assert_eq!(known.standing, Standing::Paused(Pause::Withheld));
    open.meant.vault.leave_bond(known.bond).await.unwrap();
    assert_eq!(faults().await, []);
    open.relay.behave();
    assert_eq!(open.meant.vault.bring_answers().await.unwrap(), 0);
    open.owner.sync().await;
    let stands = standing(&open.owner, open.invitation.bond()).await;
    assert_eq!(stands, Standing::Invited);
    // And it can be given anew.
    accept(&open.meant, &open.invitation).await;
}

#[tokio::test]
async fn l13_an_answer_that_a_relay_refused_rests_until_the_person_tries_again() {
    let open = Open::set().await;
    is_told(&open.relay, &open.meant, &open.invitation, REFUSES).await;
    open.relay.behave();
    assert_eq!(open.meant.vault.bring_answers().await.unwrap(), 0);
    let status = open.meant.vault.status().await.unwrap();
    assert_eq!(status.bonds[0].fault, Some(BondFault::AnswerRefused));
    // What was signed, and no other.
    let again = open
        .meant
        .vault
        .consider(&open.invitation.to_string())
        .await;
    let again = again.unwrap_err();
    assert!(matches!(again, ShareError::AlreadyAccepted), "{again:?}");
    open.owner.sync().await;
    for device in [&open.owner, &open.meant] {
        let stands = standing(device, open.invitation.bond()).await;
        assert_eq!(stands, Standing::Active);
    }
    assert_eq!(
        signed_by(&open.relay, &open.meant, 2, LogKind::Bond).len(),
        1
    );
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

#[tokio::test]
async fn l13_whoever_withdrew_an_answer_from_a_silent_relay_can_accept_at_another() {
    let open = Open::set().await;
    let another = HostileRelay::start().await;
    let friend = found(&another, "friend").await;
    is_told(&open.relay, &open.meant, &open.invitation, SILENT).await;
    let bond = open.invitation.bond();
    open.meant.vault.leave_bond(bond).await.unwrap();
    let status = open.meant.vault.status().await.unwrap();
    assert_eq!(status.bonds, [], "nothing waits");
    // Somebody else invites, at a relay that is honest.
    let second = invite(&friend).await;
    let considered = open
        .meant
        .vault
        .consider(&second.to_string())
        .await
        .unwrap();
    let said = considered.accept(&person("a friend")).await;
    assert!(said.is_ok(), "{said:?}");
}

#[tokio::test]
async fn a4_an_answer_that_waits_goes_to_no_other_relay_than_the_invitations() {
    let open = Open::set().await;
    let another = HostileRelay::start().await;
    let said = is_told(&open.relay, &open.meant, &open.invitation, SILENT).await;
    assert!(matches!(said, ShareError::Undecided), "{said:?}");
    open.meant
        .vault
        .set_relay(&another.address(), None)
        .await
        .unwrap();
    let _ = open.meant.vault.sync(&|_| ()).await;
    let token = open.invitation.secret().token().to_header();
    let token = token.rsplit(' ').next().unwrap().to_owned();
    assert!(!another.knows(token.as_bytes()), "the token");
    assert!(
        !another.knows(open.invitation.owner().as_bytes()),
        "the owner's account"
    );
}

#[tokio::test]
async fn a4_a_move_that_was_signed_for_an_answer_goes_to_no_other_relay_than_the_invitations() {
    let open = Open::set().await;
    let another = HostileRelay::start().await;
    is_told(&open.relay, &open.meant, &open.invitation, SILENT).await;
    open.meant
        .vault
        .leave_bond(open.invitation.bond())
        .await
        .unwrap();
    open.meant
        .vault
        .set_relay(&another.address(), None)
        .await
        .unwrap();
    for _ in 0..2 {
        let _ = open.meant.vault.sync(&|_| ()).await;
    }
    let url = open.relay.address().url.to_string();
    assert!(
        !another.knows(url.trim_end_matches('/').as_bytes()),
        "where the owner's bonds live"
    );
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
