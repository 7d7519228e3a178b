//! What the gate made of records, saved.

use super::{OtherDevice, intake, note, vault};
use crate::{
    sync::Driver,
    vault::{Merged, VaultError},
};
use daymark_core::{
    journal::{Actor, Alias, Edit, Page, Person, Query, Step},
    merge::Base,
    sharing::{LedgerItem, LedgerPage},
    sync::KnownKey,
};
use std::collections::BTreeSet;

#[tokio::test]
async fn a_merged_entry_is_listed_and_can_be_edited() {
    let (_folder, vault) = vault().await;
    let other = OtherDevice::of(&vault);
    let (document, saved, view, _) = other.entry("from elsewhere");
    let merged = Merged {
        document,
        from: None,
        saved: Some(saved),
        view: Some(view.clone()),
        open: None,
        keys: Vec::new(),
        records: Vec::new(),
    };
    assert!(vault.save_merged(vec![merged]).await.is_empty());
    assert_eq!(*vault.list(&Query::new(), 9).await.unwrap()[0], view);
    assert!(
        vault
            .edit(document, &Edit::from(Step::Draft(true)))
            .await
            .unwrap()
    );
    assert_eq!(vault.unsent().await.unwrap(), 1);
}

/// Another program edits while a merge is being made: the edit is not lost, the merge is made again.
#[tokio::test]
async fn f1_a_merge_that_was_overtaken_saves_nothing() {
    let (_folder, vault) = vault().await;
    let id = vault.write(&note("here"), None).await.unwrap();
    let loaded = vault
        .reading()
        .await
        .unwrap()
        .load_documents(&[id])
        .await
        .unwrap();
    let loaded = &loaded[&id];
    assert!(loaded.is_shown());
    let Base::Saved(saved) = &loaded.base else {
        panic!("a written entry is not kept open");
    };
    let stale = |from| Merged {
        document: id,
        from,
        saved: Some(saved.clone()),
        view: None,
        open: None,
        keys: Vec::new(),
        records: Vec::new(),
    };
    vault
        .edit(id, &Edit::from(Step::Draft(true)))
        .await
        .unwrap();
    for from in [Some(loaded.version), None] {
        let overtaken = vault.save_merged(vec![stale(from)]).await;
        assert_eq!(overtaken.into_iter().collect::<Vec<_>>(), [id]);
    }
    assert!(vault.read(id).await.unwrap().entry.draft);

    let again = vault
        .reading()
        .await
        .unwrap()
        .load_documents(&[id])
        .await
        .unwrap();
    let overtaken = vault
        .save_merged(vec![stale(Some(again[&id].version))])
        .await;
    assert!(overtaken.is_empty());
    assert!(matches!(vault.read(id).await, Err(VaultError::NotFound)));
}

#[tokio::test]
async fn a_page_that_another_device_wrote_is_merged_as_one_and_is_in_no_list() {
    let (_folder, vault) = vault().await;
    let mut other = OtherDevice::of(&vault);
    let ledger = vault.page_id(Page::Ledger).await.unwrap();
    let (person, alias) = (Person::parse("a neighbour"), Alias::parse("a friend"));
    let (person, alias) = (person.unwrap(), alias.unwrap());
    let mut page = LedgerPage::start().unwrap();
    let item = LedgerItem::Alias(person.clone(), Some(alias.clone()));
    let actor = Actor::new(other.key.id(), [1; 8]);
    let change = page.write(actor, &[item]).unwrap().unwrap();

    let record = other.seal(ledger, change.as_bytes());
    let key = KnownKey {
        epoch: record.claimed().epoch,
        key: other.document_key.clone(),
    };
    let came = intake(|intake| intake.records = vec![other.stored(record)]);
    vault.save_intake(&came, &BTreeSet::new()).await;
    let mut writing = vault.writing().await.unwrap();
    let keys = [(ledger, key)];
    writing.put_keys(vault.journal(), &keys).await.unwrap();
    writing.commit().await.unwrap();
    let mut driver = Driver::load(&vault, &|_| ()).await.unwrap();
    assert_eq!(driver.settle().await.unwrap().merged, 1);

    let mut loaded = vault
        .reading()
        .await
        .unwrap()
        .load_documents(&[ledger])
        .await
        .unwrap();
    let saved = loaded.remove(&ledger).unwrap().base.open().unwrap();
    let people = LedgerPage::from_automerge(saved).people();
    assert_eq!(people.get(&person), Some(&alias));
    assert!(
        vault
            .reading()
            .await
            .unwrap()
            .quarantined()
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(vault.count().await.unwrap(), 0);
    assert!(vault.list(&Query::new(), 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_hidden_entry_is_neither_listed_nor_edited_but_kept() {
    let (_folder, vault) = vault().await;
    let id = vault.write(&note("to be hidden"), None).await.unwrap();
    let stays = vault.write(&note("stays"), None).await.unwrap();
    let mut writing = vault.writing().await.unwrap();
    writing.hide(&[id]).await.unwrap();
    writing.commit().await.unwrap();
    assert_eq!(
        (
            vault.count().await.unwrap(),
            vault.views().await.unwrap().len()
        ),
        (1, 1)
    );
    assert!(matches!(vault.read(id).await, Err(VaultError::NotFound)));
    let edited = vault.edit(id, &Edit::from(Step::Draft(true))).await;
    assert!(matches!(edited, Err(VaultError::NotFound)));
    assert!(matches!(
        vault.find(&id.into()).await,
        Err(VaultError::NotFound)
    ));
    let loaded = vault
        .reading()
        .await
        .unwrap()
        .load_documents(&[id])
        .await
        .unwrap();
    assert!(!loaded[&id].is_shown());

    let mut writing = vault.writing().await.unwrap();
    writing.drop_documents(&[id]).await.unwrap();
    writing.drop_keys(id).await.unwrap();
    writing.drop_bodies(id).await.unwrap();
    writing.commit().await.unwrap();
    vault.clean().await.unwrap();
    assert!(
        vault
            .reading()
            .await
            .unwrap()
            .load_documents(&[id])
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(vault.unsent().await.unwrap(), 1);
    assert_eq!(vault.read(stays).await.unwrap().entry, note("stays"));
}
