//! Two things at once.

use super::*;

/// Exchanges of one sync before which the other one may come.
const EXCHANGES: usize = 4;

#[test]
fn whatever_both_do_at_once_both_agree_afterwards() {
    for (one, other) in [(OWNER, SUPPORTER), (PHONE, TABLET), (OWNER, TABLET)] {
        for what in ALL {
            for others in ALL {
                for exchange in 0..EXCHANGES {
                    let mut couple = Couple::talking();
                    does(&mut couple, one, what);
                    does(&mut couple, other, others);
                    couple.sync_beside(one, exchange, other);
                    couple.ends_well();
                }
            }
        }
    }
}

#[test]
fn l7_a_device_that_comes_or_goes_meanwhile_loses_nothing() {
    for what in ALL {
        for exchange in 0..EXCHANGES {
            for (by, other) in [(OWNER, SUPPORTER), (PHONE, TABLET)] {
                let mut couple = Couple::talking();
                let new = couple.world.admit(other);
                couple.settle();
                does(&mut couple, by, what);
                does(&mut couple, other, Does::Shares);
                couple.sync_beside(by, exchange, new);
                couple.world.revoke(other, new);
                couple.world.devices.remove(new);
                couple.sync_beside(by, exchange, other);
                couple.ends_well();
            }
        }
    }
}

#[test]
fn b3_of_two_answers_at_once_one_stands() {
    for (one, other) in [(SUPPORTER, PHONE), (PHONE, SUPPORTER)] {
        for exchange in 0..2 {
            let mut couple = Couple::invited();
            assert!(couple.accept(one) && couple.accept(other));
            couple.sync_beside(one, exchange, other);
            couple.settle();
            couple.say(OWNER, "shared");
            couple.ends_well();
        }
    }
}

#[test]
fn b2_an_invitation_taken_back_as_it_is_accepted_is_no_bond() {
    for (one, other) in [(OWNER, PHONE), (PHONE, OWNER)] {
        for exchange in 0..3 {
            let mut couple = Couple::invited();
            couple.end(OWNER);
            assert!(couple.accept(PHONE));
            couple.sync_beside(one, exchange, other);
            couple.ends_well();
        }
    }
}
