//! B3: links.

use super::attacker;
use crate::stage::Stage;
use daymark_client::{Fault, connection::RelayError};
use daymark_core::{
    account::{DeviceRequest, admit_device},
    keys::DeviceKey,
    secret::Secret,
};
use daymark_tests::hostile::{Asked, StolenDevice};
use daymark_wire::{
    AccountId, DeviceId, DocumentId, LogId, Nonce, Signed,
    logs::{AccountContent, AccountLink, Author, Home, JournalContent, Link, TravelLink},
    sync::SyncReply,
};

fn linked(links: Vec<TravelLink>) -> impl FnMut(&Asked, &mut SyncReply) + Send + 'static {
    move |_, reply| reply.links.clone_from(&links)
}

/// *Add* and *enter* for an attacker's device, made by `by`, resting on what the thief saw of the logs.
fn forged(insider: &StolenDevice, by: &DeviceKey, as_device: DeviceId) -> Vec<TravelLink> {
    let (device, wrapping, random) = attacker();
    let logs = insider.logs();
    let nonce = Nonce::from_bytes([1; 16]);
    let request = DeviceRequest::new(&device, &wrapping, logs.account().id(), nonce);
    let (_, epoch) = insider.replica.newest_epoch().unwrap();
    let admitted = admit_device(logs, &request, nonce, epoch, &insider.device, &random).unwrap();
    // The same two links, signed by another key in the name of `as_device`.
    let add = resign::<AccountContent>(&admitted.add, by, as_device);
    let enter = resign::<JournalContent>(&admitted.enter, by, as_device);
    vec![add, enter]
}

fn resign<C: daymark_wire::logs::Content + Clone>(
    link: &TravelLink,
    by: &DeviceKey,
    as_device: DeviceId,
) -> TravelLink {
    let opened: Link<C> = link.open().unwrap();
    let mut body = opened.claimed().clone();
    body.author = Author::Device(as_device);
    Signed::sign(body, by.signing()).to_travel(link.blob.clone())
}

#[tokio::test]
async fn b3_a_relay_cannot_add_a_device() {
    let stage = Stage::set().await;
    let insider = StolenDevice::of(&stage.writer.vault).await;
    let before = stage.held().await;
    let log = LogId::from(stage.reader.vault.account());
    let (unknown, _, _) = attacker();
    let relay = DeviceKey::from_seed(Secret::from_slice(&[4; 32]).unwrap());
    let writer = stage.writer.vault.device();
    // In the name of a device that is one, by a key that is not its own; in the name of one that is none.
    for (by, name) in [
        (&unknown, writer),
        (&relay, writer),
        (&unknown, unknown.id()),
    ] {
        let links = forged(&insider, by, name);
        stage.relay.alter(linked(links.clone()));
        let faults = stage.faults().await;
        assert!(faults.contains(&Fault::BadLink { log }), "{faults:?}");
        assert_eq!(stage.held().await, before);
        // What the reader writes then is sealed as before, and the links go nowhere.
        let two = [links[0].bytes.clone(), links[1].bytes.clone()];
        let exchanges = stage.relay.exchanges_of(stage.reader.vault.device());
        let sent = exchanges
            .iter()
            .flat_map(|exchange| &exchange.asked.request.append);
        assert_eq!(sent.filter(|link| two.contains(&link.bytes)).count(), 0);
    }
    stage.reader.write("for my own devices alone").await;
    stage.heals().await;
    assert_eq!(stage.writer.vault.status().await.unwrap().devices.len(), 2);
}

#[tokio::test]
async fn b3_a_device_that_no_link_names_gets_nothing_at_an_honest_relay() {
    let stage = Stage::set().await;
    let insider = StolenDevice::of(&stage.writer.vault).await;
    let mut outsider = StolenDevice::of(&stage.writer.vault).await;
    let (unknown, _, random) = attacker();
    let unknown = std::sync::Arc::new(unknown);
    outsider.device = std::sync::Arc::clone(&unknown);
    let request = insider.push(Vec::new());
    let refused = outsider
        .connect(stage.relay.address())
        .sync(&request)
        .await
        .unwrap_err();
    assert!(matches!(refused, RelayError::Refused { .. }), "{refused:?}");
    assert_eq!(refused.code(), "unauthorized");

    // A member brings a record that the outsider signed: refused by name.
    outsider.replica.device = unknown;
    outsider.replica.own =
        daymark_core::sync::OwnChain::first(outsider.device.id(), &random).unwrap();
    let planted = outsider.seal(DocumentId::from_bytes([6; 16]), b"planted");
    let reply = insider.bring(stage.relay.address(), vec![planted]).await;
    let why = &reply.spaces[0].push;
    let not_a_member = daymark_wire::sync::RecordRefusal::NotAMember;
    assert!(
        matches!(why, daymark_wire::sync::PushOutcome::Refused { why, .. } if *why == not_a_member),
        "{why:?}"
    );
    assert_eq!(stage.faults().await, []);
    stage.heals().await;
}

#[tokio::test]
async fn b3_forged_links_of_every_other_kind_change_nothing() {
    let stage = Stage::set().await;
    let insider = StolenDevice::of(&stage.writer.vault).await;
    let account = insider.logs().account();
    let before = stage.held().await;
    let (unknown, _, _) = attacker();
    let contents = [
        AccountContent::Revoke {
            device: stage.writer.vault.device(),
        },
        AccountContent::Move {
            home: Home {
                relay: unknown.verifying_key(),
                url: "http://127.0.0.1:9".to_owned(),
            },
        },
        AccountContent::AccountKey {
            key: attacker().1.public(),
        },
    ];
    for content in contents {
        for author in [Author::Root, Author::Device(stage.writer.vault.device())] {
            let link: AccountLink = Signed::sign(
                daymark_wire::logs::LinkBody {
                    suite: daymark_wire::Suite::One,
                    log: LogId::from(account.id()),
                    position: account.length() + 1,
                    previous: account.last(),
                    author,
                    rests_on: Vec::new(),
                    content: content.clone(),
                },
                unknown.signing(),
            );
            stage.relay.alter(linked(vec![link.to_travel(None)]));
            assert_eq!(
                stage.faults().await,
                [Fault::BadLink {
                    log: LogId::from(account.id())
                }]
            );
            assert_eq!(stage.held().await, before);
        }
    }
    assert_ne!(account.id(), AccountId::ZERO);
    stage.heals().await;
}
