//! What a relay shows for an invitation is what was handed over, or it is refused by name.

use super::super::{BondError, Invitation, InvitationSecret, consider, end};
use super::{LATER, NOW, Person, home, offer};
use crate::{journal::OwnerName, keys::DeviceKey, random::tests::seeded};
use daymark_wire::logs::{EndReason, Head, Home, LogError};

/// The invitation with other things in it, as somebody could have made it up.
fn made_up(owner: &Person, of: &Invitation, head: Head, relay: Home) -> Invitation {
    let name = OwnerName::parse("NAME").unwrap();
    Invitation::new(
        relay,
        of.bond(),
        (owner.id(), head),
        &of.secret(),
        Some(&name),
    )
}

#[test]
fn another_account_in_the_owners_place_is_refused() {
    let (owner, another) = (Person::new(1), Person::new(3));
    let invited = owner.invite();
    let invitation = || invited.invitation.clone();
    let swapped = [
        another.links.as_slice(),
        std::slice::from_ref(&invited.link),
    ]
    .concat();
    assert_eq!(consider(invitation(), &swapped), Err(BondError::OtherOwner));
    assert_eq!(consider(invitation(), &[]), Err(BondError::OtherOwner));
    // Beside the true one it does no harm.
    let beside = [swapped, owner.links.clone()].concat();
    assert!(consider(invitation(), &beside).is_ok());
}

#[test]
fn an_older_or_another_history_of_the_owner_is_refused() {
    let mut owner = Person::new(1);
    owner.replace_account_key();
    let invited = owner.invite();
    let shorter = [owner.links[0].clone(), invited.link.clone()];
    let refused = consider(invited.invitation.clone(), &shorter);
    assert_eq!(refused, Err(BondError::OtherHistory));
    let gap = [owner.links[1].clone(), invited.link.clone()];
    let refused = consider(invited.invitation.clone(), &gap);
    assert_eq!(refused, Err(BondError::OtherHistory));

    let mut forged = owner.links.clone();
    forged[1].signature = forged[0].signature;
    forged.push(invited.link);
    let refused = consider(invited.invitation, &forged);
    let why = BondError::ForgedLogs(LogError::BadSignature);
    assert_eq!(refused, Err(why));
}

#[test]
fn another_bond_is_refused() {
    let owner = Person::new(1);
    let (invited, another) = (owner.invite(), owner.invite());
    let with = |link| [owner.links.as_slice(), &[link]].concat();
    let refused = consider(invited.invitation.clone(), &with(another.link.clone()));
    assert_eq!(refused, Err(BondError::OtherBond));
    let refused = consider(invited.invitation.clone(), &owner.links);
    assert_eq!(refused, Err(BondError::OtherBond));

    let other_secret = Invitation::new(
        home(),
        invited.logs.space(),
        (owner.id(), owner.account.head()),
        &InvitationSecret::generate(&seeded(9)).unwrap(),
        None,
    );
    let refused = consider(other_secret, &with(invited.link.clone()));
    assert_eq!(refused, Err(BondError::OtherBond));
    let head = owner.account.head();
    let elsewhere = Home {
        relay: DeviceKey::generate(&seeded(71)).unwrap().verifying_key(),
        ..home()
    };
    let elsewhere = made_up(&owner, &invited.invitation, head, elsewhere);
    let refused = consider(elsewhere, &with(invited.link.clone()));
    assert_eq!(refused, Err(BondError::OtherBond));
    let mut forged = invited.link.clone();
    forged.signature = another.link.signature;
    let refused = consider(invited.invitation.clone(), &with(forged));
    assert_eq!(refused, Err(BondError::OtherBond), "its id is another, too");
}

#[test]
fn an_invitation_that_was_answered_or_taken_back_is_refused() {
    let (owner, supporter) = (Person::new(1), Person::new(2));
    let invited = owner.invite();
    let accepted = supporter.accept(&offer(&owner, &invited).unwrap()).unwrap();
    let chosen = EndReason::Chosen;
    let ended = end(&invited.logs, &owner.account, chosen, owner.device()).unwrap();
    for more in [accepted.links[0].clone(), ended] {
        let shown = [owner.links.as_slice(), &[invited.link.clone(), more]].concat();
        let refused = consider(invited.invitation.clone(), &shown);
        assert_eq!(refused, Err(BondError::UsedInvitation));
    }
}

#[test]
fn who_cannot_accept_is_told_why() {
    let owner = Person::new(1);
    let invited = owner.invite();
    let offer = offer(&owner, &invited).unwrap();
    let check = |person: &Person, now| offer.check(&person.account, now);
    assert_eq!(check(&owner, NOW), Err(BondError::OwnInvitation));
    let elsewhere = Home {
        relay: DeviceKey::generate(&seeded(71)).unwrap().verifying_key(),
        ..home()
    };
    let elsewhere = Person::at(Some(elsewhere), 4);
    assert_eq!(check(&elsewhere, NOW), Err(BondError::OtherRelay));
    let supporter = Person::new(2);
    assert_eq!(check(&supporter, LATER - 1), Ok(()));
    assert_eq!(check(&supporter, LATER), Err(BondError::LapsedInvitation));
    assert_eq!(owner.accept(&offer).unwrap_err(), BondError::OwnInvitation);
}
