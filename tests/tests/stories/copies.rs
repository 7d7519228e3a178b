//! Vaults that exist twice: restored from a backup, or copied to another machine. Both are used.

use crate::support::{
    all_sync, assert_same_views, assert_signed_once, names, set, signed_twice, texts,
};
use daymark_tests::world::{Device, Fault, Files, World};
use std::collections::BTreeSet;

/// Copies a vault's folder while it is closed; gives the vault back with its copy.
pub(crate) async fn copied(world: &World, device: Device, name: &str) -> (Device, Device) {
    let (folder, key) = (device.vault.folder().to_owned(), device.vault.key());
    let own_name = device.name.clone();
    device.vault.close().await;
    let place = world.vault_folder(name);
    Files::of(&folder).put(&place);
    let original = Device::open_with_key(&folder, &own_name, key.clone()).await;
    (original, Device::open_with_key(&place, name, key).await)
}

/// Syncs every device in turns until all are in step; gives the names of what was found wrong.
async fn settle(devices: &[&Device]) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    for _ in 0..3 {
        for device in devices {
            found.extend(names(&device.sync().await));
        }
    }
    assert_same_views(devices).await;
    found
}

#[tokio::test]
async fn k3_a_vault_restored_from_a_backup_goes_on_and_nothing_is_lost() {
    let (world, [phone, laptop]) = World::of_two().await;
    let id = phone.write("before the backup").await;
    all_sync(&[&phone, &laptop]).await;
    let (phone, backup) = copied(&world, phone, "backup").await;
    phone.edit(id, "before the backup, and after it").await;
    phone.write("after the backup").await;
    phone.sync().await;
    phone.vault.close().await;

    // The phone is gone. What it sent after the backup comes back from the relay.
    backup.edit(id, "Restored: before the backup").await;
    backup.write("on the restored phone").await;
    let found = settle(&[&backup, &laptop]).await;
    assert_eq!(found, ["vault-exists-twice"].into());
    let expected = [
        "Restored: before the backup, and after it",
        "after the backup",
        "on the restored phone",
    ];
    assert_eq!(texts(&laptop).await, set(expected));
    assert_signed_once(world.line());
}

#[tokio::test]
async fn k3_two_copies_of_a_vault_that_both_go_on_converge() {
    let (world, [phone, laptop]) = World::of_two().await;
    let id = phone.write("one entry").await;
    all_sync(&[&phone, &laptop]).await;
    let (phone, twin) = copied(&world, phone, "twin").await;
    let mut found = BTreeSet::new();
    for round in 0..4 {
        phone
            .edit(id, &format!("{} p{round}", phone.text(id).await))
            .await;
        twin.edit(id, &format!("t{round} {}", twin.text(id).await))
            .await;
        twin.write(&format!("twin {round}")).await;
        found.extend(names(&phone.sync().await));
        found.extend(names(&twin.sync().await));
    }
    found.extend(settle(&[&phone, &twin, &laptop]).await);
    assert!(found.contains("vault-exists-twice"), "{found:?}");
    let text = laptop.text(id).await;
    for round in 0..4 {
        assert!(text.contains(&format!("p{round}")), "{text}");
        assert!(text.contains(&format!("t{round}")), "{text}");
    }
    assert_eq!(texts(&laptop).await.len(), 5);
    assert_signed_once(world.line());
}

#[tokio::test]
async fn k3_a_copy_made_while_things_waited_sends_them_once() {
    let (world, [phone, laptop]) = World::of_two().await;
    phone.write("waits in both").await;
    let (phone, twin) = copied(&world, phone, "twin").await;
    phone.write("only on the phone").await;
    twin.write("only on the twin").await;
    settle(&[&phone, &twin, &laptop]).await;
    let expected = ["waits in both", "only on the phone", "only on the twin"];
    assert_eq!(texts(&laptop).await, set(expected));
    assert_signed_once(world.line());
}

#[tokio::test]
async fn k3_a_copy_made_while_a_push_was_unanswered_converges() {
    for arrived in [false, true] {
        let (world, [phone, laptop]) = World::of_two().await;
        phone.write("signed, and perhaps sent").await;
        phone.sync().await;
        phone.write("signed before the copy").await;
        world.line().set(if arrived {
            Fault::LoseAnswer(2)
        } else {
            Fault::LoseQuestion(2)
        });
        phone.vault.sync(&|_| ()).await.unwrap_err();
        let (phone, twin) = copied(&world, phone, "twin").await;
        phone.write("after, on the phone").await;
        twin.write("after, on the twin").await;
        settle(&[&twin, &phone, &laptop]).await;
        let expected = [
            "signed, and perhaps sent",
            "signed before the copy",
            "after, on the phone",
            "after, on the twin",
        ];
        assert_eq!(texts(&laptop).await, set(expected), "arrived: {arrived}");
    }
}

#[tokio::test]
async fn k7_two_copies_that_write_offline_at_one_place_are_told_and_lose_nothing() {
    let (world, [phone, laptop]) = World::of_two().await;
    phone.write("shared past").await;
    all_sync(&[&phone, &laptop]).await;
    let (phone, twin) = copied(&world, phone, "twin").await;
    // Each signs its next record for the same place: one of them is cut off before it hears.
    phone.write("the phone's next").await;
    world.line().set(Fault::LoseQuestion(2));
    phone.vault.sync(&|_| ()).await.unwrap_err();
    twin.write("the twin's next").await;
    twin.sync().await;
    let found = names(&phone.sync().await);
    assert!(found.contains("vault-exists-twice"), "{found:?}");
    // Which no device does, but two copies of one: so the check that other stories end with can fail.
    assert_eq!(signed_twice(world.line()).len(), 1);
    settle(&[&phone, &twin, &laptop]).await;
    let expected = ["shared past", "the phone's next", "the twin's next"];
    assert_eq!(texts(&laptop).await, set(expected));
}

#[tokio::test]
async fn e1_an_empty_copy_gets_its_own_records_back_and_shows_each_entry_once() {
    let (world, [phone, laptop]) = World::of_two().await;
    let (phone, old) = copied(&world, phone, "old").await;
    for number in 0..20 {
        let id = phone.write(&format!("entry {number}")).await;
        phone.edit(id, &format!("entry {number}, edited")).await;
        phone.sync().await;
    }
    phone.vault.close().await;
    let report = old.sync().await;
    assert!(report.received >= 20, "{report:?}");
    settle(&[&old, &laptop]).await;
    assert_eq!(texts(&old).await.len(), 20);
    assert!(
        texts(&old)
            .await
            .iter()
            .all(|text| text.ends_with(", edited"))
    );
}
