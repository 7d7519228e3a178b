//! What is no header, no record, no body: the second half of `records.json`.

use crate::{
    cast,
    records::{CONTENT, head, of_the_space, opened, renewed, sealed},
    sheet::{Sheet, named},
};
use daymark_core::keys::CannotOpen;
use daymark_wire::{
    DecodeError, DocumentId, Hash, Header, KeyId, Record, RecordKind, Seq, Signed,
    hash::Domain,
    limits::{MAX_HEADER_BYTES, MAX_RECORD_BYTES},
    record::ExpiryDay,
    signing::{BadSignature, Payload},
};

pub(crate) fn refused_headers(sheet: &mut Sheet, first: &Header, second: &Header) {
    let malformed = DecodeError::Malformed { what: "header" };
    let of_the_space = of_the_space(RecordKind::Checkpoint);
    let cases = [
        (
            "a change of document zero",
            Header {
                document: DocumentId::ZERO,
                ..first.clone()
            },
        ),
        (
            "a change under key zero",
            Header {
                key: KeyId::ZERO,
                ..first.clone()
            },
        ),
        (
            "a checkpoint of a document",
            Header {
                document: cast::DOCUMENT,
                ..of_the_space.clone()
            },
        ),
        (
            "a checkpoint under a key",
            Header {
                key: first.key,
                ..of_the_space.clone()
            },
        ),
        (
            "a checkpoint that introduces a key",
            Header {
                introduces: first.introduces,
                ..of_the_space
            },
        ),
        (
            "a change that expires",
            Header {
                expires: ExpiryDay(1),
                ..first.clone()
            },
        ),
        (
            "place 0",
            Header {
                seq: Seq(0),
                ..first.clone()
            },
        ),
        (
            "place 1 after another",
            Header {
                previous: Hash::from_bytes([1; 32]),
                ..first.clone()
            },
        ),
        (
            "place 2 after none",
            Header {
                previous: Hash::ZERO,
                ..second.clone()
            },
        ),
        (
            "place 2 that replaces",
            Header {
                replaces: renewed().replaces,
                ..second.clone()
            },
        ),
    ];
    for (name, header) in cases {
        refused_header(sheet, name, &header.to_bytes(), &malformed);
    }
    let heads = Header {
        heads: vec![head(1, 1); 4],
        ..first.clone()
    };
    let error = DecodeError::TooLong {
        what: "header",
        limit: 3,
    };
    refused_header(sheet, "four heads", &heads.to_bytes(), &error);
    let body_length = u32::try_from(MAX_RECORD_BYTES).unwrap() + 1;
    let long = Header {
        body_length,
        ..first.clone()
    };
    let error = DecodeError::TooLong {
        what: "body",
        limit: MAX_RECORD_BYTES,
    };
    refused_header(sheet, "a body that is too long", &long.to_bytes(), &error);
    let error = DecodeError::TooLong {
        what: "header",
        limit: MAX_HEADER_BYTES,
    };
    refused_header(sheet, "too long", &[0; MAX_HEADER_BYTES + 1], &error);

    let good = first.to_bytes();
    for suite in [0, 2, 255] {
        let mut bytes = good.clone();
        bytes.splice(
            1..2,
            if suite < 24 {
                vec![suite]
            } else {
                vec![0x18, suite]
            },
        );
        let error = DecodeError::UnknownSuite {
            what: "header",
            suite,
        };
        refused_header(sheet, &format!("suite {suite}"), &bytes, &error);
    }
    let mut kind = good.clone();
    kind[2] = 4;
    refused_header(sheet, "a kind that is none", &kind, &malformed);
    let mut items = good.clone();
    items[0] = 0x8f;
    refused_header(sheet, "fifteen items", &items, &malformed);
    let error = DecodeError::Trailing { what: "header" };
    refused_header(
        sheet,
        "a byte after it",
        &[good.as_slice(), &[0]].concat(),
        &error,
    );
}

fn refused_header(sheet: &mut Sheet, name: &str, bytes: &[u8], error: &DecodeError) {
    sheet.refused(
        &format!("header: {name}"),
        bytes,
        &named(error),
        Header::from_bytes,
    );
}

pub(crate) fn refused_records(sheet: &mut Sheet, first: &Header) {
    let good = sealed(first.clone(), CONTENT);
    let malformed = named(&DecodeError::Malformed { what: "record" });
    let mut altered = good.to_bytes();
    *altered.last_mut().unwrap() ^= 1;
    sheet.refused(
        "record: a body that its header does not name",
        &altered,
        &malformed,
        Record::from_bytes,
    );
    let error = named(&DecodeError::Trailing { what: "record" });
    let trailing = [good.to_bytes().as_slice(), &[0]].concat();
    sheet.refused(
        "record: a byte after it",
        &trailing,
        &error,
        Record::from_bytes,
    );
    let error = named(&DecodeError::TooLong {
        what: "record",
        limit: MAX_RECORD_BYTES,
    });
    sheet.refused(
        "record: too long",
        &vec![0; MAX_RECORD_BYTES + 1],
        &error,
        Record::from_bytes,
    );

    let stranger = Signed::sign(good.claimed().clone(), cast::device(2).signing());
    let forged = Record::new(stranger, good.body().map(<[u8]>::to_vec)).unwrap();
    sheet.refused(
        "record: signed by another device",
        &forged.to_bytes(),
        &named(&BadSignature),
        |bytes| {
            let record = Record::from_bytes(bytes).unwrap();
            record
                .header()
                .clone()
                .verify(&cast::device(1).verifying_key())
        },
    );
    let body = good.body().unwrap();
    for (name, place) in [
        ("salt", 0),
        ("commitment", 16),
        ("text", 48),
        ("tag", body.len() - 1),
    ] {
        let mut other = body.to_vec();
        other[place] ^= 1;
        let bytes = resigned(first, other).to_bytes();
        sheet.refused(
            &format!("body: another {name}"),
            &bytes,
            &named(&CannotOpen),
            |bytes| opened(&Record::from_bytes(bytes).unwrap()),
        );
    }
    let bytes = resigned(first, body[..40].to_vec()).to_bytes();
    sheet.refused("body: cut off", &bytes, &named(&CannotOpen), |bytes| {
        opened(&Record::from_bytes(bytes).unwrap())
    });
    let moved = Header {
        document: DocumentId::from_bytes([0xe8; 16]),
        ..first.clone()
    };
    let bytes = resigned(&moved, body.to_vec()).to_bytes();
    sheet.refused(
        "body: moved to another document",
        &bytes,
        &named(&CannotOpen),
        |bytes| opened(&Record::from_bytes(bytes).unwrap()),
    );
}

/// The header with another body, rightly signed.
fn resigned(header: &Header, body: Vec<u8>) -> Record {
    let header = Header {
        body_length: u32::try_from(body.len()).unwrap(),
        body_hash: Hash::of(Domain::Body, &[&body]),
        ..header.clone()
    };
    Record::new(Signed::sign(header, cast::device(1).signing()), Some(body)).unwrap()
}
