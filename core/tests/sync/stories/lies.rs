//! A relay that lies about records (threats A6, A7, A9, B2, D3, E1, K4, K6, K9).

use crate::model::{ModelRelay, State, Tampering, World, account};
use daymark_core::keys::DeviceKey;
use daymark_wire::{
    ChainId, DocumentId, Header, Record, Signed, limits,
    signing::{Payload, SigningKey},
    sync::{SyncReply, SyncRequest},
};
use std::collections::BTreeSet;

/// Two devices; the first has written some entries that the second has not fetched.
fn written() -> (World, Vec<DocumentId>) {
    let mut world = World::new(2);
    let entries: Vec<_> = (0..4)
        .map(|n| world[0].write(&format!("entry {n}")))
        .collect();
    world.sync(0);
    (world, entries)
}

/// The second device syncs with a relay that changes the records it shows; then with an honest one.
fn shown(
    world: &mut World,
    mut change: impl FnMut(&mut Vec<Record>),
) -> (BTreeSet<&'static str>, usize) {
    let tamper = |_: &SyncRequest, reply: &mut SyncReply| change(&mut reply.spaces[0].records);
    let mut tampering = Tampering::new(&mut world.relay, tamper);
    world.devices[1].sync(&mut tampering).unwrap();
    let named = world[1].take_faults();
    let entries = world[1].views().len();
    world.settle();
    world.assert_converged();
    assert_eq!(world[1].take_faults(), BTreeSet::new(), "healed");
    (named, entries)
}

/// The same record with another header under the old signature.
fn altered(record: &Record, change: impl Fn(&mut Header)) -> Record {
    let mut header = record.claimed().clone();
    change(&mut header);
    let signed = Signed::from_parts(header.to_bytes(), *record.header().signature()).unwrap();
    Record::new(signed, record.body().map(<[u8]>::to_vec)).unwrap()
}

/// The same record, signed by another key.
fn signed_by(record: &Record, key: &SigningKey, change: impl Fn(&mut Header)) -> Record {
    let mut header = record.claimed().clone();
    change(&mut header);
    Record::new(Signed::sign(header, key), record.body().map(<[u8]>::to_vec)).unwrap()
}

#[test]
fn a6_records_out_of_order_are_withheld_until_they_come_in_order() {
    let (mut world, _) = written();
    let (named, entries) = shown(&mut world, |records| records.reverse());
    assert_eq!((named, entries), (BTreeSet::from(["withheld"]), 1));
}

#[test]
fn a6_a_dropped_record_is_withheld() {
    let (mut world, _) = written();
    let (named, entries) = shown(&mut world, |records| {
        if records.len() > 2 {
            records.remove(1);
        }
    });
    assert_eq!((named, entries), (BTreeSet::from(["withheld"]), 1));
}

#[test]
fn a6_a_duplicated_record_changes_nothing() {
    let (mut world, entries) = written();
    let (named, shown) = shown(&mut world, |records| {
        let twice = records.clone();
        records.extend(twice);
    });
    assert_eq!((named, shown), (BTreeSet::new(), entries.len()));
}

#[test]
fn a6_records_of_another_account_are_refused() {
    let (mut world, entries) = written();
    let mut other = World::of(&account(2), ModelRelay::new());
    other[0].write("someone else's");
    other.sync(0);
    let chain = other[0].disk.own.chain;
    let foreign = other[0].disk.beyond(chain, daymark_wire::Seq(0), 10);
    let (named, shown) = shown(&mut world, |records| records.extend(foreign.clone()));
    assert_eq!(
        (named, shown),
        (BTreeSet::from(["bad-record"]), entries.len())
    );
}

#[test]
fn a6_swapped_bodies_are_refused_before_anything_is_stored() {
    let (world, _) = written();
    let chain = world[0].disk.own.chain;
    let records = world[0].disk.beyond(chain, daymark_wire::Seq(0), 10);
    let body = records[1].body().map(<[u8]>::to_vec);
    assert!(Record::new(records[0].header().clone(), body).is_err());
}

#[test]
fn a7_a_record_moved_to_another_document_or_space_is_refused() {
    let (mut world, entries) = written();
    let last = *entries.last().unwrap();
    let (named, shown) = shown(&mut world, |records| {
        if let Some(first) = records.first_mut() {
            *first = altered(first, |header| header.document = last);
        }
    });
    let refused = BTreeSet::from(["bad-record", "withheld"]);
    assert_eq!((named, shown), (refused, 0));

    let (mut world, _) = written();
    let author = DeviceKey::from_seed(world[0].disk.device_seed.clone());
    let (named, _) = self::shown(&mut world, |records| {
        if let Some(first) = records.first_mut() {
            // Even the author itself cannot put it there.
            *first = signed_by(first, author.signing(), |header| {
                header.space = daymark_wire::SpaceId::from_bytes([9; 16]);
            });
        }
    });
    assert!(named.contains("bad-record"));
}

#[test]
fn a9_invented_records_are_never_shown_or_stored() {
    let (mut world, entries) = written();
    let stranger = SigningKey::from_seed(&zeroize::Zeroizing::new([5; 32]));
    let device = stranger.verifying_key().device_id();
    let (named, shown) = shown(&mut world, |records| {
        let invented: Vec<_> = records
            .iter()
            .map(|record| signed_by(record, &stranger, |header| header.chain.device = device))
            .collect();
        records.extend(invented);
    });
    assert_eq!(
        (named, shown),
        (BTreeSet::from(["bad-record"]), entries.len())
    );
    assert!(
        world[1]
            .disk
            .records
            .keys()
            .all(|place| place.chain.device != device)
    );
}

#[test]
fn b2_d3_a_record_under_another_devices_name_is_refused() {
    let (mut world, entries) = written();
    let victim = world[1].disk.own.chain;
    let author = DeviceKey::from_seed(world[0].disk.device_seed.clone());
    let (named, shown) = shown(&mut world, |records| {
        let planted: Vec<_> = records
            .iter()
            .map(|record| signed_by(record, author.signing(), |header| header.chain = victim))
            .collect();
        records.extend(planted);
    });
    assert_eq!(
        (named, shown),
        (BTreeSet::from(["bad-record"]), entries.len())
    );
    assert!(
        world[1]
            .disk
            .records
            .keys()
            .all(|place| place.chain != victim)
    );
}

#[test]
fn e1_a_record_reflected_to_its_author_changes_nothing() {
    let (mut world, _) = written();
    world[1].write("by the second");
    world.settle();
    let chain = world[1].disk.own.chain;
    let own = world[1].disk.beyond(chain, daymark_wire::Seq(0), 10);
    let before = (world[1].disk.records.len(), world[1].views());
    let (named, _) = shown(&mut world, |records| records.extend(own.clone()));
    assert_eq!(named, BTreeSet::new());
    assert_eq!((world[1].disk.records.len(), world[1].views()), before);
}

#[test]
fn e1_a_signed_record_reflected_before_it_was_taken_is_not_a_copys() {
    let mut world = World::new(2);
    let entry = world[0].write("kept");
    world.settle();
    world[0].tag(entry, "signed");
    let mut losing = crate::model::Troubled::losing_request(&mut world.relay, 1);
    assert!(world.devices[0].sync(&mut losing).is_err());
    let own = world[0].disk.own;
    let reflected = world[0]
        .disk
        .beyond(own.chain, daymark_wire::Seq(own.seq.0 - 1), 1);
    let reflect = |_: &SyncRequest, reply: &mut SyncReply| {
        reply.spaces[0].records.extend(reflected.clone());
    };
    let mut tampering = Tampering::new(&mut world.relay, reflect);
    world.devices[0].sync(&mut tampering).unwrap();
    assert_eq!(world[0].take_faults(), BTreeSet::new());
    assert_eq!(world[0].disk.own.chain, own.chain);
    world.settle();
    world.assert_converged();
}

#[test]
fn e1_all_old_traffic_replayed_changes_nothing() {
    let (mut world, _) = written();
    let mut heard = Vec::new();
    let mut listening = Tampering::new(
        &mut world.relay,
        |_: &SyncRequest, reply: &mut SyncReply| {
            heard.push(reply.clone());
        },
    );
    world.devices[1].sync(&mut listening).unwrap();
    world.settle();
    let before = (world[1].disk.records.len(), world[1].views());
    let mut old = heard.into_iter().cycle();
    let replay = |_: &SyncRequest, reply: &mut SyncReply| *reply = old.next().unwrap();
    let mut replaying = Tampering::new(&mut world.relay, replay);
    for _ in 0..5 {
        let _ = world.devices[1].sync(&mut replaying);
    }
    assert_eq!((world[1].disk.records.len(), world[1].views()), before);
    world.settle();
    world.assert_converged();
}

#[test]
fn k4_a_device_that_skips_places_or_chains_wrongly_is_withheld_or_frozen() {
    let (mut world, _) = written();
    world.settle();
    let author = DeviceKey::from_seed(world[0].disk.device_seed.clone());
    let chain = world[0].disk.own.chain;
    let last = world[0]
        .disk
        .beyond(chain, daymark_wire::Seq(0), 10)
        .pop()
        .unwrap();
    let skipping = signed_by(&last, author.signing(), |header| header.seq.0 += 5);
    let (named, _) = shown(&mut world, |records| records.push(skipping.clone()));
    assert_eq!(named, BTreeSet::from(["withheld"]));

    let elsewhere = signed_by(&last, author.signing(), |header| {
        header.seq.0 += 1;
        header.previous = daymark_wire::Hash::from_bytes([9; 32]);
    });
    let forge = |_: &SyncRequest, reply: &mut SyncReply| {
        reply.spaces[0].records.push(elsewhere.clone());
    };
    let mut tampering = Tampering::new(&mut world.relay, forge);
    world.devices[1].sync(&mut tampering).unwrap();
    assert!(world[1].take_faults().contains("forked-chain"));
}

#[test]
fn k6_a_change_whose_dependency_is_kept_back_waits_and_shows_when_it_comes() {
    let mut world = World::new(3);
    let entry = world[0].write("the beginning");
    world.sync(0);
    world.sync(1);
    world[1].tag(entry, "rests on the beginning");
    world.sync(1);
    let author = world[0].disk.device();
    let hide = |_: &SyncRequest, reply: &mut SyncReply| {
        let records = &mut reply.spaces[0].records;
        records.retain(|record| record.place().chain.device != author);
    };
    let mut hiding = Tampering::new(&mut world.relay, hide);
    world.devices[2].sync(&mut hiding).unwrap();
    assert!(!world[2].views().contains_key(&entry));
    let waiting = world[2].disk.records.values();
    assert_eq!(
        waiting.filter(|kept| kept.state == State::Waiting).count(),
        1
    );
    world.settle();
    world.assert_converged();
    assert_eq!(world[2].tags(entry).len(), 1);
}

#[test]
fn k9_bodies_that_a_relay_deleted_are_withheld_asked_for_and_offered_by_another_device() {
    let (mut world, entries) = written();
    let chain: ChainId = world[0].disk.own.chain;
    let journal = world[0].disk.logs.space();
    let kept = world.relay.chains(journal);
    for record in &mut kept.get_mut(&chain).unwrap().records {
        *record = record.clone().into_stub();
    }
    world.sync(1);
    assert_eq!(world[1].take_faults(), BTreeSet::from(["withheld"]));
    assert_eq!(world[1].views().len(), 0);
    let holes = world[1].disk.replica().holes;
    assert_eq!(holes.len(), entries.len(), "stubs are stored and asked for");
    // The author is asked for them, and then they come.
    world.sync(0);
    world.sync(1);
    assert_eq!(world[1].views().len(), entries.len());
    world.settle();
    world.assert_converged();
}

#[test]
fn k9_stubs_in_the_place_of_records_hide_nothing_for_good() {
    let (mut world, entries) = written();
    let (named, shown) = shown(&mut world, |records| {
        for record in records {
            *record = record.clone().into_stub();
        }
    });
    assert_eq!((named, shown), (BTreeSet::from(["withheld"]), 0));
    assert_eq!(world[1].views().len(), entries.len());
}

#[test]
fn k9_bodies_that_are_lost_for_good_keep_no_other_from_being_asked_for() {
    let mut world = World::new(2);
    let entries = limits::MAX_WANTED + 6;
    for n in 0..entries {
        world[0].write(&format!("entry {n}"));
        if n % 512 == 511 {
            world.sync(0);
        }
    }
    world.sync(0);
    let mut places = BTreeSet::new();
    let stubs = |_: &SyncRequest, reply: &mut SyncReply| {
        for record in &mut reply.spaces[0].records {
            places.insert(record.place());
            *record = record.clone().into_stub();
        }
    };
    let mut tampering = Tampering::new(&mut world.relay, stubs);
    world.devices[1].sync(&mut tampering).unwrap();
    assert_eq!(world[1].views().len(), 0);
    // As many as one request can want never come again.
    let lost: BTreeSet<_> = places.into_iter().take(limits::MAX_WANTED).collect();
    let lose = |_: &SyncRequest, reply: &mut SyncReply| {
        for record in &mut reply.spaces[0].records {
            if lost.contains(&record.place()) {
                *record = record.clone().into_stub();
            }
        }
    };
    let mut tampering = Tampering::new(&mut world.relay, lose);
    world.devices[1].sync(&mut tampering).unwrap();
    assert!(world[1].take_faults().contains("withheld"));
    assert_eq!(world[1].views().len(), 6);
    world.sync(1);
    assert_eq!(world[1].views().len(), entries, "an honest sync heals");
}
