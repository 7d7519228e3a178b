//! The epochs of a bond.

use super::cast::{
    FIRST, OTHER_FIRST, Pair, ROOT, add, device, epoch_content, link, out_of_place, revoke,
    wrapping,
};
use crate::{
    AccountId, ChainId, DocumentId, Hash, Have, Incarnation, Seq,
    hash::Domain,
    limits,
    logs::{AccountContent, BondAccounts, BondContent, BondLink, EpochContent, LogError, Role},
    wrapping::Recipient,
};

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

#[test]
fn wraps_beside_a_bonds_epoch_are_no_longer_than_two_can_be() {
    let pair = Pair::active();
    for (more, is_read) in [(0, true), (1, false)] {
        let blob = vec![0; limits::MAX_BOND_BLOB_BYTES + more];
        let link = epoch(&pair, |content| {
            content.wraps = Hash::of(Domain::Blob, &[&blob]);
        });
        let opened = link.to_travel(Some(blob)).open::<BondContent>();
        assert_eq!(opened.is_ok(), is_read, "{opened:?}");
    }
}
