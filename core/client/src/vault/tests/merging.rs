//! What the gate made of records, saved.

use super::{OtherDevice, note, vault};
use crate::vault::{Merged, VaultError};
use daymark_core::journal::{Edit, Query, Step};

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
    assert!(loaded.shown);
    let stale = |from| Merged {
        document: id,
        from,
        saved: Some(loaded.saved.clone()),
        view: None,
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
    assert!(!loaded[&id].shown);

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
