//! D1: signatures.

use super::{header, random};
use daymark_core::{
    account::{DeviceRequest, admit_device, found},
    keys::{DeviceKey, WrappingKey},
};
use daymark_wire::{
    AccountId, Context, Hash, LogId, Nonce, Signature, Signed, SigningKey, SpaceId, Suite,
    authorization::{Authorization, Request},
    hash::Domain,
    logs::{
        AccountContent, AccountLink, Author, BondContent, BondLink, JournalContent, JournalLink,
        LinkBody, NewDevice, NewDeviceStatement,
    },
    signing::Payload,
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
