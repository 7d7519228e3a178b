//! H1, H2: who has the link, and what the person sees.

use super::named;
use crate::stage::{Stage, found};
use daymark_client::{
    PairingError,
    connection::mailbox_as_new,
    pairing::{PairError, join},
    system::{Clock, SystemBytes, SystemClock},
};
use daymark_core::{
    journal::DeviceName,
    pairing::{JoiningEffect, JoiningEvent, Newcomer, PairingLink},
    random::Random,
};
use daymark_tests::world::PASSPHRASE;
use daymark_wire::mailbox::{MailboxRequest, Taker};

/// Somebody with the link who is quicker than the device that it was shown to.
async fn thief_takes(link: &str) -> Option<u64> {
    let link: PairingLink = link.parse().unwrap();
    let random = Random::first(Box::new(SystemBytes::new())).unwrap();
    let url = daymark_client::connection::RelayAddress::parse_url(link.relay_url()).unwrap();
    let (mailbox, now) = (link.mailbox(), link.expires() - 100);
    let newcomer = Newcomer::new(link, now, &random).unwrap();
    let name = DeviceName::parse("reader's pocket").unwrap();
    let (mut thief, hello) = newcomer.say_hello(&name, &random).unwrap();
    let taker = Some(Taker::from_bytes([1; 16]));
    let ask = |say, heard, wait_ms| MailboxRequest {
        taker,
        say,
        heard,
        wait_ms,
    };
    let reply = mailbox_as_new(&url, mailbox, &ask(Some(hello), 0, 5_000))
        .await
        .unwrap();
    let reply = reply.messages.first().expect("the trusted device replies");
    let effects = thief.handle(&JoiningEvent::Heard(reply), now, &random);
    let mut code = None;
    for effect in effects {
        match effect {
            JoiningEffect::Say(said) => {
                mailbox_as_new(&url, mailbox, &ask(Some(said), 1, 0))
                    .await
                    .unwrap();
            }
            JoiningEffect::ShowCode(shown) => {
                code = shown.to_string().replace(' ', "").parse().ok();
            }
            JoiningEffect::Over(ending) => panic!("{ending:?}"),
        }
    }
    code
}

#[tokio::test]
async fn h1_who_takes_the_link_first_gets_in_only_if_the_person_says_yes() {
    let stage = Stage::set().await;
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let folder = stage.relay.vault_folder("too late");
    let (late_told, late) = tokio::sync::oneshot::channel();
    // The person looks at the new device, which shows no code but an error, and says no.
    let here = stage.writer.vault.pair(show, async |_| {
        let error: PairError = late.await.unwrap();
        assert!(
            matches!(error, PairError::Pairing(PairingError::LinkTaken)),
            "{error:?}"
        );
        assert_eq!(named(&error).0, "link-taken");
        false
    });
    let there = async {
        let link = link.await.unwrap();
        let code = thief_takes(&link).await;
        assert!(
            code.is_some(),
            "the thief sees a code, on a screen that the person does not look at"
        );
        let shown = |_| panic!("no code is shown on the honest device");
        let late = join(&folder, PASSPHRASE, &link, "reader's pocket", shown).await;
        drop(late_told.send(late.unwrap_err()));
    };
    let (refused, ()) = tokio::join!(here, there);
    let refused = refused.unwrap_err();
    assert!(matches!(refused, PairError::Refused), "{refused:?}");
    stage.heals().await;
    for device in [&stage.writer, &stage.reader] {
        assert_eq!(
            device.vault.status().await.unwrap().devices.len(),
            2,
            "nothing was added"
        );
    }
}

#[tokio::test]
async fn h1_a_link_of_an_attackers_does_nothing_at_a_trusted_device() {
    let stage = Stage::set().await;
    let attacker = found(&stage.relay, "an attacker's lamp").await;
    let before = stage.held().await;
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let pairing = attacker.vault.pair(show, async |_| panic!("nobody came"));
    let asked = stage.relay.exchanges_of(stage.reader.vault.device()).len();
    let shown_to_victim = async {
        // The only verb that takes a link makes a new vault; a vault that is there is not touched.
        let link = link.await.unwrap();
        let folder = stage.reader.vault.folder().to_owned();
        join(&folder, PASSPHRASE, &link, "reader's pocket", |_| {
            panic!("no code")
        })
        .await
    };
    let refused = tokio::select! {
        _ = pairing => panic!("nothing ends it"),
        refused = shown_to_victim => refused.unwrap_err(),
    };
    assert_eq!(refused.code(), "vault-exists");
    assert_eq!(
        stage.relay.exchanges_of(stage.reader.vault.device()).len(),
        asked,
        "silent"
    );
    assert_eq!(stage.held().await, before);
    stage.heals().await;
}

#[tokio::test]
async fn h2_a_device_that_was_added_shows_on_every_device_with_its_date() {
    let stage = Stage::set().await;
    // A thief with the unlocked writer lets a device of the thief's own in.
    let folder = stage.relay.vault_folder("thief");
    let begun = SystemClock.now_ms();
    let thief = stage.writer.pair(&folder, "a thief's lamp").await;
    let paired = SystemClock.now_ms();
    stage.reader.sync().await;
    let seen = SystemClock.now_ms();
    let mut dates = Vec::new();
    for device in [&stage.writer, &stage.reader, &thief] {
        let devices = device.vault.status().await.unwrap().devices;
        assert_eq!(devices.len(), 3, "{}", device.name);
        let added = devices
            .iter()
            .find(|shown| shown.device == thief.vault.device())
            .unwrap();
        assert!(added.active);
        dates.push(added.first_seen_at.unwrap());
        for other in devices.iter().filter(|shown| shown.device != added.device) {
            let known = other.first_seen_at.unwrap();
            assert!(known < begun || device.name == thief.name, "{other:?}");
        }
    }
    assert!(
        (begun..=paired).contains(&dates[0]),
        "the writer's: {dates:?}"
    );
    assert!(
        (paired..=seen).contains(&dates[1]),
        "the reader's: {dates:?}"
    );
    assert!((begun..=paired).contains(&dates[2]), "its own: {dates:?}");
    thief.sync().await;
    stage.reader.sync().await;
    let devices = stage.reader.vault.status().await.unwrap().devices;
    let added = devices
        .iter()
        .find(|shown| shown.device == thief.vault.device())
        .unwrap();
    assert_eq!(added.name, Some("a thief's lamp".parse().unwrap()));
    assert_eq!(added.first_seen_at, Some(dates[1]), "it stays");
    assert!(!stage.relay.knows(b"a thief's lamp"));
}
