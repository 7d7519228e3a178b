//! What is sealed and taken, and whose body may be gone.

use super::*;
use automerge::{AutoCommit, ROOT, transaction::Transactable};
use daymark_wire::{RecordKind, logs::Role};

/// Two changes that would share a record in a journal: even what reads like them is not put together here.
fn changes_that_go_on() -> [Vec<u8>; 2] {
    let mut document = AutoCommit::new();
    [1, 2].map(|value| {
        document.put(ROOT, "key", value).unwrap();
        document.commit();
        let change = document.get_last_local_change().unwrap();
        change.raw_bytes().to_vec()
    })
}

#[test]
fn a_version_is_a_record_by_itself_with_its_day_and_both_sides_take_the_others() {
    let mut two = Two::new();
    let mut versions = vec![waiting(1, document(1), 0), waiting(2, document(1), LATER)];
    for (version, content) in versions.iter_mut().zip(changes_that_go_on()) {
        version.content = content;
    }
    let sealed = seal(&mut two.owner, versions, &two.random).unwrap();
    let days: Vec<u32> = sealed
        .records
        .iter()
        .map(|record| record.claimed().expires.0)
        .collect();
    assert_eq!(days, [0, LATER]);
    for record in &sealed.records {
        let header = record.claimed();
        assert_eq!((header.kind, header.heads.len()), (RecordKind::Version, 3));
    }
    let intake = shown(&mut two.supporter, sealed.records);
    assert_eq!((intake.records.len(), intake.faults.len()), (2, 0));
    let reply = seal(
        &mut two.supporter,
        vec![waiting(1, document(2), 0)],
        &two.random,
    );
    let intake = shown(&mut two.owner, reply.unwrap().records);
    assert_eq!((intake.records.len(), intake.faults.len()), (1, 0));
}

#[test]
fn what_has_expired_is_not_sealed_and_its_body_may_be_gone() {
    let mut two = Two::new();
    let gone = vec![waiting(1, document(1), TODAY.0)];
    let sealed = seal(&mut two.owner, gone, &two.random).unwrap();
    assert!(sealed.records.is_empty());
    let days = [TODAY.0 + 1, TODAY.0 + 2];
    let versions = days.map(|day| waiting(1, document(1), day)).to_vec();
    let sealed = seal(&mut two.owner, versions, &two.random).unwrap();
    let stubs = sealed.records.into_iter().map(Record::into_stub);
    let intake = shown(&mut two.supporter, stubs.collect());
    // A day's difference of clocks explains the first, nothing the second.
    assert_eq!((intake.records.len(), intake.faults.len()), (2, 1));
    assert_eq!(two.supporter.holes.len(), 1);
}

#[test]
fn the_owner_forgets_what_either_wrote_and_the_supporter_only_their_own() {
    let mut two = Two::new();
    let sealed = seal(
        &mut two.owner,
        vec![waiting(1, document(1), 0)],
        &two.random,
    );
    let share = sealed.unwrap().records.remove(0);
    let sealed = seal(
        &mut two.supporter,
        vec![waiting(1, document(2), 0)],
        &two.random,
    );
    let reply = sealed.unwrap().records.remove(0);

    wish(&mut two.supporter, forget(document(1)));
    let link = next_link(&two.supporter, &two.random).unwrap();
    two.show(&link);
    assert!(!two.owner.is_forgotten(share.claimed()));
    assert!(!two.owner.forgotten.contains(&document(1)));
    assert_eq!(next_link(&two.supporter, &two.random), None, "once");

    wish(&mut two.owner, forget(document(2)));
    let link = next_link(&two.owner, &two.random).unwrap();
    two.show(&link);
    for replica in [&two.owner, &two.supporter] {
        assert!(replica.is_forgotten(reply.claimed()));
        assert!(!replica.is_forgotten(share.claimed()));
        assert!(replica.newest_epoch().is_some());
    }
    assert!(two.supporter.forgotten.contains(&document(2)));
}

#[test]
fn after_an_end_by_either_nothing_is_sealed_and_every_body_may_be_gone() {
    for by in [Role::Owner, Role::Supporter] {
        let mut two = Two::new();
        let sealed = seal(
            &mut two.owner,
            vec![waiting(1, document(1), 0)],
            &two.random,
        );
        let stub = sealed.unwrap().records.remove(0).into_stub();
        let ends = match by {
            Role::Owner => &mut two.owner,
            Role::Supporter => &mut two.supporter,
        };
        wish(ends, end());
        let link = next_link(ends, &two.random).unwrap();
        two.show(&link);
        for replica in [&mut two.owner, &mut two.supporter] {
            let more = seal(replica, vec![waiting(2, document(3), 0)], &two.random);
            assert_eq!(more, Err(SealingError::NoEpoch));
            assert_eq!(next_link(replica, &two.random), None);
        }
        assert!(shown(&mut two.supporter, vec![stub]).faults.is_empty());
    }
}
