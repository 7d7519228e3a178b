//! A7, A8, A9, B2, D3: records.

use super::attacker;
use crate::stage::{Stage, opened, record};
use daymark_client::Fault;
use daymark_tests::hostile::Asked;
use daymark_wire::{
    ChainId, DeviceId, DocumentId, EpochId, Hash, Header, Incarnation, KeyId, Record, RecordKind,
    Seq, Signature, Signed, SpaceId,
    hash::Domain,
    logs::{Head, HeadHash},
    record::{ExpiryDay, Replaces},
    sync::SyncReply,
    wrapping::WrappedDocumentKey,
};

fn shown(records: Vec<Record>) -> impl FnMut(&Asked, &mut SyncReply) + Send + 'static {
    move |_, reply| {
        for space in &mut reply.spaces {
            space.records.clone_from(&records);
        }
    }
}

/// One way to alter a header.
type Alteration = (&'static str, fn(&mut Header));

/// Each field of a header, altered alone to something that a header may hold.
const ALTERATIONS: [Alteration; 14] = [
    ("kind", |header| {
        header.kind = RecordKind::Keys;
        header.document = DocumentId::ZERO;
        header.key = KeyId::ZERO;
        header.introduces = None;
    }),
    ("space", |header| {
        header.space = SpaceId::from_bytes([7; 16])
    }),
    ("document", |header| {
        header.document = DocumentId::from_bytes([7; 16])
    }),
    ("device", |header| {
        header.chain.device = DeviceId::from_bytes([7; 16])
    }),
    ("incarnation", |header| {
        header.chain.incarnation = Incarnation::from_bytes([7; 8])
    }),
    ("seq", |header| header.seq = Seq(header.seq.0 + 1)),
    ("previous", |header| {
        header.previous = Hash::of(Domain::Header, &[b"another"])
    }),
    ("epoch", |header| {
        header.epoch = EpochId::from_bytes([7; 16])
    }),
    ("heads", |header| {
        header.heads[0] = Head {
            length: 1,
            hash: HeadHash::from_bytes([7; 16]),
        };
    }),
    ("expires", |header| {
        header.kind = RecordKind::Version;
        header.expires = ExpiryDay(20_000);
    }),
    ("key", |header| header.key = KeyId::from_bytes([7; 16])),
    ("introduces", |header| {
        header.introduces = Some(WrappedDocumentKey::from_bytes([7; 48]))
    }),
    ("replaces", |header| {
        header.seq = Seq::FIRST;
        header.previous = Hash::ZERO;
        let incarnation = header.chain.incarnation;
        header.replaces = Some(Replaces {
            incarnation,
            last: Seq(1),
        });
    }),
    ("body", |header| {
        header.body_length = 4;
        header.body_hash = Hash::of(Domain::Body, &[b"body"]);
    }),
];

#[tokio::test]
async fn a8_each_field_of_a_header_altered_alone_is_refused() {
    let stage = Stage::set().await;
    let (_, kept) = stage.sent("a header that is bent in each place").await;
    let before = stage.held().await;
    let honest = opened(&kept);
    for (field, alter) in ALTERATIONS {
        let mut header = honest.claimed().clone();
        alter(&mut header);
        assert_ne!(&header, honest.claimed(), "{field}");
        let bytes = daymark_wire::signing::Payload::to_bytes(&header);
        let altered = Signed::from_parts(bytes, *honest.signature()).unwrap();
        let altered = Record::from_own_storage(altered, kept.body.clone());
        stage.relay.alter(shown(vec![altered.clone()]));
        assert_eq!(
            stage.faults().await,
            [Fault::BadRecord {
                place: altered.place()
            }],
            "{field}"
        );
        assert_eq!(stage.held().await, before, "{field}");
    }
    stage.heals().await;
}

#[tokio::test]
async fn a7_a_record_moved_to_another_entry_or_space_is_refused() {
    let stage = Stage::set().await;
    let (_, kept) = stage.sent("a record that is carried elsewhere").await;
    let before = stage.held().await;
    let honest = opened(&kept);
    let to_entry = Header {
        document: stage.entry,
        ..honest.claimed().clone()
    };
    let to_space = Header {
        space: SpaceId::from_bytes([3; 16]),
        ..honest.claimed().clone()
    };
    for header in [to_entry, to_space] {
        let bytes = daymark_wire::signing::Payload::to_bytes(&header);
        let moved = Signed::from_parts(bytes, *honest.signature()).unwrap();
        let moved = Record::from_own_storage(moved, kept.body.clone());
        stage.relay.alter(shown(vec![moved.clone()]));
        assert_eq!(
            stage.faults().await,
            [Fault::BadRecord {
                place: moved.place()
            }]
        );
        assert_eq!(stage.held().await, before);
    }
    // As it is, but in the answer for another space: not looked at.
    let honest = record(&kept);
    stage.relay.alter(move |_, reply| {
        for space in &mut reply.spaces {
            space.space = SpaceId::from_bytes([3; 16]);
            space.records = vec![honest.clone()];
        }
    });
    assert_eq!(stage.faults().await, []);
    assert_eq!(stage.held().await, before);
    stage.heals().await;
}

#[tokio::test]
async fn d3_a_record_attributed_to_another_device_or_account_is_refused() {
    let stage = Stage::set().await;
    let (_, kept) = stage.sent("a record given to somebody else").await;
    let before = stage.held().await;
    let honest = opened(&kept);
    let reader = stage.reader.vault.device();
    // Under the reader's own name and under one that the account does not know; the signature is either the
    // writer's own, or one by the relay's key.
    for device in [reader, DeviceId::from_bytes([5; 16])] {
        let header = Header {
            chain: ChainId {
                device,
                ..honest.claimed().chain
            },
            ..honest.claimed().clone()
        };
        let bytes = daymark_wire::signing::Payload::to_bytes(&header);
        let by_writer = Signed::from_parts(bytes, *honest.signature()).unwrap();
        let by_relay = Signed::sign(header, stage.relay.signing_key());
        for signed in [by_writer, by_relay] {
            let moved = Record::from_own_storage(signed, kept.body.clone());
            stage.relay.alter(shown(vec![moved.clone()]));
            assert_eq!(
                stage.faults().await,
                [Fault::BadRecord {
                    place: moved.place()
                }]
            );
            assert_eq!(stage.held().await, before);
        }
    }
    stage.heals().await;
}

#[tokio::test]
async fn a9_invented_records_are_never_shown_or_stored() {
    let stage = Stage::set().await;
    let (writer, before) = (stage.writer.vault.device(), stage.held().await);
    // All that a relay can know goes into it: the true space, epoch, heads and chain.
    let (_, kept) = stage.sent("what the invented ones resemble").await;
    let known = opened(&kept).claimed().clone();
    let (unknown, _, _) = attacker();
    let body = b"an invented body".to_vec();
    let invent = |chain: ChainId| Header {
        document: DocumentId::from_bytes([1; 16]),
        chain,
        body_length: 16,
        body_hash: Hash::of(Domain::Body, &[&body]),
        ..known.clone()
    };
    let of_writer = invent(known.chain);
    let of_unknown = invent(ChainId {
        device: unknown.id(),
        ..known.chain
    });
    let bytes = daymark_wire::signing::Payload::to_bytes(&of_writer);
    let unsigned = Signed::from_parts(bytes, Signature::from_bytes([0; 64])).unwrap();
    let by_relay = Signed::sign(of_writer.clone(), stage.relay.signing_key());
    let by_unknown = Signed::sign(of_writer, unknown.signing());
    let unknown_device = Signed::sign(of_unknown, unknown.signing());
    for signed in [unsigned, by_relay, by_unknown, unknown_device] {
        let place = Record::from_own_storage(signed.clone(), None).place();
        for body in [Some(body.clone()), None] {
            let invented = Record::from_own_storage(signed.clone(), body);
            stage.relay.alter(shown(vec![invented]));
            assert_eq!(stage.faults().await, [Fault::BadRecord { place }]);
            assert_eq!(stage.held().await, before);
        }
    }
    assert_ne!(writer, unknown.id());
    stage.heals().await;
}

#[tokio::test]
async fn b2_a_record_planted_under_a_devices_own_name_is_refused_by_it() {
    let stage = Stage::set().await;
    stage.reader.write("mine").await;
    stage.reader.sync().await;
    let reader = stage.reader.vault.device();
    let own = stage.relay.database().await.records_of(reader).await;
    let last = opened(own.last().unwrap());
    let before = stage.held().await;
    let (unknown, _, _) = attacker();
    let next = Header {
        seq: last.claimed().seq.next().unwrap(),
        previous: daymark_wire::record::header_hash(&last),
        ..last.claimed().clone()
    };
    let elsewhere = Header {
        chain: ChainId {
            incarnation: Incarnation::from_bytes([8; 8]),
            ..next.chain
        },
        seq: Seq::FIRST,
        previous: Hash::ZERO,
        replaces: Some(Replaces {
            incarnation: next.chain.incarnation,
            last: last.claimed().seq,
        }),
        ..next.clone()
    };
    for header in [next, elsewhere] {
        let planted = Record::from_own_storage(Signed::sign(header, unknown.signing()), None);
        stage.relay.alter(shown(vec![planted.clone()]));
        // It is not taken for another copy of this vault.
        assert_eq!(
            stage.faults().await,
            [Fault::BadRecord {
                place: planted.place()
            }]
        );
        assert_eq!(stage.held().await, before);
    }
    stage.reader.write("and mine").await;
    stage.heals().await;
    let after = stage.relay.database().await.records_of(reader).await;
    assert!(
        after
            .iter()
            .all(|record| record.chain == last.claimed().chain),
        "one chain"
    );
}
