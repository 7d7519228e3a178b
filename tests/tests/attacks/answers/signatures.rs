//! L4: answers that the pinned relay did not give to this question.

use super::Signs;
use crate::stage::{Stage, found};
use daymark_client::{connection::RelayError, sync::SyncError};
use daymark_core::secret::Secret;
use daymark_tests::hostile::{Answer, Asked, HostileRelay};
use daymark_wire::SigningKey;

fn another_key() -> SigningKey {
    SigningKey::from_seed(Secret::from_slice(&[9; 32]).unwrap().expose_zeroizing())
}

async fn not_the_relay(stage: &Stage) {
    let before = stage.held().await;
    let error = stage.error().await;
    assert!(
        matches!(error, SyncError::Relay(RelayError::NotTheRelay)),
        "{error:?}"
    );
    assert_eq!(error.code(), "not-the-relay");
    assert_eq!(stage.held().await, before);
}

#[tokio::test]
async fn l4_an_answer_that_the_pinned_key_did_not_sign_is_not_the_relays() {
    let stage = Stage::set().await;
    stage.sent("what is held back by a false signature").await;
    stage.relay.play(Signs(|_: &Asked, answer: Answer| {
        answer.signed_by(another_key())
    }));
    not_the_relay(&stage).await;
    stage
        .relay
        .play(Signs(|_: &Asked, answer: Answer| answer.unsigned()));
    not_the_relay(&stage).await;
    stage
        .relay
        .play(Signs(|_: &Asked, answer: Answer| answer.signed_as("AAAA")));
    not_the_relay(&stage).await;
    stage.heals().await;
}

#[tokio::test]
async fn l4_an_old_answer_to_a_new_request_is_not_the_relays() {
    let stage = Stage::set().await;
    stage.sent("what an old answer does not hold").await;
    let old = stage
        .relay
        .exchanges_of(stage.reader.vault.device())
        .pop()
        .unwrap();
    stage.relay.play(Signs(move |_: &Asked, _| {
        Answer::bytes(old.body.clone()).signed_as(&old.signature)
    }));
    not_the_relay(&stage).await;
    stage.heals().await;
}

#[tokio::test]
async fn l4_another_relay_at_the_same_address_is_not_the_relay() {
    let stage = Stage::set().await;
    let other = HostileRelay::start().await;
    // The address is the other's, the pinned key the first one's.
    let mut moved = other.address();
    moved.key = stage.relay.key();
    stage.reader.vault.set_relay(&moved, None).await.unwrap();
    let stranger = found(&other, "somebody else").await;
    not_the_relay(&stage).await;
    assert_eq!(stranger.texts().await, Vec::<String>::new());
    stage
        .reader
        .vault
        .set_relay(&stage.relay.address(), None)
        .await
        .unwrap();
    stage.heals().await;
}
