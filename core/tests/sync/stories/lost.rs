//! A relay that lost something, or another one: links and records are offered again (threat L1).

use crate::model::{ModelRelay, World};
use daymark_wire::limits;
use std::collections::BTreeSet;

#[test]
fn l1_an_emptied_relay_gets_everything_again() {
    let mut world = World::new(3);
    let entry = world[0].write("one");
    world.settle();
    world[1].tag(entry, "two");
    world.settle();
    world.relay = ModelRelay::new().in_new_generation();
    world.settle();
    world.assert_converged();
    // Whoever lost its vault, too, gets it all from there.
    let new = world.admit(0);
    world.settle();
    assert_eq!(world[new].views(), world[0].views());
}

#[test]
fn l1_one_device_alone_brings_an_emptied_relay_all_that_others_wrote() {
    let mut world = World::new(3);
    for n in 0..3 {
        world[n].write(&format!("by {n}"));
    }
    world.settle();
    world.relay = ModelRelay::new().in_new_generation();
    world.devices.truncate(1);
    world.relay.page = 2;
    world[0].offers = 1;
    world.sync(0);
    let journal = world[0].disk.logs.space();
    let chains = world.relay.chains(journal);
    let records: usize = chains.values().map(|chain| chain.records.len()).sum();
    assert_eq!(records, world[0].disk.records.len());
}

#[test]
fn l1_a_relay_restored_from_a_backup_gets_what_it_lost_without_any_fault() {
    let mut world = World::new(3);
    let entry = world[0].write("in the backup");
    world.settle();
    let backup = world.relay.clone();
    world[0].tag(entry, "lost");
    world.revoke(0, 2);
    world.sync(1);
    world[1].tag(entry, "lost too");
    world.sync(1);
    for device in &mut world.devices {
        device.take_faults();
    }
    world.relay = backup.in_new_generation();
    world.devices.remove(2);
    world.settle();
    world.assert_converged();
    assert_eq!(world[0].tags(entry).len(), 2);
    for n in 0..2 {
        assert_eq!(world[n].take_faults(), BTreeSet::new(), "it said so itself");
    }
}

#[test]
fn l1_a_device_let_in_after_the_backup_brings_the_link_that_let_it_in() {
    let mut world = World::new(2);
    world[0].write("in the backup");
    world.settle();
    let backup = world.relay.clone();
    let new = world.admit(0);
    world.settle();
    let entry = world[new].write("by the new one");
    world.settle();
    world.relay = backup.in_new_generation();
    world.devices.drain(..new);
    world[0].tag(entry, "alone");
    world.settle();
    assert_eq!(world[0].take_faults(), BTreeSet::new());
    let newer = world.admit(0);
    world.settle();
    world.assert_converged();
    assert_eq!(world[newer].tags(entry).len(), 1);
    assert_eq!(world[newer].views().len(), 2);
}

/// More links than one request takes: each part of them can stand by itself.
#[test]
fn l1_long_logs_come_back_in_several_requests() {
    let mut world = World::new(1);
    let entry = world[0].write("kept");
    while world.links(0).len() <= limits::MAX_LINKS_PER_SYNC {
        let guest = world.admit(0);
        world.revoke(0, guest);
        world.devices.truncate(1);
    }
    let backup = world.relay.clone();
    let last = world.admit(0);
    world.settle();
    world.relay = ModelRelay::new().in_new_generation();
    world.settle();
    world.assert_converged();

    world.relay = backup.in_new_generation();
    world.devices.drain(..last);
    world[0].tag(entry, "alone");
    world.settle();
    world.assert_converged();
}

#[test]
fn l1_a_relay_that_lost_something_without_saying_so_is_named_and_gets_it_again() {
    let mut world = World::new(2);
    let entry = world[0].write("in the backup");
    world.settle();
    let old = world.relay.clone();
    world[0].tag(entry, "lost");
    world.settle();
    world.relay = old;
    world.settle();
    world.assert_converged();
    assert!(world[0].take_faults().contains("rolled-back"));
}

#[test]
fn l1_nothing_new_costs_one_round_trip_however_much_there_is() {
    let mut world = World::new(2);
    for n in 0..50 {
        world[0].write(&format!("entry {n}"));
    }
    world.settle();
    world.assert_converged();
}
