//! Writing, reading, editing.

use crate::support::{Home, entry, home, unlock};
use daymark_client::vault::VaultError;
use daymark_core::journal::{DeviceName, Edit, JournalError, Query, Step, Tag, Text};
use daymark_wire::{DeviceId, DocumentId};

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let Home { folder, vault } = home().await;
    let id = vault.write(&entry(1), None).await.unwrap();
    assert_eq!(vault.read(id).await.unwrap().entry, entry(1));
    assert_eq!(vault.unsent().await.unwrap(), 1);
    let (account, device) = (vault.account(), vault.device());
    vault.close().await;

    let vault = unlock(folder.path()).await;
    assert_eq!((vault.account(), vault.device()), (account, device));
    assert_eq!(vault.read(id).await.unwrap().entry, entry(1));
    assert_eq!(vault.unsent().await.unwrap(), 1);
}

#[tokio::test]
async fn an_edit_is_seen_by_reading_and_by_lists() {
    let Home {
        vault,
        folder: _kept,
    } = home().await;
    let id = vault.write(&entry(1), None).await.unwrap();
    assert_eq!(vault.list(&Query::new(), 10).await.unwrap().len(), 1);
    let edit: Edit = [
        Step::Text(Text::parse("Another text.").unwrap().into()),
        Step::AddTag(Tag::parse("edited").unwrap()),
    ]
    .into_iter()
    .collect();
    assert!(vault.edit(id, &edit).await.unwrap());
    assert!(!vault.edit(id, &edit).await.unwrap());
    assert_eq!(vault.unsent().await.unwrap(), 2);

    let mut expected = entry(1);
    edit.apply_to(&mut expected);
    assert_eq!(vault.read(id).await.unwrap().entry, expected);
    let listed = vault.list(&Query::new(), 10).await.unwrap();
    assert_eq!(listed[0].entry, expected);
    let found = vault.search(&Query::new().words("another EDITED")).await;
    assert_eq!(found.unwrap().len(), 1);
}

#[tokio::test]
async fn an_entry_that_is_not_there_is_neither_read_nor_edited() {
    let Home {
        vault,
        folder: _kept,
    } = home().await;
    let nowhere = DocumentId::from_bytes([7; 16]);
    assert!(matches!(
        vault.read(nowhere).await,
        Err(VaultError::NotFound)
    ));
    let edit = Edit::from(Step::Draft(true));
    assert!(matches!(
        vault.edit(nowhere, &edit).await,
        Err(VaultError::NotFound)
    ));
}

#[tokio::test]
async fn a_given_id_is_written_once() {
    let Home {
        vault,
        folder: _kept,
    } = home().await;
    let id = DocumentId::from_bytes([7; 16]);
    assert_eq!(vault.write(&entry(1), Some(id)).await.unwrap(), id);
    let again = vault.write(&entry(2), Some(id)).await;
    assert!(matches!(again, Err(VaultError::AlreadyThere(there)) if there == id));
    assert_eq!(vault.read(id).await.unwrap().entry, entry(1));
    assert_eq!(vault.unsent().await.unwrap(), 1);
}

#[tokio::test]
async fn what_no_entry_holds_is_refused_and_nothing_is_written() {
    let Home {
        vault,
        folder: _kept,
    } = home().await;
    let mut too_many = entry(1);
    too_many.tags = (0..101)
        .map(|n| Tag::parse(&format!("t{n}")).unwrap())
        .collect();
    let refused = vault.write(&too_many, None).await;
    let too_many = JournalError::TooMany {
        what: "tags",
        count: 101,
        limit: 100,
    };
    assert!(matches!(refused, Err(VaultError::Journal(error)) if error == too_many));
    assert_eq!(vault.count().await.unwrap(), 0);
    assert_eq!(vault.unsent().await.unwrap(), 0);
}

#[tokio::test]
async fn devices_have_names_which_are_in_no_list() {
    let Home { folder, vault } = home().await;
    let name = |text: &str| DeviceName::parse(text).unwrap();
    let other = DeviceId::from_bytes([9; 16]);
    assert!(
        vault
            .set_device_name(vault.device(), &name("phone"))
            .await
            .unwrap()
    );
    assert!(vault.set_device_name(other, &name("laptop")).await.unwrap());
    assert!(!vault.set_device_name(other, &name("laptop")).await.unwrap());
    assert_eq!(vault.count().await.unwrap(), 0);
    assert!(vault.views().await.unwrap().is_empty());
    assert_eq!(vault.unsent().await.unwrap(), 2);
    vault.close().await;

    let vault = unlock(folder.path()).await;
    let names = vault.device_names().await.unwrap();
    assert_eq!(
        names.get(&vault.device()).map(DeviceName::as_str),
        Some("phone")
    );
    assert_eq!(names.get(&other).map(DeviceName::as_str), Some("laptop"));
}
