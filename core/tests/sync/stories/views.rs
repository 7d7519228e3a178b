//! Older and other views of the truth (threats K8, K16).

use crate::model::{Tampering, World};
use daymark_wire::sync::{News, SyncReply, SyncRequest};

#[test]
fn k8_an_older_view_is_named_rolled_back_loses_nothing_and_heals() {
    let mut world = World::new(2);
    let entry = world[0].write("old");
    world.settle();
    let old = world.relay.clone();
    world[0].tag(entry, "newer");
    world.settle();
    let newer = std::mem::replace(&mut world.relay, old);
    let before = world[1].views();
    world.sync(1);
    assert!(world[1].take_faults().contains("rolled-back"));
    assert_eq!(world[1].views(), before);
    world.relay = newer;
    world[1].tag(entry, "after");
    world.settle();
    world.assert_converged();
    assert_eq!(world[0].tags(entry).len(), 2);
}

#[test]
fn k8_an_older_log_is_named_rolled_back_and_never_taken() {
    let mut world = World::new(3);
    world.settle();
    let mut old = world.relay.clone();
    world.revoke(0, 2);
    world.sync(1);
    let length = world[1].disk.logs.account().length();
    world[1].write("not for the removed");
    world.devices[1].sync(&mut old).unwrap();
    assert!(world[1].take_faults().contains("rolled-back"));
    assert_eq!(world[1].disk.logs.account().length(), length);
    // The missing links were offered again, so even the old view is not old any more.
    assert_eq!(old.length(world[1].account()), length);
    world.devices.remove(2);
    world.settle();
    world.assert_converged();
}

#[test]
fn k16_a_frozen_log_is_exposed_by_the_first_record_of_someone_who_saw_more() {
    let mut world = World::new(3);
    let entry = world[0].write("kept");
    world.settle();
    world.revoke(0, 2);
    world[0].tag(entry, "after the revocation");
    world.sync(0);
    // The relay shows device 1 records, but no link since.
    let freeze = |_: &SyncRequest, reply: &mut SyncReply| reply.links.clear();
    let records = world[1].disk.records.len();
    let mut frozen = Tampering::new(&mut world.relay, freeze);
    world.devices[1].sync(&mut frozen).unwrap();
    assert!(world[1].take_faults().contains("rolled-back"));
    assert_eq!(
        world[1].disk.records.len(),
        records,
        "what rests on it waits"
    );
    world.devices.remove(2);
    world.settle();
    world.assert_converged();
    assert!(world[1].tags(entry).contains("after the revocation"));
}

#[test]
fn k16_a_checkpoint_tells_of_records_that_are_kept_back() {
    let mut world = World::new(3);
    world.settle();
    let hidden = world[0].write("kept back");
    world.sync(0);
    world.sync(1);
    world[1].checkpoint = true;
    world[1].write("with a checkpoint");
    world.sync(1);
    let author = world[0].disk.device();
    let keep_back = |_: &SyncRequest, reply: &mut SyncReply| {
        let records = &mut reply.spaces[0].records;
        records.retain(|record| record.place().chain.device != author);
    };
    let mut hiding = Tampering::new(&mut world.relay, keep_back);
    world.devices[2].sync(&mut hiding).unwrap();
    assert!(world[2].take_faults().contains("withheld"));
    assert!(!world[2].views().contains_key(&hidden));
    world.settle();
    world.assert_converged();
}

#[test]
fn a_forked_log_is_named_and_the_known_one_stands() {
    let mut world = World::new(3);
    world.settle();
    let mut other = world.relay.clone();
    world.revoke(0, 2);
    world.sync(0);
    // Another history of the same length, at the other end of a fork.
    let revocation = world.revocation(1, 0);
    world.devices[1]
        .sync_with(vec![revocation], &mut other)
        .unwrap();
    let before = world[1].disk.logs.clone();
    world.sync(1);
    let faults = world[1].take_faults();
    assert!(
        faults.contains("forked-view") || faults.contains("rolled-back"),
        "{faults:?}"
    );
    assert_eq!(world[1].disk.logs, before);
}

#[test]
fn news_that_comes_out_of_step_is_asked_about_before_anything_is_named() {
    let mut world = World::new(2);
    let entry = world[0].write("first");
    world.settle();
    let have = world[1].disk.replica().have();
    world[0].tag(entry, "second");
    world.sync(0);
    world[0].tag(entry, "third");
    world.sync(0);
    let chain = world[0].disk.own.chain;
    let mut records = world[0].disk.beyond(chain, have.of(chain), 10);
    let news = News {
        links: Vec::new(),
        space: Some(world[0].disk.logs.space()),
        records: vec![records.pop().unwrap()],
    };
    let outcome = world.devices[1].news(news, &mut world.relay).unwrap();
    assert_eq!((outcome.round_trips, outcome.received), (1, 2));
    assert!(world[1].take_faults().is_empty());
    assert_eq!(world[1].tags(entry).len(), 2);
}

#[test]
fn news_of_a_new_device_that_comes_before_its_link_is_asked_about() {
    let mut world = World::new(2);
    world.settle();
    let new = world.admit(0);
    let entry = world[new].write("by the new one");
    world.sync(new);
    let chain = world[new].disk.own.chain;
    let news = News {
        links: Vec::new(),
        space: Some(world[0].disk.logs.space()),
        records: world[new].disk.beyond(chain, daymark_wire::Seq(0), 10),
    };
    world.devices[1].news(news, &mut world.relay).unwrap();
    assert!(world[1].take_faults().is_empty());
    assert!(world[1].views().contains_key(&entry));
}
