//! The bond log, which rests on two account logs.

use super::cast::{
    CHOSEN, FIRST, OTHER_FIRST, OTHER_ROOT, Pair, ROOT, account, by, device, invite,
    invite_content, key, out_of_place,
};
use crate::{
    AccountId, Signed, limits,
    logs::{
        Accept, BondContent, BondLink, BondStage, BondState, EndReason, Head, Invite, LogError,
        Role,
    },
};

#[test]
fn b3_a_bond_begins_with_an_invite_by_the_owner() {
    let owner = account(&[2]);
    let begun = |link: &BondLink| BondState::begin(link, &owner);
    for author in [FIRST, 2, ROOT] {
        let state = begun(&invite(&owner, author, invite_content(&owner))).unwrap();
        assert_eq!(state.stage(), BondStage::Invited);
        assert_eq!((state.owner(), state.length()), (owner.id(), 1));
        assert_eq!(state.invite(), &invite_content(&owner));
    }
    let stranger = begun(&invite(&owner, 9, invite_content(&owner)));
    assert_eq!(stranger, Err(LogError::NoSuchDevice(device(9))));
    let other = Invite {
        owner: AccountId::from_bytes([9; 16]),
        ..invite_content(&owner)
    };
    assert_eq!(
        begun(&invite(&owner, FIRST, other)),
        Err(LogError::OtherLog)
    );
    let mut far = invite_content(&owner);
    far.relay.url = "x".repeat(limits::MAX_URL_BYTES + 1);
    let far = begun(&invite(&owner, FIRST, far));
    assert_eq!(far, Err(out_of_place("a relay's address that is too long")));

    let good = invite(&owner, FIRST, invite_content(&owner));
    let altered = |alter: fn(&mut Head)| {
        let mut body = good.claimed().clone();
        alter(&mut body.rests_on[1]);
        begun(&Signed::sign(body, &key(FIRST)))
    };
    let second_differs = altered(|head| head.length = 1);
    assert_eq!(second_differs, Err(LogError::OtherHeads));
    let mut not_an_invite = good.claimed().clone();
    not_an_invite.content = BondContent::Leave;
    let not_an_invite = begun(&Signed::sign(not_an_invite, &key(FIRST)));
    assert_eq!(
        not_an_invite,
        Err(out_of_place("a bond log begins with an invite"))
    );
    let mut forged = good.claimed().clone();
    forged.author = by(2);
    let forged = begun(&Signed::sign(forged, &key(FIRST)));
    assert_eq!(forged, Err(LogError::BadSignature));
}

#[test]
fn b2_a_bond_is_invited_then_active_then_ended_by_either() {
    let mut pair = Pair::invited();
    assert!(!pair.bond.takes_content(pair.accounts()));
    pair.say(12, pair.accept_content()).unwrap();
    let supporter = pair.supporter.id();
    assert_eq!(pair.bond.stage(), BondStage::Active { supporter });
    assert!(!pair.bond.takes_content(pair.accounts()), "no epoch yet");
    pair.say(OTHER_FIRST, pair.epoch_content(1)).unwrap();
    assert!(pair.bond.takes_content(pair.accounts()));
    assert_eq!(pair.bond.newest_epoch().unwrap().number, 1);

    let mut left = pair.clone();
    left.say(OTHER_FIRST, BondContent::Leave).unwrap();
    let by = Role::Supporter;
    assert_eq!(left.bond.stage(), BondStage::Ended { supporter, by });
    pair.say(FIRST, CHOSEN).unwrap();
    let by = Role::Owner;
    assert_eq!(pair.bond.stage(), BondStage::Ended { supporter, by });
    assert!(!pair.bond.takes_content(pair.accounts()));
    assert!(!pair.bond.is_stale(pair.accounts()));
}

#[test]
fn b2_an_invitation_is_taken_back_declined_or_lapses() {
    for why in [EndReason::Chosen, EndReason::Declined, EndReason::Lapsed] {
        let mut pair = Pair::invited();
        pair.say(2, BondContent::End { why }).unwrap();
        assert_eq!(pair.bond.stage(), BondStage::Closed { why });
        assert_eq!(pair.bond.stage().supporter(), None);
    }
    let pair = Pair::active();
    for why in [EndReason::Declined, EndReason::Lapsed] {
        let late = pair.link(FIRST, BondContent::End { why });
        let error = out_of_place("only an invitation is declined or lapses");
        pair.refuses(&late, &error);
    }
}

#[test]
fn nothing_stands_after_the_end() {
    let ended = {
        let mut pair = Pair::active();
        pair.say(FIRST, CHOSEN).unwrap();
        pair
    };
    let left = {
        let mut pair = Pair::active();
        pair.say(OTHER_FIRST, BondContent::Leave).unwrap();
        pair
    };
    let closed = {
        let mut pair = Pair::invited();
        pair.say(FIRST, CHOSEN).unwrap();
        pair
    };
    for pair in [ended, left, closed] {
        let after = [
            (OTHER_FIRST, pair.accept_content()),
            (OTHER_FIRST, BondContent::Leave),
            (FIRST, CHOSEN),
            (FIRST, pair.epoch_content(2)),
        ];
        for (author, content) in after {
            let why = out_of_place("nothing stands after the end of a bond");
            pair.refuses(&pair.link(author, content), &why);
        }
    }
}

#[test]
fn a_bond_is_invited_to_and_accepted_once() {
    let pair = Pair::active();
    let again = pair.link(12, pair.accept_content());
    pair.refuses(&again, &out_of_place("a bond is accepted once"));
    for pair in [Pair::invited(), pair] {
        let second = BondContent::Invite(invite_content(&pair.owner));
        let second = pair.link(FIRST, second);
        pair.refuses(&second, &out_of_place("a bond log has one invite"));
    }
}

#[test]
fn nobody_is_their_own_supporter() {
    let mut pair = Pair::invited();
    pair.supporter = pair.owner.clone();
    let accept = pair.link(2, pair.accept_content());
    pair.refuses(&accept, &out_of_place("nobody is their own supporter"));
}

#[test]
fn a2_nobody_accepts_in_another_accounts_name() {
    let mut pair = Pair::invited();
    let BondContent::Accept(accept) = pair.accept_content() else {
        panic!("an accept");
    };
    let content = BondContent::Accept(Accept {
        supporter: AccountId::from_bytes([9; 16]),
        ..accept
    });
    pair.refuses(&pair.link(OTHER_FIRST, content), &LogError::OtherHeads);
    pair.say(OTHER_FIRST, pair.accept_content()).unwrap();
}

#[test]
fn before_somebody_accepts_there_is_no_epoch_and_nobody_to_leave() {
    let pair = Pair::invited();
    for author in [FIRST, OTHER_FIRST] {
        for content in [pair.epoch_content(1), BondContent::Leave] {
            let early = pair.link(author, content);
            pair.refuses(&early, &out_of_place("nobody has accepted yet"));
        }
    }
}

#[test]
fn each_side_says_what_is_its_own_to_say() {
    let invited = Pair::invited();
    let accept = invited.link(FIRST, invited.accept_content());
    invited.refuses(&accept, &LogError::NotEntitled);
    let accept = invited.link(ROOT, invited.accept_content());
    invited.refuses(&accept, &LogError::NotEntitled);
    // A supporter who has not accepted is a stranger.
    let decline = invited.link(OTHER_FIRST, CHOSEN);
    invited.refuses(&decline, &LogError::NoSuchDevice(device(OTHER_FIRST)));

    let active = Pair::active();
    for (author, content) in [
        (OTHER_FIRST, CHOSEN),
        (OTHER_ROOT, CHOSEN),
        (FIRST, BondContent::Leave),
        (ROOT, BondContent::Leave),
    ] {
        let wrong = active.link(author, content);
        active.refuses(&wrong, &LogError::NotEntitled);
    }
    for (author, content) in [(2, CHOSEN), (ROOT, CHOSEN)]
        .into_iter()
        .chain([12, OTHER_ROOT].map(|author| (author, BondContent::Leave)))
        .chain([2, ROOT, 12, OTHER_ROOT].map(|author| (author, active.epoch_content(2))))
    {
        active.clone().say(author, content).unwrap();
    }
}

#[test]
fn b3_a_link_by_a_stranger_or_in_anothers_name_is_refused() {
    let pair = Pair::active();
    let stranger = pair.link(9, pair.epoch_content(2));
    pair.refuses(&stranger, &LogError::NoSuchDevice(device(9)));
    for (named, by_whom) in [(FIRST, OTHER_FIRST), (OTHER_FIRST, FIRST), (FIRST, 9)] {
        let mut body = pair.link(by_whom, pair.epoch_content(2)).claimed().clone();
        body.author = by(named);
        let forged = Signed::sign(body, &key(by_whom));
        pair.refuses(&forged, &LogError::BadSignature);
    }
    let mut body = pair.link(FIRST, CHOSEN).claimed().clone();
    body.author = by(ROOT);
    let no_root = Signed::sign(body, &key(FIRST));
    pair.refuses(&no_root, &LogError::BadSignature);
}

#[test]
fn a_link_at_another_place_or_of_another_bond_is_refused() {
    let pair = Pair::active();
    let right = pair.link(FIRST, CHOSEN);
    let mut later = right.claimed().clone();
    later.position += 1;
    pair.refuses(&Signed::sign(later, &key(FIRST)), &LogError::NotNext);
    let mut elsewhere = right.claimed().clone();
    elsewhere.log = crate::LogId::from_bytes([9; 16]);
    pair.refuses(&Signed::sign(elsewhere, &key(FIRST)), &LogError::OtherLog);
}
