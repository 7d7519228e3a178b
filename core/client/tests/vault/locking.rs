//! Passphrases, locks, and who may see the files.

use crate::support::{Home, PASSPHRASE, contents, create, entry, home, unlock};
use daymark_client::vault::{Vault, VaultError};
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
