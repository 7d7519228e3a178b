//! Nothing stays in the write-ahead log, nor in free pages.

use super::vault;
use crate::vault::SecretName;
use std::fs;

#[tokio::test]
async fn k5_after_cleaning_no_file_holds_what_was_dropped() {
    let (folder, vault) = vault().await;
    vault
        .set_secret(SecretName::NextWrapping, b"a key that is to go")
        .await
        .unwrap();
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM secrets WHERE name = ?")
        .bind("next wrapping")
        .fetch_one(vault.reading().await.unwrap().connection())
        .await
        .unwrap();
    let holds = || {
        ["vault.sqlite", "vault.sqlite-wal"].map(|file| {
            let content = fs::read(folder.path().join(file)).unwrap();
            content.windows(sealed.len()).any(|window| window == sealed)
        })
    };
    assert_eq!(holds(), [false, true]);
    let mut writing = vault.writing().await.unwrap();
    assert!(
        writing
            .secret(SecretName::NextWrapping)
            .await
            .unwrap()
            .is_some()
    );
    writing.drop_secret(SecretName::NextWrapping).await.unwrap();
    writing.commit().await.unwrap();
    assert_eq!(holds(), [false, true]);
    vault.clean().await.unwrap();
    assert_eq!(holds(), [false, false]);
    assert_eq!(vault.secret(SecretName::NextWrapping).await.unwrap(), None);
    let log = fs::metadata(folder.path().join("vault.sqlite-wal")).unwrap();
    assert_eq!(log.len(), 0);
}

#[tokio::test]
async fn c5_a_dropped_epoch_secret_is_nowhere() {
    let (_folder, vault) = vault().await;
    let journal = vault.journal();
    let mut reading = vault.reading().await.unwrap();
    let epochs = reading.epochs_of(journal).await.unwrap();
    drop(reading);
    let ids: Vec<_> = epochs.into_keys().collect();
    assert_eq!(ids.len(), 1);
    let mut writing = vault.writing().await.unwrap();
    writing.drop_epochs(&ids).await.unwrap();
    writing.commit().await.unwrap();
    vault.clean().await.unwrap();
    let mut reading = vault.reading().await.unwrap();
    assert!(reading.epochs_of(journal).await.unwrap().is_empty());
}
