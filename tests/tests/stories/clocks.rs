//! Clocks that are wrong, and questions that were meant for another relay.

use crate::support::{all_sync, assert_in_step, set, texts};
use daymark_relay::Clock;
use daymark_tests::world::{Message, World};

const HOUR: u64 = 60 * 60;

#[tokio::test]
async fn k12_a_clock_that_is_hours_off_learns_the_relays_time_and_syncs() {
    let now = Clock::system().now();
    let clock = Clock::standing_at(now);
    let (world, [phone, laptop]) = World::of_two_at(clock.clone()).await;
    for (number, time) in [now + 5 * HOUR, now - 30 * 24 * HOUR, now + 400 * 24 * HOUR]
        .into_iter()
        .enumerate()
    {
        clock.set(time);
        phone.write(&format!("entry {number}")).await;
        let before = world.line().exchanges().len();
        phone.sync().await;
        let asked = &world.line().exchanges()[before..];
        let statuses: Vec<_> = asked.iter().map(status).collect();
        assert_eq!(
            statuses[1..],
            vec![200; statuses.len() - 1],
            "one retry: {statuses:?}"
        );
        assert_ne!(statuses[0], 200);
        laptop.sync().await;
    }
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    assert_eq!(texts(&laptop).await, set(["entry 0", "entry 1", "entry 2"]));
}

#[tokio::test]
async fn k12_a_device_is_paired_though_clocks_are_hours_apart() {
    let clock = Clock::standing_at(Clock::system().now() + 9 * HOUR);
    let (world, [phone, laptop]) = World::of_two_at(clock).await;
    phone.write("read on three devices").await;
    let tablet = world.pair(&phone, "tablet").await;
    all_sync(&[&phone, &laptop, &tablet]).await;
    assert_in_step(&[&phone, &laptop, &tablet]).await;
}

#[tokio::test]
async fn k12_a_clock_set_back_between_two_syncs_changes_no_order() {
    let now = Clock::system().now();
    let clock = Clock::standing_at(now);
    let (_world, [phone, laptop]) = World::of_two_at(clock.clone()).await;
    let id = phone.write("one").await;
    phone.sync().await;
    clock.set(now - 3 * HOUR);
    laptop.sync().await;
    laptop.edit(id, "one two").await;
    laptop.sync().await;
    clock.set(now + 3 * HOUR);
    phone.sync().await;
    phone.edit(id, "one two three").await;
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    assert_eq!(laptop.text(id).await, "one two three");
}

#[tokio::test]
async fn l4_a_question_for_one_relay_is_refused_by_another() {
    let (world, [phone, _]) = World::of_two().await;
    let other = world.other_relay().await;
    // The account is at both; a question signed for the first is word for word brought to the second.
    phone.write("at both").await;
    phone.sync().await;
    phone
        .vault
        .set_relay(&other.relay_address(), None)
        .await
        .unwrap();
    phone.sync().await;
    for exchange in world.line().exchanges() {
        let answer = other
            .line()
            .deliver(Some(exchange.question.to_bytes()))
            .await;
        assert_eq!(answer.status(), 401, "{}", answer.head);
        assert!(String::from_utf8_lossy(&answer.body).contains("unauthorized"));
    }
}

#[tokio::test]
async fn l4_a_question_kept_until_later_is_refused() {
    let now = Clock::system().now();
    let clock = Clock::standing_at(now);
    let (mut world, [phone, _]) = World::of_two_at(clock.clone()).await;
    phone.write("once").await;
    phone.sync().await;
    let questions: Vec<Message> = world
        .line()
        .exchanges()
        .into_iter()
        .map(|exchange| exchange.question)
        .collect();
    // Long after its nonce was dropped, the time in it is too old.
    clock.set(now + HOUR);
    world.relay.restart().await;
    for question in questions {
        let answer = world.line().deliver(Some(question.to_bytes())).await;
        assert!(
            String::from_utf8_lossy(&answer.body).contains("clock-skew"),
            "{}",
            answer.head
        );
    }
}

fn status(exchange: &daymark_tests::world::Exchange) -> u16 {
    exchange.answer.as_ref().map_or(0, Message::status)
}
