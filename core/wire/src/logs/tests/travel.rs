//! Links as they travel, with what lies beside them.

use super::cast::{
    FIRST, account, epoch_content, genesis, genesis_body, genesis_content, journal, journal_body,
    journal_link, key, recipients,
};
use crate::{
    Hash, LogId, Signed,
    hash::Domain,
    limits,
    logs::{AccountContent, JournalContent, LinkBody, LogError, LogKind},
    signing::Payload,
};

#[test]
fn d1_a_link_is_read_as_one_of_its_own_log_only() {
    let travel = genesis().to_travel(None);
    assert!(travel.open::<AccountContent>().is_ok());
    assert_eq!(travel.open::<JournalContent>(), Err(LogError::OtherLog));
    let mut renamed = travel;
    renamed.kind = LogKind::Journal;
    assert!(renamed.open::<JournalContent>().is_err());
    assert_eq!(renamed.open::<AccountContent>(), Err(LogError::OtherLog));
}

#[test]
fn k17_a_blob_that_a_link_does_not_name_is_refused_and_one_that_is_missing_is_not() {
    let account = account(&[]);
    let journal = journal(&account);
    let blob = b"the wraps".to_vec();
    let mut content = epoch_content(2, recipients(&account));
    content.wraps = Hash::of(Domain::Blob, &[&blob]);
    let link = journal_link(
        &journal,
        account.head(),
        FIRST,
        JournalContent::Epoch(content),
    );
    assert!(link.to_travel(Some(blob)).open::<JournalContent>().is_ok());
    assert!(link.to_travel(None).open::<JournalContent>().is_ok());
    let another = link.to_travel(Some(b"other wraps".to_vec()));
    assert_eq!(another.open::<JournalContent>(), Err(LogError::WrongBlob));
    let huge = link.to_travel(Some(vec![0; limits::MAX_BLOB_BYTES + 1]));
    assert!(matches!(
        huge.open::<JournalContent>(),
        Err(LogError::Decode(_))
    ));
    let uncalled_for = genesis().to_travel(Some(b"anything".to_vec()));
    assert_eq!(
        uncalled_for.open::<AccountContent>(),
        Err(LogError::WrongBlob)
    );
}

#[test]
fn only_a_first_link_names_no_log_and_no_link_before() {
    let first = genesis_body(genesis_content());
    let is_read = |body: &LinkBody<AccountContent>| {
        LinkBody::<AccountContent>::from_bytes(&body.to_bytes()).is_ok()
    };
    assert!(is_read(&first));
    let mut zero = first.clone();
    zero.position = 0;
    let mut named = first.clone();
    named.log = LogId::from_bytes([1; 16]);
    let mut linked = first.clone();
    linked.previous = Hash::from_bytes([1; 32]);
    let mut second = first.clone();
    second.position = 2;
    let mut resting = first;
    resting.rests_on = vec![account(&[]).head()];
    for body in [zero, named, linked, second, resting] {
        assert!(!is_read(&body), "{body:?}");
    }
}

#[test]
fn a_journal_link_rests_on_exactly_one_head() {
    let account = account(&[]);
    let journal = journal(&account);
    let content = JournalContent::Epoch(epoch_content(2, recipients(&account)));
    let right = journal_body(Some(&journal), account.head(), FIRST, content);
    for heads in [vec![], vec![account.head(); 2]] {
        let mut body = right.clone();
        body.rests_on = heads;
        assert!(LinkBody::<JournalContent>::from_bytes(&body.to_bytes()).is_err());
        // Also when it never went through bytes.
        let signed = Signed::sign(body, &key(FIRST));
        let refused = journal.clone().apply(&signed, &account);
        assert_eq!(refused, Err(LogError::OtherHeads));
    }
}
