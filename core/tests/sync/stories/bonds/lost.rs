//! A relay that lost something of a bond (threat L1): each person brings what is theirs, in whatever order.

use super::*;

/// The order in which devices come to the relay first.
const ORDERS: [[usize; 4]; 4] = [
    [OWNER, SUPPORTER, TABLET, PHONE],
    [SUPPORTER, OWNER, PHONE, TABLET],
    [PHONE, SUPPORTER, TABLET, OWNER],
    [TABLET, OWNER, PHONE, SUPPORTER],
];

/// A relay that holds what `backup` does, and says that its history is another.
fn restored(couple: &mut Couple, backup: ModelRelay, order: [usize; 4]) {
    couple.world.relay = backup.in_new_generation();
    for device in order {
        couple.world.sync(device);
    }
}

#[test]
fn l1_an_emptied_relay_gets_the_bond_again_whoever_comes_first() {
    for order in ORDERS {
        let mut couple = Couple::talking();
        couple.go_on();
        couple.say(TABLET, "after");
        couple.settle();
        restored(&mut couple, ModelRelay::new(), order);
        couple.say(PHONE, "and later");
        couple.ends_well();
        couple.is_faultless();
    }
}

#[test]
fn l1_a_relay_that_lost_the_answer_gets_it_again() {
    for order in ORDERS {
        let mut couple = Couple::invited();
        let backup = couple.world.relay.clone();
        assert!(couple.accept(PHONE));
        couple.settle();
        couple.go_on();
        couple.say(OWNER, "shared");
        couple.settle();
        restored(&mut couple, backup, order);
        couple.ends_well();
        couple.is_faultless();
    }
}

#[test]
fn l1_what_was_taken_back_stays_taken_back_at_a_relay_that_has_it_again() {
    for order in ORDERS {
        let mut couple = Couple::talking();
        let copy = couple.say(OWNER, "shared");
        couple.settle();
        let backup = couple.world.relay.clone();
        couple.forget(TABLET, copy);
        couple.settle();
        couple.go_on();
        couple.settle();
        restored(&mut couple, backup, order);
        couple.ends_well();
        couple.is_faultless();
    }
}

#[test]
fn j3_an_end_that_a_relay_lost_holds_though_both_accounts_went_on() {
    for order in ORDERS {
        for by in [TABLET, PHONE] {
            for emptied in [true, false] {
                let mut couple = Couple::talking();
                let before = couple.world.relay.clone();
                couple.end(by);
                couple.settle();
                couple.go_on();
                couple.settle();
                let backup = if emptied { ModelRelay::new() } else { before };
                restored(&mut couple, backup, order);
                couple.ends_well();
                couple.is_faultless();
            }
        }
    }
}

/// An end that only one device knows of, since the relay lost it before anybody else came.
#[test]
fn j3_an_end_that_nobody_else_heard_of_holds() {
    for by in [OWNER, PHONE] {
        let mut couple = Couple::talking();
        let backup = couple.world.relay.clone();
        couple.end(by);
        couple.world.sync(by);
        couple.world.relay = backup.in_new_generation();
        couple.ends_well();
    }
}

#[test]
fn l1_who_is_alone_at_an_emptied_relay_keeps_everything_and_is_not_kept_busy() {
    for device in [OWNER, SUPPORTER] {
        let mut couple = Couple::talking();
        couple.go_on();
        couple.settle();
        couple.world.relay = ModelRelay::new().in_new_generation();
        couple.world.sync(device);
        for _ in 0..3 {
            let outcome = couple.world.sync(device);
            assert!(outcome.round_trips <= 2 && !outcome.given_up, "{outcome:?}");
        }
        couple.ends_well();
    }
}
