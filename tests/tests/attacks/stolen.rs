//! K10, K11, K4, G1: what a stolen device seals rightly and other devices must bear.

use crate::stage::{Stage, record};
use daymark_client::Fault;
use daymark_core::{
    keys::DocumentKey,
    seal::{self, BodyKey},
};
use daymark_tests::hostile::StolenDevice;
use daymark_wire::{
    DocumentId, Hash, Header, KeyId, Record, RecordKind, Suite, logs::Head, record::ExpiryDay,
    sync::PushOutcome,
};
use ring::digest;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Longer than any honest sync, shorter than any bomb would take.
const LONGEST: Duration = Duration::from_secs(20);

/// Of the corpus, those that rest on a change of a document that is not here.
const RESTING: [&str; 6] = [
    "applied",
    "damaging",
    "inapplicable",
    "sequence",
    "startop",
    "unreadable",
];

/// The contents of changes on which the gate is fuzzed, as a device would have written them.
fn corpus(of: &StolenDevice) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/walker");
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            let mut content = std::fs::read(file.path()).unwrap();
            // The corpus's device is the one whose id is all ones.
            if let Some(at) = content.windows(8).position(|part| part == [1; 8]) {
                content[at..at + 8].copy_from_slice(&of.device.id().prefix());
            }
            (name, chunk(&content))
        })
        .collect();
    all.sort();
    all
}

/// A change chunk around `content`, with the checksum that fits.
fn chunk(content: &[u8]) -> Vec<u8> {
    let mut hashed = vec![1];
    let mut length = content.len();
    while length >= 0x80 {
        hashed.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    hashed.push(u8::try_from(length).unwrap());
    hashed.extend(content);
    let hash = digest::digest(&digest::SHA256, &hashed);
    [&[0x85, 0x6f, 0x4a, 0x83], &hash.as_ref()[..4], &hashed].concat()
}

/// A thief who goes on where the writer stopped.
async fn thief(stage: &Stage) -> StolenDevice {
    let mut thief = StolenDevice::of(&stage.writer.vault).await;
    for record in thief.fetch(stage.relay.address()).await {
        thief.note(&record);
    }
    thief
}

#[tokio::test]
async fn k10_k11_bombs_and_broken_changes_rightly_sealed_are_kept_apart() {
    let stage = Stage::set().await;
    let mut thief = thief(&stage).await;
    let corpus = corpus(&thief);
    assert!(corpus.len() >= 20);
    let hostile = corpus
        .iter()
        .filter(|(name, _)| !name.contains("honest") && !name.contains("waiting"));
    let mut records = Vec::new();
    for (name, change) in hostile {
        // Into the entry that everybody has.
        records.push((name.clone(), thief.seal(stage.entry, change)));
    }
    records.push(("empty".to_owned(), thief.seal(stage.entry, b"")));
    records.push((
        "text".to_owned(),
        thief.seal(stage.entry, b"not a change at all"),
    ));
    let pushed = records.iter().map(|(_, record)| record.clone()).collect();
    let reply = thief.bring(stage.relay.address(), pushed).await;
    assert_eq!(
        reply.spaces[0].push,
        PushOutcome::Accepted,
        "the relay cannot know"
    );

    let before = stage.held().await;
    let begun = Instant::now();
    let faults = stage.faults().await;
    assert!(begun.elapsed() < LONGEST, "{:?}", begun.elapsed());
    let quarantined = |record: &Record| {
        faults.contains(&Fault::Quarantined {
            place: record.place(),
        })
    };
    for (name, record) in &records {
        // What rests on a change that is not here waits outside; the gate's own tests have its document.
        let rests_on_another = RESTING.iter().any(|part| name.contains(part));
        assert_eq!(quarantined(record), !rests_on_another, "{name}: {faults:?}");
    }
    let after = stage.held().await;
    assert_eq!(after.views, before.views);
    assert_eq!(stage.reader.text(stage.entry).await, crate::stage::TEXT);

    // The entry takes edits as before, on both devices, and the named states stay for the person to read.
    stage
        .reader
        .edit(stage.entry, "the kingfisher, all the same")
        .await;
    stage.reader.sync().await;
    let report = stage.writer.sync().await;
    assert!(
        report
            .faults
            .iter()
            .any(|fault| matches!(fault, Fault::Quarantined { .. }))
    );
    assert_eq!(
        stage.writer.text(stage.entry).await,
        "the kingfisher, all the same"
    );
    assert!(!stage.reader.vault.status().await.unwrap().faults.is_empty());
    stage.nothing_leaked();
}

/// The header of a thief's next record.
fn header(thief: &StolenDevice, document: DocumentId, key: KeyId) -> Header {
    let own = thief.replica.own;
    let (epoch, _) = thief.replica.newest_epoch().unwrap();
    let heads: Vec<Head> = thief.logs().heads();
    Header {
        suite: Suite::One,
        kind: RecordKind::Change,
        space: thief.space,
        document,
        chain: own.chain,
        seq: own.seq.next().unwrap(),
        previous: own.hash,
        epoch,
        heads,
        expires: ExpiryDay(0),
        key,
        introduces: None,
        replaces: None,
        body_length: 0,
        body_hash: Hash::ZERO,
    }
}

#[tokio::test]
async fn g1_a_body_sealed_with_another_key_than_its_header_names_is_kept_apart() {
    let stage = Stage::set().await;
    let mut thief = thief(&stage).await;
    let document = DocumentId::from_bytes([9; 16]);
    let named = DocumentKey::generate(&thief.random).unwrap();
    let used = DocumentKey::generate(&thief.random).unwrap();
    let (_, epoch) = thief.replica.newest_epoch().unwrap();
    let introduces = Some(epoch.wrap_key(document, &named));
    let header = Header {
        introduces,
        ..header(&thief, document, named.id())
    };
    let sealed = seal::seal(
        header,
        b"two readings",
        BodyKey::Document(&used),
        &thief.device,
        &thief.random,
    );
    let sealed = sealed.unwrap();
    let before = stage.held().await;
    let reply = thief
        .bring(stage.relay.address(), vec![sealed.clone()])
        .await;
    assert_eq!(reply.spaces[0].push, PushOutcome::Accepted);
    assert_eq!(
        stage.faults().await,
        [Fault::Quarantined {
            place: sealed.place()
        }]
    );
    assert_eq!(stage.held().await.views, before.views);
    thief.go_on_after(&sealed);
    stage.nothing_leaked();
}

#[tokio::test]
async fn b1_a_document_key_that_does_not_open_is_named_and_stops_nothing() {
    let stage = Stage::set().await;
    let mut thief = thief(&stage).await;
    let document = DocumentId::from_bytes([9; 16]);
    let key = DocumentKey::generate(&thief.random).unwrap();
    let (_, epoch) = thief.replica.newest_epoch().unwrap();
    let mut garbage = *epoch.wrap_key(document, &key).as_bytes();
    garbage[0] ^= 1;
    let introduces = Some(daymark_wire::wrapping::WrappedDocumentKey::from_bytes(
        garbage,
    ));
    let header = Header {
        introduces,
        ..header(&thief, document, key.id())
    };
    let sealed = seal::seal(
        header,
        b"no key",
        BodyKey::Document(&key),
        &thief.device,
        &thief.random,
    );
    let sealed = sealed.unwrap();
    let before = stage.held().await;
    thief
        .bring(stage.relay.address(), vec![sealed.clone()])
        .await;
    assert_eq!(
        stage.faults().await,
        [Fault::Quarantined {
            place: sealed.place()
        }]
    );
    assert_eq!(stage.held().await.views, before.views);
    thief.go_on_after(&sealed);
    stage.sent("and life goes on").await;
    stage.reader.sync().await;
    assert_eq!(stage.reader.texts().await.len(), 2);
    assert!(record(&stage.relay.database().await.records().await[0]).size() > 0);
    stage.nothing_leaked();
}
