//! A damaged place in the owner's vault, and what is shared.

use crate::support::couple::{Couple, received, share_as};
use daymark_client::sharing::HowToShare;
use daymark_tests::world::Device;
use daymark_wire::DocumentId;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

fn flipped(mut sealed: Vec<u8>) -> Vec<u8> {
    let middle = sealed.len() / 2;
    sealed[middle] ^= 1;
    sealed
}

/// Neither the entry opens any more, nor any list; other entries do.
async fn damage(device: &Device, entry: DocumentId) {
    let file = device.vault.folder().join("vault.sqlite");
    let options = SqliteConnectOptions::new().filename(file);
    let mut tables = options.connect().await.unwrap();
    let sealed = "SELECT sealed FROM documents WHERE id = ?";
    let sealed: Vec<u8> = sqlx::query_scalar(sealed)
        .bind(entry.as_bytes().as_slice())
        .fetch_one(&mut tables)
        .await
        .unwrap();
    sqlx::query("UPDATE documents SET sealed = ? WHERE id = ?")
        .bind(flipped(sealed))
        .bind(entry.as_bytes().as_slice())
        .execute(&mut tables)
        .await
        .unwrap();
    let packs: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT id, sealed FROM packs")
        .fetch_all(&mut tables)
        .await
        .unwrap();
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

#[tokio::test]
async fn an_entry_that_does_not_open_is_not_kept_up_to_date_and_all_else_goes_on() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let how = HowToShare {
        keep_updated: true,
        ..HowToShare::default()
    };
    let lost = owner.write("what they have stays").await;
    let whole = owner.write("as it was").await;
    for entry in [lost, whole] {
        share_as(owner, entry, &[couple.bond], &how).await;
    }
    owner.sync().await;
    supporter.sync().await;
    damage(owner, lost).await;
    owner.edit(whole, "as it reads now").await;
    owner.sync().await;
    supporter.sync().await;
    let mut texts = received(supporter).await;
    texts.sort();
    assert_eq!(texts, ["as it reads now", "what they have stays"]);
    let who = owner.vault.who_sees(None).await.unwrap();
    let named: Vec<_> = who.iter().filter(|one| one.unreadable).collect();
    assert_eq!(named.len(), 1);
    assert_eq!((named[0].entry, named[0].differs), (lost, None));
}
