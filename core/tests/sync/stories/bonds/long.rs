//! Logs of which a reply holds a part.

use super::*;
use crate::model::{Tampering, account};
use daymark_core::sync::Fault;

/// The supporter's log is longer than several replies hold.
fn with_a_long_log() -> Couple {
    let mut couple = Couple::invited();
    for _ in 0..3 {
        let guest = couple.world.admit(SUPPORTER);
        couple.world.revoke(SUPPORTER, guest);
        couple.world.devices.truncate(PHONE + 1);
    }
    couple.settle();
    for device in &mut couple.world.devices {
        // That the journal had no epoch after the removal yet.
        assert!(device.take_faults().is_subset(&["stale"].into()));
    }
    couple.world.relay.links = 2;
    couple
}

#[test]
fn b3_an_answer_is_found_behind_a_log_that_no_reply_holds_whole() {
    let mut couple = with_a_long_log();
    assert!(couple.accept(SUPPORTER));
    couple.world.sync(SUPPORTER);
    let length = couple.world.relay.length(couple.world[SUPPORTER].account());
    assert!(length > 2 * 2);
    couple.world.sync(OWNER);
    assert!(couple.is_agreed(OWNER), "in one sync");
    couple.say(SUPPORTER, "a reply");
    couple.ends_well();
    couple.is_faultless();
}

#[test]
fn b3_so_it_is_by_devices_that_knew_nothing_of_the_bond() {
    let mut couple = with_a_long_log();
    assert!(couple.accept(SUPPORTER));
    couple.world.sync(SUPPORTER);
    couple.world.sync(OWNER);
    for by in [OWNER, SUPPORTER] {
        let new = couple.world.admit(by);
        couple.world.sync(new);
        assert!(couple.is_agreed(new));
    }
    couple.say(OWNER, "shared");
    couple.ends_well();
    couple.is_faultless();
}

#[test]
fn accounts_that_a_relay_makes_up_are_named_and_not_kept() {
    let mut couple = Couple::active();
    let strange = account(9)[0].logs.links_in_order(0, 0);
    let mut line = Tampering::new(&mut couple.world.relay, |_, reply| {
        reply.links.extend(strange.clone());
    });
    couple.world.devices[PHONE].sync(&mut line).unwrap();
    let named = std::mem::take(&mut couple.world[PHONE].disk.faults);
    let is_bad_link = |fault: &Fault| matches!(fault, Fault::BadLink { .. });
    assert!(named.iter().all(is_bad_link) && !named.is_empty());
    couple.ends_well();
}
