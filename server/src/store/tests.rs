//! Connections after a failure.

use super::*;

fn nonce(byte: u8) -> Nonce {
    Nonce::from_bytes([byte; 16])
}

async fn keep_nonce(writing: &mut Writing, byte: u8) {
    writing.begin().await.unwrap();
    writing.insert_nonces(&[(nonce(byte), 1)]).await.unwrap();
    writing.commit().await.unwrap();
}

/// An error of the disk ends a transaction inside SQLite, also one that only reads, and sqlx does not hear
/// of it. Used again, such a connection would see the same moment for ever.
#[tokio::test]
async fn l2_a_reading_connection_whose_transaction_ended_by_itself_is_not_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut opened = open(folder.path()).await.unwrap();
    let store = opened.store.clone();
    let mut failing = store.pool.begin().await.unwrap();
    sqlx::query("ROLLBACK")
        .execute(&mut *failing)
        .await
        .unwrap();
    let mut others = Vec::new();
    for _ in 1..store.pool.options().get_max_connections() {
        others.push(store.reading().await.unwrap());
    }
    drop(failing);
    let nobody = AccountId::from_bytes([1; 16]);
    for byte in 1..=3 {
        assert!(store.account(nobody).await.unwrap().is_none());
        keep_nonce(&mut opened.writing, byte).await;
        let there = store.nonces(0).await.unwrap();
        assert_eq!(there.len(), usize::from(byte), "what was just committed");
    }
}

/// Whatever ended a transaction of the one writing connection, the next one begins.
#[tokio::test]
async fn l2_the_writing_connection_goes_on_after_a_transaction_that_ended_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut opened = open(folder.path()).await.unwrap();
    let writing = &mut opened.writing;
    writing.begin().await.unwrap();
    writing.insert_nonces(&[(nonce(9), 1)]).await.unwrap();
    writing.roll_back().await.unwrap();
    assert!(writing.roll_back().await.is_err(), "there is none");
    keep_nonce(writing, 1).await;
    assert_eq!(opened.store.nonces(0).await.unwrap(), [nonce(1)]);
}
