//! The bond log, which rests on two account logs.

use super::cast::{
    FIRST, OTHER_FIRST, OTHER_ROOT, Pair, ROOT, account, add, by, device, epoch_content, invite,
    invite_content, key, link, revoke, wrapping,
};
use crate::{
    AccountId, ChainId, DocumentId, Have, Incarnation, Seq, Signed, limits,
    logs::{
        Accept, AccountContent, BondAccounts, BondContent, BondLink, BondStage, BondState,
        EndReason, EpochContent, Head, HeadHash, Invite, LogError, Role,
    },
    wrapping::Recipient,
};

const CHOSEN: BondContent = BondContent::End {
    why: EndReason::Chosen,
};

fn out_of_place(why: &'static str) -> LogError {
    LogError::OutOfPlace(why)
}

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
fn b3_the_first_epoch_is_the_supporters() {
    let mut pair = Pair::invited();
    pair.say(OTHER_FIRST, pair.accept_content()).unwrap();
    for author in [FIRST, ROOT] {
        let early = pair.link(author, pair.epoch_content(1));
        pair.refuses(&early, &LogError::NotEntitled);
    }
    pair.say(12, pair.epoch_content(1)).unwrap();
    pair.say(FIRST, pair.epoch_content(2)).unwrap();
    let sides = pair
        .bond
        .epochs()
        .iter()
        .map(|epoch| epoch.bond.unwrap().by);
    assert_eq!(sides.collect::<Vec<_>>(), [Role::Supporter, Role::Owner]);
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

#[test]
fn l3_links_rest_on_heads_of_the_two_logs_and_never_go_back() {
    let mut pair = Pair::active();
    let (owner, supporter) = (pair.owner.head(), pair.supporter.head());
    let unknown = |head: Head| {
        [
            Head {
                length: head.length + 9,
                ..head
            },
            Head { length: 0, ..head },
            Head {
                hash: HeadHash::from_bytes([9; 16]),
                ..head
            },
        ]
    };
    let wrong = unknown(owner)
        .map(|head| [head, supporter])
        .into_iter()
        .chain(unknown(supporter).map(|head| [owner, head]))
        .chain([[supporter, owner], [owner, owner]]);
    for heads in wrong {
        let link = pair.link_on(heads, FIRST, CHOSEN);
        pair.refuses(&link, &LogError::OtherHeads);
    }
    pair.owner.apply(&add(&pair.owner, FIRST, 3)).unwrap();
    pair.supporter
        .apply(&add(&pair.supporter, OTHER_FIRST, 13))
        .unwrap();
    let newer = [pair.owner.head(), pair.supporter.head()];
    pair.clone().say(3, CHOSEN).unwrap();
    pair.say(13, pair.epoch_content(2)).unwrap();
    for heads in [[owner, newer[1]], [newer[0], supporter]] {
        let back = pair.link_on(heads, FIRST, CHOSEN);
        pair.refuses(&back, &LogError::OtherHeads);
    }
}

#[test]
fn before_accept_the_second_head_repeats_the_first() {
    let pair = Pair::invited();
    let heads = [pair.owner.head(), pair.supporter.head()];
    let end = pair.link_on(heads, FIRST, CHOSEN);
    pair.refuses(&end, &LogError::OtherHeads);
    let accept = pair.link_on([pair.owner.head(); 2], OTHER_FIRST, pair.accept_content());
    pair.refuses(&accept, &LogError::OtherHeads);
}

#[test]
fn a_link_with_another_number_of_heads_is_refused_also_when_it_never_went_through_bytes() {
    let pair = Pair::active();
    for count in [0, 1, 3] {
        let mut body = pair.link(FIRST, CHOSEN).claimed().clone();
        body.rests_on = vec![pair.owner.head(); count];
        pair.refuses(&Signed::sign(body, &key(FIRST)), &LogError::OtherHeads);
    }
}

#[test]
fn a_link_is_judged_by_the_two_accounts_of_its_bond_only() {
    let pair = Pair::active();
    let link = pair.link(FIRST, CHOSEN);
    let without = BondAccounts {
        owner: &pair.owner,
        supporter: None,
    };
    let swapped = BondAccounts {
        owner: &pair.supporter,
        supporter: Some(&pair.owner),
    };
    let twice = BondAccounts {
        owner: &pair.owner,
        supporter: Some(&pair.owner),
    };
    for accounts in [without, swapped, twice] {
        let refused = pair.bond.clone().apply(&link, accounts);
        assert_eq!(refused, Err(LogError::OtherHeads));
    }
    let invited = Pair::invited();
    let without = BondAccounts {
        owner: &invited.owner,
        supporter: None,
    };
    let end = invited.link(FIRST, CHOSEN);
    invited.bond.clone().apply(&end, without).unwrap();
}

#[test]
fn b3_an_accept_names_a_head_that_the_invitation_can_have_shown() {
    let mut pair = Pair::invited();
    let invited_at = pair.owner.head();
    pair.owner.apply(&add(&pair.owner, FIRST, 3)).unwrap();
    let accept = |pair: &Pair, owner: Head| {
        let content = Accept {
            owner,
            ..match pair.accept_content() {
                BondContent::Accept(accept) => accept,
                other => panic!("{other:?}"),
            }
        };
        BondContent::Accept(content)
    };
    let before = pair.owner.head_at(1).unwrap();
    let beyond = Head {
        length: 9,
        ..invited_at
    };
    let other = Head {
        hash: HeadHash::from_bytes([9; 16]),
        ..invited_at
    };
    for owner in [before, beyond, other] {
        let link = pair.link(OTHER_FIRST, accept(&pair, owner));
        pair.refuses(&link, &LogError::OtherHeads);
    }
    for owner in [invited_at, pair.owner.head()] {
        pair.clone().say(OTHER_FIRST, accept(&pair, owner)).unwrap();
    }
    // Not one that came after what the accept rests on.
    let newer = accept(&pair, pair.owner.head());
    let link = pair.link_on([invited_at, pair.supporter.head()], OTHER_FIRST, newer);
    pair.refuses(&link, &LogError::OtherHeads);
}

#[test]
fn i2_a_revoked_device_says_nothing_on_heads_that_hold_its_removal() {
    let mut pair = Pair::active();
    let before = [pair.owner.head(), pair.supporter.head()];
    pair.owner.apply(&revoke(&pair.owner, FIRST, 2)).unwrap();
    pair.supporter
        .apply(&revoke(&pair.supporter, OTHER_FIRST, 12))
        .unwrap();
    for (author, content) in [(2, CHOSEN), (12, BondContent::Leave)] {
        let after = pair.link(author, content.clone());
        pair.refuses(&after, &LogError::NoSuchDevice(device(author)));
        // What it said while it was active stays true.
        let earlier = pair.link_on(before, author, content);
        let mut bond = pair.bond.clone();
        bond.apply(&earlier, pair.accounts()).unwrap();
    }
}

#[test]
fn b4_an_epoch_wraps_for_the_two_accounts_in_order() {
    let pair = Pair::active();
    let [owner, supporter] = [pair.owner.id(), pair.supporter.id()].map(Recipient::Account);
    let wrong = [
        vec![],
        vec![owner],
        vec![supporter],
        vec![supporter, owner],
        vec![owner, supporter, owner],
        vec![owner, supporter, Recipient::Recovery],
        vec![owner, Recipient::Account(AccountId::from_bytes([9; 16]))],
        vec![Recipient::Device(device(FIRST)), supporter],
    ];
    for recipients in wrong {
        let content = BondContent::Epoch(epoch_content(2, recipients));
        let link = pair.link(FIRST, content);
        pair.refuses(&link, &LogError::WrongRecipients);
    }
}

fn epoch(pair: &Pair, alter: impl FnOnce(&mut EpochContent)) -> BondLink {
    let mut content = epoch_content(
        2,
        [pair.owner.id(), pair.supporter.id()]
            .map(Recipient::Account)
            .to_vec(),
    );
    alter(&mut content);
    pair.link(FIRST, BondContent::Epoch(content))
}

#[test]
fn epochs_are_numbered_one_after_the_other() {
    let pair = Pair::active();
    for number in [0, 1, 3, u64::MAX] {
        let link = epoch(&pair, |epoch| epoch.number = number);
        let why = out_of_place("epochs are numbered one after the other");
        pair.refuses(&link, &why);
    }
}

#[test]
fn an_epoch_forgets_documents_only_and_not_too_many() {
    let pair = Pair::active();
    let zero = epoch(&pair, |epoch| epoch.forgets = vec![DocumentId::ZERO]);
    let why = out_of_place("what belongs to the space cannot be forgotten");
    pair.refuses(&zero, &why);
    let too_many = vec![DocumentId::from_bytes([1; 16]); limits::MAX_FORGETS_PER_EPOCH + 1];
    let too_many = epoch(&pair, |epoch| epoch.forgets = too_many);
    let why = out_of_place("an epoch that forgets too much at once");
    pair.refuses(&too_many, &why);
}

#[test]
fn l7_a_bond_is_stale_from_a_change_on_either_side_until_an_epoch_rests_on_it() {
    let mut pair = Pair::active();
    let mut number = 1;
    let mut mend = |pair: &mut Pair, author: u8| {
        assert!(pair.bond.is_stale(pair.accounts()));
        assert!(!pair.bond.takes_content(pair.accounts()));
        number += 1;
        pair.say(author, pair.epoch_content(number)).unwrap();
        assert!(pair.bond.takes_content(pair.accounts()));
    };
    pair.owner.apply(&revoke(&pair.owner, FIRST, 2)).unwrap();
    mend(&mut pair, OTHER_FIRST);
    pair.supporter
        .apply(&revoke(&pair.supporter, OTHER_FIRST, 12))
        .unwrap();
    mend(&mut pair, FIRST);
    let newer = AccountContent::AccountKey { key: wrapping(101) };
    let newer = link(&pair.supporter, OTHER_FIRST, newer);
    pair.supporter.apply(&newer).unwrap();
    mend(&mut pair, OTHER_FIRST);
    pair.owner.apply(&add(&pair.owner, FIRST, 3)).unwrap();
    assert!(!pair.bond.is_stale(pair.accounts()), "one more may read");
    let alone = BondAccounts {
        owner: &pair.owner,
        supporter: None,
    };
    assert!(
        pair.bond.is_stale(alone),
        "who cannot tell takes it for stale"
    );
}

#[test]
fn l8_a_removed_devices_chains_end_where_the_epoch_that_rests_on_it_says() {
    let mut pair = Pair::active();
    let chain = |n: u8| ChainId {
        device: device(n),
        incarnation: Incarnation::from_bytes([n; 8]),
    };
    pair.supporter
        .apply(&revoke(&pair.supporter, OTHER_FIRST, 12))
        .unwrap();
    assert_eq!(pair.bond.cut(pair.accounts(), chain(12)), Some(Seq(0)));
    let have: Have = [(chain(12), Seq(7))].into_iter().collect();
    let link = epoch(&pair, |epoch| epoch.have = have);
    let (owner, supporter) = (pair.owner.clone(), pair.supporter.clone());
    let accounts = BondAccounts {
        owner: &owner,
        supporter: Some(&supporter),
    };
    pair.bond.apply(&link, accounts).unwrap();
    assert_eq!(pair.bond.cut(accounts, chain(12)), Some(Seq(7)));
    for untouched in [FIRST, OTHER_FIRST, 9] {
        assert_eq!(pair.bond.cut(accounts, chain(untouched)), None);
    }
}
