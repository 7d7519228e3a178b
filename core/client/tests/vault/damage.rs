//! Vaults from a newer version, damaged vaults, files that are none.

use crate::support::{Home, PASSPHRASE, entry, home};
use daymark_client::vault::{Vault, VaultError, Views};
use daymark_core::{
    journal::{Edit, Query, Step},
    keys::VaultKey,
};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use std::{fs, path::Path};
use tempfile::TempDir;

/// Changes the tables behind the vault's back.
async fn tamper(folder: &Path, statement: &'static str) {
    let options = SqliteConnectOptions::new().filename(folder.join("vault.sqlite"));
    let mut connection = options.connect().await.unwrap();
    sqlx::query(statement)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

async fn home_with(entries: usize) -> (TempDir, VaultKey) {
    let Home { folder, vault } = home().await;
    for number in 0..entries {
        vault.write(&entry(number), None).await.unwrap();
    }
    let key = vault.key();
    vault.close().await;
    (folder, key)
}

#[tokio::test]
async fn a_vault_of_a_newer_version_is_left_alone() {
    for statement in [
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (99, 'later', 1, x'00', 0)",
        "UPDATE meta SET value = x'02' WHERE name = 'format'",
    ] {
        let (folder, _) = home_with(1).await;
        tamper(folder.path(), statement).await;
        let before = fs::read(folder.path().join("vault.sqlite")).unwrap();
        let refused = Vault::open(folder.path()).await;
        assert!(matches!(refused, Err(VaultError::Newer)));
        assert_eq!(
            fs::read(folder.path().join("vault.sqlite")).unwrap(),
            before
        );
    }
}

#[tokio::test]
async fn a_file_that_is_no_vault_is_called_damaged() {
    let whole = home_with(1).await.0;
    let whole = fs::read(whole.path().join("vault.sqlite")).unwrap();
    let garbage: Vec<u8> = (0_u32..40_000)
        .map(|n| n.wrapping_mul(2_654_435_761) as u8)
        .collect();
    for content in [
        &b""[..],
        b"not a vault",
        &garbage,
        &whole[..100],
        &whole[..8192],
    ] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("vault.sqlite"), content).unwrap();
        let refused = Vault::open(folder.path()).await;
        assert!(
            matches!(refused, Err(VaultError::Damaged { .. })),
            "{refused:?}"
        );
    }
    let folder = TempDir::new().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("vault.sqlite"));
    let mut other = options.create_if_missing(true).connect().await.unwrap();
    sqlx::query("CREATE TABLE notes (text TEXT)")
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    let refused = Vault::open(folder.path()).await;
    assert!(
        matches!(refused, Err(VaultError::Damaged { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn rows_that_changed_places_do_not_open() {
    let swap =
        "UPDATE documents SET sealed = (SELECT sealed FROM documents ORDER BY rowid LIMIT 1)";
    let (folder, key) = home_with(3).await;
    tamper(folder.path(), swap).await;
    let vault = Vault::open(folder.path()).await.unwrap();
    let vault = vault.unlock_with_key(key).await.unwrap();
    let views = vault.views().await.unwrap();
    for (view, is_first) in views.iter().rev().zip([true, false, false]) {
        let edited = vault.edit(view.id, &Edit::from(Step::Draft(true))).await;
        assert_eq!(edited.is_ok(), is_first);
        assert!(is_first || matches!(edited, Err(VaultError::Damaged { .. })));
    }
}

#[tokio::test]
async fn a_document_that_does_not_load_is_named() {
    let (folder, key) = home_with(1).await;
    let vault = Vault::open(folder.path()).await.unwrap();
    let vault = vault.unlock_with_key(key).await.unwrap();
    let id = vault.views().await.unwrap().nth(1).unwrap().id;
    assert_eq!(VaultError::DocumentDamaged(id).code(), "document-damaged");
    tamper(
        folder.path(),
        "UPDATE meta SET value = x'00' WHERE name = 'key'",
    )
    .await;
    assert!(matches!(
        vault.views().await,
        Err(VaultError::Damaged { .. })
    ));
}

/// Whatever byte of the file is another one: no panic, and nothing is shown that was not written.
#[tokio::test]
async fn a_changed_byte_anywhere_shows_no_other_text() {
    let (folder, key) = home_with(40).await;
    let whole = fs::read(folder.path().join("vault.sqlite")).unwrap();
    let places = (0..whole.len()).step_by(whole.len() / 150);
    for place in (0..100).step_by(7).chain(places) {
        let mut changed = whole.clone();
        changed[place] ^= 0x41;
        fs::write(folder.path().join("vault.sqlite"), changed).unwrap();
        match look(folder.path(), key.clone()).await {
            Ok(entries) => assert_eq!(entries, 40, "{place}"),
            Err(error) => assert_ne!(error.code(), "closed", "{place}: {error:?}"),
        }
        for beside in ["vault.sqlite-wal", "vault.sqlite-shm"] {
            fs::remove_file(folder.path().join(beside)).ok();
        }
    }
}

/// How many entries are shown, or named as damaged.
async fn look(folder: &Path, key: VaultKey) -> Result<usize, VaultError> {
    let vault = Vault::open(folder).await?.unlock_with_key(key).await?;
    let views = vault.views().await;
    if let Ok(views) = &views {
        let mut written = (0..40).rev().map(entry);
        for view in views.iter() {
            assert!(written.any(|written| written == view.entry));
        }
    }
    vault.close().await;
    views.map(|views| views.len() + views.unreadable().len())
}

#[tokio::test]
async fn every_error_has_a_code_and_a_hint() {
    let missing = TempDir::new().unwrap();
    let error = Vault::open(missing.path()).await.unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("no-vault", "there is no vault here")
    );
    assert!(error.hint().ends_with('.'));
    let (folder, _) = home_with(0).await;
    let error = Vault::open(folder.path())
        .await
        .unwrap()
        .unlock("wrong")
        .await
        .unwrap_err();
    assert_eq!(error.code(), "wrong-passphrase");
    assert!(!error.to_string().contains("wrong") && !format!("{error:?}").contains(PASSPHRASE));
}

/// Wherever half a page is overwritten: what was written is all there, or the vault is called damaged. It never
/// reads as a shorter journal.
#[tokio::test]
async fn no_damaged_page_makes_a_journal_shorter_without_a_word() {
    const ENTRIES: usize = 6;
    let (home, key) = home_with(ENTRIES).await;
    let whole = fs::read(home.path().join("vault.sqlite")).unwrap();
    let page = usize::from(u16::from_be_bytes([whole[16], whole[17]]));
    for (number, seed) in
        (0..whole.len() / page).flat_map(|number| (0..8).map(move |seed| (number, seed)))
    {
        let mut damaged = whole.clone();
        let noise =
            (0_u32..).map(|n| ((n + 10_000 * seed).wrapping_mul(2_654_435_761) >> 16) as u8);
        let half = &mut damaged[number * page + page / 2..(number + 1) * page];
        half.iter_mut()
            .zip(noise)
            .for_each(|(byte, new)| *byte = new);
        fs::write(home.path().join("vault.sqlite"), damaged).unwrap();
        let read = read_all(home.path(), &key).await;
        assert!(
            read.is_none_or(|read| read == ENTRIES),
            "page {number}, {seed}: {read:?}"
        );
    }
}

/// How many entries a vault shows; none where it says that something is wrong.
async fn read_all(folder: &Path, key: &VaultKey) -> Option<usize> {
    let locked = Vault::open(folder).await.ok()?;
    let vault = locked.unlock_with_key(key.clone()).await.ok()?;
    let found = vault.look_for(&Query::new(), usize::MAX).await;
    let shown = vault.views().await;
    vault.close().await;
    let found = found.ok().filter(|found| found.unreadable.is_empty());
    let shown = shown.ok().filter(|views| views.unreadable().is_empty());
    assert_eq!(
        found.map(|found| found.all),
        shown.as_ref().map(Views::len),
        "a search and a list"
    );
    shown.map(|views| views.len())
}
