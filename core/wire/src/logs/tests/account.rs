//! The account log.

use super::cast::{
    FIRST, ROOT, account, add, device, genesis, genesis_body, genesis_content, key, link, new_root,
    next, refused, revoke, statement, wrapping,
};
use crate::{
    AccountId, Hash, LogId, Signed, limits,
    logs::{AccountContent, AccountState, Author, Head, HeadHash, Home, LogError, Reset},
};

#[test]
fn a_log_begins_with_a_genesis_by_root_and_its_first_device_agrees() {
    let state = AccountState::begin(&genesis()).unwrap();
    assert_eq!(state.active_devices().count(), 1);
    assert_eq!(state.id(), genesis().hash().account_id());

    let revoke = AccountContent::Revoke {
        device: device(FIRST),
    };
    let not_a_genesis = Signed::sign(genesis_body(revoke), &key(ROOT));
    assert!(matches!(
        AccountState::begin(&not_a_genesis),
        Err(LogError::OutOfPlace(_))
    ));

    let mut by_device = genesis_body(genesis_content());
    by_device.author = Author::Device(device(FIRST));
    let by_device = Signed::sign(by_device, &key(FIRST));
    assert!(matches!(
        AccountState::begin(&by_device),
        Err(LogError::OutOfPlace(_))
    ));

    let forged = Signed::sign(genesis_body(genesis_content()), &key(FIRST));
    assert_eq!(AccountState::begin(&forged), Err(LogError::BadSignature));

    let mut content = genesis_content();
    if let AccountContent::Genesis { device, .. } = &mut content {
        *device = statement(FIRST, AccountId::from_bytes([9; 16]));
    }
    let foreign = Signed::sign(genesis_body(content), &key(ROOT));
    assert_eq!(AccountState::begin(&foreign), Err(LogError::BadStatement));
}

#[test]
fn a_second_genesis_is_refused() {
    let account = account(&[]);
    let second = link(&account, ROOT, genesis_content());
    let why = LogError::OutOfPlace("a log has one genesis");
    refused(&account, &second, &why);
}

#[test]
fn b3_only_active_devices_and_root_speak() {
    let mut account = account(&[2, 3]);
    refused(
        &account,
        &add(&account, 9, 4),
        &LogError::NoSuchDevice(device(9)),
    );
    account.apply(&revoke(&account, FIRST, 2)).unwrap();
    for said in [add(&account, 2, 4), revoke(&account, 2, FIRST)] {
        refused(&account, &said, &LogError::NoSuchDevice(device(2)));
    }
    account.apply(&add(&account, ROOT, 4)).unwrap();
    account.apply(&add(&account, 4, 5)).unwrap();
}

#[test]
fn b3_a_link_in_another_devices_name_is_refused() {
    let account = account(&[2]);
    let content = AccountContent::Revoke { device: device(2) };
    let forged = Signed::sign(next(&account, FIRST, content), &key(2));
    refused(&account, &forged, &LogError::BadSignature);
}

#[test]
fn a_link_at_another_place_or_of_another_log_is_refused() {
    let account = account(&[2]);
    let content = AccountContent::Revoke { device: device(2) };
    let right = next(&account, FIRST, content);
    let mut later = right.clone();
    later.position += 1;
    let mut on_another = right.clone();
    on_another.previous = Hash::from_bytes([9; 32]);
    for wrong in [later, on_another] {
        let wrong = Signed::sign(wrong, &key(FIRST));
        refused(&account, &wrong, &LogError::NotNext);
    }
    let mut elsewhere = right;
    elsewhere.log = LogId::from_bytes([9; 16]);
    let elsewhere = Signed::sign(elsewhere, &key(FIRST));
    refused(&account, &elsewhere, &LogError::OtherLog);
    refused(&account, &genesis(), &LogError::NotNext);
}

#[test]
fn h1_a_statement_for_another_account_or_by_another_key_is_refused() {
    let account = account(&[]);
    let foreign = AccountContent::Add {
        device: statement(2, AccountId::from_bytes([9; 16])),
    };
    refused(
        &account,
        &link(&account, FIRST, foreign),
        &LogError::BadStatement,
    );
    // A first device's statement names no account: it founds one, and joins none.
    let founding = AccountContent::Add {
        device: statement(2, AccountId::ZERO),
    };
    refused(
        &account,
        &link(&account, FIRST, founding),
        &LogError::BadStatement,
    );
}

#[test]
fn a_device_is_added_once_and_never_again() {
    let mut account = account(&[2]);
    let taken = LogError::DeviceTaken(device(2));
    refused(&account, &add(&account, FIRST, 2), &taken);
    account.apply(&revoke(&account, FIRST, 2)).unwrap();
    refused(&account, &add(&account, FIRST, 2), &taken);
}

#[test]
fn k3_a_device_whose_id_begins_like_anothers_is_refused() {
    let mut account = account(&[]);
    let mut bytes = *device(2).as_bytes();
    bytes[15] ^= 1;
    account.pretend(crate::DeviceId::from_bytes(bytes));
    let taken = LogError::DeviceTaken(device(2));
    refused(&account, &add(&account, FIRST, 2), &taken);
    account.apply(&add(&account, FIRST, 3)).unwrap();
}

#[test]
fn there_are_only_so_many_active_devices() {
    let most = u8::try_from(limits::MAX_ACTIVE_DEVICES).unwrap();
    let others: Vec<u8> = (2..=most).collect();
    let mut account = account(&others);
    let one_more = add(&account, FIRST, most + 1);
    refused(&account, &one_more, &LogError::TooManyDevices);
    account.apply(&revoke(&account, FIRST, 2)).unwrap();
    account.apply(&add(&account, FIRST, most + 1)).unwrap();
}

#[test]
fn only_an_active_device_can_be_revoked() {
    let mut account = account(&[2]);
    refused(
        &account,
        &revoke(&account, FIRST, 9),
        &LogError::NoSuchDevice(device(9)),
    );
    account.apply(&revoke(&account, FIRST, 2)).unwrap();
    refused(
        &account,
        &revoke(&account, FIRST, 2),
        &LogError::NoSuchDevice(device(2)),
    );
    let state = account.device(device(2)).unwrap();
    assert_eq!((state.added_at, state.revoked_at), (2, Some(3)));
    assert!(!state.was_active_at(1) && state.was_active_at(2) && !state.was_active_at(3));
}

#[test]
fn a_new_root_is_said_by_the_old_one_and_agrees_itself() {
    let mut account = account(&[2]);
    let by_device = link(&account, FIRST, new_root(&account, 201));
    refused(&account, &by_device, &LogError::NotEntitled);
    let unproven = link(&account, ROOT, new_root(&account, ROOT));
    refused(&account, &unproven, &LogError::BadSignature);

    account
        .apply(&link(&account, ROOT, new_root(&account, 201)))
        .unwrap();
    assert_eq!(*account.root(), key(201).verifying_key());
    refused(
        &account,
        &revoke(&account, ROOT, 2),
        &LogError::BadSignature,
    );
}

#[test]
fn a_relays_address_has_a_limit() {
    let account = account(&[]);
    let home = |length| AccountContent::Move {
        home: Home {
            relay: key(9).verifying_key(),
            url: "x".repeat(length),
        },
    };
    let long = link(&account, FIRST, home(limits::MAX_URL_BYTES + 1));
    let why = LogError::OutOfPlace("a relay's address that is too long");
    refused(&account, &long, &why);
    let fits = link(&account, FIRST, home(limits::MAX_URL_BYTES));
    account.clone().apply(&fits).unwrap();
}

#[test]
fn a_reset_is_refused_until_it_is_understood() {
    let account = account(&[]);
    let reset = AccountContent::Reset(Reset {
        account: account.head(),
        spaces: Vec::new(),
        stand: vec![device(FIRST)],
        account_key: wrapping(101),
        epochs: Vec::new(),
    });
    let why = LogError::OutOfPlace("a reset is not understood by this version");
    refused(&account, &link(&account, ROOT, reset), &why);
}

#[test]
fn a_space_becomes_stale_with_a_revocation_a_new_root_or_a_new_account_key_only() {
    let mut account = account(&[2, 3]);
    assert_eq!(account.members_changed_at(), 0);
    let home = Home {
        relay: key(9).verifying_key(),
        url: String::new(),
    };
    let changes = [
        (AccountContent::Move { home }, false),
        (AccountContent::AccountKey { key: wrapping(101) }, true),
        (AccountContent::Revoke { device: device(3) }, true),
    ];
    for (content, stale) in changes {
        account.apply(&link(&account, FIRST, content)).unwrap();
        assert_eq!(account.members_changed_at() == account.length(), stale);
    }
    let root = new_root(&account, 201);
    account.apply(&link(&account, ROOT, root)).unwrap();
    assert_eq!(account.members_changed_at(), account.length());
    assert_eq!(*account.account_key(), wrapping(101));
}

#[test]
fn heads_that_a_log_has_had_are_known_and_no_others() {
    let mut account = account(&[]);
    let before = account.head();
    account.apply(&add(&account, FIRST, 2)).unwrap();
    assert!(account.has_had(before) && account.has_had(account.head()));
    assert_eq!(account.head_at(1), Some(before));
    for length in [0, 3, u64::MAX] {
        assert_eq!(account.head_at(length), None);
        assert!(!account.has_had(Head { length, ..before }));
    }
    let other = Head {
        hash: HeadHash::from_bytes([9; 16]),
        ..before
    };
    assert!(!account.has_had(other));
}
