use super::*;
use crate::{keys::EpochSecret, random::tests::seeded};
use daymark_wire::{
    ChainId, DocumentId, EpochId, Incarnation, RecordKind, Seq, SpaceId, Suite, VerifyingKey,
    logs::{Head, HeadHash},
    record::{ExpiryDay, Replaces},
};

struct Sealed {
    record: Record,
    key: DocumentKey,
    author: VerifyingKey,
}

fn header(key: &DocumentKey, device: &DeviceKey) -> Header {
    let random = seeded(9);
    let epoch = EpochSecret::generate(&random).unwrap();
    let document = DocumentId::from_bytes([2; 16]);
    Header {
        suite: Suite::One,
        kind: RecordKind::Change,
        space: SpaceId::from_bytes([1; 16]),
        document,
        chain: ChainId {
            device: device.id(),
            incarnation: Incarnation::from_bytes([3; 8]),
        },
        seq: Seq::FIRST,
        previous: Hash::ZERO,
        epoch: EpochId::from_bytes([4; 16]),
        heads: vec![
            Head {
                length: 1,
                hash: HeadHash::from_bytes([5; 16])
            };
            2
        ],
        expires: ExpiryDay(0),
        key: key.id(),
        introduces: Some(epoch.wrap_key(document, key)),
        replaces: Some(Replaces {
            incarnation: Incarnation::ZERO,
            last: Seq(7),
        }),
        body_length: 0,
        body_hash: Hash::ZERO,
    }
}

fn sealed() -> Sealed {
    let random = seeded(1);
    let key = DocumentKey::generate(&random).unwrap();
    let device = DeviceKey::generate(&random).unwrap();
    let header = header(&key, &device);
    let record = seal(header, b"words", BodyKey::Document(&key), &device, &random).unwrap();
    Sealed {
        record,
        key,
        author: device.verifying_key(),
    }
}

fn open_bytes(bytes: &[u8], key: &DocumentKey, author: &VerifyingKey) -> Option<Vec<u8>> {
    let record = Record::from_bytes(bytes).ok()?;
    let (header, body) = record.into_parts();
    let header = header.verify(author).ok()?;
    open(&header, &body?, BodyKey::Document(key)).ok()
}

#[test]
fn what_is_sealed_opens() {
    let Sealed {
        record,
        key,
        author,
    } = sealed();
    assert_eq!(
        open_bytes(&record.to_bytes(), &key, &author),
        Some(b"words".to_vec())
    );
}

#[test]
fn a5_every_flipped_bit_of_a_record_is_refused() {
    let Sealed {
        record,
        key,
        author,
    } = sealed();
    let bytes = record.to_bytes();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open_bytes(&flipped, &key, &author), None, "bit {bit}");
    }
    for cut in 0..bytes.len() {
        assert_eq!(
            open_bytes(&bytes[..cut], &key, &author),
            None,
            "cut at {cut}"
        );
    }
}

/// Changes one field of a header and puts the old signature on it.
type Change = fn(&mut Header);

const CHANGES: [(&str, Change); 13] = [
    ("kind", |h| h.kind = RecordKind::Version),
    ("space", |h| h.space = SpaceId::from_bytes([9; 16])),
    ("document", |h| h.document = DocumentId::from_bytes([9; 16])),
    ("device", |h| {
        h.chain.device = daymark_wire::DeviceId::from_bytes([9; 16])
    }),
    ("incarnation", |h| {
        h.chain.incarnation = Incarnation::from_bytes([9; 8])
    }),
    ("seq and previous", |h| {
        h.seq = Seq(2);
        h.previous = Hash::from_bytes([9; 32]);
        h.replaces = None;
    }),
    ("epoch", |h| h.epoch = EpochId::from_bytes([9; 16])),
    ("heads", |h| h.heads.clear()),
    ("key", |h| h.key = daymark_wire::KeyId::from_bytes([9; 16])),
    ("introduces", |h| h.introduces = None),
    ("replaces", |h| h.replaces = None),
    ("body length", |h| h.body_length += 1),
    ("body hash", |h| h.body_hash = Hash::from_bytes([9; 32])),
];

#[test]
fn a7_a8_each_header_field_changed_alone_is_refused() {
    use daymark_wire::signing::Payload;
    let Sealed { record, author, .. } = sealed();
    for (field, change) in CHANGES {
        let mut header = record.claimed().clone();
        change(&mut header);
        let forged =
            Signed::<Header>::from_parts(header.to_bytes(), *record.header().signature()).unwrap();
        assert!(forged.verify(&author).is_err(), "{field}");
    }
}

#[test]
fn a8_a_body_does_not_open_under_another_header_even_if_signed() {
    let Sealed { record, key, .. } = sealed();
    let device = DeviceKey::generate(&seeded(5)).unwrap();
    let body = record.body().unwrap().to_vec();
    let sealing_fields = CHANGES
        .iter()
        .filter(|(field, _)| !field.starts_with("body"));
    for (field, change) in sealing_fields {
        let mut header = record.claimed().clone();
        change(&mut header);
        let signed = Signed::sign(header, device.signing())
            .verify(&device.verifying_key())
            .unwrap();
        let opened = open(&signed, &body, BodyKey::Document(&key));
        assert_eq!(opened, Err(CannotOpen), "{field}");
    }
}

#[test]
fn a3_another_suite_is_refused_by_name_before_anything_else() {
    use daymark_wire::{DecodeError, signing::Payload};
    let Sealed { record, .. } = sealed();
    for suite in [0, 2, 23] {
        let mut bytes = record.header().bytes().to_vec();
        assert_eq!(bytes[1], 1, "the suite stands first");
        bytes[1] = suite;
        let refused = Header::from_bytes(&bytes);
        assert_eq!(
            refused,
            Err(DecodeError::UnknownSuite {
                what: "header",
                suite
            })
        );
    }
}

#[test]
fn g1_a_body_made_to_open_under_two_keys_is_refused_by_its_commitment() {
    // Whoever knows both keys can make one ciphertext whose tag holds under both; the commitment before
    // it can be right for one only. Here the strongest form: everything but the commitment is made anew
    // for the second key.
    let Sealed {
        record,
        key,
        author,
    } = sealed();
    let second = DocumentKey::generate(&seeded(6)).unwrap();
    let header = record.header().clone().verify(&author).unwrap();
    let body = record.body().unwrap();
    let front = header.get().sealed_with();
    let (salt, rest) = body.split_at(SALT_BYTES);
    let commitment = &rest[..COMMITMENT_BYTES];
    let derived = Derived::new(salt, BodyKey::Document(&second), &front);
    let mut padded = padding::pad(b"other").unwrap();
    seal_once(derived.key.expose(), derived.nonce, &front, &mut padded);
    let two_faced = [salt, commitment, &padded].concat();
    assert_eq!(
        open(&header, &two_faced, BodyKey::Document(&second)),
        Err(CannotOpen)
    );
    assert!(open(&header, body, BodyKey::Document(&key)).is_ok());
}

#[test]
fn k13_the_same_salt_is_never_drawn_for_two_contents() {
    let (one, two) = (seeded(1), seeded(1));
    let key = DocumentKey::generate(&seeded(2)).unwrap();
    let device = DeviceKey::generate(&seeded(3)).unwrap();
    let seal_with = |random: &Random, content: &[u8]| {
        let header = header(&key, &device);
        seal(header, content, BodyKey::Document(&key), &device, random).unwrap()
    };
    let a = seal_with(&one, b"written here");
    let b = seal_with(&two, b"written there");
    assert_ne!(
        a.body().unwrap()[..SALT_BYTES],
        b.body().unwrap()[..SALT_BYTES]
    );
}

#[test]
fn content_beyond_a_record_is_refused() {
    let random = seeded(1);
    let key = DocumentKey::generate(&random).unwrap();
    let device = DeviceKey::generate(&random).unwrap();
    let content = vec![0; limits::MAX_RECORD_BYTES];
    let refused = seal(
        header(&key, &device),
        &content,
        BodyKey::Document(&key),
        &device,
        &random,
    );
    assert_eq!(refused.unwrap_err(), SealError::TooLong);
}
