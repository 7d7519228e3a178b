//! Coming in: by invite, open, closed; once, and again after a crash (rule S4).

use crate::{
    person::{Device, Person},
    world::{START, World},
};
use daymark_relay::Registration;
use daymark_wire::{
    Have,
    logs::LogKind,
    problem::Code,
    sync::{AppendOutcome, KnownLength},
};

/// Makes an invite as an operator does, while the relay serves.
async fn invite(world: &World) -> String {
    let data = world.folder.path().join("data");
    let token = crate::admin::create_invite(&data, &[]);
    token["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_invite_lets_one_account_in() {
    let world = World::with(Registration::Invite).await;
    let (one, two) = (Person::new(1), Person::new(2));
    // The operator's command uses the machine's clock.
    world.clock.set(Clock::system_now());
    let invite = invite(&world).await;

    let without = world.client(&one).sync(&one.registration(None)).await;
    assert_eq!(without.unwrap_err(), Code::BadInvite);
    let garbage = one.registration(Some("not an invite".into()));
    let garbage = world.client(&one).sync(&garbage).await;
    assert_eq!(garbage.unwrap_err(), Code::BadInvite);

    let registration = one.registration(Some(invite.clone()));
    let reply = world.client(&one).sync(&registration).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);
    assert_eq!(reply.generation, world.relay.generation());
    assert!(reply.links.is_empty() && reply.behind.is_empty());

    let again = two.registration(Some(invite));
    let again = world.client(&two).sync(&again).await;
    assert_eq!(again.unwrap_err(), Code::BadInvite);
}

#[tokio::test]
async fn l2_a_registration_whose_answer_was_lost_is_sent_again_and_holds() {
    let world = World::with(Registration::Invite).await;
    world.clock.set(Clock::system_now());
    let person = Person::new(1);
    let request = person.registration(Some(invite(&world).await));
    for _ in 0..3 {
        let reply = world.client(&person).sync(&request).await.unwrap();
        assert_eq!(reply.append, AppendOutcome::Appended);
    }
    let world = world.restart(Registration::Closed).await;
    let reply = world.client(&person).sync(&request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);
}

#[tokio::test]
async fn an_expired_invite_lets_nobody_in() {
    let world = World::with(Registration::Invite).await;
    let person = Person::new(1);
    let invite = invite(&world).await;
    world.clock.set(Clock::system_now() + 15 * 24 * 60 * 60);
    let request = person.registration(Some(invite));
    let refused = world.client(&person).sync(&request).await;
    assert_eq!(refused.unwrap_err(), Code::BadInvite);
}

#[tokio::test]
async fn a_closed_relay_registers_nobody_and_serves_who_is_in() {
    let world = World::open().await;
    let person = world.person(1).await;
    let world = world.restart(Registration::Closed).await;
    let other = Person::new(2);
    let refused = world.client(&other).sync(&other.registration(None)).await;
    assert_eq!(refused.unwrap_err(), Code::RegistrationClosed);
    assert!(world.client(&person).sync(&person.request()).await.is_ok());
}

#[tokio::test]
async fn an_account_that_is_not_known_is_told_so() {
    let world = World::open().await;
    let person = Person::new(1);
    let refused = world.client(&person).sync(&person.request()).await;
    assert_eq!(refused.unwrap_err(), Code::UnknownAccount);
    assert_eq!(world.clock.now(), START);
}

#[tokio::test]
async fn d3_a_registration_signed_by_another_key_is_refused() {
    let world = World::open().await;
    let person = Person::new(1);
    let stranger = Device::new(2);
    let client = world.client_of(&person, &stranger);
    let refused = client.sync(&person.registration(None)).await;
    assert_eq!(refused.unwrap_err(), Code::Unauthorized);
}

#[tokio::test]
async fn a_registration_that_breaks_a_rule_says_which_and_leaves_nothing() {
    let world = World::open().await;
    let person = Person::new(1);
    let mut request = person.registration(None);
    request.append[2].blob = None;
    let reply = world.client(&person).sync(&request).await.unwrap();
    let AppendOutcome::Refused { index, why } = reply.append else {
        panic!("{:?}", reply.append);
    };
    assert_eq!(index, 2);
    assert!(why.contains("keys"), "{why}");
    let lengths: Vec<u64> = reply.behind.iter().map(|log| log.length).collect();
    assert_eq!(lengths, [0, 0]);
    let refused = world.client(&person).sync(&person.request()).await;
    assert_eq!(refused.unwrap_err(), Code::UnknownAccount);
}

#[tokio::test]
async fn l1_an_emptied_relay_takes_whole_logs_and_records_from_any_device() {
    let full = World::open().await;
    let mut person = full.person(1).await;
    let tablet = Device::new(2);
    person.add(&tablet);
    person.epoch(Have::new(), Some(full.here()));
    let lost = Device::new(3);
    person.add(&lost);
    person.revoke(&lost);
    person.epoch(Have::new(), Some(full.here()));

    let empty = World::open().await;
    let client = empty.client_of(&person, &tablet);
    assert_eq!(
        client.sync(&person.request()).await.unwrap_err(),
        Code::UnknownAccount
    );
    let mut request = person.registration(None);
    request
        .append
        .sort_by_key(|link| link.kind != LogKind::Account);
    let reply = client.sync(&request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);
    assert_eq!(reply.behind, Vec::<KnownLength>::new());
    let revoked = empty.client_of(&person, &lost);
    let refused = revoked.sync(&person.request()).await;
    assert_eq!(refused.unwrap_err(), Code::Unauthorized);
}

/// The machine's clock, where an operator's command is part of the test.
struct Clock;

impl Clock {
    fn system_now() -> u64 {
        daymark_relay::Clock::system().now()
    }
}
