//! A1, A4: what passes through the mailbox.

use super::named;
use crate::stage::{Stage, found};
use daymark_client::{
    PairingError,
    pairing::{Comparison, PairError, join},
    vault::Vault,
};
use daymark_core::pairing::PairingLink;
use daymark_tests::{
    hostile::{HostileRelay, MailboxAsked, Script},
    world::PASSPHRASE,
};
use daymark_wire::mailbox::MailboxReply;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Swaps what the two sides of a mailbox say.
struct MailboxForger<F>(F);

impl<F: FnMut(&MailboxAsked, &mut MailboxReply) + Send + 'static> Script for MailboxForger<F> {
    fn mailbox(&mut self, asked: &MailboxAsked, mut reply: MailboxReply) -> MailboxReply {
        (self.0)(asked, &mut reply);
        reply
    }
}

#[tokio::test]
async fn a1_messages_altered_in_the_mailbox_end_the_pairing_by_name() {
    let stage = Stage::set().await;
    for to_trusted in [true, false] {
        let forger = move |asked: &MailboxAsked, reply: &mut MailboxReply| {
            if asked.trusted == to_trusted {
                for message in &mut reply.messages {
                    message.sealed[40] ^= 1;
                }
            }
        };
        stage.relay.play(MailboxForger(forger));
        let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
        let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
        let here = stage.writer.vault.pair(show, async |_| true);
        let folder = stage.relay.vault_folder("a third");
        let there = async {
            let link = link.await.unwrap();
            join(&folder, PASSPHRASE, &link, "a third", |_| ()).await
        };
        let error = if to_trusted {
            // The trusted device tells the new one, too.
            let (here, there) = tokio::join!(here, there);
            assert!(matches!(there, Err(PairError::Refused)), "{there:?}");
            here.map(drop).unwrap_err()
        } else {
            tokio::select! {
                here = here => panic!("{here:?}"),
                there = there => there.map(drop).unwrap_err(),
            }
        };
        assert!(
            matches!(error, PairError::Pairing(PairingError::Altered)),
            "{error:?}"
        );
        assert_eq!(named(&error).0, "pairing-failed");
        assert!(Vault::open(&folder).await.is_err(), "no vault was made");
    }
    stage.heals().await;
    assert_eq!(stage.writer.vault.status().await.unwrap().devices.len(), 2);
}

#[tokio::test]
async fn a4_a_pairing_links_secret_is_in_no_traffic_and_nothing_that_the_relay_keeps() {
    let relay = HostileRelay::start().await;
    let trusted = found(&relay, "writer's desk").await;
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let codes = Arc::new(AtomicU64::new(0));
    let shown = Arc::clone(&codes);
    let read = |code: &str| code.replace(' ', "").parse::<u64>().unwrap();
    let here = trusted.vault.pair(show, async |asked: Comparison| {
        read(&asked.code.to_string()) == codes.load(Ordering::SeqCst)
    });
    let folder = relay.vault_folder("reader");
    let there = async {
        let link = link.await.unwrap();
        let shown = |code: daymark_core::pairing::Code| {
            shown.store(read(&code.to_string()), Ordering::SeqCst);
        };
        let joined = join(&folder, PASSPHRASE, &link, "reader's pocket", shown).await;
        (link, joined)
    };
    let (paired, (link, joined)) = tokio::join!(here, there);
    paired.unwrap();
    joined.unwrap();

    let encoded = link.rsplit('/').next().unwrap();
    let bytes =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, encoded).unwrap();
    let mut decoder = minicbor::Decoder::new(&bytes);
    decoder.array().unwrap();
    for _ in 0..3 {
        decoder.skip().unwrap();
    }
    let secret = decoder.bytes().unwrap();
    assert_eq!(secret.len(), 32);
    let digits = format!("{:06}", codes.load(Ordering::SeqCst));
    let said = [&digits[..3], &digits[3..]].join(" ");
    for known in [
        secret,
        hex::encode(secret).as_bytes(),
        encoded.as_bytes(),
        said.as_bytes(),
        b"reader's pocket",
        b"writer's desk",
    ] {
        assert!(!relay.knows(known), "{}", String::from_utf8_lossy(known));
    }
    // The mailbox's name passes in the clear, as an address; nothing follows from it.
    let link: PairingLink = link.parse().unwrap();
    assert!(
        !relay.knows(link.nonce().as_bytes()) || relay.knows(trusted.vault.account().as_bytes())
    );
}
