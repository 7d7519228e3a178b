//! `account-log.json`: every kind of account link, in one log, and what is refused after it (rule L1).

use crate::{
    cast,
    links::{self, by, by_root, new_device, short_account_log},
    sheet::{Sheet, named},
};
use daymark_core::keys::DeviceKey;
use daymark_wire::{
    AccountId, DecodeError, DeviceId, Hash, Signed, SpaceId, cbor,
    logs::{
        AccountContent, AccountLink, AccountState, Author, Head, HeadHash, Home, LogError, Reset,
        SpaceEpoch, SpaceHead, new_root_message,
    },
    signing::Context,
};
use serde_json::json;

#[test]
fn the_account_log_is_frozen() {
    let mut sheet = Sheet::new(
        "account-log.json",
        "Account links of every kind. The first six are one log; the reset is a format only",
    );
    let log = account_log();
    let names = [
        "genesis",
        "add",
        "revoke",
        "account key",
        "new root",
        "move",
    ];
    for (name, link) in names.iter().zip(&log) {
        links::link(&mut sheet, name, link, None);
    }
    links::link(&mut sheet, "reset", &reset(&log), None);
    folded(&mut sheet, &log);
    links::refused_by_itself(&mut sheet, &log[1]);
    refused_bodies(&mut sheet, &log);
    refused_links(&mut sheet, &log);
    sheet.close();
}

fn account_log() -> Vec<AccountLink> {
    let mut log = short_account_log();
    let (owner, id) = (cast::device(1), log[0].hash().account_id());
    let device = cast::device(2).id();
    log.push(by(
        &log,
        &owner,
        Vec::new(),
        AccountContent::Revoke { device },
    ));
    let key = cast::newer_account_key().public();
    log.push(by(
        &log,
        &owner,
        Vec::new(),
        AccountContent::AccountKey { key },
    ));
    log.push(by_root(
        &log,
        cast::phrase().root_key().signing(),
        new_root(id),
    ));
    let home = Home {
        url: "https://elsewhere.example.org:8443".to_owned(),
        ..cast::home()
    };
    log.push(by(&log, &owner, Vec::new(), AccountContent::Move { home }));
    log
}

fn new_root(account: AccountId) -> AccountContent {
    let phrase = cast::other_phrase();
    let root = phrase.root_key().verifying_key();
    let recovery = phrase.recovery_key().public();
    let message = new_root_message(account, &root, &recovery);
    let proof = phrase
        .root_key()
        .signing()
        .sign(Context::NewDevice, &message);
    AccountContent::NewRoot {
        root,
        recovery,
        proof,
    }
}

fn reset(log: &[AccountLink]) -> AccountLink {
    let space = SpaceId::from_bytes([0xe3; 16]);
    let reset = Reset {
        account: log[1].head(),
        spaces: vec![SpaceHead {
            space,
            length: 2,
            hash: HeadHash::from_bytes([0xc1; 16]),
        }],
        stand: vec![cast::device(1).id()],
        account_key: cast::newer_account_key().public(),
        epochs: vec![SpaceEpoch {
            space,
            commitment: cast::epoch_secret(2).commitment(),
        }],
    };
    let root = cast::other_phrase().root_key();
    by_root(log, root.signing(), AccountContent::Reset(reset))
}

fn fold(log: &[AccountLink]) -> Result<AccountState, LogError> {
    let mut state = AccountState::begin(&log[0])?;
    for link in &log[1..] {
        state.apply(link)?;
    }
    Ok(state)
}

fn folded(sheet: &mut Sheet, log: &[AccountLink]) {
    let state = fold(log).unwrap();
    let active: Vec<String> = state
        .active_devices()
        .map(|(id, _)| id.to_string())
        .collect();
    let fields = json!({
        "account": state.id().to_string(),
        "length": state.length(),
        "head": hex::encode(state.head().hash.as_bytes()),
        "root": hex::encode(state.root().as_bytes()),
        "recovery hash": hex::encode(state.recovery().hash().as_bytes()),
        "account key hash": hex::encode(state.account_key().hash().as_bytes()),
        "home": state.home().unwrap().url,
        "active devices": active,
        "members changed at": state.members_changed_at(),
    });
    sheet.fact("after the six links", fields, |_| {});
}

fn refused_bodies(sheet: &mut Sheet, log: &[AccountLink]) {
    use daymark_wire::{logs::LinkBody, signing::Payload};
    let read = |bytes: &[u8]| LinkBody::<AccountContent>::from_bytes(bytes);
    let malformed = named(&DecodeError::Malformed { what: "link" });
    let head = Head {
        length: 1,
        hash: HeadHash::from_bytes([1; 16]),
    };
    type Alter = fn(&mut LinkBody<AccountContent>, Head);
    let cases: [(&str, Alter); 5] = [
        ("position 0", |body, _| body.position = 0),
        ("position 2 with the log id of a first link", |body, _| {
            body.log = daymark_wire::LogId::ZERO;
        }),
        ("position 2 with no link before it", |body, _| {
            body.previous = Hash::ZERO;
        }),
        ("position 1 that names a link before it", |body, _| {
            body.position = 1;
        }),
        ("rests on a head", |body, head| body.rests_on = vec![head]),
    ];
    for (name, alter) in cases {
        let bytes = links::altered(&log[1], |body| alter(body, head));
        sheet.refused(&format!("link: {name}"), &bytes, &malformed, read);
    }
    let mut low_order = log[0].bytes().to_vec();
    let root = cast::phrase().root_key().verifying_key();
    let place = low_order
        .windows(32)
        .position(|window| window == root.as_bytes())
        .unwrap();
    low_order[place..place + 32].fill(0);
    sheet.refused(
        "genesis: a root key of low order",
        &low_order,
        &malformed,
        read,
    );
}

/// Links that are well formed and break a rule after the first `after` links of the log.
fn refused_links(sheet: &mut Sheet, log: &[AccountLink]) {
    let (owner, stranger) = (cast::device(1), cast::device(3));
    let id = log[0].hash().account_id();
    let revoke = |device: DeviceId| AccountContent::Revoke { device };
    let own =
        |log: &[AccountLink], by_whom: &DeviceKey, content| by(log, by_whom, Vec::new(), content);
    let two = cast::device(2);

    let mut forged = own(&log[..2], &owner, revoke(two.id())).to_travel(None);
    forged.signature = *log[1].signature();
    let forged: AccountLink = forged.open().unwrap();
    refused_link(
        sheet,
        "another signature",
        log,
        2,
        &forged,
        LogError::BadSignature,
    );

    let stranger_says = own(&log[..2], &stranger, revoke(two.id()));
    let error = LogError::NoSuchDevice(stranger.id());
    refused_link(sheet, "by a stranger", log, 2, &stranger_says, error);

    let revoked_says = own(&log[..3], &two, revoke(owner.id()));
    let error = LogError::NoSuchDevice(two.id());
    refused_link(sheet, "by a revoked device", log, 3, &revoked_says, error);

    let error = LogError::NotNext;
    refused_link(
        sheet,
        "a link before it is missing",
        log,
        1,
        &log[2],
        error.clone(),
    );
    refused_link(sheet, "the same again", log, 2, &log[1], error.clone());
    let mut other_previous = links::body_after(
        &log[..2],
        Author::Device(owner.id()),
        Vec::new(),
        revoke(two.id()),
    );
    other_previous.previous = log[0].hash();
    let other_previous = Signed::sign(other_previous, owner.signing());
    refused_link(
        sheet,
        "another hash before it",
        log,
        2,
        &other_previous,
        error,
    );

    let mut elsewhere = links::body_after(
        &log[..2],
        Author::Device(owner.id()),
        Vec::new(),
        revoke(two.id()),
    );
    elsewhere.log = daymark_wire::LogId::from_bytes([9; 16]);
    let elsewhere = Signed::sign(elsewhere, owner.signing());
    refused_link(
        sheet,
        "of another log",
        log,
        2,
        &elsewhere,
        LogError::OtherLog,
    );

    let other_account = AccountContent::Add {
        device: new_device(3, AccountId::from_bytes([9; 16])),
    };
    let add = own(&log[..2], &owner, other_account);
    refused_link(
        sheet,
        "add: for another account",
        log,
        2,
        &add,
        LogError::BadStatement,
    );

    let device = new_device(2, id);
    let again = own(
        &log[..2],
        &owner,
        AccountContent::Add {
            device: device.clone(),
        },
    );
    let error = LogError::DeviceTaken(two.id());
    refused_link(
        sheet,
        "add: a device that is there",
        log,
        2,
        &again,
        error.clone(),
    );
    let back = own(&log[..3], &owner, AccountContent::Add { device });
    refused_link(
        sheet,
        "add: a device that was revoked",
        log,
        3,
        &back,
        error,
    );

    let nobody = own(&log[..2], &owner, revoke(stranger.id()));
    let error = LogError::NoSuchDevice(stranger.id());
    refused_link(
        sheet,
        "revoke: a device that is not there",
        log,
        2,
        &nobody,
        error,
    );

    let by_device = own(&log[..4], &owner, new_root(id));
    refused_link(
        sheet,
        "new root: by a device",
        log,
        4,
        &by_device,
        LogError::NotEntitled,
    );
    let for_another = by_root(
        &log[..4],
        cast::phrase().root_key().signing(),
        new_root(AccountId::from_bytes([9; 16])),
    );
    let error = LogError::BadSignature;
    refused_link(
        sheet,
        "new root: for another account",
        log,
        4,
        &for_another,
        error.clone(),
    );
    let old_root = by_root(
        &log[..6],
        cast::phrase().root_key().signing(),
        revoke(owner.id()),
    );
    refused_link(sheet, "by the old root", log, 6, &old_root, error);

    let long = AccountContent::Move {
        home: Home {
            url: "https://".to_owned() + &"a".repeat(505),
            ..cast::home()
        },
    };
    let long = own(&log[..2], &owner, long);
    let error = LogError::OutOfPlace("a relay's address that is too long");
    refused_link(
        sheet,
        "move: an address that is too long",
        log,
        2,
        &long,
        error,
    );
}

fn refused_link(
    sheet: &mut Sheet,
    name: &str,
    log: &[AccountLink],
    after: usize,
    link: &AccountLink,
    error: LogError,
) {
    let state = fold(&log[..after]).unwrap();
    let name = format!("after {after} links: {name}");
    let bytes = cbor::to_vec(&link.to_travel(None));
    sheet.refused(&name, &bytes, &named(&error), move |bytes| {
        let link = links::read_travel(bytes)?.open::<AccountContent>()?;
        state.clone().apply(&link)
    });
}
