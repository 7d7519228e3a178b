//! Inviting, accepting, declining, ending.

use super::super::{BondError, Number, Pin, Seen, Standing, end, leave, open_newest};
use super::{LATER, NOW, Pair, Person, home, offer};
use daymark_wire::{
    invitation::Decline,
    logs::{BondStage, EndReason, LogError, Role},
};

#[test]
fn two_people_agree_and_both_open_the_first_epoch() {
    let pair = Pair::new();
    let (owner, supporter) = (&pair.owner, &pair.supporter);
    let theirs = &pair.accepted;
    assert_eq!(pair.logs.role(), Role::Owner);
    assert_eq!(theirs.logs.role(), Role::Supporter);
    assert_eq!(pair.logs.state(), theirs.logs.state());
    assert_eq!(pair.agreed, theirs.agreed);
    assert_eq!(pair.agreed.supporter(), supporter.id());

    let keys = &owner.founded.account_keys;
    let opened = open_newest(&pair.logs, &pair.agreed, owner.id(), keys).unwrap();
    assert_eq!(opened, theirs.epoch);
    let keys = &supporter.founded.account_keys;
    let opened = open_newest(&theirs.logs, &theirs.agreed, supporter.id(), keys).unwrap();
    assert_eq!(opened, theirs.epoch);

    let accounts = pair.logs.accounts(&owner.account);
    assert!(pair.logs.state().takes_content(accounts));
    let heads = pair.logs.heads(&owner.account);
    assert_eq!(heads, theirs.logs.heads(&supporter.account));
    let last = pair.logs.state().head();
    assert_eq!(
        heads,
        Some([owner.account.head(), supporter.account.head(), last])
    );
}

#[test]
fn a_person_is_shown_who_invites_until_when_and_where() {
    let owner = Person::new(1);
    let invited = owner.invite();
    let offer = offer(&owner, &invited).unwrap();
    assert_eq!(offer.owner(), Some(&owner.account));
    assert_eq!(offer.invitation().name().unwrap().as_str(), "NAME");
    assert_eq!(offer.invitation().bond(), invited.logs.space());
    assert_eq!(
        (offer.invite().expires, &offer.invite().relay),
        (LATER, &home())
    );
    assert_eq!(
        invited.logs.heads(&owner.account),
        None,
        "there is no other yet"
    );
}

#[test]
fn somebody_with_no_relay_yet_can_accept() {
    let (owner, supporter) = (Person::new(1), Person::at(None, 2));
    let invited = owner.invite();
    supporter.accept(&offer(&owner, &invited).unwrap()).unwrap();
    let nowhere = Person::at(None, 3);
    let account = &nowhere.account;
    let refused = super::invite(account, None, LATER, nowhere.device(), &nowhere.random);
    assert_eq!(refused.unwrap_err(), BondError::NoHome);
}

#[test]
fn b3_the_owner_remembers_an_answer_that_was_checked_when_the_secret_is_gone() {
    let pair = Pair::new();
    let accepted = pair.logs.accepted().unwrap();
    let noted = pair.agreed.accept();
    assert_eq!(accepted.remember(noted), Ok(pair.agreed));
    let other = daymark_wire::Hash::ZERO;
    assert_eq!(accepted.remember(other), Err(BondError::NotAgreed));
    // A second device of the supporter knows that it agreed from the log alone.
    let theirs = pair.accepted.logs.accepted().unwrap();
    assert_eq!(theirs.own(pair.supporter.id()), Ok(pair.agreed));
    assert_eq!(theirs.own(pair.owner.id()), Err(BondError::NotAgreed));
}

#[test]
fn somebody_declines_and_the_owner_notes_it() {
    let owner = Person::new(1);
    let mut invited = owner.invite();
    let answer = offer(&owner, &invited).unwrap().decline();
    let secret = invited.invitation.secret();
    let bond = invited.logs.space();
    assert!(secret.has_declined(bond, &answer));
    assert!(!secret.has_declined(bond, &Decline::from_bytes([0; 32])));

    let why = EndReason::Declined;
    let link = end(&invited.logs, &owner.account, why, owner.device()).unwrap();
    assert_eq!(invited.logs.take(&[link], &owner.account).fault, None);
    assert_eq!(invited.logs.state().stage(), BondStage::Closed { why });
    let again = end(&invited.logs, &owner.account, why, owner.device());
    let error = LogError::OutOfPlace("nothing stands after the end of a bond");
    assert_eq!(again, Err(BondError::Log(error)));
}

#[test]
fn either_side_ends_it_and_only_in_its_own_way() {
    let pair = Pair::new();
    let (owner, supporter) = (&pair.owner, &pair.supporter);
    let chosen = EndReason::Chosen;
    let ended = end(&pair.logs, &owner.account, chosen, owner.device()).unwrap();
    let mut theirs = pair.accepted.logs.clone();
    assert_eq!(theirs.take(&[ended], &supporter.account).fault, None);
    let by = Role::Owner;
    assert_eq!(
        theirs.state().stage(),
        BondStage::Ended {
            supporter: supporter.id(),
            by
        }
    );
    let not_theirs = end(
        &pair.accepted.logs,
        &supporter.account,
        chosen,
        supporter.device(),
    );
    assert_eq!(not_theirs, Err(BondError::Log(LogError::NotEntitled)));

    let left = leave(&pair.accepted.logs, &supporter.account, supporter.device()).unwrap();
    let mut ours = pair.logs.clone();
    assert_eq!(ours.take(&[left], &owner.account).fault, None);
    let seen = Seen {
        agreed: true,
        new_root: false,
        forked: false,
        now: NOW,
    };
    let by = Role::Supporter;
    assert_eq!(Standing::of(ours.state(), seen), Standing::Ended { by });
    let not_ours = leave(&pair.logs, &owner.account, owner.device());
    assert_eq!(not_ours, Err(BondError::Log(LogError::NotEntitled)));
}

#[test]
fn b2_who_was_verified_is_verified_until_a_key_changes_and_a_new_root_pauses() {
    let mut pair = Pair::new();
    let number =
        |pair: &Pair| Number::of(pair.logs.space(), pair.logs.accounts(&pair.owner.account));
    let other = pair.logs.other().unwrap().clone();
    let pin = Pin::agreed(&pair.logs).unwrap();
    assert!(!pin.is_verified(number(&pair)), "not compared yet");
    let pin = Pin::verified(&other, number(&pair).unwrap());
    assert!(pin.is_verified(number(&pair)) && !pin.is_new_root(&other));
    assert!(!pin.is_verified(None));

    pair.supporter.replace_account_key();
    pair.both_take(&[]);
    let other = pair.logs.other().unwrap().clone();
    assert!(!pin.is_verified(number(&pair)) && !pin.is_new_root(&other));

    pair.supporter.replace_root();
    pair.both_take(&[]);
    let other = pair.logs.other().unwrap().clone();
    assert!(!pin.is_verified(number(&pair)) && pin.is_new_root(&other));
    let pin = Pin::verified(&other, number(&pair).unwrap());
    assert!(pin.is_verified(number(&pair)) && !pin.is_new_root(&other));
}
