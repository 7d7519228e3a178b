//! What is offered to a relay that lacks it.

use super::{OtherDevice, intake, vault};
use daymark_core::sync::StoredRecord;
use daymark_wire::{Seq, limits};
use std::collections::BTreeSet;

#[tokio::test]
async fn l3_what_is_offered_at_a_time_has_a_bound_in_bytes_and_all_of_it_is_offered() {
    const RECORDS: u64 = 24;
    let (_folder, vault) = vault().await;
    let mut other = OtherDevice::of(&vault);
    let (document, ..) = other.entry("a long one");
    let long = vec![b'.'; limits::MAX_ENTRY_TEXT_BYTES];
    let records: Vec<StoredRecord> = (0..RECORDS)
        .map(|_| {
            let record = other.seal(document, &long);
            other.stored(record)
        })
        .collect();
    vault
        .save_intake(&intake(|intake| intake.records = records), &BTreeSet::new())
        .await;
    let mut reading = vault.reading().await.unwrap();
    let (mut after, mut turns) = (Seq::default(), 0);
    loop {
        let offered = reading
            .records_after(vault.journal(), other.chain.chain, after, usize::MAX)
            .await
            .unwrap();
        let Some(last) = offered.last() else { break };
        let bytes: usize = offered.iter().map(|record| record.size()).sum();
        assert!(bytes < limits::MAX_REQUEST_BYTES + limits::MAX_RECORD_BYTES);
        assert_eq!(offered.first().unwrap().place().seq, Seq(after.0 + 1));
        (after, turns) = (last.place().seq, turns + 1);
    }
    assert_eq!(after, Seq(RECORDS));
    assert!(turns > 1, "the bound was not met");
}
