//! What was signed or wrapped for one use, tried in another (threat D1).

use crate::model::{World, account};
use daymark_core::{
    account::open_newest,
    keys::DeviceKey,
    merge::{Keyring, open_space_record},
    sync::{Fault, RewrappedKey, RewrappedKeys},
};
use daymark_wire::{
    DocumentId, EpochId, Signed, Verified,
    logs::{LogKind, TravelLink},
    sync::{SyncReply, SyncRequest},
    wrapping::Recipient,
};

#[test]
fn d1_a_link_of_one_log_is_refused_in_every_other() {
    let mut world = World::new(3);
    world.settle();
    let logs = &world[0].disk.logs;
    let links: Vec<TravelLink> = logs
        .known()
        .iter()
        .flat_map(|known| logs.links_beyond(known.log, 0).to_vec())
        .collect();
    let before = logs.clone();
    let own = links[1].clone();
    let foreign: Vec<TravelLink> = account(3)[0].logs.journal_links().to_vec();
    for kind in [LogKind::Account, LogKind::Journal, LogKind::Bond] {
        for link in links.iter().chain(&foreign) {
            if link.kind == kind && *link != own && !foreign.contains(link) {
                continue;
            }
            let moved = TravelLink {
                kind,
                ..link.clone()
            };
            let mut logs = before.clone();
            let taken = logs.take(&[moved]);
            assert_eq!(logs, before, "{kind:?}");
            assert!(taken.new.is_empty());
        }
    }
}

#[test]
fn d1_a_foreign_link_is_named_and_changes_nothing() {
    let mut world = World::new(2);
    let foreign = account(3)[0].logs.journal_links().to_vec();
    let show = |_: &SyncRequest, reply: &mut SyncReply| reply.links.extend(foreign.clone());
    let mut tampering = crate::model::Tampering::new(&mut world.relay, show);
    let before = world.devices[0].disk.logs.clone();
    world.devices[0].sync(&mut tampering).unwrap();
    assert_eq!(world[0].disk.logs, before);
    let log = before.space().into();
    assert!(world[0].disk.faults.contains(&Fault::BadLink { log }));
}

#[test]
fn d1_an_epochs_wrap_opens_for_its_recipient_only() {
    let world = World::new(3);
    let logs = &world[0].disk.logs;
    for (n, device) in world.devices.iter().enumerate() {
        for (m, other) in world.devices.iter().enumerate() {
            let recipient = Recipient::Device(other.disk.device());
            let opened = open_newest(logs, recipient, &device.disk.wrapping);
            assert_eq!(opened.is_ok(), n == m, "{n} as {m}");
        }
        assert!(open_newest(logs, Recipient::Recovery, &device.disk.wrapping).is_err());
    }
}

#[test]
fn d1_a_wrapped_document_key_is_refused_under_another_epoch_document_or_id() {
    let mut world = World::new(3);
    let entry = world[0].write("kept");
    world.settle();
    let old = world[0].disk.logs.journal().newest_epoch().unwrap().id;
    let known = world[0].disk.keys[0].1.clone();
    world.revoke(0, 2);
    let epochs = &world[0].disk.epochs;
    let wrapped = epochs[&old].wrap_key(entry, &known.key);
    let given = |document, epoch: EpochId| {
        let key = known.key.id();
        let keys = vec![RewrappedKey {
            document,
            key,
            wrapped,
        }];
        Keyring::default()
            .learn_all(&RewrappedKeys { keys }, epoch, epochs)
            .wrapped
            .len()
    };
    let newest = world[0].disk.logs.journal().newest_epoch().unwrap().id;
    assert_eq!(given(entry, old), 1);
    assert_eq!(given(entry, newest), 0);
    assert_eq!(given(DocumentId::from_bytes([9; 16]), old), 0);
}

#[test]
fn d1_a_record_of_the_space_opens_only_as_its_kind_and_under_its_epoch() {
    let mut world = World::new(3);
    world[0].write("kept");
    world[0].checkpoint = true;
    world.sync(0);
    world.revoke(0, 2);
    let disk = &world[0].disk;
    let key = DeviceKey::from_seed(disk.device_seed.clone());
    let newest = disk.logs.journal().newest_epoch().unwrap().id;
    let of_the_space = disk.records.values().map(|kept| &kept.record);
    let mut seen = 0;
    for record in of_the_space.filter(|record| record.claimed().kind.is_of_the_space()) {
        seen += 1;
        let body = record.body().unwrap();
        let header = Verified::from_own_storage(record.header().clone());
        assert!(open_space_record(&header, body, &disk.epochs).is_ok());
        let mut another_kind = record.claimed().clone();
        another_kind.kind = match another_kind.kind {
            daymark_wire::RecordKind::Keys => daymark_wire::RecordKind::Checkpoint,
            _ => daymark_wire::RecordKind::Keys,
        };
        let mut another_epoch = record.claimed().clone();
        let other = |id: &&EpochId| **id != another_epoch.epoch;
        another_epoch.epoch = *disk.epochs.keys().find(other).unwrap();
        for header in [another_kind, another_epoch] {
            let signed = Signed::sign(header, key.signing());
            let verified = signed.verify(&key.verifying_key()).unwrap();
            assert!(open_space_record(&verified, body, &disk.epochs).is_err());
        }
    }
    assert!(seen >= 2 && disk.epochs.contains_key(&newest));
}
