//! A5: records altered where the relay keeps them.

use crate::stage::Stage;
use daymark_tests::hostile::StoredRecord;
use std::collections::BTreeSet;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a5_a_flipped_bit_of_a_stored_record_is_refused_by_name_and_the_rest_stays() {
    let stage = Stage::set().await;
    let (_, honest) = stage.sent("words that the relay will damage").await;
    let before = stage.held().await.without_chains();
    let mut database = stage.relay.database().await;
    let mut names = BTreeSet::new();
    for (part, bit, altered) in flipped(&honest) {
        database.put(&altered).await;
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
            // What cannot be read as a header even the relay itself does not serve.
            ("header", "internal"),
            ("signature", "bad-record"),
        ]
    );
    database.put(&honest).await;
    stage.heals().await;
}
