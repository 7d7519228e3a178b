//! `bond-log.json`: every kind of bond link (rules L2, B2, B3). Formats only: nothing folds them yet.

use crate::{
    cast,
    links::{self, by},
    sheet::{Sheet, named},
};
use daymark_wire::{
    AccountId, DecodeError, Hash, Have, Nonce, cbor,
    hash::Domain,
    logs::{
        Accept, BondContent, BondLink, EndReason, EpochContent, Head, HeadHash, Invite, LinkBody,
    },
    wrapping::{Recipient, Wraps},
};

const OWNER: AccountId = AccountId::from_bytes([0xe4; 16]);
const SUPPORTER: AccountId = AccountId::from_bytes([0xe5; 16]);
const OWNERS_HEAD: Head = Head {
    length: 3,
    hash: HeadHash::from_bytes([0xc1; 16]),
};
const SUPPORTERS_HEAD: Head = Head {
    length: 1,
    hash: HeadHash::from_bytes([0xc2; 16]),
};

#[test]
fn the_bond_log_is_frozen() {
    let mut sheet = Sheet::new(
        "bond-log.json",
        "Bond links of every kind: formats, not a log that anyone would write in this order",
    );
    let blob = cbor::to_vec(&Wraps {
        wraps: Vec::new(),
        shared: Vec::new(),
    });
    let (owner, supporter) = (cast::device(1), cast::device(3));
    let heads = vec![OWNERS_HEAD, SUPPORTERS_HEAD];
    let invite = BondContent::Invite(invite());
    let mut log = vec![by(&[], &owner, vec![OWNERS_HEAD, OWNERS_HEAD], invite)];
    links::link(&mut sheet, "invite", &log[0], None);
    let rest = [
        ("accept", BondContent::Accept(accept()), None),
        (
            "epoch",
            BondContent::Epoch(epoch(&blob)),
            Some(blob.clone()),
        ),
        ("end: chosen", end(EndReason::Chosen), None),
        ("end: declined", end(EndReason::Declined), None),
        ("end: lapsed", end(EndReason::Lapsed), None),
        ("leave", BondContent::Leave, None),
    ];
    for (name, content, blob) in rest {
        let author = match content {
            BondContent::Accept(_) | BondContent::Leave => &supporter,
            _ => &owner,
        };
        log.push(by(&log, author, heads.clone(), content));
        links::link(&mut sheet, name, &log[log.len() - 1], blob);
    }
    links::refused_by_itself(&mut sheet, &log[1]);
    refused_bodies(&mut sheet, &log);
    sheet.close();
}

fn invite() -> Invite {
    Invite {
        owner: OWNER,
        nonce: Nonce::from_bytes([0xb8; 16]),
        secret: Hash::of(Domain::Token, &[&[0x55; 32]]),
        expires: 1_900_000_000,
        relay: cast::home(),
    }
}

fn accept() -> Accept {
    Accept {
        supporter: SUPPORTER,
        owner: OWNERS_HEAD,
        mac: Hash::from_bytes([0xc3; 32]),
    }
}

fn epoch(blob: &[u8]) -> EpochContent {
    EpochContent {
        number: 1,
        commitment: cast::epoch_secret(3).commitment(),
        wraps: Hash::of(Domain::Blob, &[blob]),
        recipients: vec![Recipient::Account(OWNER), Recipient::Account(SUPPORTER)],
        have: Have::new(),
        forgets: Vec::new(),
        made_for: Some(cast::made_for()),
    }
}

fn end(why: EndReason) -> BondContent {
    BondContent::End { why }
}

fn refused_bodies(sheet: &mut Sheet, log: &[BondLink]) {
    use daymark_wire::signing::Payload;
    let read = |bytes: &[u8]| LinkBody::<BondContent>::from_bytes(bytes);
    let malformed = named(&DecodeError::Malformed { what: "link" });
    let one = links::altered(&log[1], |body| body.rests_on = vec![OWNERS_HEAD]);
    sheet.refused("link: rests on one head", &one, &malformed, read);
    let mut unknown = log[3].bytes().to_vec();
    *unknown.last_mut().unwrap() = 9;
    sheet.refused("end: for a reason that is none", &unknown, &malformed, read);
}
