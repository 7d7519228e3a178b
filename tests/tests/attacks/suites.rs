//! A3: older, unknown or no cryptography, rightly signed by a stolen device.

use crate::{
    stage::Stage,
    wraps::{founded, opens},
};
use daymark_client::{Fault, PairingError, system::SystemBytes};
use daymark_core::{
    account::found as found_account, keys::CannotOpen, pairing::PairingLink, random::Random,
};
use daymark_tests::hostile::{Answer, Asked, Script, StolenDevice};
use daymark_wire::{
    Context, DecodeError, Header, LogId, Record, Signed, Suite,
    logs::{
        AccountContent, AccountLink, Author, JournalContent, LinkBody, LogKind, Rekey, TravelLink,
    },
    signing::Payload,
    sync::SyncReply,
    wrapping::Wrap,
};

/// None, one that is no suite, and the next one.
const SUITES: [u8; 3] = [0, 23, 2];

/// The same bytes with another suite in the place of the first item.
fn with_suite(bytes: &[u8], suite: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    assert_eq!(bytes[1], 1, "the suite stands first");
    bytes[1] = suite;
    bytes
}

/// Puts a record of another suite into each answer. No type here can hold one, so the bytes of one that
/// stands in its place are exchanged.
struct Exchanges {
    stand_in: Record,
    header: Vec<u8>,
    signature: [u8; 64],
}

impl Script for Exchanges {
    fn sync(&mut self, _: &Asked, mut reply: SyncReply) -> Answer {
        for space in &mut reply.spaces {
            space.records = vec![self.stand_in.clone()];
        }
        let header = self.stand_in.header();
        let bytes = exchange(&reply.to_bytes(), header.bytes(), &self.header);
        Answer::bytes(exchange(
            &bytes,
            header.signature().as_bytes(),
            &self.signature,
        ))
    }
}

fn exchange(bytes: &[u8], one: &[u8], other: &[u8]) -> Vec<u8> {
    assert_eq!(one.len(), other.len());
    let at = bytes
        .windows(one.len())
        .position(|part| part == one)
        .unwrap();
    [&bytes[..at], other, &bytes[at + one.len()..]].concat()
}

#[tokio::test]
async fn a3_a_record_of_another_suite_is_refused() {
    let stage = Stage::set().await;
    let mut thief = StolenDevice::of(&stage.writer.vault).await;
    let stand_in = thief.seal(stage.entry, b"in another suite").into_stub();
    let before = stage.held().await;
    for suite in SUITES {
        let header = with_suite(stand_in.header().bytes(), suite);
        let unknown = DecodeError::UnknownSuite {
            what: "header",
            suite,
        };
        assert_eq!(Header::from_bytes(&header), Err(unknown));
        let signature = *thief
            .device
            .signing()
            .sign(Context::Record, &header)
            .as_bytes();
        stage.relay.play(Exchanges {
            stand_in: stand_in.clone(),
            header,
            signature,
        });
        // It asks whether both sides are up to date.
        assert_eq!(stage.names().await, ["other-protocol"]);
        assert_eq!(stage.held().await, before);
    }
    stage.heals().await;
}

#[tokio::test]
async fn a3_a_link_of_another_suite_is_refused_before_its_signature_is_looked_at() {
    let stage = Stage::set().await;
    let thief = StolenDevice::of(&stage.writer.vault).await;
    let logs = thief.logs();
    let account = logs.links_beyond(logs.account().id().into(), 1)[0].clone();
    let journal = logs.journal_links().last().unwrap().clone();
    let before = stage.held().await;
    for (link, log, context) in [
        (
            account,
            LogId::from(logs.account().id()),
            Context::AccountLink,
        ),
        (journal, LogId::from(logs.space()), Context::JournalLink),
    ] {
        for suite in SUITES {
            let bytes = with_suite(&link.bytes, suite);
            let signature = thief.device.signing().sign(context, &bytes);
            let forged = TravelLink {
                bytes,
                signature,
                ..link.clone()
            };
            let unknown = DecodeError::UnknownSuite {
                what: "link",
                suite,
            };
            let opened = match forged.kind {
                LogKind::Account => forged.open::<AccountContent>().map(drop),
                _ => forged.open::<JournalContent>().map(drop),
            };
            assert_eq!(opened, Err(unknown.into()));
            stage
                .relay
                .alter(move |_, reply| reply.links = vec![forged.clone()]);
            assert_eq!(stage.faults().await, [Fault::BadLink { log }]);
            assert_eq!(stage.held().await, before);
        }
    }
    stage.heals().await;
}

#[test]
fn a3_a_wrap_by_an_older_key_exchange_does_not_open() {
    let (owner, wrap) = founded();
    // X25519 alone, a point of P-256, ML-KEM-768 alone, RSA, nothing.
    for length in [32, 65, 1_088, 256, 0] {
        let mut older: Wrap = wrap.clone();
        older.encapsulated.resize(length, 1);
        assert_eq!(opens(&owner, &older), Err(CannotOpen), "{length}");
    }
    // The secret itself, unwrapped: "no cryptography".
    let bare = Wrap {
        encapsulated: Vec::new(),
        sealed: owner.epoch.1.secret().expose().to_vec(),
        ..wrap.clone()
    };
    assert_eq!(opens(&owner, &bare), Err(CannotOpen));
}

#[tokio::test]
async fn a3_a_pairing_link_of_another_version_is_refused_by_name() {
    let stage = Stage::set().await;
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let link = tokio::select! {
        _ = stage.writer.vault.pair(show, async |_| panic!("nobody came")) => panic!("it waits"),
        link = link => link.unwrap(),
    };
    let other = |version: &str| link.replace("pair/1/", version).parse::<PairingLink>();
    assert!(link.parse::<PairingLink>().is_ok());
    assert_eq!(other("pair/2/"), Err(PairingError::NewerLink));
    assert_eq!(other("pair/0/"), Err(PairingError::DamagedLink));
    assert_eq!(other("pair/"), Err(PairingError::DamagedLink));
    stage.heals().await;
}

#[test]
fn a3_no_signed_thing_of_ours_is_read_without_its_suite() {
    let random = Random::first(Box::new(SystemBytes::new())).unwrap();
    let owner = found_account(None, &random).unwrap();
    let genesis = &owner.logs.links_beyond(owner.logs.account().id().into(), 0)[0];
    for bytes in [&[][..], &[0x80], &[0x87], &[0x87, 0x18, 0x01], &[0xff; 40]] {
        assert!(Header::from_bytes(bytes).is_err());
        assert!(AccountLink::from_parts(bytes.to_vec(), genesis.signature).is_err());
        assert!(Signed::<Header>::from_parts(bytes.to_vec(), genesis.signature).is_err());
    }
}

#[tokio::test]
async fn d6_a_wrapping_key_of_low_order_in_a_link_is_refused() {
    let stage = Stage::set().await;
    let thief = StolenDevice::of(&stage.writer.vault).await;
    let logs = thief.logs();
    let rekey = LinkBody {
        suite: Suite::One,
        log: LogId::from(logs.space()),
        position: logs.journal().length() + 1,
        previous: logs.journal().last(),
        author: Author::Device(thief.device.id()),
        rests_on: vec![logs.account().head()],
        content: JournalContent::Rekey(Rekey {
            wrapping: thief.replica.wrapping.public(),
            epoch: thief.replica.newest_epoch().unwrap().0,
            locked: false,
        }),
    };
    let bytes = rekey.to_bytes();
    let key = *thief.replica.wrapping.public().as_bytes();
    let before = stage.held().await;
    let (front, back) = key.split_at(key.len() - 32);
    assert_eq!(back.len(), 32);
    for u in [[0; 32], near_prime()] {
        let weak = [front, &u].concat();
        let bytes = exchange(&bytes, &key, &weak);
        let signature = thief.device.signing().sign(Context::JournalLink, &bytes);
        let link = TravelLink {
            kind: LogKind::Journal,
            bytes,
            signature,
            blob: None,
        };
        stage
            .relay
            .alter(move |_, reply| reply.links = vec![link.clone()]);
        assert_eq!(
            stage.faults().await,
            [Fault::BadLink {
                log: LogId::from(logs.space())
            }]
        );
        assert_eq!(stage.held().await, before);
    }
    stage.heals().await;
}

/// p - 1: gives the same shared secret whatever the other side's key.
fn near_prime() -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xec;
    bytes[31] = 0x7f;
    bytes
}
