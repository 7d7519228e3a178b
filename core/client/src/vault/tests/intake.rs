//! What a relay showed, stored.

use super::{OtherDevice, intake, vault};
use crate::vault::{RecordState, StatusName};
use daymark_core::{
    keys::EpochSecret,
    sync::{ChainState, Fault, KnownKey, NewEpoch},
};
use daymark_wire::{DocumentId, EpochId, Generation, Seq};
use std::collections::BTreeSet;

#[tokio::test]
async fn e1_the_same_records_twice_are_stored_once() {
    let (_folder, vault) = vault().await;
    let mut other = OtherDevice::of(&vault);
    let documents = [[1; 16], [2; 16], [1; 16]].map(DocumentId::from_bytes);
    let records: Vec<_> = documents
        .iter()
        .map(|id| other.seal(*id, b"change"))
        .collect();
    for part in [&records[..2], &records[..], &records[..1]] {
        let intake = intake(|new| {
            new.records = part
                .iter()
                .map(|record| other.stored(record.clone()))
                .collect();
        });
        vault.save_intake(&intake, &BTreeSet::new()).await;
    }
    let mut reading = vault.reading().await.unwrap();
    let head = *reading
        .chains(vault.journal())
        .await
        .unwrap()
        .head(other.chain.chain)
        .unwrap();
    assert_eq!(
        (head.seq, head.hash, head.state),
        (Seq(3), other.chain.hash, ChainState::Live)
    );
    let to_merge = reading.records_to_merge(10).await.unwrap();
    let counts: Vec<_> = to_merge.values().map(Vec::len).collect();
    assert_eq!(counts, [2, 1]);
    let stored = reading
        .records_after(vault.journal(), other.chain.chain, Seq(0), 10)
        .await;
    assert_eq!(stored.unwrap(), records);
}

#[tokio::test]
async fn k9_a_missing_body_is_a_hole_until_the_right_one_comes() {
    let (_folder, vault) = vault().await;
    let mut other = OtherDevice::of(&vault);
    let (missing, forgotten) = (
        DocumentId::from_bytes([1; 16]),
        DocumentId::from_bytes([2; 16]),
    );
    let whole = other.seal(missing, b"change");
    let gone = other.seal(forgotten, b"forgotten");
    let stubs = intake(|new| {
        new.records = [&whole, &gone]
            .map(|r| other.stored(r.clone().into_stub()))
            .into();
    });
    let forgets = BTreeSet::from([forgotten]);
    vault.save_intake(&stubs, &forgets).await;
    let logs = vault.load_replica().await.unwrap().logs;
    let holes = vault.reading().await.unwrap().holes(&logs).await.unwrap();
    assert_eq!(
        holes.into_iter().collect::<Vec<_>>(),
        [(whole.place(), whole.hash())]
    );
    assert!(
        vault
            .reading()
            .await
            .unwrap()
            .records_to_merge(9)
            .await
            .unwrap()
            .is_empty()
    );

    let filled = intake(|new| new.filled = vec![other.stored(whole.clone())]);
    vault.save_intake(&filled, &forgets).await;
    let mut reading = vault.reading().await.unwrap();
    assert!(reading.holes(&logs).await.unwrap().is_empty());
    let to_merge = reading.records_to_merge(9).await.unwrap();
    assert_eq!(to_merge[&missing][0].1, whole);
}

#[tokio::test]
async fn epochs_keys_history_and_faults_are_kept() {
    let (_folder, vault) = vault().await;
    let mut other = OtherDevice::of(&vault);
    let record = other.seal(DocumentId::from_bytes([1; 16]), b"change");
    let before = vault.load_replica().await.unwrap();
    let id = EpochId::from_bytes([9; 16]);
    let secret = EpochSecret::generate(vault.random()).unwrap();
    let fork = Fault::ForkedChain {
        chain: other.chain.chain,
    };
    let much = intake(|new| {
        new.epoch = Some(NewEpoch {
            id,
            secret: secret.clone(),
            account_keys: None,
        });
        new.records = vec![other.stored(record)];
        new.faults = BTreeSet::from([fork.clone()]);
        new.generation = Some(Generation::from_bytes([3; 16]));
    });
    vault.save_intake(&much, &BTreeSet::new()).await;
    let after = vault.load_replica().await.unwrap();
    assert_eq!(after.epochs.len(), before.epochs.len() + 1);
    assert_eq!(after.epochs[&id], secret);
    assert_eq!(after.generation, Some(Generation::from_bytes([3; 16])));
    assert_eq!(after.account_keys, before.account_keys);
    assert_eq!(after.logs, before.logs);
    assert_eq!(
        after.chains.head(other.chain.chain).unwrap().state,
        ChainState::Frozen
    );

    let mut writing = vault.writing().await.unwrap();
    writing
        .set_status(StatusName::Faults, &vec![fork.clone()])
        .await
        .unwrap();
    writing.commit().await.unwrap();
    let faults = vault.reading().await.unwrap().faults().await.unwrap();
    assert_eq!(faults, BTreeSet::from([fork]));
}

#[tokio::test]
async fn the_newest_key_is_the_one_that_came_last() {
    let (_folder, vault) = vault().await;
    let document = DocumentId::from_bytes([1; 16]);
    let known = |epoch: u8| KnownKey {
        epoch: EpochId::from_bytes([epoch; 16]),
        key: OtherDevice::of(&vault).document_key,
    };
    let (first, second) = (known(9), known(1));
    let mut writing = vault.writing().await.unwrap();
    writing
        .put_keys(
            vault.journal(),
            &[(document, first.clone()), (document, second.clone())],
        )
        .await
        .unwrap();
    writing
        .put_keys(vault.journal(), &[(document, first.clone())])
        .await
        .unwrap();
    writing.commit().await.unwrap();
    let mut reading = vault.reading().await.unwrap();
    assert_eq!(
        reading.newest_keys(&[document]).await.unwrap()[&document],
        second
    );
    assert_eq!(
        reading.every_key_of(vault.journal()).await.unwrap(),
        [(document, first), (document, second)]
    );
}

/// A record may come long before the key that opens it (threat K18).
#[tokio::test]
async fn k18_what_waits_is_merged_again_when_keys_come() {
    let (_folder, vault) = vault().await;
    let mut other = OtherDevice::of(&vault);
    let document = DocumentId::from_bytes([1; 16]);
    let record = other.seal(document, b"change");
    let one = intake(|new| new.records = vec![other.stored(record.clone())]);
    vault.save_intake(&one, &BTreeSet::new()).await;
    let to_merge = async || {
        let mut reading = vault.reading().await.unwrap();
        reading.records_to_merge(9).await.unwrap()
    };
    let waits = async || {
        let row = to_merge().await[&document][0].0;
        let mut writing = vault.writing().await.unwrap();
        let waiting = [(row, RecordState::Waiting)].into_iter();
        writing.settle_records(waiting).await.unwrap();
        writing.commit().await.unwrap();
        assert!(to_merge().await.is_empty());
    };
    let learn = async |document| {
        let known = KnownKey {
            epoch: EpochId::ZERO,
            key: other.document_key.clone(),
        };
        let mut writing = vault.writing().await.unwrap();
        writing
            .put_learned_keys(&[(document, known)])
            .await
            .unwrap();
        writing.commit().await.unwrap();
    };
    waits().await;
    learn(DocumentId::from_bytes([2; 16])).await;
    assert!(to_merge().await.is_empty(), "another document's");
    learn(document).await;
    assert_eq!(to_merge().await[&document][0].1, record);

    waits().await;
    let epoch = intake(|new| {
        new.older_epochs = vec![NewEpoch {
            id: EpochId::from_bytes([9; 16]),
            secret: EpochSecret::generate(vault.random()).unwrap(),
            account_keys: None,
        }];
    });
    vault.save_intake(&epoch, &BTreeSet::new()).await;
    assert_eq!(to_merge().await[&document][0].1, record);
}

#[tokio::test]
async fn k18_a_key_that_comes_after_all_were_wrapped_is_wrapped_too() {
    let (_folder, vault) = vault().await;
    let (newest, older) = (EpochId::from_bytes([9; 16]), EpochId::from_bytes([1; 16]));
    let mut writing = vault.writing().await.unwrap();
    let mark = StatusName::KeysWrapped;
    writing.set_status(mark, &newest).await.unwrap();
    writing.commit().await.unwrap();
    for (epoch, left) in [(newest, Some(newest)), (older, None), (newest, None)] {
        let known = KnownKey {
            epoch,
            key: OtherDevice::of(&vault).document_key,
        };
        let document = DocumentId::from_bytes([1; 16]);
        let mut writing = vault.writing().await.unwrap();
        writing
            .put_learned_keys(&[(document, known)])
            .await
            .unwrap();
        writing.commit().await.unwrap();
        let mut reading = vault.reading().await.unwrap();
        assert_eq!(reading.status::<EpochId>(mark).await.unwrap(), left);
    }
}

/// A record that is on its way to a relay stays so, whatever a merge says of it.
#[tokio::test]
async fn states_are_settled_but_not_what_is_on_its_way() {
    let (_folder, vault) = vault().await;
    let mut other = OtherDevice::of(&vault);
    let document = DocumentId::from_bytes([1; 16]);
    let records: Vec<_> = (0..3).map(|_| other.seal(document, b"change")).collect();
    let three = intake(|new| {
        new.records = records
            .iter()
            .map(|record| other.stored(record.clone()))
            .collect();
    });
    vault.save_intake(&three, &BTreeSet::new()).await;
    let to_merge = vault
        .reading()
        .await
        .unwrap()
        .records_to_merge(9)
        .await
        .unwrap();
    let rows: Vec<_> = to_merge[&document].iter().map(|(row, _)| *row).collect();
    let states = [
        RecordState::Sealed,
        RecordState::Quarantined,
        RecordState::Waiting,
    ];
    let mut writing = vault.writing().await.unwrap();
    writing
        .settle_records(rows.iter().copied().zip(states))
        .await
        .unwrap();
    writing
        .settle_records([(rows[0], RecordState::Merged)].into_iter())
        .await
        .unwrap();
    writing.commit().await.unwrap();
    let mut reading = vault.reading().await.unwrap();
    assert_eq!(
        reading.unacknowledged(vault.journal()).await.unwrap(),
        records[..1]
    );
    assert_eq!(reading.quarantined().await.unwrap(), [records[1].place()]);
    assert!(
        reading.records_to_merge(9).await.unwrap().is_empty(),
        "waits for others"
    );

    // With the next of its document the one that waits comes again.
    let next = other.seal(document, b"change");
    let one = intake(|new| new.records = vec![other.stored(next.clone())]);
    drop(reading);
    vault.save_intake(&one, &BTreeSet::new()).await;
    let to_merge = vault
        .reading()
        .await
        .unwrap()
        .records_to_merge(1)
        .await
        .unwrap();
    let again: Vec<_> = to_merge[&document]
        .iter()
        .map(|(_, record)| record.clone())
        .collect();
    assert_eq!(again, [records[2].clone(), next]);
}
