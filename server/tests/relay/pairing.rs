//! Pairing mailboxes over HTTP (rule Q2).

use crate::{
    client::{Answer, send},
    person::Device,
    world::World,
};
use daymark_wire::{
    limits,
    mailbox::{MailboxId, MailboxMessage, MailboxReply, MailboxRequest, Taker},
    problem::Code,
};

fn path(id: u8) -> String {
    format!("/v1/mailboxes/{}", MailboxId::from_bytes([id; 16]).to_hex())
}

fn request(taker: Option<u8>, say: Option<&[u8]>, wait_ms: u32) -> MailboxRequest {
    MailboxRequest {
        taker: taker.map(|taker| Taker::from_bytes([taker; 16])),
        say: say.map(|sealed| MailboxMessage {
            number: 0,
            sealed: sealed.to_vec(),
        }),
        heard: 0,
        wait_ms,
    }
}

fn heard(answer: &Answer) -> Vec<Vec<u8>> {
    assert_eq!(answer.status, 200);
    let reply = MailboxReply::from_bytes(&answer.body).unwrap();
    reply
        .messages
        .into_iter()
        .map(|message| message.sealed)
        .collect()
}

async fn ask_unsigned(world: &World, id: u8, request: &MailboxRequest) -> Answer {
    let address = world.relay.address();
    send(address, "POST", &path(id), &[], &request.to_bytes()).await
}

#[tokio::test]
async fn two_devices_talk_and_each_waits_for_the_other() {
    let world = World::open().await;
    let person = world.person(1).await;
    let client = world.client(&person);
    let opened = client
        .post(&path(1), &request(None, None, 0).to_bytes())
        .await;
    assert!(heard(&opened).is_empty());
    let (waiting, said) = (
        request(None, None, 20_000),
        request(Some(2), Some(b"hello"), 0),
    );
    let waiting = waiting.to_bytes();
    let path = path(1);
    let (trusted, new) = tokio::join!(client.post(&path, &waiting), ask_unsigned(&world, 1, &said));
    assert!(heard(&new).is_empty());
    assert_eq!(heard(&trusted), [b"hello"]);
    assert_eq!(new.header("daymark-reply"), None);
    let answered = client
        .post(&path, &request(None, Some(b"answer"), 0).to_bytes())
        .await;
    assert_eq!(heard(&answered), [b"hello"]);
    assert_eq!(heard(&ask_unsigned(&world, 1, &said).await), [b"answer"]);
}

#[tokio::test]
async fn h1_the_first_to_take_a_mailbox_has_it() {
    let world = World::open().await;
    let person = world.person(1).await;
    let never = ask_unsigned(&world, 1, &request(Some(2), None, 0)).await;
    assert_eq!(never.code(), Some(Code::MailboxGone));
    let client = world.client(&person);
    client
        .post(&path(1), &request(None, None, 0).to_bytes())
        .await;
    for _ in 0..2 {
        let taken = ask_unsigned(&world, 1, &request(Some(2), None, 0)).await;
        assert_eq!(taken.status, 200);
    }
    let other = ask_unsigned(&world, 1, &request(Some(3), None, 0)).await;
    assert_eq!(other.code(), Some(Code::MailboxGone));
    assert_eq!(other.body, never.body, "taken and unknown look the same");

    world.clock.set(world.clock.now() + limits::MAILBOX_SECONDS);
    let late = ask_unsigned(&world, 1, &request(Some(2), None, 0)).await;
    assert_eq!(late.code(), Some(Code::MailboxGone));
    let late = world.client(&person);
    let late = late
        .post(&path(1), &request(None, None, 0).to_bytes())
        .await;
    assert_eq!(late.code(), Some(Code::MailboxGone));
}

#[tokio::test]
async fn l4_nobody_opens_a_mailbox_unsigned_or_for_another_account() {
    let world = World::open().await;
    let person = world.person(1).await;
    let unsigned = ask_unsigned(&world, 1, &request(None, None, 0)).await;
    assert_eq!(unsigned.code(), Some(Code::Unauthorized));
    let stranger = Device::new(9);
    let client = world.client_of(&person, &stranger);
    let forged = client
        .post(&path(1), &request(None, None, 0).to_bytes())
        .await;
    assert_eq!(forged.code(), Some(Code::Unauthorized));
    for path in [
        "/v1/mailboxes/",
        "/v1/mailboxes/xyz",
        "/v1/mailboxes/..%2f..%2fetc",
    ] {
        let body = request(Some(2), None, 0).to_bytes();
        let answer = send(world.relay.address(), "POST", path, &[], &body).await;
        assert_eq!(answer.code(), Some(Code::NotFound), "{path}");
    }
}
