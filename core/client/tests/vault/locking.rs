//! Passphrases, locks, and who may see the files.

use crate::support::{Home, PASSPHRASE, contents, create, entry, home, unlock};
use daymark_client::vault::{Vault, VaultError};
use daymark_core::journal::{DeviceName, Edit, Step};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use std::{collections::BTreeMap, fs, path::Path};
use tempfile::TempDir;

#[tokio::test]
async fn e4_a_locked_vault_does_nothing_and_a_wrong_passphrase_changes_nothing() {
    let Home { folder, vault } = home().await;
    vault.write(&entry(1), None).await.unwrap();
    let key = vault.key();
    vault.close().await;
    let before = database(folder.path());

    let locked = Vault::open(folder.path()).await.unwrap();
    for wrong in ["", "a quiet harbor", "A quiet harbour", "a quiet harbour "] {
        let refused = locked.unlock(wrong).await;
        assert!(matches!(refused, Err(VaultError::WrongPassphrase)));
    }
    let other = home().await.vault.key();
    let refused = locked.unlock_with_key(other).await;
    assert!(matches!(refused, Err(VaultError::WrongPassphrase)));
    assert!(!format!("{locked:?}").contains("key"));
    drop(locked);
    assert_eq!(database(folder.path()), before);

    let locked = Vault::open(folder.path()).await.unwrap();
    let vault = locked.unlock(PASSPHRASE).await.unwrap();
    assert_eq!(vault.count().await.unwrap(), 1);
    let vault = locked.unlock_with_key(key).await.unwrap();
    assert_eq!(vault.count().await.unwrap(), 1);
}

#[tokio::test]
async fn where_there_is_no_vault_none_is_made_by_opening() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing");
    for path in [folder.path(), &missing] {
        assert!(matches!(Vault::open(path).await, Err(VaultError::NoVault)));
    }
    assert!(!missing.exists());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_vault_is_never_made_over_another() {
    let Home { folder, vault } = home().await;
    let id = vault.write(&entry(1), None).await.unwrap();
    let (contents, random) = contents();
    let refused = Vault::create(folder.path(), "another", contents, random).await;
    assert!(matches!(refused, Err(VaultError::Exists)));
    assert_eq!(
        unlock(folder.path()).await.read(id).await.unwrap().entry,
        entry(1)
    );
}

/// What a crash leaves of a vault that was being made is no vault, and is not in the way.
#[tokio::test]
async fn l2_a_half_made_vault_is_none() {
    let folder = TempDir::new().unwrap();
    for left in [
        "vault.sqlite.new",
        "vault.sqlite.new-wal",
        "vault.sqlite.new-journal",
        "sync.lock",
    ] {
        fs::write(folder.path().join(left), "half").unwrap();
    }
    assert!(matches!(
        Vault::open(folder.path()).await,
        Err(VaultError::NoVault)
    ));
    let vault = create(folder.path()).await;
    assert_eq!(vault.count().await.unwrap(), 0);
    assert!(!folder.path().join("vault.sqlite.new").exists());
    assert!(!folder.path().join("vault.sqlite.new-wal").exists());
}

#[tokio::test]
async fn one_syncs_at_a_time_and_writing_goes_on() {
    let Home { folder, vault: one } = home().await;
    let two = unlock(folder.path()).await;
    let lock = one.lock_sync().unwrap();
    assert!(matches!(two.lock_sync(), Err(VaultError::Busy)));
    assert!(matches!(one.lock_sync(), Err(VaultError::Busy)));
    two.write(&entry(1), None).await.unwrap();
    drop(lock);
    assert!(two.lock_sync().is_ok());
}

#[tokio::test]
async fn after_closing_nothing_is_done_any_more() {
    let Home {
        folder: _kept,
        vault,
    } = home().await;
    vault.clone().close().await;
    assert!(matches!(
        vault.write(&entry(1), None).await,
        Err(VaultError::Closed)
    ));
    assert!(matches!(vault.views().await, Err(VaultError::Closed)));
}

#[cfg(unix)]
#[tokio::test]
async fn i1_folder_and_files_are_the_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let above = TempDir::new().unwrap();
    let folder = above.path().join("new").join("vault");
    let vault = create(&folder).await;
    vault.write(&entry(1), None).await.unwrap();
    vault.views().await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files.len(), 4, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{file:?}");
    }
}

fn database(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    files
        .map(|file| {
            (
                file.file_name().into_string().unwrap(),
                fs::read(file.path()).unwrap(),
            )
        })
        .filter(|(name, _)| name == "vault.sqlite")
        .collect()
}

#[tokio::test]
async fn c5_after_a_change_of_the_passphrase_the_old_one_and_the_old_key_open_nothing() {
    let Home { folder, vault } = home().await;
    let id = vault.write(&entry(1), None).await.unwrap();
    let name = DeviceName::parse("phone").unwrap();
    vault.set_device_name(vault.device(), &name).await.unwrap();
    let other = unlock(folder.path()).await;
    let old_key = vault.key();
    let sealed = sealed_columns(folder.path()).await;
    assert!(sealed.len() > 10);

    let refused = vault.change_passphrase("not it", "a new harbour").await;
    assert!(matches!(refused, Err(VaultError::WrongPassphrase)));
    vault
        .change_passphrase(PASSPHRASE, "a new harbour")
        .await
        .unwrap();
    assert_eq!(vault.read(id).await.unwrap().entry, entry(1));
    vault.write(&entry(2), None).await.unwrap();
    for refused in [
        other.read(id).await.err(),
        other.write(&entry(3), None).await.err(),
    ] {
        assert!(matches!(refused, Some(VaultError::Locked)), "{refused:?}");
    }
    other.close().await;
    vault.close().await;

    let files = fs::read(folder.path().join("vault.sqlite")).unwrap();
    for old in sealed {
        assert!(!files.windows(old.len()).any(|window| window == old));
    }
    let locked = Vault::open(folder.path()).await.unwrap();
    for refused in [
        locked.unlock(PASSPHRASE).await,
        locked.unlock_with_key(old_key).await,
    ] {
        assert!(matches!(refused, Err(VaultError::WrongPassphrase)));
    }
    let vault = locked.unlock("a new harbour").await.unwrap();
    assert_eq!(vault.views().await.unwrap().len(), 2);
    assert_eq!(vault.read(id).await.unwrap().entry, entry(1));
    assert!(
        vault
            .edit(id, &Edit::from(Step::Draft(true)))
            .await
            .unwrap()
    );
    assert_eq!(vault.device_names().await.unwrap().len(), 1);
    assert_eq!(vault.unsent().await.unwrap(), 4);
    vault.renew_key("a new harbour").await.unwrap();
    assert_eq!(vault.views().await.unwrap().len(), 2);
}

/// What every sealed column holds, and the wrapped key.
async fn sealed_columns(folder: &Path) -> Vec<Vec<u8>> {
    let options = SqliteConnectOptions::new().filename(folder.join("vault.sqlite"));
    let mut connection = options.connect().await.unwrap();
    let all = "SELECT sealed FROM secrets UNION ALL SELECT sealed FROM links \
         UNION ALL SELECT sealed FROM epochs UNION ALL SELECT sealed FROM outbox \
         UNION ALL SELECT sealed FROM packs UNION ALL SELECT sealed FROM documents \
         UNION ALL SELECT value FROM meta WHERE name = 'wrap'";
    let mut sealed: Vec<Vec<u8>> = sqlx::query_scalar(all)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    // Enough of each to be its own, and short enough to lie in one page.
    for content in &mut sealed {
        content.truncate(64);
    }
    sealed
}
