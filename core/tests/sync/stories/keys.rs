//! Document keys across epochs: none is lost, and none that a removed device knows seals anything new
//! (threats K18, C5, I2).

use crate::model::{Device, Stopped, Troubled, Wiretap, World};
use daymark_wire::{DocumentId, KeyId};
use std::collections::BTreeSet;

fn key_ids(device: &Device) -> BTreeSet<(DocumentId, KeyId)> {
    let keys = device.disk.keys.iter();
    keys.map(|(document, known)| (*document, known.key.id()))
        .collect()
}

#[test]
fn k18_a_document_whose_author_died_while_an_epoch_began_stays_readable_by_all() {
    let mut world = World::new(4);
    world.settle();
    let entry = world[3].write("last words");
    let mut dying = Troubled::losing_reply(&mut world.relay, 1);
    assert_eq!(world.devices[3].sync(&mut dying), Err(Stopped::Offline));
    world.devices.remove(3);
    world.revoke(0, 2);
    world.devices.remove(2);
    let new = world.admit(1);
    world.settle();
    world.assert_converged();
    assert!(world[new].views().contains_key(&entry));
}

#[test]
fn k18_an_epoch_is_not_begun_over_a_document_that_its_author_has_not_seen() {
    let mut world = World::new(3);
    world.settle();
    let entry = world[1].write("pushed just before");
    let revocation = world.revocation(0, 2);
    // The document arrives after the revoker's first request, before its epoch.
    let mut author = world.devices.remove(1);
    let mut line = crate::model::Meanwhile {
        relay: &mut world.relay,
        before: 0,
        happens: Some(|relay: &mut crate::model::ModelRelay| {
            author.sync(relay).unwrap();
        }),
    };
    world.devices[0]
        .sync_with(vec![revocation], &mut line)
        .unwrap();
    world.devices.pop();
    // The author never returns.
    let new = world.admit(0);
    world.settle();
    assert!(world[new].views().contains_key(&entry));
    world.assert_converged();
}

#[test]
fn k18_where_the_author_of_an_epoch_dies_before_wrapping_keys_another_does_it() {
    let mut world = World::new(3);
    let entry = world[0].write("kept");
    world.settle();
    let revocation = world.revocation(0, 2);
    // Exchanges: the revocation, the epoch, the keys.
    let mut dying = Troubled::losing_request(&mut world.relay, 2);
    let died = world.devices[0].sync_with(vec![revocation], &mut dying);
    assert_eq!(died, Err(Stopped::Offline));
    world.devices.remove(2);
    world.devices.remove(0);
    world.sync(0);
    world.sync(0);
    let new = world.admit(0);
    world.sync(new);
    assert!(world[new].views().contains_key(&entry));
    world.assert_converged();
}

#[test]
fn c5_i2_a_key_that_a_removed_device_knows_never_seals_again() {
    let mut world = World::new(3);
    let entry = world[0].write("kept");
    world.settle();
    let known_to_removed = key_ids(&world[2]);
    assert!(!known_to_removed.is_empty());
    world.revoke(0, 2);
    world.devices.remove(2);
    // One that knew the key, and one that came later and learned it only wrapped again.
    let new = world.admit(0);
    world.settle();
    assert!(key_ids(&world[new]).is_superset(&known_to_removed));
    for writer in [1, new] {
        world[writer].tag(entry, "after");
        world[writer].tag(entry, if writer == new { "new" } else { "old" });
        let mut wiretap = Wiretap::new(&mut world.relay);
        world.devices[writer].sync(&mut wiretap).unwrap();
        let spaces = wiretap.requests.iter().flat_map(|request| &request.spaces);
        let records: Vec<_> = spaces.flat_map(|space| &space.push).collect();
        assert!(!records.is_empty());
        for record in records {
            let header = record.claimed();
            assert!(!known_to_removed.contains(&(header.document, header.key)));
        }
    }
    world.settle();
    world.assert_converged();
}
