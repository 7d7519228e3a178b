//! From a change to a record that a relay has.

use super::{note, open_again, vault};
use crate::vault::Vault;
use daymark_core::{
    journal::{Edit, Step},
    sync::{OwnChain, Sealed},
};
use daymark_wire::{Seq, record::Place};
use std::collections::{BTreeMap, BTreeSet};

/// Seals what waits, at most `limit` changes, as a sync does.
async fn seal(vault: &Vault, limit: usize) -> Sealed {
    let mut replica = vault.load_replica().await.unwrap();
    let mut reading = vault.reading().await.unwrap();
    let waiting = reading.outbox_waiting(&replica.forgotten, limit).await;
    let waiting = waiting.unwrap();
    let documents: BTreeSet<_> = waiting.iter().map(|change| change.document).collect();
    let documents: Vec<_> = documents.into_iter().collect();
    let keys = reading.newest_keys(&documents).await.unwrap();
    drop(reading);
    let sealed = replica.seal(waiting, &keys, false, vault.random()).unwrap();
    let mut writing = vault.writing().await.unwrap();
    writing.put_sealed(&sealed).await.unwrap();
    writing.commit().await.unwrap();
    sealed
}

async fn waiting(vault: &Vault) -> usize {
    let mut reading = vault.reading().await.unwrap();
    let waiting = reading.outbox_waiting(&BTreeSet::new(), usize::MAX).await;
    waiting.unwrap().len()
}

async fn acknowledge(vault: &Vault, own: &OwnChain, seq: u64) {
    let mut writing = vault.writing().await.unwrap();
    let place = Place {
        chain: own.chain,
        seq: Seq(seq),
    };
    writing.acknowledge(vault.journal(), place).await.unwrap();
    writing.commit().await.unwrap();
}

#[tokio::test]
async fn what_is_sealed_stays_in_the_outbox_until_it_is_acknowledged() {
    let (folder, vault) = vault().await;
    let mut told = vault.live().written();
    let first = vault.write(&note("one"), None).await.unwrap();
    assert!(told.has_changed().unwrap());
    told.mark_unchanged();
    for text in ["two", "three"] {
        vault.write(&note(text), None).await.unwrap();
    }
    let sealed = seal(&vault, usize::MAX).await;
    assert_eq!((sealed.records.len(), sealed.keys.len()), (3, 3));
    assert_eq!(
        (waiting(&vault).await, vault.unsent().await.unwrap()),
        (0, 3)
    );
    assert!(!vault.has_waiting().await.unwrap());

    let key = vault.key();
    vault.close().await;
    let vault = open_again(&folder, key).await;
    let mut reading = vault.reading().await.unwrap();
    assert_eq!(
        reading.unacknowledged(vault.journal()).await.unwrap(),
        sealed.records
    );
    assert_eq!(reading.own_chain().await.unwrap(), Some(sealed.own));
    let head = *reading
        .chains(vault.journal())
        .await
        .unwrap()
        .head(sealed.own.chain)
        .unwrap();
    assert_eq!((head.seq, head.hash), (Seq(3), sealed.own.hash));
    let keys = reading.newest_keys(&[first]).await.unwrap();
    let known: BTreeMap<_, _> = sealed.keys.iter().cloned().collect();
    assert_eq!(keys.get(&first), known.get(&first));
    drop(reading);

    acknowledge(&vault, &sealed.own, 2).await;
    assert_eq!(vault.unsent().await.unwrap(), 1);
    acknowledge(&vault, &sealed.own, 3).await;
    acknowledge(&vault, &sealed.own, 3).await;
    assert_eq!(vault.unsent().await.unwrap(), 0);
    let mut reading = vault.reading().await.unwrap();
    assert!(
        reading
            .unacknowledged(vault.journal())
            .await
            .unwrap()
            .is_empty()
    );
    let offered = reading
        .records_after(vault.journal(), sealed.own.chain, Seq(1), 9)
        .await;
    assert_eq!(offered.unwrap(), sealed.records[1..]);
}

/// Rule F6: they wait for the person, and nothing waits behind them.
#[tokio::test]
async fn changes_of_forgotten_documents_are_passed_over() {
    let (_folder, vault) = vault().await;
    let mut documents = Vec::new();
    for text in ["one", "two", "three", "four", "five"] {
        documents.push(vault.write(&note(text), None).await.unwrap());
    }
    let forgotten = [0, 1, 3].map(|n: usize| documents[n]).into();
    let mut reading = vault.reading().await.unwrap();
    for (limit, kept) in [(1, &[2][..]), (2, &[2, 4]), (9, &[2, 4])] {
        let waiting = reading.outbox_waiting(&forgotten, limit).await.unwrap();
        let found: Vec<_> = waiting.iter().map(|change| change.document).collect();
        let expected: Vec<_> = kept.iter().map(|n: &usize| documents[*n]).collect();
        assert_eq!(found, expected, "at most {limit}");
    }
}

/// Rule R7: what no relay acknowledged is said again, in a new chain, and the old one ends where it stood.
#[tokio::test]
async fn a_new_incarnation_says_again_what_was_not_acknowledged() {
    let (_folder, vault) = vault().await;
    let id = vault.write(&note("one"), None).await.unwrap();
    vault
        .edit(id, &Edit::from(Step::Draft(true)))
        .await
        .unwrap();
    let first = seal(&vault, 1).await;
    let second = seal(&vault, 1).await;
    acknowledge(&vault, &first.own, 1).await;
    vault.write(&note("two"), None).await.unwrap();

    let renewed = second.own.renewed(Seq(1), vault.random()).unwrap();
    let mut writing = vault.writing().await.unwrap();
    writing
        .renew_own_chain(vault.journal(), &renewed)
        .await
        .unwrap();
    writing.commit().await.unwrap();
    assert_eq!(
        (waiting(&vault).await, vault.unsent().await.unwrap()),
        (2, 2)
    );
    let replica = vault.load_replica().await.unwrap();
    assert_eq!(replica.own, renewed);
    let old = replica.chains.head(first.own.chain).unwrap();
    assert_eq!((old.seq, old.hash), (Seq(1), first.own.hash));

    let again = seal(&vault, usize::MAX).await;
    let header = again.records[0].claimed();
    assert_eq!(
        (header.seq, header.replaces.unwrap().last),
        (Seq(1), Seq(1))
    );
    acknowledge(&vault, &again.own, 2).await;
    assert_eq!(vault.unsent().await.unwrap(), 0);
}

#[tokio::test]
async fn a_chain_of_which_nothing_stands_is_forgotten() {
    let (_folder, vault) = vault().await;
    vault.write(&note("one"), None).await.unwrap();
    let sealed = seal(&vault, 1).await;
    let renewed = sealed.own.renewed(Seq(0), vault.random()).unwrap();
    let mut writing = vault.writing().await.unwrap();
    writing
        .renew_own_chain(vault.journal(), &renewed)
        .await
        .unwrap();
    writing.commit().await.unwrap();
    let replica = vault.load_replica().await.unwrap();
    assert!(replica.chains.head(sealed.own.chain).is_none());
    assert_eq!(waiting(&vault).await, 1);
}

/// What is not committed did not happen: neither the records nor the outbox know of it.
#[tokio::test]
async fn l2_a_change_that_was_not_committed_leaves_nothing() {
    let (_folder, vault) = vault().await;
    vault.write(&note("one"), None).await.unwrap();
    let mut replica = vault.load_replica().await.unwrap();
    let changes = vault
        .reading()
        .await
        .unwrap()
        .outbox_waiting(&BTreeSet::new(), 9)
        .await
        .unwrap();
    let sealed = replica
        .seal(changes, &BTreeMap::new(), false, vault.random())
        .unwrap();
    let mut writing = vault.writing().await.unwrap();
    writing.put_sealed(&sealed).await.unwrap();
    drop(writing);
    let mut reading = vault.reading().await.unwrap();
    assert!(
        reading
            .unacknowledged(vault.journal())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(reading.own_chain().await.unwrap(), None);
    drop(reading);
    assert_eq!(waiting(&vault).await, 1);
}
