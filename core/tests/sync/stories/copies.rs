//! A vault that exists twice: restored from a backup, or on a cloned machine (threats K3, K7).

use crate::model::{Offline, Stopped, Troubled, World};
use daymark_core::sync::{ChainState, Fault};
use daymark_wire::DocumentId;
use std::collections::BTreeSet;

fn tags<const N: usize>(tags: [&str; N]) -> BTreeSet<String> {
    tags.map(str::to_owned).into()
}

/// The original signed, and its request never arrived; its copy signs for the same place, and did not send it yet.
fn one_place_twice() -> (World, DocumentId, usize) {
    let mut world = World::new(2);
    let entry = world[0].write("before the copy");
    world.settle();
    let copy = world.copy(0);
    world[0].tag(entry, "original");
    let mut losing = Troubled::losing_request(&mut world.relay, 1);
    assert_eq!(world.devices[0].sync(&mut losing), Err(Stopped::Offline));
    world[copy].tag(entry, "copy");
    (world, entry, copy)
}

#[test]
fn k3_a_restored_vault_and_the_newer_one_both_go_on_and_nothing_is_lost() {
    let mut world = World::new(2);
    let entry = world[0].write("before the backup");
    world.settle();
    let restored = world.copy(0);
    world[0].tag(entry, "newer");
    world.sync(0);
    world[restored].tag(entry, "restored");
    world[1].tag(entry, "elsewhere");
    world.settle();
    world.assert_converged();
    assert_eq!(
        world[1].tags(entry),
        tags(["newer", "restored", "elsewhere"])
    );
    assert!(world[restored].take_faults().contains("vault-exists-twice"));
    assert!(world[0].take_faults().contains("vault-exists-twice"));
}

#[test]
fn k3_two_copies_that_signed_at_one_place_while_offline_both_keep_what_they_wrote() {
    let (mut world, entry, copy) = one_place_twice();
    world.sync(copy);
    world.settle();
    world.assert_converged();
    assert_eq!(world[1].tags(entry), tags(["original", "copy"]));
    assert!(world[0].take_faults().contains("vault-exists-twice"));
    assert_eq!(world[1].take_faults(), BTreeSet::new());
}

#[test]
fn k3_a_copy_taken_between_signing_and_sending_says_the_same_twice_and_loses_nothing() {
    let mut world = World::new(2);
    let entry = world[0].write("before the copy");
    world.settle();
    world[0].tag(entry, "signed");
    let mut losing = Troubled::losing_request(&mut world.relay, 1);
    assert_eq!(world.devices[0].sync(&mut losing), Err(Stopped::Offline));
    let copy = world.copy(0);
    world[copy].tag(entry, "copy");
    world[0].tag(entry, "original");
    world.sync(copy);
    world.settle();
    world.assert_converged();
    assert_eq!(world[1].tags(entry), tags(["signed", "original", "copy"]));
}

#[test]
fn k3_a_copy_that_only_listens_is_told_too() {
    let mut world = World::new(2);
    let entry = world[0].write("before the copy");
    world.settle();
    let copy = world.copy(0);
    world[0].tag(entry, "original");
    world.settle();
    world.assert_converged();
    assert_eq!(world[copy].tags(entry), tags(["original"]));
    assert!(world[copy].take_faults().contains("vault-exists-twice"));
}

#[test]
fn k3_three_copies_of_one_vault_converge() {
    let mut world = World::new(2);
    let entry = world[0].write("before the copies");
    world.settle();
    let copies = [world.copy(0), world.copy(0)];
    world[0].tag(entry, "one");
    world[copies[0]].tag(entry, "two");
    world[copies[1]].tag(entry, "three");
    world.settle();
    world.assert_converged();
    assert_eq!(world[1].tags(entry), tags(["one", "two", "three"]));
}

#[test]
fn k3_l1_a_place_that_a_restored_relay_lost_and_a_copy_filled_is_said_again() {
    let mut world = World::new(2);
    let entry = world[0].write("in the backup");
    world.settle();
    let backup = world.relay.clone();
    let copy = world.copy(0);
    world[0].tag(entry, "after the backup");
    world.sync(0);
    world.relay = backup.in_new_generation();
    world[copy].tag(entry, "copy");
    world.sync(copy);
    // Nothing waits at the original, and the relay has as many records of its chain as it signed.
    world.settle();
    world.assert_converged();
    assert_eq!(world[1].tags(entry), tags(["after the backup", "copy"]));
}

#[test]
fn k3_l1_a_document_that_began_in_a_lost_place_is_readable_when_it_is_said_again() {
    let mut world = World::new(2);
    world[0].write("in the backup");
    world.settle();
    let backup = world.relay.clone();
    let copy = world.copy(0);
    let entry = world[0].write("begun after the backup");
    world.sync(0);
    world[0].tag(entry, "more of it");
    world.sync(0);
    world.relay = backup.in_new_generation();
    world[copy].write("by the copy");
    world.sync(copy);
    world.settle();
    world.assert_converged();
    assert_eq!(world[1].tags(entry), tags(["more of it"]));
}

#[test]
fn k3_a_copy_that_takes_the_place_of_a_documents_first_record_hides_nothing() {
    let mut world = World::new(2);
    let entry = world[0].write("unsent, and copied");
    let copy = world.copy(0);
    let mut losing = Troubled::losing_request(&mut world.relay, 1);
    assert_eq!(world.devices[0].sync(&mut losing), Err(Stopped::Offline));
    world.sync(copy);
    world[0].tag(entry, "original");
    world.settle();
    world.assert_converged();
    assert_eq!(world[1].tags(entry), tags(["original"]));
}

#[test]
fn k7_two_signed_records_at_one_place_freeze_the_chain_and_all_is_said_again_on_a_new_one() {
    let mut world = World::new(2);
    let entry = world[0].write("before the copy");
    world.settle();
    let copy = world.copy(0);
    // A relay that forks shows one copy one state and the other another.
    let mut forked = world.relay.clone();
    world[0].tag(entry, "original");
    world.sync(0);
    world.sync(1);
    world[copy].tag(entry, "copy");
    world.devices[copy].sync(&mut forked).unwrap();
    world[copy].tag(entry, "copy again");
    world.devices[copy].sync(&mut forked).unwrap();

    let chain = world[0].disk.own.chain;
    world.devices[1].sync(&mut forked).unwrap();
    assert_eq!(world[1].disk.chains[&chain].state, ChainState::Frozen);
    assert!(world[1].disk.faults.contains(&Fault::ForkedChain { chain }));
    let proof = &world[1].disk.proofs[0];
    assert_eq!(proof.place().chain, chain);
    assert_eq!(world[1].tags(entry), tags(["original"]), "as it was");

    world[copy].tag(entry, "and again");
    world.settle();
    let all = tags(["original", "copy", "copy again", "and again"]);
    for n in 0..3 {
        assert_eq!(world[n].tags(entry), all, "device {n}");
    }
    assert!(world[copy].take_faults().contains("vault-exists-twice"));
    assert!(world[0].take_faults().contains("vault-exists-twice"));
}

#[test]
fn a_crash_while_a_chain_is_renewed_loses_nothing() {
    for fuse in 0..60 {
        let (mut world, entry, copy) = one_place_twice();
        world.sync(copy);
        world[0].fuse = Some(fuse);
        let killed = world.devices[0].sync(&mut world.relay);
        world[0].fuse = None;
        world.settle();
        world.assert_converged();
        assert_eq!(world[1].tags(entry), tags(["original", "copy"]), "{fuse}");
        if killed.is_ok() {
            return;
        }
    }
    panic!("longer than sixty steps");
}

#[test]
fn a_crash_while_a_chain_is_heard_to_have_ended_loses_nothing() {
    for fuse in 0..60 {
        let mut world = World::new(2);
        let entry = world[0].write("before the copy");
        world.settle();
        let copy = world.copy(0);
        world[0].tag(entry, "original");
        world.sync(0);
        // The copy goes on in a new chain, which ends the original's.
        world[copy].tag(entry, "copy");
        world.sync(copy);
        world[0].tag(entry, "after");
        world[0].fuse = Some(fuse);
        let killed = world.devices[0].sync(&mut world.relay);
        world[0].fuse = None;
        world.settle();
        world.assert_converged();
        let all = tags(["original", "copy", "after"]);
        assert_eq!(world[1].tags(entry), all, "{fuse}");
        if killed.is_ok() {
            return;
        }
    }
    panic!("longer than sixty steps");
}

#[test]
fn what_is_written_offline_waits_and_is_sent_when_there_is_a_relay() {
    let mut world = World::new(2);
    let entry = world[0].write("offline");
    assert_eq!(world.devices[0].sync(&mut Offline), Err(Stopped::Offline));
    assert_eq!(world[0].disk.outbox.len(), 1);
    world.settle();
    world.assert_converged();
    assert!(world[1].views().contains_key(&entry));
}
