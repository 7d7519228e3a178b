//! Faults on the line: cut, dropped, held back, said twice. Nothing is doubled, nothing is lost, and no
//! device signs two records for one place.

use crate::support::{all_sync, assert_in_step, assert_signed_once, set, texts};
use daymark_tests::world::{Device, Fault, Message, World};
use std::collections::BTreeSet;

/// Everything is there once, and the chains show no second record at any place.
async fn assert_whole(world: &World, phone: &Device, laptop: &Device, expected: &BTreeSet<String>) {
    all_sync(&[phone, laptop]).await;
    assert_in_step(&[phone, laptop]).await;
    assert_eq!(&texts(laptop).await, expected);
    assert_signed_once(world.line());
}

#[tokio::test]
async fn f1_a_question_cut_anywhere_is_asked_again() {
    let (world, [phone, laptop]) = World::of_two().await;
    let mut expected = BTreeSet::new();
    // A sync that pushes one record asks twice, about 700 and 1,400 bytes.
    for after in (0..2600).step_by(130) {
        let text = format!("cut after {after}");
        phone.write(&text).await;
        expected.insert(text);
        world.line().set(Fault::CutQuestion(after));
        let cut = phone.vault.sync(&|_| ()).await;
        if world.line().fault() == Fault::None {
            assert_eq!(cut.unwrap_err().code(), "relay-unreachable", "{after}");
        } else {
            cut.unwrap();
        }
        world.line().set(Fault::None);
        phone.sync().await;
    }
    assert_whole(&world, &phone, &laptop, &expected).await;
}

#[tokio::test]
async fn f1_an_answer_cut_anywhere_is_asked_for_again() {
    let (world, [phone, laptop]) = World::of_two().await;
    let mut expected = BTreeSet::new();
    for after in (0..1400).step_by(70) {
        let text = format!("cut after {after}");
        phone.write(&text).await;
        expected.insert(text);
        world.line().set(Fault::CutAnswer(after));
        let cut = phone.vault.sync(&|_| ()).await;
        if world.line().fault() == Fault::None {
            assert_eq!(cut.unwrap_err().code(), "relay-unreachable", "{after}");
        } else {
            cut.unwrap();
        }
        // The next fault comes before what was cut was mended: the phone may have signed and not know.
        if after % 140 == 0 {
            world.line().set(Fault::None);
            phone.sync().await;
        }
    }
    world.line().set(Fault::None);
    assert_whole(&world, &phone, &laptop, &expected).await;
}

#[tokio::test]
async fn f1_the_receiving_side_is_cut_anywhere_and_takes_everything_in_the_end() {
    let (world, [phone, laptop]) = World::of_two().await;
    let mut expected = BTreeSet::new();
    for number in 0..12 {
        let text = format!("number {number}");
        phone.write(&text).await;
        expected.insert(text);
    }
    phone.sync().await;
    let mut cuts = 0;
    for after in (0..12_000).step_by(600) {
        world.line().set(Fault::CutAnswer(after));
        let _ = laptop.vault.sync(&|_| ()).await;
        cuts += u32::from(world.line().fault() == Fault::None);
    }
    assert!(cuts > 4, "{cuts}");
    world.line().set(Fault::None);
    assert_whole(&world, &phone, &laptop, &expected).await;
}

#[tokio::test]
async fn l2_a_program_that_ended_between_signing_and_hearing_says_the_same_again() {
    let (world, [phone, laptop]) = World::of_two().await;
    let mut phone = phone;
    // The first answer tells the heads and is about 500 bytes; the second acknowledges the push.
    for after in [500, 600, 700, 800, 900] {
        phone.write(&format!("signed, cut at {after}")).await;
        world.line().set(Fault::CutAnswer(after));
        let _ = phone.vault.sync(&|_| ()).await;
        phone = phone.reopen().await;
    }
    world.line().set(Fault::None);
    let expected = [500, 600, 700, 800, 900].map(|after| format!("signed, cut at {after}"));
    assert_whole(&world, &phone, &laptop, &expected.into()).await;
}

#[tokio::test]
async fn f1_a_question_that_arrives_late_changes_nothing_any_more() {
    let (world, [phone, laptop]) = World::of_two().await;
    phone.write("said once").await;
    for _ in 0..3 {
        // The question goes out, stays on the way, and the phone gives up on it and asks again.
        world.line().set(Fault::Hold);
        phone.vault.sync(&|_| ()).await.unwrap_err();
        phone.sync().await;
        phone
            .edit(
                phone.views().await[0].id,
                &format!("{} more", phone.texts().await[0]),
            )
            .await;
        let answer = world.line().deliver(None).await;
        assert_eq!(answer.status(), 200, "{}", answer.head);
    }
    assert_whole(&world, &phone, &laptop, &set(["said once more more more"])).await;
}

#[tokio::test]
async fn l4_every_question_said_again_word_for_word_is_refused() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    phone.write("once").await;
    all_sync(&[&phone, &laptop]).await;
    let questions: Vec<Message> = world
        .line()
        .exchanges()
        .into_iter()
        .map(|exchange| exchange.question)
        .collect();
    assert!(questions.len() >= 5, "{}", questions.len());
    for restarted in [false, true] {
        if restarted {
            world.relay.restart().await;
        }
        for question in &questions {
            let answer = world.line().deliver(Some(question.to_bytes())).await;
            let problem = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(problem.contains("\"replayed\""), "{problem}");
        }
    }
    assert_whole(&world, &phone, &laptop, &set(["once"])).await;
}

#[tokio::test]
async fn f1_a_large_push_dropped_in_the_middle_is_not_said_twice() {
    let (world, [phone, laptop]) = World::of_two().await;
    let mut expected = BTreeSet::new();
    for number in 0..120 {
        let text = format!("{number}: {}", "many words ".repeat(40));
        phone.write(&text).await;
        expected.insert(text);
    }
    for after in [4_000, 40_000, 90_000] {
        world.line().set(Fault::CutQuestion(after));
        phone.vault.sync(&|_| ()).await.unwrap_err();
        assert_eq!(world.line().fault(), Fault::None);
    }
    phone.sync().await;
    assert_whole(&world, &phone, &laptop, &expected).await;
}
