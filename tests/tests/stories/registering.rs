//! An account comes to a relay: at once, later, with an invite, without one.

use crate::support::{assert_in_step, commands::run, programs::invite, set, texts};
use daymark::Exit;
use daymark_client::connection::Invite;
use daymark_relay::{Clock, Registration};
use daymark_tests::world::{Device, Fault, World};

const DAY: u64 = 24 * 60 * 60;

/// The sync is refused with this code; what was written waits.
async fn refused(device: &Device, code: &str) {
    let refused = device.vault.sync(&|_| ()).await.unwrap_err();
    assert_eq!(refused.code(), code);
    assert!(!refused.hint().is_empty());
    let status = device.vault.status().await.unwrap();
    assert_eq!(status.last.error_code(), Some(code));
    assert!(status.unsent > 0);
}

#[tokio::test]
async fn a_journal_begun_without_a_relay_goes_to_one_later() {
    let world = World::with(Registration::Invite, Clock::system()).await;
    let phone = world.offline_device("phone").await;
    phone.write("No relay yet.").await;
    let alone = phone.vault.sync(&|_| ()).await.unwrap_err();
    assert_eq!(alone.code(), "no-relay");
    assert!(phone.vault.status().await.unwrap().relay.is_none());

    let invite = invite(world.relay_folder()).await;
    assert_eq!(invite.relay(), &world.relay_address().key);
    phone
        .vault
        .set_relay(&world.relay_address(), Some(&invite))
        .await
        .unwrap();
    phone.sync().await;
    let laptop = world.pair(&phone, "laptop").await;
    phone.sync().await;
    assert_eq!(texts(&laptop).await, set(["No relay yet."]));
    assert_in_step(&[&phone, &laptop]).await;
}

#[tokio::test]
async fn an_invite_lets_one_account_in_and_no_other() {
    let world = World::with(Registration::Invite, Clock::system()).await;
    let invited = invite(world.relay_folder()).await;
    let one = world
        .first_device_invited("one", Some(invited.clone()))
        .await;
    one.write("in").await;
    one.sync().await;

    let other = Device::found(
        &world.vault_folder("other"),
        "other",
        Some((world.relay_address(), Some(invited))),
    )
    .await;
    other.write("Waits here.").await;
    refused(&other, "bad-invite").await;

    let fresh = invite(world.relay_folder()).await;
    other
        .vault
        .set_relay(&world.relay_address(), Some(&fresh))
        .await
        .unwrap();
    other.sync().await;
    assert_in_step(&[&other]).await;
    assert_eq!(
        texts(&one).await,
        set(["in"]),
        "accounts know nothing of each other"
    );
}

#[tokio::test]
async fn no_invite_and_an_invented_one_let_nobody_in() {
    let world = World::with(Registration::Invite, Clock::system()).await;
    let phone = world.offline_device("phone").await;
    phone.write("Waits here.").await;
    let address = world.relay_address();
    let invented = Invite::new(address.key, [7; 16]);
    for (invite, code) in [(None, "invite-needed"), (Some(&invented), "bad-invite")] {
        phone.vault.set_relay(&address, invite).await.unwrap();
        refused(&phone, code).await;
    }
}

/// What the command says on the error stream, and what it ends with.
async fn says(device: &Device, args: &[&str]) -> (Exit, String) {
    let ran = run(device, args).await;
    (ran.exit, ran.err)
}

#[tokio::test]
async fn an_invite_that_was_forgotten_is_asked_for_and_one_that_was_given_is_kept() {
    let world = World::with(Registration::Invite, Clock::system()).await;
    let phone = world.offline_device("phone").await;
    phone.write("Waits here.").await;
    let url = world.relay_address().url.to_string();
    assert_eq!(says(&phone, &["relay", "set", &url]).await.0, Exit::Done);
    let (exit, said) = says(&phone, &["sync"]).await;
    assert_eq!(exit, Exit::Refused);
    assert_eq!(
        said,
        "This relay takes in those who have an invite, and none was given.\n  \
         Ask its operator for one, then run `daymark relay set URL --invite -`, and paste it.\n"
    );
    let spent = Invite::new(world.relay_address().key, [7; 16]).to_text();
    says(&phone, &["relay", "set", &url, "--invite", &spent]).await;
    let (_, said) = says(&phone, &["sync"]).await;
    assert_eq!(said.matches("operator").count(), 1, "{said}");

    // The address was wrong at first, and is corrected: once with nobody there, and then with the relay.
    let invite = invite(world.relay_folder()).await.to_text();
    let wrong = ["relay", "set", "http://relay.example", "--invite", &invite];
    says(&phone, &wrong).await;
    let nowhere = says(&phone, &["relay", "set", "http://127.0.0.1:9"]).await;
    assert_eq!(nowhere.0, Exit::Done, "{}", nowhere.1);
    assert_eq!(says(&phone, &["relay", "set", &url]).await.0, Exit::Done);
    let (exit, said) = says(&phone, &["sync"]).await;
    assert_eq!(exit, Exit::Done, "{said}");
    assert_in_step(&[&phone]).await;

    // Another relay is taken only with an invite that names its key.
    let other = world.other_relay().await;
    let url = other.relay_address().url.to_string();
    let (exit, said) = says(&phone, &["relay", "set", &url]).await;
    assert_eq!(exit, Exit::Distrusted, "{said}");
    let set = phone.vault.relay().await.unwrap().unwrap();
    assert_eq!(set.key, world.relay_address().key);
    let named = Invite::new(other.relay_address().key, [7; 16]).to_text();
    says(&phone, &["relay", "set", &url, "--invite", &named]).await;
    let set = phone.vault.relay().await.unwrap().unwrap();
    assert_eq!(set.key, other.relay_address().key);
}

#[tokio::test]
async fn an_invite_holds_for_two_weeks() {
    let now = Clock::system().now();
    let clock = Clock::standing_at(now);
    let world = World::with(Registration::Invite, clock.clone()).await;
    let invite = invite(world.relay_folder()).await;
    let phone = world.offline_device("phone").await;
    phone.write("Waits here.").await;
    phone
        .vault
        .set_relay(&world.relay_address(), Some(&invite))
        .await
        .unwrap();
    clock.set(now + 15 * DAY);
    refused(&phone, "bad-invite").await;
    clock.set(now + 13 * DAY);
    phone.sync().await;
    assert_in_step(&[&phone]).await;
}

#[tokio::test]
async fn a_closed_relay_takes_nobody_new_and_serves_who_is_in() {
    let mut world = World::new().await;
    let phone = world.first_device("phone").await;
    world.relay.register(Registration::Closed).await;
    let other = world.offline_device("other").await;
    other.write("Waits here.").await;
    other
        .vault
        .set_relay(&world.relay_address(), None)
        .await
        .unwrap();
    refused(&other, "registration-closed").await;

    phone.write("still here").await;
    let laptop = world.pair(&phone, "laptop").await;
    assert_eq!(texts(&laptop).await, set(["still here"]));
}

#[tokio::test]
async fn a_registration_cut_anywhere_costs_no_invite() {
    let world = World::with(Registration::Invite, Clock::system()).await;
    // The relay does not know the account; then it is registered; then records are sent.
    let answers = [1, 2, 3].map(Fault::LoseAnswer);
    let questions = [1, 2, 3].map(Fault::LoseQuestion);
    let cuts = [Fault::CutQuestion(2000), Fault::CutAnswer(900)];
    let faults = answers.into_iter().chain(questions).chain(cuts);
    for (number, cut) in faults.enumerate() {
        let invite = invite(world.relay_folder()).await;
        let phone = world.offline_device(&format!("phone {number}")).await;
        phone.write("first words").await;
        phone
            .vault
            .set_relay(&world.relay_address(), Some(&invite))
            .await
            .unwrap();
        world.line().set(cut);
        let cut_off = phone.vault.sync(&|_| ()).await.unwrap_err();
        assert_eq!(cut_off.code(), "relay-unreachable", "{cut:?}");
        phone.sync().await;
        assert_in_step(&[&phone]).await;
    }
}

#[tokio::test]
async fn another_relay_than_the_one_that_the_invite_names_is_not_spoken_to() {
    let world = World::new().await;
    let other = world.other_relay().await;
    let phone = world.offline_device("phone").await;
    phone.write("Waits here.").await;
    let mut address = world.relay_address();
    address.key = other.relay_address().key;
    phone.vault.set_relay(&address, None).await.unwrap();
    let refused = phone.vault.sync(&|_| ()).await.unwrap_err();
    assert_eq!(refused.code(), "not-the-relay");
    assert_eq!(
        phone.vault.unsent().await.unwrap(),
        2,
        "the note and the device's name"
    );
}
