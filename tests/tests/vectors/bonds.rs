//! `bonds.json`: an invitation, everything derived from its secret, and the number to compare (rules B2, B3).

use crate::{
    bond_log::{People, bond_log, genesis, people},
    cast,
    diagnostic::diagnostic,
    independent::{hkdf, mac},
    links::short_account_log,
    sheet::{Sheet, named},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use daymark_core::bonds::{BondError, BondLogs, Invitation, InvitationSecret, Number, consider};
use daymark_wire::{
    Hash, SpaceId,
    invitation::{Decline, InvitationAnswer, InvitationReply, InvitationToken},
    logs::{AccountState, BondLink, Head, TravelLink},
};
use minicbor::Encoder;
use serde_json::json;

/// The secret that is handed over: `0x55`, 32 times.
pub(crate) fn secret() -> InvitationSecret {
    InvitationSecret::from_secret(cast::secret(0x55))
}

#[test]
fn bonds_are_frozen() {
    let mut sheet = Sheet::new(
        "bonds.json",
        "An invitation, what is derived from its secret, and the number to compare. The bond is that of \
         bond-log.json",
    );
    let people = people();
    let (log, _) = bond_log(&people);
    let bond = SpaceId::from(log[0].log_id());
    derived(&mut sheet);
    answers(&mut sheet, bond, log[0].hash(), &people);
    invitations(&mut sheet, bond, &people);
    at_the_relay(&mut sheet, &log[0]);
    numbers(&mut sheet, bond, &people);
    refused(&mut sheet, bond, &people);
    sheet.close();
}

/// Both core and the text of the protocol take the MAC of the frozen log for right.
#[test]
fn the_frozen_bond_is_one_that_was_agreed() {
    let people = people();
    let (log, blobs) = bond_log(&people);
    let travel = log.iter().zip(blobs);
    let mut links: Vec<TravelLink> = travel.map(|(link, blob)| link.to_travel(blob)).collect();
    links.extend(short_account_log().iter().map(|link| link.to_travel(None)));
    links.push(genesis().to_travel(None));
    for own in [&people.owner, &people.supporter] {
        let logs = BondLogs::fold(&links, own).unwrap();
        let agreed = logs.accepted().unwrap().agree(&secret()).unwrap();
        assert_eq!(agreed.supporter(), people.supporter.id());
    }
    let invitation = text(&content(
        SpaceId::from(log[0].log_id()),
        &people,
        Some("NAME"),
    ));
    let shown: Vec<_> = short_account_log()
        .iter()
        .map(|link| link.to_travel(None))
        .collect();
    let shown = [shown, vec![log[0].to_travel(None)]].concat();
    assert!(consider(invitation.parse().unwrap(), &shown).is_ok());
}

fn derived(sheet: &mut Sheet) {
    let secret_bytes = [0x55; 32];
    let token = hkdf(b"", &secret_bytes, b"daymark/1/bond/token", 32);
    assert_eq!(secret().token().as_bytes().as_slice(), token);
    let header = secret().token().to_header();
    let fields = json!({
        "secret": hex::encode(secret_bytes),
        "token": hex::encode(&token),
        "hash, in the invite link": hex::encode(secret().token().hash().as_bytes()),
        "authorization": header,
        "answer key": hex::encode(answer_key()),
    });
    sheet.fact("from an invitation's secret", fields, move |frozen| {
        let header = frozen["authorization"].as_str().unwrap();
        let read = InvitationToken::from_header(header).unwrap();
        assert_eq!(read.as_bytes().as_slice(), token);
    });
}

fn answer_key() -> Vec<u8> {
    hkdf(b"", &[0x55; 32], b"daymark/1/bond/answer", 32)
}

/// `account id ‖ length (8) ‖ head hash`.
fn party(account: &AccountState) -> Vec<u8> {
    let Head { length, hash } = account.head();
    [
        account.id().as_bytes().as_slice(),
        &length.to_be_bytes(),
        hash.as_bytes(),
    ]
    .concat()
}

fn accept_message(invite: Hash, people: &People) -> Vec<u8> {
    [
        b"daymark/1/bond/accept\0".as_slice(),
        invite.as_bytes(),
        &party(&people.owner),
        &party(&people.supporter),
    ]
    .concat()
}

/// What an *accept* of the two carries that rests on the heads that they have.
pub(crate) fn accept_mac(invite: Hash, people: &People) -> Hash {
    let mac = mac(&answer_key(), &accept_message(invite, people));
    Hash::from_bytes(mac.try_into().unwrap())
}

fn answers(sheet: &mut Sheet, bond: SpaceId, invite: Hash, people: &People) {
    let fields = json!({
        "message": hex::encode(accept_message(invite, people)),
        "mac": hex::encode(accept_mac(invite, people).as_bytes()),
    });
    sheet.fact("accept", fields, |_| {});
    let message = [b"daymark/1/bond/decline\0".as_slice(), bond.as_bytes()].concat();
    let declined = mac(&answer_key(), &message);
    let fields = json!({
        "message": hex::encode(&message),
        "mac": hex::encode(&declined),
    });
    sheet.fact("decline", fields, move |_| {
        let answer = Decline::from_bytes(declined.clone().try_into().unwrap());
        assert!(secret().has_declined(bond, &answer));
    });
}

/// The CBOR of an invitation, item by item.
fn content(bond: SpaceId, people: &People, name: Option<&str>) -> Vec<u8> {
    let (home, head) = (cast::home(), people.owner.head());
    let mut e = Encoder::new(Vec::new());
    e.array(if name.is_some() { 6 } else { 5 }).unwrap();
    e.array(2)
        .unwrap()
        .bytes(home.relay.as_bytes())
        .unwrap()
        .str(&home.url)
        .unwrap();
    e.bytes(bond.as_bytes()).unwrap();
    e.bytes(people.owner.id().as_bytes()).unwrap();
    e.array(2)
        .unwrap()
        .u64(head.length)
        .unwrap()
        .bytes(head.hash.as_bytes())
        .unwrap();
    e.bytes(&[0x55; 32]).unwrap();
    if let Some(name) = name {
        e.str(name).unwrap();
    }
    e.into_writer()
}

fn checksum(content: &[u8]) -> Vec<u8> {
    hkdf(b"", content, b"daymark/1/bond/checksum", 4)
}

fn text(content: &[u8]) -> String {
    let bytes = [content, &checksum(content)].concat();
    format!("daymark:bond/1/{}", URL_SAFE_NO_PAD.encode(bytes))
}

fn invitations(sheet: &mut Sheet, bond: SpaceId, people: &People) {
    for (called, name) in [("an invitation", Some("NAME")), ("without a name", None)] {
        let content = content(bond, people, name);
        let text = text(&content);
        let fields = json!({
            "text": text,
            "characters": text.len(),
            "content": hex::encode(&content),
            "content, diagnostic": diagnostic(&content),
            "checksum": hex::encode(checksum(&content)),
        });
        let (owner, head) = (people.owner.id(), people.owner.head());
        sheet.fact(called, fields, move |frozen| {
            let text = frozen["text"].as_str().unwrap();
            let read: Invitation = text.parse().unwrap();
            assert_eq!(read.to_string(), text);
            assert_eq!(
                (read.bond(), read.owner(), read.owner_head()),
                (bond, owner, head)
            );
            assert_eq!((read.relay(), read.secret()), (&cast::home(), secret()));
            let shown = read.name().map(|name| name.as_str().to_owned());
            assert_eq!(shown.as_deref(), name);
        });
    }
}

/// What the holder of an invitation is shown, and what they leave there.
fn at_the_relay(sheet: &mut Sheet, invite: &BondLink) {
    let reply = InvitationReply {
        owner: vec![short_account_log()[0].to_travel(None)],
        bond: vec![invite.to_travel(None)],
    };
    sheet.value(
        "invitation reply",
        reply,
        InvitationReply::to_bytes,
        InvitationReply::from_bytes,
    );
    let answer = InvitationAnswer {
        declined: Decline::from_bytes([0xd4; 32]),
    };
    sheet.value(
        "invitation answer",
        answer,
        InvitationAnswer::to_bytes,
        InvitationAnswer::from_bytes,
    );
}

fn numbers(sheet: &mut Sheet, bond: SpaceId, people: &People) {
    let keys = |account: &AccountState| {
        [
            account.id().as_bytes().as_slice(),
            account.root().as_bytes(),
            account.account_key().as_bytes(),
        ]
        .concat()
    };
    let input = [
        bond.as_bytes().as_slice(),
        &keys(&people.owner),
        &keys(&people.supporter),
    ]
    .concat();
    let wide = hkdf(b"", &input, b"daymark/1/bond/number", 60);
    let groups = wide.chunks(5).map(|five| {
        let number = five
            .iter()
            .fold(0_u64, |number, byte| number * 256 + u64::from(*byte));
        format!("{:05}", number % 100_000)
    });
    let groups: Vec<String> = groups.collect();
    let number = Number::of(bond, people.accounts()).unwrap();
    assert_eq!(number.to_string(), groups.join(" "));
    let fields = json!({
        "input": hex::encode(&input),
        "output": hex::encode(&wide),
        "number": number.to_string(),
    });
    sheet.fact("the number to compare", fields, move |frozen| {
        assert_eq!(frozen["number"].as_str().unwrap().parse(), Ok(number));
    });
}

fn refused(sheet: &mut Sheet, bond: SpaceId, people: &People) {
    let good = content(bond, people, Some("NAME"));
    let read = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().parse::<Invitation>();
    let mut check = |name: &str, text: &str, error: BondError| {
        sheet.refused(
            &format!("invitation: {name}"),
            text.as_bytes(),
            &named(&error),
            read,
        );
    };
    let whole = text(&good);
    let damaged = || BondError::DamagedInvitation;
    check(
        "a pairing link",
        "daymark:pair/1/AA",
        BondError::NotAnInvitation,
    );
    let newer = whole.replace("bond/1", "bond/2");
    check("a newer version", &newer, BondError::NewerInvitation);
    check("cut", &whole[..whole.len() - 4], damaged());
    let mut other = good.clone();
    other[100] ^= 1;
    let altered = [other.as_slice(), &checksum(&good)].concat();
    let altered = format!("daymark:bond/1/{}", URL_SAFE_NO_PAD.encode(altered));
    check("altered", &altered, damaged());
    check("another encoding", &text(&other_encoding(&good)), damaged());
    let name = "NAME\n";
    check(
        "a name of two lines",
        &text(&content(bond, people, Some(name))),
        damaged(),
    );
    let name = "n".repeat(65);
    check(
        "a name that is too long",
        &text(&content(bond, people, Some(&name))),
        damaged(),
    );
}

/// The same items, with a longer form of the array's length.
fn other_encoding(content: &[u8]) -> Vec<u8> {
    [&[0x98, 0x06], &content[1..]].concat()
}
