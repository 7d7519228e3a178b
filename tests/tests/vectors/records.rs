//! `records.json`: sealed records of every kind, and headers and bodies that are refused (PROTOCOL section 5).

use crate::{
    cast,
    diagnostic::diagnostic,
    independent::{hkdf, open},
    records_refused,
    sheet::Sheet,
};
use daymark_core::{
    keys::CannotOpen,
    seal::{self, BodyKey},
    secret::Secret,
    sync::{Checkpoint, RewrappedKey, RewrappedKeys},
};
use daymark_wire::{
    ChainId, DecodeError, DocumentId, EpochId, Hash, Have, Header, Incarnation, KeyId, Record,
    RecordKind, Seq, SpaceId, Suite,
    logs::{Head, HeadHash},
    record::{ExpiryDay, Replaces},
};
use serde_json::json;

pub(crate) const CONTENT: &[u8] = b"a walk along the water";

#[test]
fn records_are_frozen() {
    let mut sheet = Sheet::new(
        "records.json",
        "Sealed records of every kind. What a change or a version holds is any bytes here",
    );
    let first = change();
    record(
        &mut sheet,
        "change that introduces its key",
        first.clone(),
        CONTENT,
    );
    let second = Header {
        seq: Seq(2),
        previous: sealed(first.clone(), CONTENT).hash(),
        introduces: None,
        ..first.clone()
    };
    let long = vec![b'a'; 1_000];
    record(
        &mut sheet,
        "the next change of the chain",
        second.clone(),
        &long,
    );
    record(
        &mut sheet,
        "change of a chain that goes on for another",
        renewed(),
        b"",
    );
    record(&mut sheet, "version", version(), CONTENT);
    record(
        &mut sheet,
        "keys",
        of_the_space(RecordKind::Keys),
        &keys().to_bytes(),
    );
    let seen = checkpoint().to_bytes();
    record(
        &mut sheet,
        "checkpoint",
        of_the_space(RecordKind::Checkpoint),
        &seen,
    );
    stub(&mut sheet, first.clone());
    contents(&mut sheet);
    records_refused::refused_headers(&mut sheet, &first, &second);
    records_refused::refused_records(&mut sheet, &first);
    sheet.close();
}

fn chain() -> ChainId {
    ChainId {
        device: cast::device(1).id(),
        incarnation: cast::INCARNATION,
    }
}

pub(crate) fn head(length: u64, byte: u8) -> Head {
    Head {
        length,
        hash: HeadHash::from_bytes([byte; 16]),
    }
}

fn change() -> Header {
    let key = cast::document_key();
    Header {
        suite: Suite::One,
        kind: RecordKind::Change,
        space: SpaceId::from_bytes([0xe3; 16]),
        document: cast::DOCUMENT,
        chain: chain(),
        seq: Seq::FIRST,
        previous: Hash::ZERO,
        epoch: EpochId::from_bytes([0xe6; 16]),
        heads: vec![head(2, 0xc1), head(3, 0xc2)],
        expires: ExpiryDay(0),
        key: key.id(),
        introduces: Some(cast::epoch_secret(1).wrap_key(cast::DOCUMENT, &key)),
        replaces: None,
        body_length: 0,
        body_hash: Hash::ZERO,
    }
}

pub(crate) fn renewed() -> Header {
    Header {
        chain: ChainId {
            incarnation: Incarnation::from_bytes([0xe7; 8]),
            ..chain()
        },
        introduces: None,
        replaces: Some(Replaces {
            incarnation: cast::INCARNATION,
            last: Seq(2),
        }),
        ..change()
    }
}

fn version() -> Header {
    Header {
        kind: RecordKind::Version,
        heads: vec![head(2, 0xc1), head(1, 0xc2), head(4, 0xc3)],
        expires: ExpiryDay(21_000),
        ..change()
    }
}

pub(crate) fn of_the_space(kind: RecordKind) -> Header {
    Header {
        kind,
        document: DocumentId::ZERO,
        key: KeyId::ZERO,
        introduces: None,
        ..change()
    }
}

fn keys() -> RewrappedKeys {
    let key = cast::document_key();
    RewrappedKeys {
        keys: vec![RewrappedKey {
            document: cast::DOCUMENT,
            key: key.id(),
            wrapped: cast::epoch_secret(1).wrap_key(cast::DOCUMENT, &key),
        }],
    }
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        have: [(chain(), Seq(2))].into_iter().collect(),
        heads: vec![head(2, 0xc1), head(3, 0xc2)],
        forgotten_up_to: 1,
    }
}

/// The secret that seals a header's body, by its kind.
fn key_of(kind: RecordKind) -> Secret<32> {
    if kind.is_of_the_space() {
        cast::epoch_secret(1).space_key(kind).secret().clone()
    } else {
        cast::document_key().secret().clone()
    }
}

pub(crate) fn sealed(header: Header, content: &[u8]) -> Record {
    let (device, random) = (cast::device(1), cast::random());
    let kind = header.kind;
    let space = cast::epoch_secret(1).space_key(kind);
    let document = cast::document_key();
    let key = if kind.is_of_the_space() {
        BodyKey::Space(&space)
    } else {
        BodyKey::Document(&document)
    };
    seal::seal(header, content, key, &device, &random).unwrap()
}

pub(crate) fn opened(record: &Record) -> Result<Vec<u8>, CannotOpen> {
    let key = cast::device(1).verifying_key();
    let header = record.header().clone().verify(&key).unwrap();
    let kind = header.get().kind;
    let space = cast::epoch_secret(1).space_key(kind);
    let document = cast::document_key();
    let key = if kind.is_of_the_space() {
        BodyKey::Space(&space)
    } else {
        BodyKey::Document(&document)
    };
    seal::open(&header, record.body().unwrap(), key)
}

fn record(sheet: &mut Sheet, name: &str, header: Header, content: &[u8]) {
    let record = sealed(header, content);
    let body = record.body().unwrap();
    let front = record.claimed().sealed_with();
    let key = key_of(record.claimed().kind);
    let info = [b"daymark/1/record\0".as_slice(), &front].concat();
    let derived = hkdf(&body[..16], key.expose(), &info, 76);
    assert_eq!(derived[44..], body[16..48], "the commitment");
    let padded = open(&derived[..32], &derived[32..44], &front, &body[48..]).unwrap();
    assert_eq!(&padded[4..4 + content.len()], content);
    let fields = json!({
        "header": hex::encode(record.header().bytes()),
        "header, diagnostic": diagnostic(record.header().bytes()),
        "header up to the body length": hex::encode(&front),
        "signature": hex::encode(record.header().signature().as_bytes()),
        "sealed under": hex::encode(key.expose()),
        "content": hex::encode(content),
        "padded content's length": padded.len(),
        "hash": hex::encode(record.hash().as_bytes()),
        "body hash": hex::encode(record.claimed().body_hash.as_bytes()),
    });
    let content = content.to_vec();
    let decode = move |bytes: &[u8]| {
        let record = Record::from_bytes(bytes)?;
        assert_eq!(opened(&record).unwrap(), content);
        Ok::<_, DecodeError>(record)
    };
    sheet.value_with(name, record, Record::to_bytes, decode, fields);
}

fn stub(sheet: &mut Sheet, header: Header) {
    let stub = sealed(header, CONTENT).into_stub();
    sheet.value("stub", stub, Record::to_bytes, Record::from_bytes);
}

fn contents(sheet: &mut Sheet) {
    sheet.value(
        "content of keys",
        keys(),
        RewrappedKeys::to_bytes,
        RewrappedKeys::from_bytes,
    );
    sheet.value(
        "content of a checkpoint",
        checkpoint(),
        Checkpoint::to_bytes,
        Checkpoint::from_bytes,
    );
    let empty = Checkpoint {
        have: Have::new(),
        heads: Vec::new(),
        forgotten_up_to: 0,
    };
    sheet.value(
        "content of an empty checkpoint",
        empty,
        Checkpoint::to_bytes,
        Checkpoint::from_bytes,
    );
}
