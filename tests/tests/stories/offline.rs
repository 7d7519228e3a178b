//! A person writes on several devices with no network, and a relay brings them together.

use crate::support::{all_sync, assert_in_step, set, texts};
use daymark_core::journal::{Edit, Prompt, Step, Tag, Text, Title};
use daymark_tests::world::{Fault, World};

#[tokio::test]
async fn both_write_while_the_relay_is_off_and_later_show_the_same() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    world.relay.stop().await;
    phone.write("On the train, with no network.").await;
    laptop.write("At the desk, cable pulled.").await;
    for device in [&phone, &laptop] {
        let offline = device.vault.sync(&|_| ()).await.unwrap_err();
        assert_eq!(offline.code(), "relay-unreachable");
        assert_eq!(device.vault.unsent().await.unwrap(), 1);
        let status = device.vault.status().await.unwrap();
        assert_eq!(status.last.error_code(), Some("relay-unreachable"));
    }

    world.relay.start().await;
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    let both = set([
        "On the train, with no network.",
        "At the desk, cable pulled.",
    ]);
    assert_eq!(texts(&phone).await, both);
}

#[tokio::test]
async fn an_entry_edited_at_both_ends_and_in_the_middle_keeps_every_edit() {
    let (world, [phone, laptop, tablet]) = World::of_three().await;
    let devices = [&phone, &laptop, &tablet];
    let id = phone
        .write("Woke early. Walked to the lake. Slept well.")
        .await;
    all_sync(&devices).await;

    world.line().set(Fault::Down);
    phone
        .edit(id, "Day 40. Woke early. Walked to the lake. Slept well.")
        .await;
    laptop
        .edit(id, "Woke early. Walked, slowly, to the lake. Slept well.")
        .await;
    tablet
        .edit(id, "Woke early. Walked to the lake. Slept well. No dreams.")
        .await;
    world.line().set(Fault::None);

    all_sync(&devices).await;
    assert_in_step(&devices).await;
    assert_eq!(
        laptop.text(id).await,
        "Day 40. Woke early. Walked, slowly, to the lake. Slept well. No dreams."
    );
}

#[tokio::test]
async fn words_put_at_the_same_place_both_stay_whole() {
    let (world, [phone, laptop]) = World::of_two().await;
    let id = phone.write("Grateful for: .").await;
    all_sync(&[&phone, &laptop]).await;
    world.line().set(Fault::Down);
    phone.edit(id, "Grateful for: coffee.").await;
    laptop.edit(id, "Grateful for: quiet.").await;
    world.line().set(Fault::None);

    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    let text = phone.text(id).await;
    assert!(text.contains("coffee") && text.contains("quiet"), "{text}");
}

#[tokio::test]
async fn a_title_here_and_a_tag_there_come_together() {
    let (world, [phone, laptop]) = World::of_two().await;
    let id = phone.write("Group tonight.").await;
    all_sync(&[&phone, &laptop]).await;
    world.line().set(Fault::Down);
    let title = Edit::from(Step::Title(Title::parse("Tuesday").unwrap().into()));
    phone.vault.edit(id, &title).await.unwrap();
    let tag = Edit::from(Step::AddTag(Tag::parse("group").unwrap()));
    laptop.vault.edit(id, &tag).await.unwrap();
    world.line().set(Fault::None);

    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    let entry = &phone.views().await[0].entry;
    assert_eq!(entry.title.as_str(), "Tuesday");
    assert_eq!(entry.tags.len(), 1);
}

#[tokio::test]
async fn what_came_while_an_editor_was_open_stays_when_it_is_saved() {
    let (_world, [phone, laptop]) = World::of_two().await;
    let id = phone.write("Woke early. Walked to the lake.").await;
    all_sync(&[&phone, &laptop]).await;
    let sleep = Prompt::parse("Sleep").unwrap();
    let began = phone.vault.read(id).await.unwrap().entry;
    let mut saved = began.clone();

    let mut elsewhere = began.clone();
    elsewhere.title = Title::parse("A good day").unwrap();
    elsewhere.text = Text::parse("Woke early. Walked to the lake. Swam 🏊🏽.").unwrap();
    let answer = Text::parse("Seven hours.").unwrap();
    elsewhere.answers.insert(sleep.clone(), answer);
    let edit = Edit::between(&began, &elsewhere);
    laptop.vault.edit(id, &edit).await.unwrap();
    all_sync(&[&laptop, &phone]).await;

    saved.text = Text::parse("Day 40. Woke early. Walked to the lake.").unwrap();
    saved.draft = true;
    let edit = Edit::between(&began, &saved);
    assert!(phone.vault.edit(id, &edit).await.unwrap());
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    for device in [&phone, &laptop] {
        let entry = device.vault.read(id).await.unwrap().entry;
        assert_eq!(
            entry.text.as_str(),
            "Day 40. Woke early. Walked to the lake. Swam 🏊🏽."
        );
        assert_eq!(entry.title.as_str(), "A good day");
        assert_eq!(entry.answers[&sleep].as_str(), "Seven hours.");
        assert!(entry.draft);
    }
}

#[tokio::test]
async fn an_edit_of_an_entry_that_the_others_have_not_seen_yet_comes_with_it() {
    let (_world, [phone, laptop]) = World::of_two().await;
    let id = phone.write("first words").await;
    phone.edit(id, "first words, and second").await;
    phone.edit(id, "first words, and second, and third").await;
    phone.sync().await;
    let report = laptop.sync().await;
    assert!(
        report.received >= 1 && report.faults.is_empty(),
        "{report:?}"
    );
    assert_eq!(laptop.text(id).await, "first words, and second, and third");
}

#[tokio::test]
async fn weeks_without_a_network_end_in_one_sync_each() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    world.relay.stop().await;
    for day in 0..300 {
        phone.write(&format!("phone, day {day}")).await;
    }
    for day in 0..40 {
        laptop.write(&format!("laptop, day {day}")).await;
    }
    world.relay.start().await;
    laptop.sync().await;
    phone.sync().await;
    laptop.sync().await;
    assert_in_step(&[&phone, &laptop]).await;
    assert_eq!(texts(&laptop).await.len(), 340);
}

#[tokio::test]
async fn a_journal_goes_on_where_it_was_after_every_program_was_started_anew() {
    let (world, [phone, laptop]) = World::of_two().await;
    let id = phone.write("before").await;
    all_sync(&[&phone, &laptop]).await;
    world.line().set(Fault::Down);
    phone.edit(id, "before, and after on the phone").await;
    laptop.edit(id, "on the laptop before").await;
    let (phone, laptop) = (phone.reopen().await, laptop.reopen().await);
    world.line().set(Fault::None);
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    assert_eq!(
        phone.text(id).await,
        "on the laptop before, and after on the phone"
    );
}
