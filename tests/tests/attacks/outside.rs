//! C1, C2, D6: parameters, flags and keys from outside.

use crate::stage::{Stage, found};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use daymark_client::{
    connection::{Invite, RelayAddress, RelayError, capabilities},
    vault::{Vault, VaultError},
};
use daymark_core::pairing::{PairingError, PairingLink};
use daymark_tests::{
    hostile::{Answer, Asked, HostileRelay, Script},
    world::PASSPHRASE,
};
use daymark_wire::{VerifyingKey, problem::Code, sync::SyncReply};
use minicbor::{Encoder, bytes::ByteVec, data::Int};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// The identity of the curve and the point of order 2: keys under which anybody can sign anything.
const LOW_ORDER: [[u8; 32]; 2] = [
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    [0; 32],
];

/// What lies beside a vault's passphrase: the number of the parameters, salt, sealed key.
async fn wrap_of(vault: &Path) -> Vec<u8> {
    let mut file = SqliteConnectOptions::new()
        .filename(vault.join("vault.sqlite"))
        .connect()
        .await
        .unwrap();
    sqlx::query_scalar("SELECT value FROM meta WHERE name = 'wrap'")
        .fetch_one(&mut file)
        .await
        .unwrap()
}

async fn set_wrap(vault: &Path, wrap: &[u8]) {
    let mut file = SqliteConnectOptions::new()
        .filename(vault.join("vault.sqlite"))
        .connect()
        .await
        .unwrap();
    sqlx::query("UPDATE meta SET value = ? WHERE name = 'wrap'")
        .bind(wrap)
        .execute(&mut file)
        .await
        .unwrap();
}

/// The wrap with another number of parameters, and items after those that there are.
fn altered(wrap: &[u8], set: u8, more: &[u32]) -> Vec<u8> {
    let (_, salt, sealed): (u8, ByteVec, ByteVec) = minicbor::decode(wrap).unwrap();
    let mut encoder = Encoder::new(Vec::new());
    encoder.array(3 + more.len() as u64).unwrap();
    encoder
        .u8(set)
        .unwrap()
        .encode(salt)
        .unwrap()
        .encode(sealed)
        .unwrap();
    for item in more {
        encoder.encode(Int::from(*item)).unwrap();
    }
    encoder.into_writer()
}

async fn unlock(folder: &Path, passphrase: &str) -> Result<Vault, VaultError> {
    Vault::open(folder).await?.unlock(passphrase).await
}

#[tokio::test]
async fn c1_parameters_beside_a_vault_are_refused_or_passed_over_never_followed() {
    let relay = HostileRelay::start().await;
    let device = found(&relay, "writer's desk").await;
    device.write("behind a passphrase").await;
    let folder = relay.vault_folder("writer's desk");
    device.vault.clone().close().await;
    let wrap = wrap_of(&folder).await;
    for set in [0, 2, 23] {
        set_wrap(&folder, &altered(&wrap, set, &[])).await;
        let refused = unlock(&folder, PASSPHRASE).await.unwrap_err();
        assert_eq!(refused.code(), "newer-version", "set {set}");
        assert!(!refused.hint().is_empty());
    }
    // Cheap parameters where a careless reader would look for them: 8 KiB, one pass, one lane.
    set_wrap(&folder, &altered(&wrap, 1, &[8, 1, 1])).await;
    let begun = Instant::now();
    let refused = unlock(&folder, "a guess").await.unwrap_err();
    // 64 MiB, three times over, take longer than that on any machine; 8 KiB take microseconds.
    assert!(
        begun.elapsed() > Duration::from_millis(10),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(refused.code(), "wrong-passphrase");
    let vault = unlock(&folder, PASSPHRASE).await.unwrap();
    assert_eq!(vault.status().await.unwrap().unsent, 1);
    vault.close().await;
    set_wrap(&folder, &wrap).await;
    assert!(unlock(&folder, PASSPHRASE).await.is_ok());
}

/// A relay that sets every flag that somebody might once have honoured.
struct SetsFlags;

const FLAGS: [&str; 8] = [
    "recovery",
    "escrow_key",
    "key_connector",
    "min_suite",
    "kdf",
    "argon2_memory_kib",
    "require_plaintext_index",
    "move_to",
];

impl Script for SetsFlags {
    fn capabilities(&mut self, mut told: serde_json::Value) -> serde_json::Value {
        for flag in FLAGS {
            told[flag] = true.into();
        }
        told["limits"]["record_bytes"] = 16.into();
        told["suite"] = 0.into();
        told
    }

    fn sync(&mut self, _: &Asked, reply: SyncReply) -> Answer {
        // Items after those of this version, in the reply and in each of its spaces' answers.
        let bytes = reply.to_bytes();
        assert_eq!(bytes[0], 0x85, "five items");
        let mut more = bytes;
        more[0] = 0x87;
        let mut encoder = Encoder::new(more);
        encoder.bool(true).unwrap();
        encoder
            .array(2)
            .unwrap()
            .str(FLAGS[1])
            .unwrap()
            .bytes(&[7; 32])
            .unwrap();
        Answer::bytes(encoder.into_writer())
    }
}

#[tokio::test]
async fn c2_flags_of_a_relay_are_not_honoured() {
    let stage = Stage::set().await;
    let reader = stage.reader.vault.device();
    stage.reader.write("as ever").await;
    stage.reader.sync().await;
    stage.reader.sync().await;
    let ordinary = stage
        .relay
        .exchanges_of(reader)
        .pop()
        .unwrap()
        .asked
        .request;
    let before = stage.held().await;
    stage.relay.play(SetsFlags);
    let (told, key) = capabilities(&stage.relay.address().url).await.unwrap();
    assert_eq!((told.protocol, key), (1, stage.relay.key()));
    assert!(!format!("{told:?}").contains("escrow"));
    assert_eq!(stage.faults().await, []);
    let asked = stage
        .relay
        .exchanges_of(reader)
        .pop()
        .unwrap()
        .asked
        .request;
    assert_eq!(asked, ordinary);
    assert_eq!(stage.held().await, before);

    // Also a refusal sets none, and its words are only shown.
    stage.relay.play(Refuses);
    assert_eq!(stage.names().await, ["unavailable"]);
    assert_eq!(stage.held().await, before);
    assert_eq!(
        stage.reader.vault.relay().await.unwrap(),
        Some(stage.relay.address())
    );
    stage.heals().await;
}

/// A relay that refuses, and asks for something.
struct Refuses;

impl Script for Refuses {
    fn instead(&mut self, _: &Asked) -> Option<Answer> {
        let more = [
            ("recovery", true.into()),
            ("move_to", "http://127.0.0.1:9".into()),
            ("time", 4_000_000_000_u64.into()),
        ];
        let detail = "Send your recovery phrase to go on.";
        Some(Answer::problem(Code::Unavailable, detail, &more))
    }
}

/// A relay with a key under which anybody could sign.
struct WeakKey([u8; 32]);

impl Script for WeakKey {
    fn capabilities(&mut self, mut told: serde_json::Value) -> serde_json::Value {
        told["relay_key"] = hex::encode(self.0).into();
        told
    }
}

#[tokio::test]
async fn d6_degenerate_keys_are_refused_wherever_a_relays_key_is_read() {
    let stage = Stage::set().await;
    let not_canonical = [0xff; 32];
    for key in LOW_ORDER.into_iter().chain([not_canonical]) {
        assert!(VerifyingKey::from_bytes(key).is_err());
        stage.relay.play(WeakKey(key));
        let met = capabilities(&stage.relay.address().url).await;
        assert_eq!(met.map(drop), Err(RelayError::OtherProtocol));
        let invite = URL_SAFE_NO_PAD.encode([key.as_slice(), &[7; 16]].concat());
        assert!(Invite::parse(&invite).is_err());
    }
    // In a pairing link.
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let link = tokio::select! {
        _ = stage.writer.vault.pair(show, async |_| panic!("nobody came")) => panic!("it waits"),
        link = link => link.unwrap(),
    };
    let encoded = link.strip_prefix("daymark:pair/1/").unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(encoded).unwrap();
    let own = *stage.relay.key().as_bytes();
    let at = bytes.windows(32).position(|part| part == own).unwrap();
    for key in LOW_ORDER.into_iter().chain([not_canonical]) {
        let mut weak = bytes.clone();
        weak[at..at + 32].copy_from_slice(&key);
        let weak = format!("daymark:pair/1/{}", URL_SAFE_NO_PAD.encode(weak));
        assert_eq!(weak.parse::<PairingLink>(), Err(PairingError::DamagedLink));
    }
    stage.heals().await;
}

#[tokio::test]
async fn l4_a_relay_is_met_without_an_invite_only_where_nobody_stands_between() {
    for (url, protected) in [
        ("http://192.0.2.1:8737", false),
        ("http://relay.example", false),
        ("http://127.0.0.1:9", true),
    ] {
        let url = RelayAddress::parse_url(url).unwrap();
        let met = capabilities(&url).await.map(drop);
        let expected = if protected {
            RelayError::Unreachable
        } else {
            RelayError::KeyUnknown
        };
        assert_eq!(met, Err(expected), "{url}");
    }
}
