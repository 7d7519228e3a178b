//! A5: records altered where the relay keeps them, or on their way.

use crate::stage::Stage;
use daymark_tests::{
    hostile::{Answer, Asked, Script, StoredRecord},
    position,
};
use daymark_wire::sync::SyncReply;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::timeout;

/// For what takes a moment: far longer than it can take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Every so many bits one is flipped: in all about three hundred.
const STRIDE_IN_HEADER: usize = 23;
const STRIDE_IN_SIGNATURE: usize = 17;
const STRIDE_IN_BODY: usize = 61;

/// Each way in which one bit of a record differs.
fn flipped(record: &StoredRecord) -> Vec<(&'static str, usize, StoredRecord)> {
    let mut all = Vec::new();
    for bit in (0..record.header.len() * 8).step_by(STRIDE_IN_HEADER) {
        let mut altered = record.clone();
        altered.header[bit / 8] ^= 1 << (bit % 8);
        all.push(("header", bit, altered));
    }
    for bit in (0..64 * 8).step_by(STRIDE_IN_SIGNATURE) {
        let mut altered = record.clone();
        altered.signature[bit / 8] ^= 1 << (bit % 8);
        all.push(("signature", bit, altered));
    }
    let body = record.body.as_ref().unwrap().len();
    for bit in (0..body * 8).step_by(STRIDE_IN_BODY) {
        let mut altered = record.clone();
        altered.body.as_mut().unwrap()[bit / 8] ^= 1 << (bit % 8);
        all.push(("body", bit, altered));
    }
    all
}

/// Shows one record altered, bit for bit, and all else as it is.
struct Shows {
    honest: StoredRecord,
    altered: StoredRecord,
}

impl Script for Shows {
    fn sync(&mut self, _: &Asked, reply: SyncReply) -> Answer {
        let mut bytes = reply.to_bytes();
        let body = |record: &StoredRecord| record.body.clone().unwrap();
        for (honest, altered) in [
            (&self.honest.header, &self.altered.header),
            (&self.honest.signature, &self.altered.signature),
            (&body(&self.honest), &body(&self.altered)),
        ] {
            let at = position(&bytes, honest);
            if let Some(at) = at {
                bytes[at..at + honest.len()].copy_from_slice(altered);
            }
        }
        Answer::bytes(bytes)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a5_a_flipped_bit_of_a_record_is_refused_by_name_and_the_rest_stays() {
    let stage = Stage::set().await;
    let (_, honest) = stage.sent("words that the relay will damage").await;
    let before = stage.held().await.without_chains();
    let mut names = BTreeSet::new();
    for (part, bit, altered) in flipped(&honest) {
        stage.relay.play(Shows {
            honest: honest.clone(),
            altered,
        });
        let named = stage.names().await;
        assert!(!named.is_empty(), "bit {bit} of the {part} went unnoticed");
        assert_eq!(
            stage.held().await.without_chains(),
            before,
            "bit {bit} of the {part}"
        );
        names.extend(named.into_iter().map(|name| (part, name)));
    }
    let found: Vec<_> = names.into_iter().collect();
    assert_eq!(
        found,
        [
            ("body", "withheld"),
            ("header", "bad-record"),
            // What cannot be read as a header is no answer of this protocol.
            ("header", "other-protocol"),
            ("signature", "bad-record"),
        ]
    );
    stage.heals().await;
}

/// An honest relay whose disk went bad serves nothing of it, and a device that has the record brings it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a5_a_record_that_was_altered_on_the_relays_disk_is_brought_again() {
    let stage = Stage::set().await;
    let mut database = stage.relay.database().await;
    for damaged in ["header", "signature", "body"] {
        let (entry, honest) = stage.sent("words that the disk will damage").await;
        let mut all = flipped(&honest).into_iter();
        let (_, _, altered) = all.find(|(part, ..)| *part == damaged).unwrap();
        assert_ne!(altered, honest);
        database.put(&altered).await;
        // Nobody sees what is damaged. Whoever asks makes the relay look.
        let names = stage.names().await;
        assert!(names.is_empty() || names == ["withheld"], "{names:?}");
        let brought = async {
            loop {
                stage.writer.sync().await;
                let stored = database.record(honest.id).await;
                if stored.as_ref() == Some(&honest) {
                    break;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, brought).await.expect("it is brought");
        stage.heals().await;
        assert!(stage.reader.vault.read(entry).await.is_ok());
    }
}
