//! `pairing.json`: a link, and one whole pairing with everything derived on the way (rule Q2).

use crate::{
    cast,
    diagnostic::diagnostic,
    independent::{hkdf, open},
    journal_log::journal_log,
    links::short_account_log,
    sheet::{Sheet, bytes_of, named},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use daymark_core::{
    account::Logs,
    journal::DeviceName,
    pairing::{
        Insider, Joining, JoiningEffect, JoiningEvent, Newcomer, PairingError, PairingLink,
        Trusted, TrustedEffect, TrustedEvent,
    },
};
use daymark_wire::{
    logs::{AccountState, TravelLink},
    mailbox::MailboxMessage,
};
use minicbor::Decoder;
use serde_json::json;

const NOW: u64 = 1_900_000_000;

#[test]
fn pairing_is_frozen() {
    let mut sheet = Sheet::new(
        "pairing.json",
        "A pairing link, and one whole pairing with everything derived on the way",
    );
    let told = tell();
    link(&mut sheet, &told);
    messages(&mut sheet, &told);
    refused(&mut sheet, &told);
    sheet.close();
}

/// One pairing from the link to the welcome.
struct Told {
    link: PairingLink,
    secret: Vec<u8>,
    code: String,
    /// From the new side, from the trusted, from the new, from the trusted.
    messages: Vec<MailboxMessage>,
}

fn tell() -> Told {
    let random = cast::random();
    let (mut logs, owner, epoch) = (logs(), cast::device(1), cast::epoch_secret(1));
    let url = "https://relay.example.org";
    let relay = cast::relay_key();
    let mut trusted = Trusted::open(url, relay, &logs, NOW, &random).unwrap();
    let link: PairingLink = trusted.link().to_string().parse().unwrap();
    let newcomer = Newcomer::stored(link.clone(), cast::device(2), cast::wrapping(2));
    let name = DeviceName::parse("the phone").unwrap();
    let (mut joining, hello) = newcomer.say_hello(&name, &random).unwrap();
    let reply = said(&trusted.handle(&TrustedEvent::Heard(&hello), NOW, &random));
    let reveal = joining.handle(&JoiningEvent::Heard(&reply), NOW, &random);
    let [JoiningEffect::Say(reveal), JoiningEffect::ShowCode(there)] = reveal.as_slice() else {
        panic!("{reveal:?}");
    };
    let compare = trusted.handle(&TrustedEvent::Heard(reveal), NOW, &random);
    let [TrustedEffect::Compare { code, .. }] = compare.as_slice() else {
        panic!("{compare:?}");
    };
    assert_eq!(code, there);
    let insider = Insider {
        logs: &logs,
        epoch: &epoch,
        device: &owner,
    };
    let yes = trusted.handle(&TrustedEvent::SaidYes(insider), NOW, &random);
    let [TrustedEffect::Append(admission)] = yes.as_slice() else {
        panic!("{yes:?}");
    };
    logs.take(&[admission.add.clone(), admission.enter.clone()]);
    let welcome = said(&trusted.handle(&TrustedEvent::Appended(&logs), NOW, &random));
    joining.handle(&JoiningEvent::Heard(&welcome), NOW, &random);
    let_in(&joining, &logs);
    Told {
        secret: secret_of(&link),
        code: code.to_string(),
        messages: vec![hello, reply, reveal.clone(), welcome],
        link,
    }
}

/// Genesis, open, epoch: the first links of `account-log.json` and `journal-log.json`.
fn logs() -> Logs {
    let genesis = &short_account_log()[0];
    let account = AccountState::begin(genesis).unwrap();
    let (journal, blobs) = journal_log(&account);
    let journal = journal.iter().zip(blobs).take(2);
    let mut links: Vec<TravelLink> = vec![genesis.to_travel(None)];
    links.extend(journal.map(|(link, blob)| link.to_travel(blob)));
    Logs::fold(&links).unwrap()
}

fn said(effects: &[TrustedEffect]) -> MailboxMessage {
    match effects.first() {
        Some(TrustedEffect::Say(message)) => message.clone(),
        other => panic!("{other:?}"),
    }
}

fn let_in(joining: &Joining, logs: &Logs) {
    let account = logs.links_beyond(logs.account().id().into(), 0);
    let links = [account, logs.journal_links()].concat();
    assert_eq!(joining.finish(&links).unwrap().logs, *logs);
}

/// The CBOR in a link's text.
fn bytes_of_link(link: &PairingLink) -> Vec<u8> {
    let text = link.to_string();
    let encoded = text.strip_prefix("daymark:pair/1/").unwrap();
    URL_SAFE_NO_PAD.decode(encoded).unwrap()
}

/// The fourth item of the CBOR array.
fn secret_of(link: &PairingLink) -> Vec<u8> {
    let bytes = bytes_of_link(link);
    let mut d = Decoder::new(&bytes);
    assert_eq!(d.array().unwrap(), Some(8));
    for _ in 0..3 {
        d.skip().unwrap();
    }
    d.bytes().unwrap().to_vec()
}

fn link(sheet: &mut Sheet, told: &Told) {
    let bytes = bytes_of_link(&told.link);
    let nonce = hkdf(b"", &told.secret, b"daymark/1/pairing/nonce", 16);
    assert_eq!(told.link.nonce().as_bytes().as_slice(), nonce);
    let fields = json!({
        "text": told.link.to_string(),
        "characters": told.link.to_string().len(),
        "bytes": hex::encode(&bytes),
        "diagnostic": diagnostic(&bytes),
        "nonce": hex::encode(nonce),
    });
    let link = told.link.clone();
    sheet.fact("link", fields, move |frozen| {
        let text = frozen["text"].as_str().unwrap();
        assert_eq!(text.parse(), Ok(link.clone()));
        assert_eq!(bytes_of_link(&link), bytes_of(&frozen["bytes"]));
    });
}

/// Opens each message with the derivations alone, and derives commitment and code from what they say.
fn messages(sheet: &mut Sheet, told: &Told) {
    let contents: Vec<Vec<u8>> = told
        .messages
        .iter()
        .zip(["from-new", "from-trusted", "from-new", "from-trusted"])
        .map(|(message, from)| content(told, message, from))
        .collect();
    let names = ["hello", "reply", "reveal", "welcome"];
    for ((name, message), content) in names.iter().zip(&told.messages).zip(&contents) {
        let fields = json!({
            "number": message.number,
            "sealed": hex::encode(&message.sealed),
            "content": hex::encode(content),
            "content, diagnostic": diagnostic(content),
        });
        sheet.fact(name, fields, |_| {});
    }
    let (asked, commitment) = hello(&contents[0]);
    let new_nonce = nonce(&contents[2]);
    let trusted_nonce = nonce(&contents[1]);
    let link = bytes_of_link(&told.link);
    let info = [b"daymark/1/pairing/transcript\0".as_slice(), &link, &asked].concat();
    let transcript = hkdf(b"", &told.secret, &info, 32);
    let info = [
        b"daymark/1/pairing/commitment\0".as_slice(),
        &new_nonce,
        &transcript,
    ]
    .concat();
    assert_eq!(hkdf(b"", &told.secret, &info, 32), commitment);
    let info = [
        b"daymark/1/pairing/code\0".as_slice(),
        &trusted_nonce,
        &new_nonce,
        &transcript,
    ]
    .concat();
    let wide: [u8; 8] = hkdf(b"", &told.secret, &info, 8).try_into().unwrap();
    let code = format!("{:06}", u64::from_be_bytes(wide) % 1_000_000);
    assert_eq!(told.code.replace(' ', ""), code);
    let fields = json!({
        "asked": hex::encode(asked),
        "transcript": hex::encode(transcript),
        "commitment": hex::encode(commitment),
        "code": told.code,
    });
    sheet.fact("code", fields, |_| {});
}

fn content(told: &Told, message: &MailboxMessage, from: &str) -> Vec<u8> {
    let number = message.number.to_be_bytes();
    let info = [b"daymark/1/pairing/", from.as_bytes(), b"\0", &number].concat();
    let (salt, sealed) = message.sealed.split_at(16);
    let key = hkdf(salt, &told.secret, &info, 32);
    let filled = open(&key, &[0; 12], &number, sealed).unwrap();
    assert_eq!(filled.len(), 2016);
    let length = usize::from(u16::from_be_bytes([filled[0], filled[1]]));
    filled[2..2 + length].to_vec()
}

/// `[request, name]` as the transcript takes them, and the commitment, out of a *hello*.
fn hello(content: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut d = Decoder::new(content);
    assert_eq!((d.array().unwrap(), d.u32().unwrap()), (Some(2), 0));
    assert_eq!(d.array().unwrap(), Some(1));
    assert_eq!(d.array().unwrap(), Some(3));
    let start = d.position();
    d.skip().unwrap();
    let request = &content[start..d.position()];
    let commitment = d.bytes().unwrap().to_vec();
    let start = d.position();
    d.skip().unwrap();
    let name = &content[start..d.position()];
    ([&[0x82], request, name].concat(), commitment)
}

/// The nonce out of a *reply* or a *reveal*.
fn nonce(content: &[u8]) -> Vec<u8> {
    content[content.len() - 16..].to_vec()
}

fn refused(sheet: &mut Sheet, told: &Told) {
    let text = told.link.to_string();
    let bytes = bytes_of_link(&told.link);
    let with_trailing = [bytes.as_slice(), &[0]].concat();
    let not_shortest = [&[0x98, 0x08], &bytes[1..]].concat();
    let encoded = |bytes: &[u8]| format!("daymark:pair/1/{}", URL_SAFE_NO_PAD.encode(bytes));
    for (name, text, error) in [
        (
            "an address",
            "https://relay.example.org".to_owned(),
            PairingError::NotALink,
        ),
        (
            "cut off",
            text[..text.len() - 4].to_owned(),
            PairingError::DamagedLink,
        ),
        (
            "a byte after it",
            encoded(&with_trailing),
            PairingError::DamagedLink,
        ),
        (
            "another encoding",
            encoded(&not_shortest),
            PairingError::DamagedLink,
        ),
        (
            "a newer version",
            text.replace("pair/1/", "pair/2/"),
            PairingError::NewerLink,
        ),
    ] {
        let fields = json!({ "text": text, "error": named(&error) });
        sheet.fact(&format!("link: {name}"), fields, move |frozen| {
            let text = frozen["text"].as_str().unwrap();
            assert_eq!(text.parse::<PairingLink>(), Err(error.clone()));
        });
    }
}
