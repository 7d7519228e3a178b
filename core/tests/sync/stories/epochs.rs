//! Epochs: begun when members change, by one of several at once, by someone who dies, or by someone whose
//! wraps do not open (threats K17, K14, rule L7).

use crate::model::{
    Answer, Caller, Device, Line, Meanwhile, ModelRelay, Stopped, Tampering, Troubled, Wiretap,
    World,
};
use daymark_core::{account::begin_epoch, keys::DeviceKey};
use daymark_wire::{
    Hash, Signed, cbor,
    hash::Domain,
    limits,
    logs::{JournalContent, MadeFor, TravelLink},
    sync::{AppendOutcome, SyncReply, SyncRequest},
    wrapping::Wraps,
};

fn newest_number(device: &Device) -> u64 {
    device.disk.logs.journal().newest_epoch().unwrap().number
}

/// Bytes that a request would give away: what was sealed.
fn pushed(requests: &[SyncRequest]) -> usize {
    let spaces = requests.iter().flat_map(|request| &request.spaces);
    spaces.map(|space| space.push.len()).sum()
}

#[test]
fn k17_l7_whoever_revokes_begins_an_epoch_in_the_same_sync() {
    let mut world = World::new(3);
    let entry = world[0].write("kept");
    world.settle();
    let before = newest_number(&world[0]);
    world.revoke(0, 2);
    assert_eq!(newest_number(&world[0]), before + 1);
    world[0].tag(entry, "after");
    world.devices.remove(2);
    world.settle();
    world.assert_converged();
}

#[test]
fn k17_l7_where_the_revoker_dies_before_the_epoch_the_next_device_begins_it() {
    let mut world = World::new(3);
    let entry = world[1].write("kept");
    world.settle();
    let link = world.revocation(0, 2);
    let mut dying = Troubled::losing_reply(&mut world.relay, 0);
    let died = world.devices[0].sync_with(vec![link], &mut dying);
    assert_eq!(died, Err(Stopped::Offline));
    world[1].tag(entry, "waits for the epoch");
    let before = newest_number(&world[1]);
    world.sync(1);
    assert_eq!(newest_number(&world[1]), before + 1);
    assert!(world[1].disk.outbox.is_empty());
    world.devices.remove(2);
    world.settle();
    world.assert_converged();
}

#[test]
fn k16_an_epoch_that_a_relay_denies_is_brought_again_as_it_was_signed() {
    let mut world = World::new(3);
    world[1].write("kept");
    world.settle();
    let link = world.revocation(0, 2);
    let mut brought = Vec::new();
    let mut line = Tampering::new(&mut world.relay, |request, reply| {
        let epoch = request.append.iter().find(|link| link.blob.is_some());
        if let Some(epoch) = epoch {
            brought.push(epoch.clone());
            reply.append = AppendOutcome::NotNext;
            reply.links.clear();
        }
    });
    world.devices[0].sync_with(vec![link], &mut line).unwrap();
    assert!(brought.len() > 1, "it was denied once");
    assert!(brought.iter().all(|link| *link == brought[0]));
    world.devices.remove(2);
    world.settle();
    // Keys are wrapped again by the sync after the one that showed the epoch.
    world.settle();
    world.assert_converged();
}

#[test]
fn k17_two_devices_begin_an_epoch_at_once_and_one_stands_for_both() {
    let mut world = World::new(3);
    let entry = world[0].write("kept");
    world.settle();
    let revocation = world.revocation(0, 2);
    world[1].tag(entry, "one");
    let mut other = world.devices.remove(0);
    other.tag(entry, "two");
    // The other device's whole sync happens just before this one's epoch arrives.
    let mut line = Meanwhile {
        relay: &mut world.relay,
        before: 1,
        happens: Some(|relay: &mut ModelRelay| {
            other.sync(relay).unwrap();
        }),
    };
    let before = newest_number(&world.devices[0]);
    let same = revocation_by(&world.devices[0], &revocation);
    world.devices[0].sync_with(vec![same], &mut line).unwrap();
    assert_eq!(newest_number(&world.devices[0]), before + 1);
    world.devices.pop();
    world.devices.insert(0, other);
    world.settle();
    world.assert_converged();
    assert_eq!(world[0].tags(entry).len(), 2);
}

/// The same revocation, by another device.
fn revocation_by(device: &Device, link: &TravelLink) -> TravelLink {
    use daymark_wire::logs::{AccountContent, Author};
    let key = DeviceKey::from_seed(device.disk.device_seed.clone());
    let mut body = link.open::<AccountContent>().unwrap().claimed().clone();
    body.author = Author::Device(key.id());
    Signed::sign(body, key.signing()).to_travel(None)
}

#[test]
fn k17_death_between_any_two_steps_of_an_epoch_loses_no_key() {
    for fuse in 0..80 {
        let mut world = World::new(3);
        let entry = world[0].write("kept");
        let other = world[1].write("kept too");
        world.settle();
        let link = world.revocation(0, 2);
        world[0].tag(entry, "unsent");
        world[0].fuse = Some(fuse);
        let killed = world.devices[0].sync_with(vec![link], &mut world.relay);
        // It never comes back: the other goes on, and lets a new device in.
        world.sync(1);
        world.sync(1);
        let new = world.admit(1);
        world.sync(new);
        assert_eq!(world[new].views().len(), 2, "killed after {fuse} steps");
        world[new].tag(other, "by the new one");
        // It comes back after all.
        world[0].fuse = None;
        world.devices.remove(2);
        if killed.is_ok() {
            return;
        }
        let revoked = world[0].disk.logs.account().active_devices().count();
        world.settle();
        world.assert_converged();
        assert!(world[0].tags(entry).contains("unsent") && revoked > 0);
    }
    panic!("longer than eighty steps");
}

#[test]
fn k17_an_epoch_whose_wraps_a_relay_keeps_back_locks_out_and_heals_when_they_come() {
    let mut world = World::new(3);
    let entry = world[0].write("kept");
    world.settle();
    world.revoke(0, 2);
    world[1].tag(entry, "waits");
    let strip = |_: &SyncRequest, reply: &mut SyncReply| {
        for link in &mut reply.links {
            link.blob = None;
        }
    };
    let mut tampering = Tampering::new(&mut world.relay, strip);
    let mut wiretap = Wiretap::new(&mut tampering);
    world.devices[1].sync(&mut wiretap).unwrap();
    assert_eq!(pushed(&wiretap.requests), 0, "nothing is sealed");
    assert!(world[1].take_faults().contains("locked-out"));
    assert_eq!(world[1].disk.outbox.len(), 1, "nothing is lost");
    let before = newest_number(&world[1]);

    world.devices.remove(2);
    world.settle();
    world.assert_converged();
    assert_eq!(
        newest_number(&world[1]),
        before,
        "no further epoch was needed"
    );
    assert!(world[0].tags(entry).contains("waits"));
}

#[test]
fn k17_a_new_device_whose_wrap_a_relay_keeps_back_begins_no_epoch_of_its_own() {
    let mut world = World::new(2);
    world[0].write("kept");
    world.settle();
    let new = world.admit(0);
    // As if it had not been given the epoch when it was let in, and the relay kept back the wrap.
    let newest = world[new].disk.logs.journal().newest_epoch().unwrap().id;
    world[new].disk.epochs.remove(&newest);
    world[new].disk.forget_blobs();
    let strip = |_: &SyncRequest, reply: &mut SyncReply| {
        for link in &mut reply.links {
            let kept = matches!(
                link.open::<JournalContent>()
                    .map(|link| link.claimed().content.clone()),
                Ok(JournalContent::Epoch(_))
            );
            link.blob = link.blob.take().filter(|_| kept);
        }
    };
    let before = newest_number(&world[new]);
    let mut tampering = Tampering::new(&mut world.relay, strip);
    world.devices[new].sync(&mut tampering).unwrap();
    assert!(world[new].take_faults().contains("locked-out"));
    assert_eq!(newest_number(&world[new]), before);
    world.settle();
    world.assert_converged();
    assert_eq!(newest_number(&world[new]), before);
}

/// A device has a link appended and is not heard of again.
fn append(world: &mut World, by: usize, link: TravelLink) {
    let by = &world.devices[by];
    let (account, device) = (by.account(), by.disk.device());
    let request = SyncRequest {
        known: by.disk.logs.known(),
        append: vec![link],
        ..SyncRequest::default()
    };
    let answer = world.relay.exchange(Caller { account, device }, request);
    assert!(matches!(answer, Answer::Reply(reply) if reply.append == AppendOutcome::Appended));
}

/// An epoch by a device, with a blob that was changed before it was signed.
fn broken_epoch(device: &Device, relay: &ModelRelay, change: impl Fn(&mut Wraps)) -> TravelLink {
    let disk = &device.disk;
    let key = DeviceKey::from_seed(disk.device_seed.clone());
    let made_for = disk.logs.account().home().map(|home| MadeFor {
        relay: home.relay,
        generation: relay.generation,
    });
    let have = disk.chains.iter().map(|(chain, head)| (*chain, head.seq));
    let (link, _) = begin_epoch(
        &disk.logs,
        &disk.account_keys,
        have.collect(),
        made_for,
        &key,
        &device.random,
    )
    .unwrap();
    let blob = link.blob.as_ref().unwrap();
    let mut wraps: Wraps = cbor::exactly("wraps", blob, limits::MAX_BLOB_BYTES).unwrap();
    change(&mut wraps);
    let blob = cbor::to_vec(&wraps);
    let mut body = link.open::<JournalContent>().unwrap().claimed().clone();
    if let JournalContent::Epoch(epoch) = &mut body.content {
        epoch.wraps = Hash::of(Domain::Blob, &[&blob]);
    }
    Signed::sign(body, key.signing()).to_travel(Some(blob))
}

#[test]
fn k17_an_epoch_with_wraps_that_do_not_open_is_named_and_the_next_sync_begins_another() {
    let mut world = World::new(3);
    let entry = world[0].write("kept");
    world.settle();
    let broken = broken_epoch(&world[2], &world.relay, |wraps| {
        for wrap in &mut wraps.wraps {
            wrap.sealed[0] ^= 1;
        }
    });
    append(&mut world, 2, broken);
    world[1].tag(entry, "waits");
    let (before, epochs) = (newest_number(&world[1]), world[1].disk.epochs.len());
    let mut wiretap = Wiretap::new(&mut world.relay);
    world.devices[1].sync(&mut wiretap).unwrap();
    let without_keys = wiretap.requests.iter().take(2);
    assert_eq!(pushed(&without_keys.cloned().collect::<Vec<_>>()), 0);
    assert!(world[1].take_faults().contains("locked-out"));
    assert!(newest_number(&world[1]) > before);
    assert!(world[1].disk.epochs.len() > epochs, "no key is dropped");
    world.settle();
    world.assert_converged();
}

#[test]
fn k17_wraps_of_another_secret_than_committed_are_as_good_as_none() {
    let mut world = World::new(3);
    let entry = world[0].write("kept");
    world.settle();
    // Rightly made wraps, but of another epoch's secret.
    let (other, _) = begin_epoch(
        &world[2].disk.logs,
        &world[2].disk.account_keys,
        daymark_wire::Have::new(),
        None,
        &DeviceKey::from_seed(world[2].disk.device_seed.clone()),
        &world[2].random,
    )
    .unwrap();
    let blob = other.blob.unwrap();
    let foreign: Wraps = cbor::exactly("wraps", &blob, limits::MAX_BLOB_BYTES).unwrap();
    let broken = broken_epoch(&world[2], &world.relay, |wraps| *wraps = foreign.clone());
    append(&mut world, 2, broken);
    world[0].tag(entry, "waits");
    world.sync(0);
    assert!(world[0].take_faults().contains("locked-out"));
    world.settle();
    world.assert_converged();
}

#[test]
fn k14_what_was_written_before_a_revocation_and_sealed_after_it_is_under_the_new_epoch() {
    let mut world = World::new(3);
    let entry = world[0].write("kept");
    world.settle();
    let old = world[2].disk.logs.journal().newest_epoch().unwrap().id;
    world[1].tag(entry, "written before");
    world.revoke(0, 2);
    let mut wiretap = Wiretap::new(&mut world.relay);
    world.devices[1].sync(&mut wiretap).unwrap();
    let spaces = wiretap.requests.iter().flat_map(|request| &request.spaces);
    let records: Vec<_> = spaces.flat_map(|space| &space.push).collect();
    assert!(!records.is_empty());
    assert!(records.iter().all(|record| record.claimed().epoch != old));
}

#[test]
fn k14_what_was_sealed_but_not_sent_before_a_revocation_is_sealed_anew() {
    let mut world = World::new(3);
    let entry = world[0].write("kept");
    world.settle();
    world[1].tag(entry, "sealed before");
    let mut losing = Troubled::losing_request(&mut world.relay, 1);
    assert_eq!(world.devices[1].sync(&mut losing), Err(Stopped::Offline));
    let old = world[2].disk.logs.journal().newest_epoch().unwrap().id;
    world.revoke(0, 2);
    let mut wiretap = Wiretap::new(&mut world.relay);
    world.devices[1].sync(&mut wiretap).unwrap();
    let spaces = wiretap.requests.iter().flat_map(|request| &request.spaces);
    let mut records = spaces.flat_map(|space| &space.push);
    assert!(records.all(|record| record.claimed().epoch != old));
    world.devices.remove(2);
    world.settle();
    world.assert_converged();
    assert!(world[0].tags(entry).contains("sealed before"));
}

#[test]
fn k14_what_a_relay_took_and_dropped_before_an_epoch_began_is_said_again_under_it() {
    let mut world = World::new(3);
    let entry = world[1].write("kept");
    world.settle();
    // The relay says that it took this, and has nothing of it when an epoch begins.
    let before = world.relay.clone();
    world[1].tag(entry, "taken and dropped");
    world.sync(1);
    let lost = world[1].write("taken and dropped too");
    world.sync(1);
    assert!(world[1].disk.outbox.is_empty());
    world.relay = before;
    world.revoke(0, 2);
    world.devices.remove(2);
    world.settle();
    world.assert_converged();
    assert!(world[0].tags(entry).contains("taken and dropped"));
    assert!(world[0].views().contains_key(&lost));
    world[1].take_faults();
    world.sync(1);
    assert_eq!(world[1].take_faults(), [].into(), "it is mended");
}
