//! Devices that stay in touch: what one writes appears on the other by itself.

use crate::support::{
    all_sync, assert_in_step, assert_signed_once,
    programs::{Program, given, given_folder, program, say},
    set, texts,
};
use daymark_client::{
    connection::RelayError,
    system::{Clock, SystemClock},
};
use daymark_core::journal::{Edit, Step, Tag};
use daymark_relay::Registration;
use daymark_tests::world::{Device, Fault, TOO_LONG, Watching, World};
use std::collections::BTreeSet;

#[tokio::test]
async fn what_one_device_writes_appears_on_the_other_by_itself() {
    let (world, [phone, laptop]) = World::of_two().await;
    let mut on_phone = Watching::connected(&phone).await;
    let mut on_laptop = Watching::connected(&laptop).await;
    let posts = world.line().exchanges().len();

    let id = phone.write("a thought").await;
    on_laptop.until_shown("a thought").await;
    laptop.edit(id, "a thought, answered").await;
    on_phone.until_shown("a thought, answered").await;
    phone.edit(id, "a thought, answered, twice").await;
    on_laptop.until_shown("a thought, answered, twice").await;
    on_phone.until_sent().await;
    on_laptop.until_sent().await;
    assert_eq!(
        world.line().exchanges().len(),
        posts,
        "over the live socket alone"
    );
    on_phone.stop().await;
    on_laptop.stop().await;
    assert_in_step(&[&phone, &laptop]).await;
}

#[tokio::test]
async fn both_edit_the_same_entry_while_both_watch() {
    let (_world, [phone, laptop]) = World::of_two().await;
    let id = phone.write("One evening.").await;
    all_sync(&[&phone, &laptop]).await;
    let mut on_phone = Watching::connected(&phone).await;
    let mut on_laptop = Watching::connected(&laptop).await;
    let tag = |name: String| Edit::from(Step::AddTag(Tag::parse(&name).unwrap()));
    for round in 0..15 {
        let (ones, twos) = (
            tag(format!("phone {round}")),
            tag(format!("laptop {round}")),
        );
        let (one, two) = tokio::join!(phone.vault.edit(id, &ones), laptop.vault.edit(id, &twos));
        assert!(one.unwrap() && two.unwrap());
    }
    on_phone.until_sent().await;
    on_laptop.until_sent().await;
    on_phone.stop().await;
    on_laptop.stop().await;
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    assert_eq!(phone.views().await[0].entry.tags.len(), 30);
}

#[tokio::test]
async fn what_another_opening_of_the_vault_writes_is_sent_at_once() {
    let (_world, [phone, laptop]) = World::of_two().await;
    let mut on_phone = Watching::connected(&phone).await;
    let mut on_laptop = Watching::connected(&laptop).await;
    let other = phone.open_again().await;
    for number in 0..5 {
        let text = format!("written beside the one who watches {number}");
        other.write(&text).await;
        on_laptop.until_shown(&text).await;
    }
    on_phone.until_sent().await;
    on_phone.stop().await;
    on_laptop.stop().await;
    assert_in_step(&[&phone, &other, &laptop]).await;
}

#[tokio::test]
async fn what_another_program_adds_is_sent_at_once() {
    let (_world, [phone, laptop]) = World::of_two().await;
    let on_phone = Watching::connected(&phone).await;
    let mut on_laptop = Watching::connected(&laptop).await;
    let folder = phone.vault.folder().to_str().unwrap();
    let mut adding = Program::start(program("watching::a_program_adds", &[folder]));
    assert_eq!(adding.said().await.as_deref(), Some("added"));
    on_laptop.until_shown("added by another program").await;
    adding.end().await;
    on_phone.stop().await;
    on_laptop.stop().await;
}

#[tokio::test]
#[ignore = "another process of the story above"]
async fn a_program_adds() {
    let Some(args) = given() else { return };
    let device = Device::open(&given_folder(&args), "phone").await;
    device.write("added by another program").await;
    say("added");
}

#[tokio::test]
async fn a_relay_that_is_started_anew_is_found_again() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    let mut on_phone = Watching::connected(&phone).await;
    let mut on_laptop = Watching::connected(&laptop).await;
    world.relay.stop().await;
    on_phone.until_disconnected().await;
    on_laptop.until_disconnected().await;
    phone.write("while it was off").await;
    laptop.write("here too").await;
    world.relay.start().await;
    on_laptop.until_shown("while it was off").await;
    on_phone.until_shown("here too").await;
    phone.write("and afterwards").await;
    on_laptop.until_shown("and afterwards").await;
    on_phone.until_sent().await;
    on_phone.stop().await;
    on_laptop.stop().await;
    assert_in_step(&[&phone, &laptop]).await;
}

#[tokio::test]
async fn watching_begins_offline_and_waits_for_the_relay() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    world.relay.stop().await;
    let mut on_phone = Watching::start(&phone);
    assert_eq!(on_phone.until_disconnected().await, RelayError::Unreachable);
    phone.write("offline is a state").await;
    world.relay.start().await;
    on_phone.until_connected().await;
    on_phone.until_sent().await;
    laptop.sync().await;
    assert_eq!(texts(&laptop).await, set(["offline is a state"]));
    on_phone.stop().await;
}

#[tokio::test]
async fn f1_a_live_line_that_is_dropped_again_and_again_loses_and_doubles_nothing() {
    let (world, [phone, laptop]) = World::of_two().await;
    let mut on_phone = Watching::connected(&phone).await;
    let mut on_laptop = Watching::connected(&laptop).await;
    let mut expected = BTreeSet::new();
    for round in 0..4 {
        for number in 0..3 {
            let text = format!("{round}/{number}");
            phone.write(&text).await;
            expected.insert(text);
        }
        // Wherever the frames are just now.
        world.line().hang_up();
        on_phone.until_connected().await;
    }
    on_phone.until_sent().await;
    for text in &expected {
        on_laptop.until_shown(text).await;
    }
    on_phone.stop().await;
    on_laptop.stop().await;
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    assert_eq!(texts(&laptop).await, expected);
    assert_signed_once(world.line());
}

#[tokio::test]
async fn one_program_at_a_time_syncs_a_vault() {
    let (_world, [phone, _]) = World::of_two().await;
    let watching = Watching::connected(&phone).await;
    let other = phone.open_again().await;
    let busy = other.vault.sync(&|_| ()).await.unwrap_err();
    assert_eq!(busy.code(), "busy");
    watching.stop().await;
    other.sync().await;
}

#[tokio::test]
async fn watching_ends_where_the_relay_says_no_for_good() {
    let world = World::with(Registration::Closed, daymark_relay::Clock::system()).await;
    let phone = world.offline_device("phone").await;
    phone
        .vault
        .set_relay(&world.relay_address(), None)
        .await
        .unwrap();
    let ended = phone.vault.watch(std::future::pending(), |_| (), &|_| ());
    let ended = tokio::time::timeout(TOO_LONG, ended)
        .await
        .expect("it ends");
    assert_eq!(ended.unwrap_err().code(), "registration-closed");
}

#[tokio::test]
async fn a_line_that_is_down_for_a_while_delays_and_loses_nothing() {
    let (world, [phone, laptop]) = World::of_two().await;
    let mut on_laptop = Watching::connected(&laptop).await;
    world.line().set(Fault::Down);
    on_laptop.until_disconnected().await;
    // The second try fails as well.
    on_laptop.until_disconnected().await;
    world.line().set(Fault::None);
    phone.write("back again").await;
    phone.sync().await;
    on_laptop.until_shown("back again").await;
    on_laptop.stop().await;
    assert_in_step(&[&phone, &laptop]).await;
}

#[tokio::test]
async fn what_is_written_the_moment_a_device_is_connected_is_sent() {
    let (_world, [phone, _]) = World::of_two().await;
    for number in 0..6 {
        let mut watching = Watching::connected(&phone).await;
        phone.write(&format!("written at once {number}")).await;
        watching.until_sent().await;
        watching.stop().await;
    }
}

#[tokio::test]
async fn the_status_is_right_when_a_watch_ends_and_soon_after_each_exchange_when_it_does_not() {
    let (_world, [phone, laptop]) = World::of_two().await;
    let on_phone = Watching::connected(&phone).await;
    let mut on_laptop = Watching::connected(&laptop).await;
    let mut begun = 0;
    for number in 0..10 {
        begun = SystemClock.now_ms();
        let text = format!("thought {number}");
        phone.write(&text).await;
        on_laptop.until_shown(&text).await;
    }
    on_laptop.stop().await;
    let last = laptop.vault.status().await.unwrap().last;
    assert!(last.received_at >= Some(begun), "{last:?}, {begun}");
    assert!(last.done_at >= Some(begun), "{last:?}, {begun}");

    let devices = laptop.vault.status().await.unwrap().devices;
    let [of_phone] = devices.iter().filter(|one| !one.this).collect::<Vec<_>>()[..] else {
        panic!("{devices:?}")
    };
    assert!(of_phone.received_at.is_some(), "{of_phone:?}");
    assert_eq!(of_phone.waiting, 0);
    let [of_laptop] = devices.iter().filter(|one| one.this).collect::<Vec<_>>()[..] else {
        panic!("{devices:?}")
    };
    assert_eq!(of_laptop.received_at, None);
    laptop.write("waits for a relay").await;
    let devices = laptop.vault.status().await.unwrap().devices;
    let waiting: Vec<_> = devices.iter().map(|one| (one.this, one.waiting)).collect();
    assert!(waiting.contains(&(true, 1)), "{devices:?}");
    assert!(waiting.contains(&(false, 0)), "{devices:?}");

    // The phone goes on, and nothing more happens: what was sent is noted all the same, and outlives it.
    let noted = async { while phone.vault.status().await.unwrap().last.sent_at < Some(begun) {} };
    tokio::time::timeout(TOO_LONG, noted).await.unwrap();
    on_phone.ended.abort();
    assert!(on_phone.ended.await.unwrap_err().is_cancelled());
    let phone = phone.reopen().await;
    let last = phone.vault.status().await.unwrap().last;
    assert!(last.sent_at >= Some(begun), "{last:?}, {begun}");
}

#[tokio::test]
async fn why_a_live_connection_ended_is_in_the_status_until_it_is_back() {
    let (mut world, [phone, _laptop]) = World::of_two().await;
    let mut on_phone = Watching::connected(&phone).await;
    assert_eq!(phone.vault.status().await.unwrap().last.error, None);
    world.relay.stop().await;
    on_phone.until_disconnected().await;
    let error = phone.vault.status().await.unwrap().last.error;
    assert!(error.is_some());
    world.relay.start().await;
    on_phone.until_connected().await;
    assert_eq!(phone.vault.status().await.unwrap().last.error, None);
    on_phone.stop().await;
}
