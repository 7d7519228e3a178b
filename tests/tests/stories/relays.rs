//! Relays that lost something: emptied, put back to an older state, another one. Devices offer again what
//! they have; no phrase is needed.

use crate::support::{all_sync, assert_in_step, assert_same_views, names, set, texts};
use daymark_tests::world::World;
use std::collections::BTreeSet;

#[tokio::test]
async fn l1_an_emptied_relay_gets_everything_again_from_the_devices() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    let id = phone.write("from the phone").await;
    laptop.write("from the laptop").await;
    all_sync(&[&phone, &laptop]).await;
    phone.edit(id, "from the phone, waiting").await;
    world.relay.empty().await;
    laptop.edit(id, "waiting too, from the phone").await;

    all_sync(&[&laptop, &phone]).await;
    assert_in_step(&[&phone, &laptop]).await;
    assert_eq!(phone.text(id).await, "waiting too, from the phone, waiting");
    // Everything is at the relay again: a new device gets it.
    let tablet = world.pair(&laptop, "tablet").await;
    assert_eq!(tablet.views().await, phone.views().await);
}

#[tokio::test]
async fn l1_one_device_alone_brings_back_what_all_others_wrote() {
    let (mut world, [phone, laptop, tablet]) = World::of_three().await;
    for (device, text) in [(&phone, "one"), (&laptop, "two"), (&tablet, "three")] {
        device.write(text).await;
    }
    all_sync(&[&phone, &laptop, &tablet]).await;
    phone.vault.close().await;
    laptop.vault.close().await;
    world.relay.empty().await;
    tablet.sync().await;
    let new = world.pair(&tablet, "new").await;
    tablet.sync().await;
    assert_eq!(texts(&new).await, set(["one", "two", "three"]));
    assert_in_step(&[&tablet, &new]).await;
}

#[tokio::test]
async fn l1_a_journal_moves_to_another_relay_one_device_after_the_other() {
    let (world, [phone, laptop]) = World::of_two().await;
    let other = world.other_relay().await;
    phone.write("at the first relay").await;
    all_sync(&[&phone, &laptop]).await;
    laptop.write("never at the first relay").await;

    phone
        .vault
        .set_relay(&other.relay_address(), None)
        .await
        .unwrap();
    phone.write("at the other relay").await;
    phone.sync().await;
    laptop
        .vault
        .set_relay(&other.relay_address(), None)
        .await
        .unwrap();
    all_sync(&[&laptop, &phone]).await;
    assert_in_step(&[&phone, &laptop]).await;
    let expected = [
        "at the first relay",
        "never at the first relay",
        "at the other relay",
    ];
    assert_eq!(texts(&phone).await, set(expected));
}

#[tokio::test]
async fn l1_devices_at_two_relays_meet_through_one_that_visits_both() {
    let (world, [phone, laptop, tablet]) = World::of_three().await;
    let other = world.other_relay().await;
    laptop
        .vault
        .set_relay(&other.relay_address(), None)
        .await
        .unwrap();
    phone.write("here").await;
    laptop.write("there").await;
    phone.sync().await;
    laptop.sync().await;
    for relay in [
        world.relay_address(),
        other.relay_address(),
        world.relay_address(),
    ] {
        tablet.vault.set_relay(&relay, None).await.unwrap();
        tablet.sync().await;
    }
    phone.sync().await;
    laptop.sync().await;
    for device in [&phone, &laptop, &tablet] {
        assert_eq!(
            texts(device).await,
            set(["here", "there"]),
            "{}",
            device.name
        );
    }
}

#[tokio::test]
async fn k8_a_relay_put_back_to_yesterday_is_named_and_heals() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    phone.write("before the backup").await;
    all_sync(&[&phone, &laptop]).await;
    let yesterday = world.relay.back_up().await;
    phone.write("after the backup").await;
    laptop.write("after it too").await;
    all_sync(&[&phone, &laptop]).await;

    world.relay.put_back(&yesterday).await;
    let found = names(&phone.sync().await);
    assert_eq!(found, ["rolled-back"].into());
    laptop.write("and on it goes").await;
    all_sync(&[&laptop, &phone]).await;
    assert_in_step(&[&phone, &laptop]).await;
    let new = world.pair(&phone, "new").await;
    assert_eq!(new.views().await, laptop.views().await);
    assert_eq!(texts(&new).await.len(), 4);
}

#[tokio::test]
async fn l1_a_relay_that_says_it_was_restored_is_healed_without_a_fault() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    let yesterday = world.relay.back_up().await;
    phone.write("after the backup").await;
    all_sync(&[&phone, &laptop]).await;
    world.relay.restore(&yesterday).await;
    phone.vault.close().await;
    // The phone wrote it; the laptop brings it back.
    assert_eq!(names(&laptop.sync().await), BTreeSet::new());
    let new = world.pair(&laptop, "new").await;
    assert_eq!(texts(&new).await, set(["after the backup"]));
}

#[tokio::test]
async fn l1_a_relay_from_before_a_device_was_let_in_learns_of_it_again() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    let yesterday = world.relay.back_up().await;
    let tablet = world.pair(&phone, "tablet").await;
    tablet.write("on the tablet").await;
    all_sync(&[&tablet, &phone, &laptop]).await;
    world.relay.restore(&yesterday).await;
    tablet.write("since then").await;
    laptop.sync().await;
    all_sync(&[&tablet, &phone, &laptop]).await;
    assert_same_views(&[&tablet, &phone, &laptop]).await;
    assert_eq!(texts(&laptop).await, set(["on the tablet", "since then"]));
}

/// The relay is older than the link that let the device in; the device brings that link itself.
#[tokio::test]
async fn l1_the_only_device_left_is_one_that_a_restored_relay_does_not_know() {
    let mut world = World::new().await;
    let desk = world.first_device("desk").await;
    desk.write("in the backup").await;
    desk.sync().await;
    let yesterday = world.relay.back_up().await;
    let pocket = world.pair(&desk, "pocket").await;
    let id = pocket.write("on the pocket").await;
    all_sync(&[&pocket, &desk]).await;
    desk.write("after the backup").await;
    all_sync(&[&desk, &pocket]).await;
    desk.vault.close().await;
    pocket.edit(id, "on the pocket, since then").await;
    world.relay.restore(&yesterday).await;

    assert_eq!(names(&pocket.sync().await), BTreeSet::new());
    pocket.sync().await;
    assert_in_step(&[&pocket]).await;
    let new = world.pair(&pocket, "new").await;
    all_sync(&[&pocket, &new]).await;
    assert_in_step(&[&pocket, &new]).await;
    let expected = [
        "in the backup",
        "after the backup",
        "on the pocket, since then",
    ];
    assert_eq!(texts(&new).await, set(expected));
}

/// The same where the backup was copied back by hand, so that the relay does not say that its history is another.
#[tokio::test]
async fn l1_k8_a_device_that_a_relay_put_back_does_not_know_names_that_and_heals_it() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    let yesterday = world.relay.back_up().await;
    let tablet = world.pair(&phone, "tablet").await;
    tablet.write("at the relay once").await;
    all_sync(&[&tablet, &laptop]).await;
    phone.vault.close().await;
    world.relay.put_back(&yesterday).await;
    tablet.write("kept on the tablet").await;

    assert_eq!(names(&tablet.sync().await), ["rolled-back"].into());
    all_sync(&[&laptop, &tablet]).await;
    assert_in_step(&[&tablet, &laptop]).await;
    assert_eq!(
        texts(&laptop).await,
        set(["at the relay once", "kept on the tablet"])
    );
}

/// Letting a device in begins with the mailbox, for which the relay has to know who asks.
#[tokio::test]
async fn l1_a_device_that_a_restored_relay_does_not_know_lets_another_in_at_once() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    let yesterday = world.relay.back_up().await;
    let tablet = world.pair(&phone, "tablet").await;
    phone.vault.close().await;
    laptop.vault.close().await;
    world.relay.restore(&yesterday).await;
    tablet.write("before any sync").await;
    let new = world.pair(&tablet, "new").await;
    all_sync(&[&tablet, &new]).await;
    assert_in_step(&[&tablet, &new]).await;
    assert_eq!(texts(&new).await, set(["before any sync"]));
}

#[tokio::test]
async fn k8_what_waits_is_not_lost_when_the_relay_loses_what_it_had_acknowledged() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    let mut expected = BTreeSet::new();
    for round in 0..4 {
        let before = world.relay.back_up().await;
        for device in [&phone, &laptop] {
            let text = format!("{} in round {round}", device.name);
            device.write(&text).await;
            expected.insert(text);
        }
        all_sync(&[&phone, &laptop]).await;
        world.relay.put_back(&before).await;
        let text = format!("phone after round {round}");
        phone.write(&text).await;
        expected.insert(text);
    }
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    assert_eq!(texts(&laptop).await, expected);
}
