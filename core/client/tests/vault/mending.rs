//! One bit of a sealed row is another one: what can be made again is, what is lost is named.

use crate::support::{Home, entry, home};
use daymark_client::{
    DocumentId,
    vault::{Vault, VaultError},
};
use daymark_core::{
    journal::{Edit, Query, Step},
    keys::VaultKey,
};
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::Path;
use tempfile::TempDir;

/// More than one pack holds.
const ENTRIES: usize = 100;

async fn written() -> (TempDir, VaultKey, Vec<DocumentId>) {
    let Home { folder, vault } = home().await;
    let mut ids = Vec::new();
    for number in 0..ENTRIES {
        ids.push(vault.write(&entry(number), None).await.unwrap());
    }
    let key = vault.key();
    vault.close().await;
    (folder, key, ids)
}

async fn tables(folder: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(folder.join("vault.sqlite"));
    options.connect().await.unwrap()
}

fn flipped(mut sealed: Vec<u8>) -> Vec<u8> {
    let middle = sealed.len() / 2;
    sealed[middle] ^= 1;
    sealed
}

async fn flip_packs(folder: &Path) {
    let mut tables = tables(folder).await;
    let packs: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT id, sealed FROM packs")
        .fetch_all(&mut tables)
        .await
        .unwrap();
    assert!(packs.len() > 1);
    for (id, sealed) in packs {
        sqlx::query("UPDATE packs SET sealed = ? WHERE id = ?")
            .bind(flipped(sealed))
            .bind(id)
            .execute(&mut tables)
            .await
            .unwrap();
    }
    tables.close().await.unwrap();
}

async fn flip_document(folder: &Path, id: DocumentId) {
    let mut tables = tables(folder).await;
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM documents WHERE id = ?")
        .bind(id.as_bytes().as_slice())
        .fetch_one(&mut tables)
        .await
        .unwrap();
    sqlx::query("UPDATE documents SET sealed = ? WHERE id = ?")
        .bind(flipped(sealed))
        .bind(id.as_bytes().as_slice())
        .execute(&mut tables)
        .await
        .unwrap();
    tables.close().await.unwrap();
}

async fn unlocked(folder: &Path, key: &VaultKey) -> Vault {
    let locked = Vault::open(folder).await.unwrap();
    locked.unlock_with_key(key.clone()).await.unwrap()
}

/// What a list and a search show: how many entries, and which are named as damaged.
async fn shown(vault: &Vault) -> (usize, Vec<DocumentId>) {
    let views = vault.views().await.unwrap();
    let found = vault.look_for(&Query::new(), usize::MAX).await.unwrap();
    assert!(views.iter().eq(&found.views));
    assert_eq!(views.unreadable(), found.unreadable);
    assert_eq!((found.all, found.ids.len()), (views.len(), views.len()));
    (views.len(), found.unreadable)
}

#[tokio::test]
async fn g3_packs_that_do_not_open_are_made_again_from_their_documents() {
    for search_first in [true, false] {
        let (folder, key, ids) = written().await;
        flip_packs(folder.path()).await;
        let vault = unlocked(folder.path(), &key).await;
        if search_first {
            let found = vault.look_for(&Query::new(), 5).await.unwrap();
            assert_eq!((found.all, found.views.len()), (ENTRIES, 5));
        }
        let views = vault.views().await.unwrap();
        let written = (0..ENTRIES).rev().map(entry);
        assert!(views.iter().map(|view| view.entry.clone()).eq(written));
        vault.close().await;
        // The packs themselves are whole again: without their documents, they show all of it.
        for id in ids {
            flip_document(folder.path(), id).await;
        }
        let vault = unlocked(folder.path(), &key).await;
        assert_eq!(shown(&vault).await, (ENTRIES, Vec::new()));
        vault.close().await;
    }
}

#[tokio::test]
async fn writing_goes_on_with_packs_that_do_not_open() {
    let (folder, key, ids) = written().await;
    flip_packs(folder.path()).await;
    let vault = unlocked(folder.path(), &key).await;
    assert_eq!(vault.read(ids[0]).await.unwrap().entry, entry(0));
    vault.write(&entry(ENTRIES), None).await.unwrap();
    let edit = Edit::from(Step::Draft(true));
    assert!(vault.edit(ids[1], &edit).await.unwrap());
    assert!(vault.read(ids[1]).await.unwrap().entry.draft);
    assert_eq!(shown(&vault).await, (ENTRIES + 1, Vec::new()));
    vault.close().await;
}

#[tokio::test]
async fn an_entry_of_which_nothing_opens_is_named_and_the_others_are_there() {
    let (folder, key, ids) = written().await;
    flip_packs(folder.path()).await;
    let lost = [ids[2], ids[ENTRIES - 1]];
    for id in lost {
        flip_document(folder.path(), id).await;
    }
    for others in [ENTRIES - 2, ENTRIES - 1, ENTRIES] {
        let vault = unlocked(folder.path(), &key).await;
        for shown in [shown(&vault).await, shown(&vault).await] {
            assert_eq!(shown.0, others);
            assert_eq!(shown.1.len(), lost.len());
            assert!(lost.iter().all(|id| shown.1.contains(id)));
        }
        for id in lost {
            let refused = vault.read(id).await;
            assert!(matches!(refused, Err(VaultError::Damaged { .. })));
        }
        // What is written beside them changes nothing of that.
        vault.write(&entry(others + 2), None).await.unwrap();
        let edit = Edit::from(Step::Draft(others != ENTRIES - 1));
        assert!(vault.edit(ids[1], &edit).await.unwrap());
        assert_eq!(shown(&vault).await.0, others + 1);
        assert_eq!(vault.count().await.unwrap(), others + 3);
        vault.close().await;
    }
}

/// A document that is gone is not left out of what is made again.
#[tokio::test]
async fn a_pack_with_too_few_documents_is_called_damaged() {
    let (folder, key, ids) = written().await;
    flip_packs(folder.path()).await;
    let mut tables = tables(folder.path()).await;
    sqlx::query("DELETE FROM documents WHERE id = ?")
        .bind(ids[3].as_bytes().as_slice())
        .execute(&mut tables)
        .await
        .unwrap();
    tables.close().await.unwrap();
    let vault = unlocked(folder.path(), &key).await;
    let list = vault.views().await.map(|views| views.len());
    assert!(matches!(list, Err(VaultError::Damaged { .. })));
    let search = vault.look_for(&Query::new(), 1).await;
    assert!(matches!(search, Err(VaultError::Damaged { .. })));
    assert_eq!(vault.read(ids[4]).await.unwrap().entry, entry(4));
    vault.close().await;
}
