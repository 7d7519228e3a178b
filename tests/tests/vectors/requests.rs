//! `requests.json`: signed requests and replies, problem codes (rule Q1).

use crate::{
    cast,
    sheet::{Sheet, named},
};
use daymark_wire::{
    AccountId, DecodeError, Hash, Nonce, VerifyingKey,
    authorization::{Authorization, BadHeader, Request},
    cbor,
    hash::Domain,
    invite::Invite,
    logs::Author,
    problem::Code,
    signing::BadSignature,
};
use serde_json::json;

const ACCOUNT: AccountId = AccountId::from_bytes([0xe4; 16]);
const NONCE: Nonce = Nonce::from_bytes([0xb7; 16]);
const TIME: u64 = 1_900_000_000;
const BODY: &[u8] = b"any body";

#[test]
fn requests_are_frozen() {
    let mut sheet = Sheet::new(
        "requests.json",
        "Signed requests and replies, problem codes",
    );
    request(&mut sheet);
    reply(&mut sheet);
    refused(&mut sheet);
    problems(&mut sheet);
    invites(&mut sheet);
    sheet.close();
}

fn asked(relay: &VerifyingKey) -> Request<'_> {
    Request {
        relay,
        method: "POST",
        path: "/v1/sync?a=b",
        body: BODY,
    }
}

fn authorization() -> Authorization {
    let (device, relay) = (cast::device(1), cast::relay_key());
    Authorization::sign(
        &asked(&relay),
        ACCOUNT,
        device.id(),
        TIME,
        NONCE,
        device.signing(),
    )
}

fn request(sheet: &mut Sheet) {
    let relay = cast::relay_key();
    let made = authorization();
    let signed = cbor::to_vec(&(
        relay,
        ACCOUNT,
        Author::Device(cast::device(1).id()),
        "POST",
        "/v1/sync?a=b",
        Hash::of(Domain::Message, &[BODY]),
        TIME,
        NONCE,
    ));
    let key = cast::device(1).verifying_key();
    let context = daymark_wire::Context::Request;
    assert!(key.verify(context, &signed, &made.signature).is_ok());
    let fields = json!({
        "relay": hex::encode(relay.as_bytes()),
        "method": "POST",
        "path": "/v1/sync?a=b",
        "body": hex::encode(BODY),
        "signed": hex::encode(signed),
        "header": made.to_header(),
    });
    let decode = move |bytes: &[u8]| {
        let read: Authorization = cbor::exactly("authorization", bytes, 512)?;
        assert!(read.verify(&asked(&cast::relay_key()), &key).is_ok());
        assert_eq!(
            Authorization::from_header(&read.to_header()),
            Ok(read.clone())
        );
        Ok::<_, DecodeError>(read)
    };
    sheet.value_with("authorization", made, cbor::to_vec, decode, fields);
    let by_root = Authorization {
        author: Author::Root,
        ..authorization()
    };
    let read = |bytes: &[u8]| cbor::exactly::<Authorization>("authorization", bytes, 512);
    sheet.value(
        "authorization in root's name, format only",
        by_root,
        cbor::to_vec,
        read,
    );
}

fn reply(sheet: &mut Sheet) {
    let made = authorization();
    let header = made.sign_reply(200, BODY, &cast::relay());
    let fields = json!({
        "request's signature": hex::encode(made.signature.as_bytes()),
        "status": 200,
        "body": hex::encode(BODY),
        "daymark-reply": header,
    });
    sheet.fact("signed reply", fields, move |frozen| {
        let header = frozen["daymark-reply"].as_str().unwrap();
        let relay = cast::relay_key();
        assert!(made.verify_reply(200, BODY, header, &relay).is_ok());
        assert_eq!(
            made.verify_reply(409, BODY, header, &relay),
            Err(BadSignature)
        );
        assert_eq!(
            made.verify_reply(200, b"another", header, &relay),
            Err(BadSignature)
        );
    });
}

fn refused(sheet: &mut Sheet) {
    let header = authorization().to_header();
    let (_, encoded) = header.split_once(' ').unwrap();
    for (name, value) in [
        ("another scheme", format!("Bearer {encoded}")),
        ("no scheme", encoded.to_owned()),
        ("padded", format!("Daymark {encoded}=")),
        (
            "cut off",
            format!("Daymark {}", &encoded[..encoded.len() - 4]),
        ),
        ("more after it", format!("Daymark {encoded}AAAA")),
    ] {
        let fields = json!({ "header": value, "error": named(&BadHeader) });
        sheet.fact(&format!("authorization: {name}"), fields, |frozen| {
            let value = frozen["header"].as_str().unwrap();
            assert_eq!(Authorization::from_header(value), Err(BadHeader));
        });
    }
    let bytes = cbor::to_vec(&authorization());
    let relay = cast::device(2).verifying_key();
    sheet.refused(
        "authorization: shown to another relay",
        &bytes,
        &named(&BadSignature),
        move |bytes| {
            let read: Authorization = cbor::exactly("authorization", bytes, 512).unwrap();
            read.verify(&asked(&relay), &cast::device(1).verifying_key())
        },
    );
}

fn problems(sheet: &mut Sheet) {
    for code in Code::ALL {
        let fields = json!({ "code": code.as_str(), "status": code.status() });
        sheet.fact("problem", fields, move |frozen| {
            assert_eq!(frozen["code"].as_str().unwrap().parse(), Ok(code));
        });
    }
}

fn invites(sheet: &mut Sheet) {
    let invite = Invite::new(cast::relay_key(), [0xc8; 16]);
    let fields = json!({
        "relay": hex::encode(cast::relay_key().as_bytes()),
        "secret": hex::encode([0xc8; 16]),
        "text": invite.to_text(),
        "hash": hex::encode(invite.hash().as_bytes()),
    });
    sheet.fact("invite", fields, move |frozen| {
        let text = frozen["text"].as_str().unwrap();
        assert_eq!(Invite::parse(text), Ok(invite.clone()));
    });
    let short = Invite::new(cast::relay_key(), [0xc8; 16]).to_text()[..60].to_owned();
    let error = DecodeError::Malformed { what: "invite" };
    let fields = json!({ "text": short, "error": named(&error) });
    sheet.fact("invite: cut off", fields, move |frozen| {
        let text = frozen["text"].as_str().unwrap();
        assert_eq!(Invite::parse(text), Err(error.clone()));
    });
}
