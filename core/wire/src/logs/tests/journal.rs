//! The journal log, which rests on the account log.

use super::cast::{
    FIRST, ROOT, account, add, by, device, epoch, epoch_content, journal, journal_body,
    journal_link, key, link, new_root, open_content, recipients, refused_journal, revoke, wrapping,
};
use crate::{
    AccountId, ChainId, DeviceId, DocumentId, EpochId, Hash, Incarnation, Nonce, Seq, Signed,
    limits,
    logs::{
        AccountState, Enter, EpochContent, Head, HeadHash, JournalContent, JournalState, LogError,
        Rekey,
    },
    wrapping::Recipient,
};

fn begun(
    account: &AccountState,
    author: u8,
    content: JournalContent,
) -> Result<JournalState, LogError> {
    let body = journal_body(None, account.head(), author, content);
    JournalState::begin(&Signed::sign(body, &key(author)), account)
}

fn enter(journal: &JournalState, n: u8) -> Enter {
    Enter {
        device: device(n),
        wrapping: wrapping(n),
        epoch: journal.newest_epoch().unwrap().id,
        wraps: Hash::from_bytes([5; 32]),
    }
}

#[test]
fn a_journal_is_opened_by_a_device_with_the_key_that_it_stated() {
    let account = account(&[]);
    assert!(begun(&account, FIRST, open_content(&account, FIRST)).is_ok());
    let other_key = begun(&account, FIRST, open_content(&account, 2));
    assert_eq!(other_key, Err(LogError::BadStatement));
    let stranger = begun(&account, 9, open_content(&account, 9));
    assert_eq!(stranger, Err(LogError::NoSuchDevice(device(9))));
    let by_root = begun(&account, ROOT, open_content(&account, FIRST));
    assert!(matches!(by_root, Err(LogError::OutOfPlace(_))));
    let of_another = JournalContent::Open {
        account: AccountId::from_bytes([9; 16]),
        wrapping: wrapping(FIRST),
        nonce: Nonce::ZERO,
    };
    assert_eq!(begun(&account, FIRST, of_another), Err(LogError::OtherLog));
    let epoch = JournalContent::Epoch(epoch_content(1, recipients(&account)));
    assert!(matches!(
        begun(&account, FIRST, epoch),
        Err(LogError::OutOfPlace(_))
    ));
}

#[test]
fn a_journal_is_opened_once() {
    let account = account(&[]);
    let journal = journal(&account);
    let second = journal_link(
        &journal,
        account.head(),
        FIRST,
        open_content(&account, FIRST),
    );
    let why = LogError::OutOfPlace("a journal log has one open");
    refused_journal((&journal, &account), &second, &why);
}

#[test]
fn l3_a_link_rests_on_heads_that_the_account_log_has_had() {
    let account = account(&[]);
    let journal = journal(&account);
    let content = JournalContent::Epoch(epoch_content(2, recipients(&account)));
    let unknown = [
        Head {
            length: 9,
            ..account.head()
        },
        Head {
            length: 0,
            ..account.head()
        },
        Head {
            hash: HeadHash::from_bytes([9; 16]),
            ..account.head()
        },
    ];
    for heads in unknown {
        let link = journal_link(&journal, heads, FIRST, content.clone());
        refused_journal((&journal, &account), &link, &LogError::OtherHeads);
    }
}

#[test]
fn l3_a_link_never_rests_on_older_heads_than_the_newest_epoch() {
    let mut account = account(&[2]);
    let mut journal = journal(&account);
    let older = account.head();
    account.apply(&revoke(&account, FIRST, 2)).unwrap();
    journal
        .apply(&epoch(&journal, &account, FIRST), &account)
        .unwrap();
    let rekey = JournalContent::Rekey(Rekey {
        wrapping: wrapping(50),
        epoch: EpochId::ZERO,
        locked: false,
    });
    let late = journal_link(&journal, older, FIRST, rekey);
    refused_journal((&journal, &account), &late, &LogError::OtherHeads);
}

#[test]
fn i2_a_revoked_device_says_nothing_on_heads_that_hold_its_removal() {
    let mut account = account(&[2]);
    let journal = journal(&account);
    let before = account.head();
    account.apply(&revoke(&account, FIRST, 2)).unwrap();
    let after = journal_link(
        &journal,
        account.head(),
        2,
        JournalContent::Epoch(epoch_content(2, recipients(&account))),
    );
    refused_journal(
        (&journal, &account),
        &after,
        &LogError::NoSuchDevice(device(2)),
    );
    // What it said while it was active stays true.
    let both = vec![
        Recipient::Device(device(FIRST)),
        Recipient::Device(device(2)),
    ];
    let mut both: Vec<_> = both.into_iter().chain([Recipient::Recovery]).collect();
    both.sort();
    let earlier = journal_link(
        &journal,
        before,
        2,
        JournalContent::Epoch(epoch_content(2, both)),
    );
    journal.clone().apply(&earlier, &account).unwrap();
}

#[test]
fn b3_a_link_by_a_stranger_or_in_anothers_name_is_refused() {
    let account = account(&[2]);
    let journal = journal(&account);
    let content = JournalContent::Epoch(epoch_content(2, recipients(&account)));
    let stranger = journal_link(&journal, account.head(), 9, content.clone());
    refused_journal(
        (&journal, &account),
        &stranger,
        &LogError::NoSuchDevice(device(9)),
    );
    let mut body = journal_body(Some(&journal), account.head(), 2, content);
    body.author = by(FIRST);
    let forged = Signed::sign(body, &key(2));
    refused_journal((&journal, &account), &forged, &LogError::BadSignature);
}

#[test]
fn l4_an_epoch_wraps_for_exactly_the_active_devices_and_recovery_in_order() {
    let mut account = account(&[2, 3]);
    let journal = journal(&account);
    account.apply(&revoke(&account, FIRST, 3)).unwrap();
    let right = recipients(&account);
    let without = |one: usize| {
        let mut fewer = right.clone();
        fewer.remove(one);
        fewer
    };
    let mut reversed = right.clone();
    reversed.reverse();
    let mut twice = right.clone();
    twice.insert(0, right[0]);
    let removed_too = [vec![Recipient::Device(device(3))], right.clone()].concat();
    let account_key = [right.clone(), vec![Recipient::Account(account.id())]].concat();
    let wrong = [
        without(0),
        without(1),
        without(2),
        reversed,
        twice,
        removed_too,
        account_key,
        vec![],
    ];
    for recipients in wrong {
        let content = JournalContent::Epoch(epoch_content(2, recipients));
        let link = journal_link(&journal, account.head(), FIRST, content);
        refused_journal((&journal, &account), &link, &LogError::WrongRecipients);
    }
    let content = JournalContent::Epoch(epoch_content(2, right));
    let link = journal_link(&journal, account.head(), FIRST, content);
    journal.clone().apply(&link, &account).unwrap();
}

#[test]
fn epochs_are_numbered_one_after_the_other() {
    let account = account(&[]);
    let journal = journal(&account);
    for number in [0, 1, 3, u64::MAX] {
        let content = JournalContent::Epoch(epoch_content(number, recipients(&account)));
        let link = journal_link(&journal, account.head(), FIRST, content);
        let why = LogError::OutOfPlace("epochs are numbered one after the other");
        refused_journal((&journal, &account), &link, &why);
    }
}

#[test]
fn an_epoch_forgets_documents_only_and_not_too_many() {
    let account = account(&[]);
    let journal = journal(&account);
    let forgetting = |forgets: Vec<DocumentId>| {
        let mut content = epoch_content(2, recipients(&account));
        content.forgets = forgets;
        journal_link(
            &journal,
            account.head(),
            FIRST,
            JournalContent::Epoch(content),
        )
    };
    let zero = LogError::OutOfPlace("what belongs to the space cannot be forgotten");
    refused_journal(
        (&journal, &account),
        &forgetting(vec![DocumentId::ZERO]),
        &zero,
    );
    let too_many = vec![DocumentId::from_bytes([1; 16]); limits::MAX_FORGETS_PER_EPOCH + 1];
    let why = LogError::OutOfPlace("an epoch that forgets too much at once");
    refused_journal((&journal, &account), &forgetting(too_many), &why);
}

#[test]
fn a_device_enters_the_newest_epoch_with_the_key_that_it_stated() {
    let mut account = account(&[]);
    let mut journal = journal(&account);
    let first = journal.newest_epoch().unwrap().id;
    account.apply(&add(&account, FIRST, 2)).unwrap();
    let say = |journal: &JournalState, enter: Enter| {
        journal_link(journal, account.head(), FIRST, JournalContent::Enter(enter))
    };
    let other_key = Enter {
        wrapping: wrapping(3),
        ..enter(&journal, 2)
    };
    refused_journal(
        (&journal, &account),
        &say(&journal, other_key),
        &LogError::BadStatement,
    );
    let unknown = say(&journal, enter(&journal, 9));
    refused_journal(
        (&journal, &account),
        &unknown,
        &LogError::NoSuchDevice(device(9)),
    );

    journal
        .apply(&say(&journal, enter(&journal, 2)), &account)
        .unwrap();
    assert_eq!(journal.wrapping_key(device(2)), Some(&wrapping(2)));
    journal
        .apply(&epoch(&journal, &account, FIRST), &account)
        .unwrap();
    let old = Enter {
        epoch: first,
        ..enter(&journal, 2)
    };
    let why = LogError::OutOfPlace("a device enters the newest epoch");
    refused_journal((&journal, &account), &say(&journal, old), &why);
}

#[test]
fn f4_a_device_replaces_its_own_key_and_only_after_it_entered() {
    let mut account = account(&[]);
    let mut journal = journal(&account);
    account.apply(&add(&account, FIRST, 2)).unwrap();
    let rekey = JournalContent::Rekey(Rekey {
        wrapping: wrapping(50),
        epoch: journal.newest_epoch().unwrap().id,
        locked: false,
    });
    let by_root = journal_link(&journal, account.head(), ROOT, rekey.clone());
    refused_journal((&journal, &account), &by_root, &LogError::NotEntitled);
    let too_early = journal_link(&journal, account.head(), 2, rekey.clone());
    let why = LogError::OutOfPlace("a device enters before it changes its key");
    refused_journal((&journal, &account), &too_early, &why);
    let right = journal_link(&journal, account.head(), FIRST, rekey);
    journal.apply(&right, &account).unwrap();
    assert_eq!(journal.wrapping_key(device(FIRST)), Some(&wrapping(50)));
}

#[test]
fn l7_a_journal_is_stale_from_a_removal_until_an_epoch_rests_on_it() {
    let mut account = account(&[2]);
    let mut journal = journal(&account);
    assert!(!journal.is_stale(&account));
    account.apply(&add(&account, FIRST, 3)).unwrap();
    assert!(!journal.is_stale(&account), "one more may read what comes");
    account.apply(&revoke(&account, FIRST, 2)).unwrap();
    assert!(journal.is_stale(&account));
    journal
        .apply(&epoch(&journal, &account, FIRST), &account)
        .unwrap();
    assert!(!journal.is_stale(&account));
    let newest = journal.newest_epoch().unwrap();
    assert_eq!((newest.number, newest.rests_on), (2, account.head()));
    assert_eq!(journal.find_epoch(newest.id), Some(newest));
}

#[test]
fn a_link_by_root_still_holds_when_the_account_has_another_root() {
    let mut account = account(&[]);
    let mut journal = journal(&account);
    let content = JournalContent::Epoch(epoch_content(2, recipients(&account)));
    let by_root = journal_link(&journal, account.head(), ROOT, content);
    let before = journal.clone();
    journal.apply(&by_root, &account).unwrap();
    let successor = new_root(&account, 201);
    account.apply(&link(&account, ROOT, successor)).unwrap();
    // A device that opens its vault, or joins, folds the account's whole log first.
    let mut again = before;
    assert_eq!(again.apply(&by_root, &account), Ok(()));
    assert_eq!(again, journal);
    // The old root says nothing that rests on its successor.
    let content = JournalContent::Epoch(epoch_content(3, recipients(&account)));
    let late = journal_link(&journal, account.head(), ROOT, content);
    refused_journal((&journal, &account), &late, &LogError::BadSignature);
}

#[test]
fn l4_an_epoch_of_a_space_with_as_many_chains_as_there_can_be_fits_in_its_link() {
    let account = account(&[]);
    let journal = journal(&account);
    let chain = |n: usize| {
        let mut id = [0xff; 16];
        id[..8].copy_from_slice(&(n as u64).to_be_bytes());
        ChainId {
            device: DeviceId::from_bytes(id),
            incarnation: Incarnation::from_bytes([0xff; 8]),
        }
    };
    let document = |n: usize| {
        let mut id = [0xff; 16];
        id[..8].copy_from_slice(&(n as u64).to_be_bytes());
        DocumentId::from_bytes(id)
    };
    let content = EpochContent {
        have: (0..limits::MAX_CHAINS)
            .map(|n| (chain(n), Seq(u64::MAX)))
            .collect(),
        forgets: (0..limits::MAX_FORGETS_PER_EPOCH).map(document).collect(),
        recipients: (0..=limits::MAX_ACTIVE_DEVICES)
            .map(|_| Recipient::Device(device(1)))
            .collect(),
        ..epoch_content(2, Vec::new())
    };
    let content = JournalContent::Epoch(content);
    let link = journal_link(&journal, account.head(), FIRST, content);
    assert_eq!(link.to_travel(None).open::<JournalContent>(), Ok(link));
}
