//! The heads that a bond's links rest on (rule L3).

use super::cast::{
    CHOSEN, FIRST, OTHER_FIRST, OTHER_ROOT, Pair, ROOT, add, device, key, link, new_root, revoke,
};
use crate::{
    Signed,
    logs::{Accept, BondAccounts, BondContent, Head, HeadHash, LogError},
};

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
fn a_link_by_root_still_holds_when_its_account_has_another_root() {
    let mut pair = Pair::active();
    let by_root = pair.link(ROOT, CHOSEN);
    let left = pair.link(OTHER_ROOT, BondContent::Leave);
    let successor = new_root(&pair.owner, 201);
    pair.owner
        .apply(&link(&pair.owner, ROOT, successor))
        .unwrap();
    for earlier in [by_root, left] {
        let mut bond = pair.bond.clone();
        bond.apply(&earlier, pair.accounts()).unwrap();
    }
    let late = pair.link(ROOT, CHOSEN);
    pair.refuses(&late, &LogError::BadSignature);
}
