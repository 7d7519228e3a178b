//! Connections that break, and devices that die, between two steps (threat F1).

use super::*;
use crate::model::{Stopped, Troubled};

/// Steps of the longest sync here, and some more.
const STEPS: u32 = 80;
/// Exchanges of it.
const EXCHANGES: usize = 6;

/// A sync that is broken off in some way, and the honest times after it.
fn broken_off(begin: impl Fn() -> (Couple, usize)) {
    for exchange in 0..EXCHANGES {
        for is_done in [false, true] {
            let (mut couple, device) = begin();
            let relay = &mut couple.world.relay;
            let mut line = if is_done {
                Troubled::losing_reply(relay, exchange)
            } else {
                Troubled::losing_request(relay, exchange)
            };
            let stopped = couple.world.devices[device].sync(&mut line);
            assert!(matches!(stopped, Ok(_) | Err(Stopped::Offline)));
            ends_well(couple);
        }
    }
    for fuse in 0..STEPS {
        let (mut couple, device) = begin();
        couple.world[device].fuse = Some(fuse);
        let stopped = couple.world.devices[device].sync(&mut couple.world.relay);
        couple.world[device].reopen();
        ends_well(couple);
        if stopped.is_ok() {
            return;
        }
        assert_eq!(stopped, Err(Stopped::Killed));
    }
    panic!("a sync has more steps");
}

fn ends_well(mut couple: Couple) {
    couple.settle();
    if couple.accept(SUPPORTER) {
        couple.settle();
    }
    couple.ends_well();
}

#[test]
fn f1_an_invitation_and_an_answer_survive_anything_between_two_steps() {
    broken_off(|| (Couple::inviting(), OWNER));
    broken_off(|| {
        let mut couple = Couple::invited();
        assert!(couple.accept(PHONE));
        (couple, PHONE)
    });
}

#[test]
fn f1_whatever_one_of_them_does_survives_anything_between_two_steps() {
    for (what, device) in ALL.into_iter().zip([OWNER, PHONE, TABLET]) {
        broken_off(|| {
            let mut couple = Couple::talking();
            does(&mut couple, device, what);
            (couple, device)
        });
    }
}

#[test]
fn f1_what_the_other_side_did_survives_anything_between_two_steps() {
    let sides = [(PHONE, OWNER), (OWNER, PHONE), (PHONE, TABLET)];
    for (what, (device, other)) in ALL.into_iter().zip(sides) {
        broken_off(|| {
            let mut couple = Couple::talking();
            does(&mut couple, other, what);
            couple.world.sync(other);
            couple.say(device, "meanwhile");
            (couple, device)
        });
    }
}

#[test]
fn l7_a_removal_survives_anything_between_two_steps() {
    let (by, other) = (PHONE, OWNER);
    broken_off(|| {
        let mut couple = Couple::talking();
        let gone = couple.world.admit(by);
        couple.settle();
        couple.say(gone, "before it went");
        couple.settle();
        let link = couple.world.revocation(by, gone);
        couple.world.devices.remove(gone);
        // Somebody else has to begin what the removal asks for.
        couple.world.devices[by].fuse = Some(6);
        let relay = &mut couple.world.relay;
        let _ = couple.world.devices[by].sync_with(vec![link], relay);
        couple.world[by].reopen();
        couple.say(other, "meanwhile");
        (couple, other)
    });
}
