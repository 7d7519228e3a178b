//! `keys.json`: hashes, phrase, devices, documents, epochs, wraps (PROTOCOL sections 2 and 3).

use crate::{
    cast,
    independent::{hash, hkdf, mac, open},
    sheet::{Sheet, bytes_of, named},
};
use daymark_core::{
    keys::{AccountKeys, CannotOpen, EpochSecret, PhraseError, RecoveryPhrase, WrappingKey},
    secret::Secret,
};
use daymark_wire::{
    AccountId, Context, DecodeError, Hash, RecordKind, SigningKey, SpaceId, VerifyingKey, cbor,
    hash::Domain,
    wrapping::{Recipient, Wrap, WrappingPublicKey, Wraps},
};
use serde_json::json;

const SPACE: SpaceId = SpaceId::from_bytes([0xe3; 16]);

#[test]
fn keys_are_frozen() {
    let mut sheet = Sheet::new(
        "keys.json",
        "Hashes, signatures, phrase, device, document, epoch and account keys",
    );
    hashes(&mut sheet);
    signatures(&mut sheet);
    phrases(&mut sheet);
    devices(&mut sheet);
    documents(&mut sheet);
    epochs(&mut sheet);
    account(&mut sheet);
    wraps(&mut sheet);
    refused_keys(&mut sheet);
    sheet.close();
}

fn hashes(sheet: &mut Sheet) {
    let domains = [
        (Domain::Header, "daymark/1/header\0"),
        (Domain::Body, "daymark/1/body\0"),
        (Domain::Link, "daymark/1/link\0"),
        (Domain::Blob, "daymark/1/blob\0"),
        (Domain::Device, "daymark/1/device\0"),
        (Domain::WrappingKey, "daymark/1/wrapping-key\0"),
        (Domain::Message, "daymark/1/message\0"),
        (Domain::Token, "daymark/1/token\0"),
    ];
    for (domain, label) in domains {
        let made = Hash::of(domain, &[b"abc"]);
        assert_eq!(made.as_bytes().as_slice(), hash(label, b"abc"));
        let fields = json!({
            "label": hex::encode(label),
            "input": hex::encode("abc"),
            "hash": hex::encode(made.as_bytes()),
        });
        sheet.fact(&format!("hash: {domain:?}"), fields, |_| {});
    }
}

fn signatures(sheet: &mut Sheet) {
    let key = SigningKey::from_seed(cast::secret(1).expose_zeroizing());
    for context in Context::ALL {
        let signature = key.sign(context, b"abc");
        let fields = json!({
            "seed": hex::encode([1; 32]),
            "public": hex::encode(key.verifying_key().as_bytes()),
            "label": hex::encode(context.label()),
            "message": hex::encode("abc"),
            "signature": hex::encode(signature.as_bytes()),
        });
        let public = key.verifying_key();
        sheet.fact(&format!("signature: {context:?}"), fields, move |frozen| {
            let bytes: [u8; 64] = bytes_of(&frozen["signature"]).try_into().unwrap();
            let signature = daymark_wire::Signature::from_bytes(bytes);
            assert!(public.verify(context, b"abc", &signature).is_ok());
        });
    }
}

fn phrases(sheet: &mut Sheet) {
    let range: Vec<u8> = (0..32).collect();
    for (entropy, phrase) in [(vec![0; 32], cast::phrase()), (range, cast::other_phrase())] {
        let root_seed = hkdf(b"", &entropy, b"daymark/1/root", 32);
        let recovery_seed = hkdf(b"", &entropy, b"daymark/1/recovery", 32);
        assert_eq!(
            phrase.recovery_key().seed().expose().as_slice(),
            recovery_seed
        );
        let root =
            SigningKey::from_seed(Secret::from_slice(&root_seed).unwrap().expose_zeroizing());
        assert_eq!(phrase.root_key().verifying_key(), root.verifying_key());
        let fields = json!({
            "entropy": hex::encode(&entropy),
            "words": phrase.words().as_str(),
            "root seed": hex::encode(root_seed),
            "root public": hex::encode(root.verifying_key().as_bytes()),
            "recovery seed": hex::encode(recovery_seed),
            "recovery public": hex::encode(phrase.recovery_key().public().as_bytes()),
            "recovery public hash": hex::encode(phrase.recovery_key().public().hash().as_bytes()),
        });
        sheet.fact("phrase", fields, move |frozen| {
            let words = frozen["words"].as_str().unwrap();
            assert_eq!(RecoveryPhrase::parse(words).unwrap(), phrase);
        });
    }
    let all_same = ["abandon"; 24].join(" ");
    let unknown = all_same.replacen("abandon", "daymark", 1);
    for (name, words, error) in [
        (
            "phrase: a wrong checksum",
            all_same.as_str(),
            PhraseError::Checksum,
        ),
        (
            "phrase: a word that is none",
            &unknown,
            PhraseError::UnknownWord(1),
        ),
        (
            "phrase: too short",
            "abandon art",
            PhraseError::WordCount(2),
        ),
    ] {
        let fields = json!({ "words": words, "error": named(&error) });
        sheet.fact(name, fields, move |frozen| {
            let words = frozen["words"].as_str().unwrap();
            assert_eq!(RecoveryPhrase::parse(words), Err(error));
        });
    }
}

fn devices(sheet: &mut Sheet) {
    for n in [1, 2] {
        let (device, wrapping) = (cast::device(n), cast::wrapping(n));
        let public = device.verifying_key();
        let id = hash("daymark/1/device\0", public.as_bytes());
        assert_eq!(device.id().as_bytes().as_slice(), &id[..16]);
        let fields = json!({
            "signing seed": hex::encode(device.seed().expose()),
            "signing public": hex::encode(public.as_bytes()),
            "id": device.id().to_string(),
            "wrapping seed": hex::encode(wrapping.seed().expose()),
            "wrapping public": hex::encode(wrapping.public().as_bytes()),
            "wrapping public hash": hex::encode(wrapping.public().hash().as_bytes()),
        });
        sheet.fact(&format!("device {n}"), fields, |_| {});
    }
}

fn documents(sheet: &mut Sheet) {
    let key = cast::document_key();
    let id = hkdf(b"", &[0x90; 32], b"daymark/1/document-key-id", 16);
    assert_eq!(key.id().as_bytes().as_slice(), id);
    let fields = json!({
        "key": hex::encode(key.secret().expose()),
        "id": key.id().to_string(),
    });
    sheet.fact("document key", fields, |_| {});
}

fn epochs(sheet: &mut Sheet) {
    let epoch = cast::epoch_secret(1);
    let secret = epoch.secret().expose();
    let commitment = hkdf(b"", secret, b"daymark/1/epoch-commitment", 32);
    assert_eq!(epoch.commitment().as_bytes().as_slice(), commitment);
    let keys = hkdf(b"", secret, b"daymark/1/space-key\0keys", 32);
    assert_eq!(
        epoch
            .space_key(RecordKind::Keys)
            .secret()
            .expose()
            .as_slice(),
        keys
    );
    let checkpoint = hkdf(b"", secret, b"daymark/1/space-key\0checkpoint", 32);
    let made = epoch.space_key(RecordKind::Checkpoint);
    assert_eq!(made.secret().expose().as_slice(), checkpoint);
    let fields = json!({
        "secret": hex::encode(secret),
        "commitment": hex::encode(commitment),
        "key for records of kind keys": hex::encode(keys),
        "key for records of kind checkpoint": hex::encode(checkpoint),
    });
    sheet.fact("epoch", fields, |_| {});

    let key = cast::document_key();
    let wrapped = epoch.wrap_key(cast::DOCUMENT, &key);
    let info = [
        b"daymark/1/wrap-key\0".as_slice(),
        cast::DOCUMENT.as_bytes(),
        key.id().as_bytes(),
    ]
    .concat();
    let under = hkdf(b"", secret, &info, 32);
    let opened = open(&under, &[0; 12], b"", wrapped.as_bytes()).unwrap();
    assert_eq!(opened, key.secret().expose());
    let fields = json!({
        "epoch secret": hex::encode(secret),
        "document": cast::DOCUMENT.to_string(),
        "document key": hex::encode(key.secret().expose()),
        "key id": key.id().to_string(),
        "wrapped under": hex::encode(under),
        "wrapped": hex::encode(wrapped.as_bytes()),
    });
    sheet.fact("wrapped document key", fields, |_| {});
}

fn account(sheet: &mut Sheet) {
    let keys = cast::account_keys();
    let bytes = keys.to_bytes().to_vec();
    let epoch = cast::epoch_secret(1);
    let sealed = epoch.seal_account(SPACE, &keys);
    let under = hkdf(b"", epoch.secret().expose(), b"daymark/1/shared", 32);
    assert_eq!(
        open(&under, &[0; 12], SPACE.as_bytes(), &sealed).unwrap(),
        bytes
    );
    let fields = json!({
        "epoch secret": hex::encode(epoch.secret().expose()),
        "space": SPACE.to_string(),
        "account keys": hex::encode(&bytes),
        "sealed under": hex::encode(under),
        "sealed": hex::encode(&sealed),
    });
    sheet.fact("account keys beside an epoch", fields, move |frozen| {
        let sealed = bytes_of(&frozen["sealed"]);
        assert_eq!(
            epoch.open_account(SPACE, &sealed).unwrap(),
            cast::account_keys()
        );
        let bytes = bytes_of(&frozen["account keys"]);
        assert_eq!(
            AccountKeys::from_bytes(&bytes).unwrap(),
            cast::account_keys()
        );
    });

    for n in [0_u32, 1] {
        let id = keys.secret.document_id("devices", n);
        let message = [
            b"daymark/1/document-id\0devices\0".as_slice(),
            &n.to_be_bytes(),
        ]
        .concat();
        assert_eq!(id.as_bytes().as_slice(), &mac(&[0x61; 32], &message)[..16]);
        let fields = json!({
            "account secret": hex::encode([0x61; 32]),
            "name": "devices",
            "n": n,
            "document": id.to_string(),
        });
        sheet.fact("computed document id", fields, |_| {});
    }
}

fn wraps(sheet: &mut Sheet) {
    let epoch = cast::epoch_secret(1);
    let account = AccountId::from_bytes([0xe4; 16]);
    let recipients = [
        (Recipient::Device(cast::device(1).id()), cast::wrapping(1)),
        (Recipient::Recovery, cast::phrase().recovery_key()),
        (Recipient::Account(account), cast::account_key()),
    ];
    for (recipient, key) in recipients {
        let wrap = epoch
            .wrap_for(SPACE, recipient, &key.public(), &cast::random())
            .unwrap();
        let info = [
            b"daymark/1/wrap\0".as_slice(),
            SPACE.as_bytes(),
            epoch.commitment().as_bytes(),
            &cbor::to_vec(&recipient),
        ]
        .concat();
        let fields = json!({
            "epoch secret": hex::encode(epoch.secret().expose()),
            "recipient's seed": hex::encode(key.seed().expose()),
            "space": SPACE.to_string(),
            "info": hex::encode(info),
        });
        let commitment = epoch.commitment();
        let seed = key.seed().clone();
        let decode = move |bytes: &[u8]| -> Result<Wrap, String> {
            let wrap: Wrap = cbor::exactly("wrap", bytes, 2_000).map_err(|e| e.to_string())?;
            let key = WrappingKey::from_seed(seed.clone());
            let opened = EpochSecret::unwrap(&wrap, SPACE, &commitment, &key);
            assert_eq!(opened, Ok(cast::epoch_secret(1)));
            Ok(wrap)
        };
        sheet.value_with("wrap", wrap, cbor::to_vec, decode, fields);
    }
    let recovery = cast::phrase().recovery_key();
    let to_recovery = epoch
        .wrap_for(
            SPACE,
            Recipient::Recovery,
            &recovery.public(),
            &cast::random(),
        )
        .unwrap();
    let renamed = Wrap {
        recipient: Recipient::Device(cast::device(1).id()),
        ..to_recovery
    };
    let commitment = epoch.commitment();
    sheet.refused(
        "wrap: for the recovery key, under a device's name",
        &cbor::to_vec(&renamed),
        &named(&CannotOpen),
        move |bytes| {
            let wrap: Wrap = cbor::exactly("wrap", bytes, 2_000).unwrap();
            let key = cast::phrase().recovery_key();
            EpochSecret::unwrap(&wrap, SPACE, &commitment, &key)
        },
    );
    let empty = Wraps {
        wraps: Vec::new(),
        shared: Vec::new(),
    };
    let read = |bytes: &[u8]| cbor::exactly::<Wraps>("wraps", bytes, 100);
    sheet.value("wraps: none", empty, cbor::to_vec, read);
}

fn refused_keys(sheet: &mut Sheet) {
    let signing = |bytes: &[u8]| VerifyingKey::from_bytes(bytes.try_into().unwrap());
    let bad = named(&DecodeError::BadKey {
        what: "signing key",
    });
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = [0xff; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    let mut prime = minus_one;
    prime[0] = 0xed;
    let mut signed_one = one;
    signed_one[31] = 0x80;
    for (name, bytes) in [
        ("signing key: y = 1", one),
        ("signing key: y = 1, sign bit set", signed_one),
        ("signing key: y = 0", [0; 32]),
        ("signing key: y = -1", minus_one),
        ("signing key: y = p, not canonical", prime),
        ("signing key: all ones, not canonical", [0xff; 32]),
    ] {
        sheet.refused(name, &bytes, &bad, signing);
    }
    let wrapping = |bytes: &[u8]| WrappingPublicKey::from_bytes(bytes.try_into().unwrap());
    let bad = named(&DecodeError::BadKey {
        what: "wrapping key",
    });
    for (name, u) in [("u = 0", [0; 32]), ("u = 1", one), ("u = p - 1", minus_one)] {
        let mut bytes = [7; WrappingPublicKey::SIZE];
        bytes[WrappingPublicKey::SIZE - 32..].copy_from_slice(&u);
        sheet.refused(&format!("wrapping key: {name}"), &bytes, &bad, wrapping);
    }
}
