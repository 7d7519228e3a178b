//! Several devices, of both sides, at once.

use crate::support::couple::{
    Couple, agree, preview, received, share, share_as, standing, supporter as listed,
};
use daymark_client::sharing::{HowToShare, Standing};
use daymark_tests::world::{Device, World};
use daymark_wire::logs::Role;
use tokio::task::JoinSet;

/// All sync at the same moment: any may come first.
async fn sync_at_once(devices: &[&Device]) {
    let mut syncs = JoinSet::new();
    for device in devices {
        let vault = device.vault.clone();
        syncs.spawn(async move { vault.sync(&|_| ()).await.map(drop) });
    }
    while let Some(ended) = syncs.join_next().await {
        ended.unwrap().unwrap();
    }
}

#[tokio::test]
async fn what_one_device_shares_while_another_ends_the_bond_reaches_nobody_after_the_end() {
    for ends_first in [true, false] {
        let couple = Couple::agreed().await;
        let (phone, supporter) = (&couple.owner, &couple.supporter);
        let laptop = couple.world.pair(phone, "laptop").await;
        let entry = phone.write("too late, or not").await;
        share(phone, entry, &[couple.bond]).await;
        laptop.vault.end_bond(couple.bond).await.unwrap();
        let order = if ends_first {
            [&laptop, phone]
        } else {
            [phone, &laptop]
        };
        for device in order.into_iter().chain([supporter, phone, &laptop]) {
            let synced = device.sync().await;
            assert!(synced.faults.is_empty(), "{:?}", synced.faults);
        }
        let by = Role::Owner;
        for device in [phone, &laptop, supporter] {
            let ended = standing(device, couple.bond).await;
            assert_eq!(ended, Standing::Ended { by }, "{}", device.name);
            assert_eq!(device.vault.unsent().await.unwrap(), 0, "{}", device.name);
            assert!(device.vault.who_sees(None).await.unwrap().is_empty());
        }
        assert!(received(supporter).await.is_empty());
        assert_eq!(couple.bodies_at_relay().await, 0);
    }
}

#[tokio::test]
async fn what_is_shared_while_the_supporter_leaves_waits_nowhere() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("a word").await;
    share(owner, entry, &[couple.bond]).await;
    supporter.vault.leave_bond(couple.bond).await.unwrap();
    sync_at_once(&[owner, supporter]).await;
    for device in [owner, supporter] {
        device.sync().await;
        let by = Role::Supporter;
        let ended = standing(device, couple.bond).await;
        assert_eq!(ended, Standing::Ended { by }, "{}", device.name);
        assert_eq!(device.vault.unsent().await.unwrap(), 0, "{}", device.name);
    }
    assert!(received(supporter).await.is_empty());
    assert_eq!(couple.bodies_at_relay().await, 0);
}

#[tokio::test]
async fn three_devices_at_once_edit_edit_and_share() {
    let couple = Couple::agreed().await;
    let (phone, supporter) = (&couple.owner, &couple.supporter);
    let laptop = couple.world.pair(phone, "laptop").await;
    let tablet = couple.world.pair(&laptop, "tablet").await;
    let entry = phone.write("a day").await;
    phone.sync().await;
    laptop.sync().await;
    tablet.sync().await;
    phone.edit(entry, "a day, by the sea").await;
    laptop.edit(entry, "a long day").await;
    let shown = preview(&tablet, entry, &[couple.bond]).await;
    let how = HowToShare::default();
    let shares = tablet.vault.share(&shown, &how).await.unwrap();
    sync_at_once(&[phone, &laptop, &tablet]).await;
    supporter.sync().await;
    assert_eq!(
        received(supporter).await,
        ["a day"],
        "as the preview showed"
    );

    for device in [phone, &laptop, &tablet] {
        let synced = device.sync().await;
        assert!(synced.faults.is_empty(), "{:?}", synced.faults);
    }
    let merged = phone.text(entry).await;
    assert_eq!(tablet.text(entry).await, merged);
    // Two devices share it again at once: both give it the next number, and one of them stands.
    assert!(phone.vault.share_again(shares[0]).await.unwrap());
    assert!(laptop.vault.share_again(shares[0]).await.unwrap());
    sync_at_once(&[phone, &laptop]).await;
    for device in [phone, &laptop, &tablet, supporter] {
        let synced = device.sync().await;
        assert!(synced.faults.is_empty(), "{:?}", synced.faults);
    }
    assert_eq!(received(supporter).await, [merged]);
    for device in [phone, &laptop, &tablet] {
        device.sync().await;
        let who = device.vault.who_sees(Some(entry)).await.unwrap();
        assert_eq!(who.len(), 1);
        assert_eq!((who[0].waiting, who[0].differs), (false, Some(false)));
    }
    assert_eq!(
        couple.bodies_at_relay().await,
        1,
        "of two the other is gone"
    );
}

#[tokio::test]
async fn what_is_kept_up_to_date_follows_from_whichever_device() {
    let couple = Couple::agreed().await;
    let (phone, supporter) = (&couple.owner, &couple.supporter);
    let laptop = couple.world.pair(phone, "laptop").await;
    let entry = phone.write("first").await;
    let how = HowToShare {
        keep_updated: true,
        ..HowToShare::default()
    };
    share_as(phone, entry, &[couple.bond], &how).await;
    phone.sync().await;
    laptop.sync().await;
    for (device, text) in [(phone, "second"), (&laptop, "third"), (phone, "fourth")] {
        device.sync().await;
        device.edit(entry, text).await;
        let synced = device.sync().await;
        assert!(synced.faults.is_empty(), "{:?}", synced.faults);
        supporter.sync().await;
        assert_eq!(received(supporter).await, [text]);
    }
    laptop.sync().await;
    assert_eq!(couple.bodies_at_relay().await, 1);
    let again = phone.sync().await;
    assert_eq!((again.round_trips, again.sent), (1, 0), "it comes to rest");
}

#[tokio::test]
async fn two_people_support_one_another_in_two_bonds() {
    let couple = Couple::agreed_in(World::new().await).await;
    let (one, other) = (&couple.owner, &couple.supporter);
    let back = agree(other, one, "somebody whom I support").await;
    let entry = one.write("from one").await;
    share(one, entry, &[couple.bond]).await;
    let entry = other.write("from the other").await;
    share(other, entry, &[back]).await;
    one.sync().await;
    other.sync().await;
    one.sync().await;
    assert_eq!(received(other).await, ["from one"]);
    assert_eq!(received(one).await, ["from the other"]);
    one.vault.end_bond(couple.bond).await.unwrap();
    one.sync().await;
    other.sync().await;
    assert!(received(other).await.is_empty());
    assert_eq!(
        received(one).await,
        ["from the other"],
        "the other one stands"
    );
    for device in [one, other] {
        assert_eq!(listed(device, back).await.standing, Standing::Active);
        let synced = device.sync().await;
        assert_eq!(synced.round_trips, 1);
        assert!(synced.faults.is_empty(), "{:?}", synced.faults);
    }
}
