//! When nothing is sealed.

use super::*;
use crate::{
    bonds::{Pause, Standing},
    sync::Fault,
};
use daymark_wire::{LogId, VerifyingKey};

fn is_paused(replica: &mut Replica, why: Pause, random: &Random) {
    let side = replica.logs.as_bond().unwrap();
    assert_eq!(side.standing(), Standing::Paused(why));
    let sealed = seal(replica, vec![waiting(1, document(1), 0)], random);
    assert_eq!(sealed, Err(SealingError::NoEpoch));
    wish(replica, Wishes::default());
    assert_eq!(next_link(replica, random), None);
    // Whoever has new keys keeps nobody from taking something back (rule B5).
    wish(replica, forget(document(1)));
    let may_forget = why == Pause::NewRoot;
    assert_eq!(next_link(replica, random).is_some(), may_forget);
    wish(replica, end());
    assert!(next_link(replica, random).is_some());
}

/// Two epochs that the owner made for one place.
fn two_epochs(two: &mut Two) -> [TravelLink; 2] {
    [1, 2].map(|n| {
        wish(&mut two.owner, forget(document(n)));
        next_link(&two.owner, &two.random).unwrap()
    })
}

#[test]
fn a_bond_log_with_two_heads_pauses_it_and_can_still_be_ended() {
    let mut two = Two::new();
    let [one, other] = two_epochs(&mut two);
    let mut intake = Intake::default();
    two.supporter.take_links(&[one], &mut intake);
    two.supporter.take_links(&[other], &mut intake);
    let log = LogId::from(two.supporter.space());
    assert_eq!(intake.faults, BTreeSet::from([Fault::ForkedView { log }]));
    is_paused(&mut two.supporter, Pause::ForkedLog, &two.random);
}

#[test]
fn b2_what_was_looked_at_and_is_shown_again_lets_nothing_out_in_the_sync_that_shows_it() {
    let mut two = Two::new();
    let [one, other] = two_epochs(&mut two);
    let looked_at = Forks::new(&BTreeSet::new(), &[other.hash()].into());
    two.supporter.logs.as_bond_mut().unwrap().forks = looked_at;
    let mut intake = Intake::default();
    two.supporter.take_links(&[one, other], &mut intake);
    let side = two.supporter.logs.as_bond().unwrap();
    assert_eq!(side.standing(), Standing::Active);
    // Its relay may stand on the other history: it would take nothing of this one, but that it ended.
    let one = || vec![waiting(1, document(1), 0)];
    let sealed = seal(&mut two.supporter, one(), &two.random);
    assert_eq!(sealed, Err(SealingError::NoEpoch));
    wish(&mut two.supporter, forget(document(1)));
    assert_eq!(next_link(&two.supporter, &two.random), None);
    wish(&mut two.supporter, end());
    assert!(next_link(&two.supporter, &two.random).is_some());
    wish(&mut two.supporter, forget(document(1)));
    let side = two.supporter.logs.as_bond_mut().unwrap();
    side.logs.pass_over_fork();
    assert!(next_link(&two.supporter, &two.random).is_some());
    assert!(seal(&mut two.supporter, one(), &two.random).is_ok());
}

#[test]
fn a_link_that_could_not_stand_there_forks_nothing() {
    let mut two = Two::new();
    let [one, mut other] = two_epochs(&mut two);
    *other.bytes.last_mut().unwrap() ^= 1;
    let mut intake = Intake::default();
    two.supporter.take_links(&[one], &mut intake);
    two.supporter.take_links(&[other], &mut intake);
    let log = LogId::from(two.supporter.space());
    assert_eq!(intake.faults, BTreeSet::from([Fault::BadLink { log }]));
    let side = two.supporter.logs.as_bond().unwrap();
    assert_eq!(side.standing(), Standing::Active);
}

#[test]
fn a_new_root_of_the_other_person_pauses_a_bond_until_it_is_pinned() {
    let mut two = Two::new();
    let root: VerifyingKey = DeviceKey::generate(&two.random).unwrap().verifying_key();
    let side = two.owner.logs.as_bond_mut().unwrap();
    let pin = side.pin.replace(Pin {
        root,
        verified: None,
    });
    is_paused(&mut two.owner, Pause::NewRoot, &two.random);
    two.owner.logs.as_bond_mut().unwrap().pin = pin;
    // What is to end seals nothing either.
    wish(&mut two.owner, Wishes::default());
    let sealed = seal(
        &mut two.owner,
        vec![waiting(1, document(1), 0)],
        &two.random,
    );
    assert!(sealed.is_ok());
}

#[test]
fn a2_with_somebody_whose_answer_was_not_checked_nothing_is_opened_sealed_or_begun() {
    let two = Two::new();
    let logs = two.owner.logs.as_bond().unwrap().logs.clone();
    let mut stranger = bond(&two.journal, logs, None, &two.random);
    let mut intake = Intake::default();
    stranger.take_links(&[], &mut intake);
    assert!(stranger.epochs.is_empty() && intake.faults.is_empty());
    wish(&mut stranger, forget(document(1)));
    assert_eq!(next_link(&stranger, &two.random), None);
    stranger.epochs = two.owner.epochs;
    let sealed = seal(&mut stranger, vec![waiting(1, document(1), 0)], &two.random);
    assert_eq!(sealed, Err(SealingError::NoEpoch));
}
