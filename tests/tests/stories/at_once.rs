//! What is written while a live connection is idle: sealed in the transaction that saves it (rule R7).

use crate::support::{all_sync, assert_in_step, assert_signed_once, set, texts};
use daymark_tests::world::{Device, Watching, World, note};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

/// A connection to a vault's file beside the vault.
async fn file_of(device: &Device) -> SqliteConnection {
    let file = device.vault.folder().join("vault.sqlite");
    let options = SqliteConnectOptions::new()
        .filename(file)
        .foreign_keys(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// How many changes wait to be sealed, and how many are sealed and wait to be acknowledged.
async fn outbox(device: &Device) -> (i64, i64) {
    let counts = "SELECT count(*) - count(record), count(record) FROM outbox";
    let mut file = file_of(device).await;
    sqlx::query_as(counts).fetch_one(&mut file).await.unwrap()
}

/// From now on no commit succeeds that has a record of this device's own in it.
async fn break_commits(device: &Device) {
    for statement in [
        "CREATE TABLE breaks (id INTEGER REFERENCES records (id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER breaking AFTER INSERT ON records WHEN new.state = 4 \
         BEGIN INSERT INTO breaks VALUES (-1); END",
    ] {
        let mut file = file_of(device).await;
        sqlx::query(statement).execute(&mut file).await.unwrap();
    }
}

async fn mend_commits(device: &Device) {
    for statement in ["DROP TRIGGER breaking", "DROP TABLE breaks"] {
        let mut file = file_of(device).await;
        sqlx::query(statement).execute(&mut file).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_written_while_a_connection_is_idle_is_sealed_when_it_is_saved() {
    let (_world, [phone, laptop]) = World::of_two().await;
    phone.write("before").await;
    assert_eq!(outbox(&phone).await, (1, 0), "nobody watches");
    phone.sync().await;

    let watching = Watching::connected(&phone).await;
    let id = phone.write("a thought").await;
    watching.kill().await;
    assert_eq!(outbox(&phone).await, (0, 1));
    let mut watching = Watching::connected(&phone).await;
    assert_eq!(outbox(&phone).await, (0, 0));
    phone.write("another").await;
    watching.until_taken().await;
    phone.edit(id, "a thought, again").await;
    watching.kill().await;
    assert_eq!(outbox(&phone).await, (0, 1));

    phone.write("afterwards").await;
    assert_eq!(outbox(&phone).await, (1, 1), "nobody watches any more");
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
}

#[tokio::test]
async fn l2_a_commit_that_fails_with_a_sealed_record_in_it_uses_no_place() {
    let (world, [phone, laptop]) = World::of_two().await;
    let mut watching = Watching::connected(&phone).await;
    phone.write("before").await;
    watching.until_taken().await;
    let before = own_records(&phone).await;
    break_commits(&phone).await;
    let failed = phone.vault.write(&note("never saved"), None).await;
    assert!(failed.is_err(), "{failed:?}");
    assert_eq!(outbox(&phone).await, (0, 0));
    assert_eq!(own_records(&phone).await, before);
    mend_commits(&phone).await;

    // The machine that signed it is gone; the connection begins anew, and goes on where the vault stands.
    phone.write("afterwards").await;
    watching.until_connected().await;
    assert_eq!(outbox(&phone).await, (0, 0));
    phone.write("and at once again").await;
    watching.until_taken().await;
    watching.kill().await;
    assert_eq!(own_records(&phone).await.len(), before.len() + 2);
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    let expected = set(["before", "afterwards", "and at once again"]);
    assert_eq!(texts(&laptop).await, expected);
    assert_signed_once(world.line());
}

#[tokio::test]
async fn l2_a_program_that_ends_between_saving_and_sending_sends_the_same_record_later() {
    let (world, [phone, laptop]) = World::of_two().await;
    let watching = Watching::connected(&phone).await;
    let id = phone.write("sealed, never sent").await;
    watching.kill().await;
    assert_eq!(outbox(&phone).await, (0, 1));
    let sealed = own_records(&phone).await;
    let phone = phone.reopen().await;
    phone.edit(id, "sealed, sent later").await;
    phone.sync().await;
    let sent = own_records(&phone).await;
    assert_eq!(sent[..sealed.len()], sealed);
    assert_eq!(sent.len(), sealed.len() + 1);
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    assert_eq!(texts(&laptop).await, set(["sealed, sent later"]));
    assert_signed_once(world.line());
}

/// The signatures of a device's own records of entries, in their order.
async fn own_records(device: &Device) -> Vec<Vec<u8>> {
    let query = "SELECT r.signature FROM records r JOIN chains c ON c.id = r.chain \
                 WHERE c.device = ? AND r.document <> zeroblob(16) ORDER BY r.id";
    let mut file = file_of(device).await;
    sqlx::query_scalar(query)
        .bind(device.vault.device().as_bytes().as_slice())
        .fetch_all(&mut file)
        .await
        .unwrap()
}
