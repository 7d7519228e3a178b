//! Apps run things on several threads: each future of the API can be handed to another one.

use crate::support::{PASSPHRASE, entry, home};
use daymark_client::{
    NewAccount, begin,
    pairing::join,
    vault::{EntryName, LockedVault, NewEntry, Vault},
};
use daymark_core::journal::{DeviceName, Edit, Query, Step, Tag};
use std::path::Path;

/// Does not compile for what cannot be sent to another thread. The futures are dropped before they do anything.
fn is_send<T: Send>(_: T) {}

#[tokio::test]
async fn a_vault_is_opened_and_used_by_a_task_of_its_own() {
    let home = home().await;
    let folder = home.folder.path().to_owned();
    home.vault.close().await;
    let opened = tokio::spawn(async move {
        let vault = Vault::open(&folder).await?.unlock(PASSPHRASE).await?;
        vault.write(&entry(1), None).await?;
        vault.count().await
    });
    assert_eq!(opened.await.unwrap().unwrap(), 1);
}

#[tokio::test]
async fn every_future_of_a_vault_can_be_sent() {
    let home = home().await;
    let (folder, vault) = (home.folder.path(), &home.vault);
    let locked = Vault::open(folder).await.unwrap();
    opening(folder, &locked, vault);
    journal(vault);
    keeping(vault);
    syncing(folder, vault);
}

fn opening(folder: &Path, locked: &LockedVault, vault: &Vault) {
    let account = NewAccount {
        device_name: "phone".parse().unwrap(),
        relay: None,
    };
    is_send(begin(folder, PASSPHRASE, account));
    is_send(Vault::open(folder));
    is_send(locked.unlock(PASSPHRASE));
    is_send(locked.unlock_with_key(vault.key()));
    is_send(vault.clone().close());
}

fn journal(vault: &Vault) {
    let edit = Edit::from(Step::AddTag(Tag::parse("quiet").unwrap()));
    let id = daymark_wire::DocumentId::from_bytes([1; 16]);
    let entry = entry(1);
    let many = std::iter::empty::<NewEntry>();
    let query = Query::new();
    let name: EntryName = "@1".parse().unwrap();
    is_send(vault.write(&entry, None));
    is_send(vault.write_many(many, |_| ()));
    is_send(vault.edit(id, &edit));
    is_send(vault.read(id));
    is_send(vault.find(&name));
    is_send(vault.views());
    is_send(vault.list(&query, 1));
    is_send(vault.search(&query));
    is_send(vault.count());
    is_send(vault.import_ids());
}

fn keeping(vault: &Vault) {
    let name = DeviceName::parse("phone").unwrap();
    is_send(vault.changed_elsewhere());
    is_send(vault.change_passphrase(PASSPHRASE, PASSPHRASE));
    is_send(vault.renew_key(PASSPHRASE));
    is_send(vault.clean());
    is_send(vault.device_names());
    is_send(vault.set_device_name(vault.device(), &name));
}

fn syncing(folder: &Path, vault: &Vault) {
    is_send(vault.relay());
    is_send(vault.status());
    is_send(vault.unsent());
    is_send(vault.sync(&|_| ()));
    is_send(vault.watch(std::future::pending(), |_| (), &|_| ()));
    is_send(vault.pair(|_| (), async |_| true));
    is_send(join(folder, PASSPHRASE, "", "phone", |_| ()));
}
