//! D1: every signature and every wrap, used in every context but its own.

use daymark_client::system::SystemBytes;
use daymark_core::{
    account::{DeviceRequest, admit_device, begin_epoch, found},
    keys::{DeviceKey, DocumentKey, EpochSecret, PassphraseWrap, VaultKey, WrappingKey},
    random::Random,
    seal::{self, BodyKey},
    sync::Checkpoint,
};
use daymark_wire::{
    AccountId, ChainId, Context, DocumentId, Hash, Have, Header, Incarnation, KeyId, LogId, Nonce,
    Record, RecordKind, Seq, Signature, Signed, SigningKey, SpaceId, Suite,
    authorization::{Authorization, Request},
    hash::Domain,
    logs::{
        AccountContent, AccountLink, Author, BondContent, BondLink, JournalContent, JournalLink,
        LinkBody, NewDevice, NewDeviceStatement, TravelLink,
    },
    record::ExpiryDay,
    signing::Payload,
    wrapping::{Recipient, Wraps},
};

/// Whether a signature holds over some bytes.
type Holds = dyn Fn(&[u8], &Signature) -> bool;

/// One thing that is signed: its bytes, its signature, and whether bytes and signature hold in its place.
struct Use {
    context: Context,
    bytes: Vec<u8>,
    signature: Signature,
    holds: Box<Holds>,
}

fn random() -> Random {
    Random::first(Box::new(SystemBytes::new())).unwrap()
}

/// A payload's place: read and verified as its type.
fn payload<T: Payload + 'static>(signed: &Signed<T>, key: &DeviceKey) -> Use {
    let verifying = key.verifying_key();
    Use {
        context: T::CONTEXT,
        bytes: signed.bytes().to_vec(),
        signature: *signed.signature(),
        holds: Box::new(move |bytes, signature| {
            Signed::<T>::from_parts(bytes.to_vec(), *signature)
                .is_ok_and(|signed| signed.verify(&verifying).is_ok())
        }),
    }
}

fn link<C>(content: C, heads: usize, key: &DeviceKey) -> Signed<LinkBody<C>>
where
    LinkBody<C>: Payload,
{
    let head = daymark_wire::logs::Head {
        length: 1,
        hash: daymark_wire::logs::HeadHash::from_bytes([1; 16]),
    };
    Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: LogId::from_bytes([1; 16]),
            position: 2,
            previous: Hash::of(Domain::Link, &[b"the one before"]),
            author: Author::Device(key.id()),
            rests_on: vec![head; heads],
            content,
        },
        key.signing(),
    )
}

fn header(key: &DeviceKey, space: SpaceId) -> Header {
    Header {
        suite: Suite::One,
        kind: RecordKind::Change,
        space,
        document: DocumentId::from_bytes([2; 16]),
        chain: ChainId {
            device: key.id(),
            incarnation: Incarnation::from_bytes([3; 8]),
        },
        seq: Seq::FIRST,
        previous: Hash::ZERO,
        epoch: daymark_wire::EpochId::from_bytes([4; 16]),
        heads: Vec::new(),
        expires: ExpiryDay(0),
        key: KeyId::from_bytes([5; 16]),
        introduces: None,
        replaces: None,
        body_length: 0,
        body_hash: Hash::of(Domain::Body, &[b""]),
    }
}

/// Every kind of signature that there is, by one key.
fn every_signature(key: &DeviceKey) -> Vec<Use> {
    let account: AccountLink = link(AccountContent::Revoke { device: key.id() }, 0, key);
    let open = JournalContent::Open {
        account: AccountId::from_bytes([1; 16]),
        wrapping: WrappingKey::generate(&random()).unwrap().public(),
        nonce: Nonce::ZERO,
    };
    let journal: JournalLink = link(open, 1, key);
    let bond: BondLink = link(BondContent::Leave, 2, key);
    let statement = NewDeviceStatement {
        signing: key.verifying_key(),
        wrapping: Hash::of(Domain::WrappingKey, &[b"key"]),
        account: AccountId::from_bytes([1; 16]),
        nonce: Nonce::ZERO,
    };
    let record = Signed::sign(header(key, SpaceId::from_bytes([1; 16])), key.signing());
    let statement = Signed::sign(statement, key.signing());
    let (request, reply) = (requests(key), replies(key));
    vec![
        payload(&record, key),
        payload(&account, key),
        payload(&journal, key),
        payload(&bond, key),
        payload(&statement, key),
        request,
        reply,
    ]
}

const PATH: &str = "/v1/sync";

/// A request's place: what is signed is made anew from its parts, so that only the signature is brought.
fn requests(key: &DeviceKey) -> Use {
    let verifying = key.verifying_key();
    let asked = |body| Request {
        relay: &verifying,
        method: "POST",
        path: PATH,
        body,
    };
    let made = Authorization::sign(
        &asked(b"body"),
        AccountId::ZERO,
        key.id(),
        1,
        Nonce::ZERO,
        key.signing(),
    );
    let signature = made.signature;
    Use {
        context: Context::Request,
        bytes: b"body".to_vec(),
        signature,
        holds: Box::new(move |body, signature| {
            let brought = Authorization {
                signature: *signature,
                ..made.clone()
            };
            let asked = Request {
                relay: &verifying,
                method: "POST",
                path: PATH,
                body,
            };
            brought.verify(&asked, &verifying).is_ok()
        }),
    }
}

/// A reply's place, likewise.
fn replies(key: &DeviceKey) -> Use {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let verifying = key.verifying_key();
    let asked = Request {
        relay: &verifying,
        method: "POST",
        path: PATH,
        body: b"body",
    };
    let to = Authorization::sign(
        &asked,
        AccountId::ZERO,
        key.id(),
        1,
        Nonce::ZERO,
        key.signing(),
    );
    let header = to.sign_reply(200, b"body", key.signing());
    let signature = <[u8; 64]>::try_from(URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    Use {
        context: Context::Reply,
        bytes: b"body".to_vec(),
        signature: Signature::from_bytes(signature),
        holds: Box::new(move |body, signature| {
            let header = URL_SAFE_NO_PAD.encode(signature.as_bytes());
            to.verify_reply(200, body, &header, &verifying).is_ok()
        }),
    }
}

#[test]
fn d1_every_signature_holds_in_its_own_place_and_no_other() {
    let key = DeviceKey::generate(&random()).unwrap();
    let uses = every_signature(&key);
    let contexts: Vec<Context> = uses.iter().map(|each| each.context).collect();
    assert_eq!(contexts, Context::ALL, "every context is here");
    for made in &uses {
        for used in &uses {
            let own = made.context == used.context;
            // As it is, and with the bytes that belong there.
            let as_it_is = (used.holds)(&made.bytes, &made.signature);
            let over_its_bytes = (used.holds)(&used.bytes, &made.signature);
            assert_eq!(as_it_is, own, "{:?} as {:?}", made.context, used.context);
            assert_eq!(
                over_its_bytes, own,
                "{:?} over {:?}",
                made.context, used.context
            );
        }
    }
}

#[test]
fn d1_the_right_bytes_signed_for_another_context_hold_nowhere() {
    let key = DeviceKey::generate(&random()).unwrap();
    for used in every_signature(&key) {
        for context in Context::ALL {
            let signature = key.signing().sign(context, &used.bytes);
            // Requests and replies are signed over more than their bodies.
            let whole = !matches!(used.context, Context::Request | Context::Reply);
            let holds = (used.holds)(&used.bytes, &signature);
            assert_eq!(
                holds,
                whole && context == used.context,
                "{context:?} as {:?}",
                used.context
            );
        }
        let other: SigningKey = SigningKey::from_seed(
            DeviceKey::generate(&random())
                .unwrap()
                .seed()
                .expose_zeroizing(),
        );
        assert!(!(used.holds)(
            &used.bytes,
            &other.sign(used.context, &used.bytes)
        ));
    }
}

#[test]
fn d1_a_new_devices_statement_opens_nothing_but_its_own_account_and_pairing() {
    let random = random();
    let owner = found(None, &random).unwrap();
    let other = found(None, &random).unwrap();
    let (device, wrapping) = (
        DeviceKey::generate(&random).unwrap(),
        WrappingKey::generate(&random).unwrap(),
    );
    let nonce = Nonce::from_bytes([1; 16]);
    let request = DeviceRequest::new(&device, &wrapping, owner.logs.account().id(), nonce);
    let admit = |of: &daymark_core::account::Founded, nonce| {
        admit_device(&of.logs, &request, nonce, &of.epoch.1, &of.device, &random)
    };
    assert!(admit(&owner, nonce).is_ok());
    assert!(admit(&other, nonce).is_err());
    assert!(admit(&owner, Nonce::ZERO).is_err());
    // A genesis is of no account yet: its statement is not one for an account that is.
    let genesis = NewDevice::sign(
        NewDeviceStatement {
            signing: device.verifying_key(),
            wrapping: wrapping.public().hash(),
            account: AccountId::ZERO,
            nonce,
        },
        device.signing(),
    );
    let request = DeviceRequest {
        device: genesis,
        wrapping: wrapping.public(),
    };
    assert!(request.check(owner.logs.account().id(), nonce).is_err());
}

/// The wraps of a link's blob.
fn wraps(link: &TravelLink) -> Wraps {
    minicbor::decode(link.blob.as_ref().unwrap()).unwrap()
}

#[test]
fn d1_every_epoch_wrap_opens_for_its_recipient_space_and_epoch_only() {
    let random = random();
    let accounts = [found(None, &random).unwrap(), found(None, &random).unwrap()];
    let mut all = Vec::new();
    let mut keys = Vec::new();
    for founded in &accounts {
        let space = founded.logs.space();
        let (later, (_, secret)) = begin_epoch(
            &founded.logs,
            &founded.account_keys,
            Have::new(),
            None,
            &founded.device,
            &random,
        )
        .unwrap();
        let first = founded.logs.journal_links().last().unwrap();
        let device = Recipient::Device(founded.device.id());
        for (link, secret) in [(first, founded.epoch.1.clone()), (&later, secret)] {
            let commitment = secret.commitment();
            for wrap in wraps(link).wraps {
                all.push((wrap, space, commitment, secret.clone()));
            }
        }
        keys.push((device, founded.wrapping.clone()));
        keys.push((Recipient::Recovery, founded.phrase.recovery_key()));
    }
    assert_eq!((all.len(), keys.len()), (8, 4));
    let mut opened = 0;
    for (wrap, own_space, own_commitment, secret) in &all {
        for (_, space, commitment, _) in &all {
            for (recipient, key) in &keys {
                // Also with another recipient written over its own.
                for name in keys.iter().map(|(recipient, _)| *recipient) {
                    let named = daymark_wire::wrapping::Wrap {
                        recipient: name,
                        ..wrap.clone()
                    };
                    let result = EpochSecret::unwrap(&named, *space, commitment, key);
                    let own_key = accounts.iter().position(|f| f.logs.space() == *own_space);
                    let own = space == own_space
                        && commitment == own_commitment
                        && name == wrap.recipient
                        && *recipient == wrap.recipient
                        && own_key
                            .is_some_and(|n| keys[2 * n..2 * n + 2].iter().any(|(_, k)| k == key));
                    assert_eq!(result.is_ok(), own);
                    if let Ok(found) = result {
                        assert_eq!(&found, secret);
                        opened += 1;
                    }
                }
            }
        }
    }
    // Each wrap once for each way in which the loops name its own place.
    assert!(opened >= all.len(), "{opened}");
}

#[test]
fn d1_every_other_wrap_opens_in_its_own_place_only() {
    let random = random();
    let (one, two) = (found(None, &random).unwrap(), found(None, &random).unwrap());
    let epochs = [one.epoch.1.clone(), two.epoch.1.clone()];
    let spaces = [one.logs.space(), two.logs.space()];
    let documents = [
        DocumentId::from_bytes([1; 16]),
        DocumentId::from_bytes([2; 16]),
    ];
    let keys = [
        DocumentKey::generate(&random).unwrap(),
        DocumentKey::generate(&random).unwrap(),
    ];

    // A document's key: bound to epoch, document and its own id.
    for (e, d, k) in triples() {
        let wrapped = epochs[e].wrap_key(documents[d], &keys[k]);
        for (e2, d2, k2) in triples() {
            let opened = epochs[e2].unwrap_key(documents[d2], keys[k2].id(), &wrapped);
            assert_eq!(opened.is_ok(), (e, d, k) == (e2, d2, k2));
        }
    }

    // The account's keys: bound to epoch and space, and no document's key is one.
    for (e, s, _) in triples() {
        let sealed = epochs[e].seal_account(spaces[s], &one.account_keys);
        for (e2, s2, _) in triples() {
            assert_eq!(
                epochs[e2].open_account(spaces[s2], &sealed).is_ok(),
                (e, s) == (e2, s2)
            );
        }
        let wrapped = epochs[e].wrap_key(documents[0], &keys[0]);
        assert!(
            epochs[e]
                .open_account(spaces[s], wrapped.as_bytes())
                .is_err()
        );
    }

    // A vault's rows: bound to vault, table and row; the passphrase's wrap is none of them.
    let vaults = [
        VaultKey::generate(&random).unwrap(),
        VaultKey::generate(&random).unwrap(),
    ];
    let (tables, rows) = (["documents", "secrets"], [b"1".as_slice(), b"2"]);
    for (v, t, r) in triples() {
        let sealed = vaults[v]
            .seal_row(tables[t], rows[r], b"content", &random)
            .unwrap();
        for (v2, t2, r2) in triples() {
            let opened = vaults[v2].open_row(tables[t2], rows[r2], &sealed);
            assert_eq!(opened.is_ok(), (v, t, r) == (v2, t2, r2));
        }
    }
    let wrap = PassphraseWrap::new(&vaults[0], "a passphrase", &random).unwrap();
    let wrap = minicbor::to_vec(&wrap).unwrap();
    assert!(vaults[0].open_row(tables[0], rows[0], &wrap).is_err());
}

/// Every choice of one of two, three times.
fn triples() -> impl Iterator<Item = (usize, usize, usize)> {
    (0..8).map(|n| (n >> 2, n >> 1 & 1, n & 1))
}

#[test]
fn d1_a_body_opens_with_its_own_header_and_key_only() {
    let random = random();
    let owner = found(None, &random).unwrap();
    let key = DocumentKey::generate(&random).unwrap();
    let epoch = &owner.epoch.1;
    let checkpoint_key = epoch.space_key(RecordKind::Checkpoint);
    let keys_key = epoch.space_key(RecordKind::Keys);
    let of_document = Header {
        key: key.id(),
        ..header(&owner.device, owner.logs.space())
    };
    let of_space = |kind| Header {
        kind,
        document: DocumentId::ZERO,
        key: KeyId::ZERO,
        ..of_document.clone()
    };
    let content = Checkpoint {
        have: Have::new(),
        heads: Vec::new(),
        forgotten_up_to: 1,
    }
    .to_bytes();
    let body_keys = [
        BodyKey::Document(&key),
        BodyKey::Space(&checkpoint_key),
        BodyKey::Space(&keys_key),
    ];
    let headers = [
        of_document.clone(),
        of_space(RecordKind::Checkpoint),
        of_space(RecordKind::Keys),
    ];
    let seal = |header: &Header, key| {
        seal::seal(header.clone(), &content, key, &owner.device, &random).unwrap()
    };
    let records: Vec<Record> = headers
        .iter()
        .zip(body_keys)
        .map(|(header, key)| seal(header, key))
        .collect();
    for (made, record) in records.iter().enumerate() {
        for (used, other) in records.iter().enumerate() {
            for (with, key) in body_keys.into_iter().enumerate() {
                let header = other
                    .header()
                    .clone()
                    .verify(&owner.device.verifying_key())
                    .unwrap();
                let opened = seal::open(&header, record.body().unwrap(), key);
                assert_eq!(
                    opened.is_ok(),
                    made == used && used == with,
                    "{made} {used} {with}"
                );
            }
        }
    }
}
