//! `journal-log.json`: every kind of journal link, in one log that rests on the account log (rules L2 to L5).

use crate::{
    cast,
    links::{self, by, short_account_log},
    sheet::{Sheet, named},
};
use daymark_core::keys::EpochSecret;
use daymark_wire::{
    ChainId, DecodeError, DocumentId, EpochId, Hash, Have, Nonce, Seq, SpaceId, cbor,
    hash::Domain,
    limits::MAX_BLOB_BYTES,
    logs::{
        AccountContent, AccountState, Enter, EpochContent, JournalContent, JournalLink,
        JournalState, LinkBody, LogError, Rekey,
    },
    wrapping::{Recipient, WrappingPublicKey, Wraps},
};
use serde_json::json;

#[test]
fn the_journal_log_is_frozen() {
    let mut sheet = Sheet::new(
        "journal-log.json",
        "Journal links of every kind, in one log. It rests on an account log of genesis, add, revoke",
    );
    let account = account();
    let (log, blobs) = journal_log(&account);
    let names = ["open", "epoch", "enter", "rekey", "epoch that forgets"];
    for ((name, link), blob) in names.iter().zip(&log).zip(&blobs) {
        links::link(&mut sheet, name, link, blob.clone());
    }
    folded(&mut sheet, &log, &account);
    links::refused_by_itself(&mut sheet, &log[3]);
    refused_bodies(&mut sheet, &log, &blobs);
    refused_links(&mut sheet, &log, &account);
    sheet.close();
}

/// Genesis, add, revoke, as `account-log.json` begins.
fn account() -> AccountState {
    let mut log = short_account_log();
    let device = cast::device(2).id();
    log.push(by(
        &log,
        &cast::device(1),
        Vec::new(),
        AccountContent::Revoke { device },
    ));
    let mut state = AccountState::begin(&log[0]).unwrap();
    for link in &log[1..] {
        state.apply(link).unwrap();
    }
    state
}

/// The head of the account log when it had this many links.
fn head(length: usize) -> daymark_wire::logs::Head {
    let mut log = short_account_log();
    let device = cast::device(2).id();
    log.push(by(
        &log,
        &cast::device(1),
        Vec::new(),
        AccountContent::Revoke { device },
    ));
    log[length - 1].head()
}

/// The whole log, with the blob beside each link.
pub(crate) fn journal_log(account: &AccountState) -> (Vec<JournalLink>, Vec<Option<Vec<u8>>>) {
    let (one, two) = (cast::device(1), cast::device(2));
    let open = JournalContent::Open {
        account: account.id(),
        wrapping: cast::wrapping(1).public(),
        nonce: Nonce::from_bytes([0xb9; 16]),
    };
    let mut log = vec![by(&[], &one, vec![head(1)], open)];
    let space = SpaceId::from(log[0].log_id());
    let first = first_epoch(space);
    log.push(by(
        &log,
        &one,
        vec![head(1)],
        JournalContent::Epoch(first.0),
    ));
    let epoch = log[1].hash().epoch_id();

    let wrap = cast::epoch_secret(1)
        .wrap_for(
            space,
            Recipient::Device(two.id()),
            &cast::wrapping(2).public(),
            &cast::random(),
        )
        .unwrap();
    let blob = cbor::to_vec(&Wraps {
        wraps: vec![wrap],
        shared: Vec::new(),
    });
    let enter = JournalContent::Enter(Enter {
        device: two.id(),
        wrapping: cast::wrapping(2).public(),
        epoch,
        wraps: Hash::of(Domain::Blob, &[&blob]),
    });
    log.push(by(&log, &one, vec![head(2)], enter));
    let rekey = JournalContent::Rekey(Rekey {
        wrapping: cast::wrapping(4).public(),
        epoch,
        locked: false,
    });
    log.push(by(&log, &two, vec![head(2)], rekey));
    let second = second_epoch(space);
    log.push(by(
        &log,
        &one,
        vec![head(3)],
        JournalContent::Epoch(second.0),
    ));
    (
        log,
        vec![None, Some(first.1), Some(blob), None, Some(second.1)],
    )
}

fn first_epoch(space: SpaceId) -> (EpochContent, Vec<u8>) {
    let blob = wraps(space, &cast::epoch_secret(1));
    let content = EpochContent {
        number: 1,
        commitment: cast::epoch_secret(1).commitment(),
        wraps: Hash::of(Domain::Blob, &[&blob]),
        recipients: recipients().into_iter().map(|(to, _)| to).collect(),
        have: Have::new(),
        forgets: Vec::new(),
        made_for: None,
    };
    (content, blob)
}

fn second_epoch(space: SpaceId) -> (EpochContent, Vec<u8>) {
    let chain = |n| ChainId {
        device: cast::device(n).id(),
        incarnation: cast::INCARNATION,
    };
    let blob = wraps(space, &cast::epoch_secret(2));
    let content = EpochContent {
        number: 2,
        commitment: cast::epoch_secret(2).commitment(),
        wraps: Hash::of(Domain::Blob, &[&blob]),
        have: [(chain(1), Seq(4)), (chain(2), Seq(300))]
            .into_iter()
            .collect(),
        forgets: vec![cast::DOCUMENT],
        made_for: Some(cast::made_for()),
        ..first_epoch(space).0
    };
    (content, blob)
}

/// The first device and the recovery key.
fn recipients() -> [(Recipient, WrappingPublicKey); 2] {
    [
        (
            Recipient::Device(cast::device(1).id()),
            cast::wrapping(1).public(),
        ),
        (Recipient::Recovery, cast::phrase().recovery_key().public()),
    ]
}

fn wraps(space: SpaceId, secret: &EpochSecret) -> Vec<u8> {
    let random = cast::random();
    let wrap =
        |(to, key): (Recipient, WrappingPublicKey)| secret.wrap_for(space, to, &key, &random);
    cbor::to_vec(&Wraps {
        wraps: recipients().map(|each| wrap(each).unwrap()).to_vec(),
        shared: secret.seal_account(space, &cast::account_keys()),
    })
}

fn fold(log: &[JournalLink], account: &AccountState) -> JournalState {
    let mut state = JournalState::begin(&log[0], account).unwrap();
    for link in &log[1..] {
        state.apply(link, account).unwrap();
    }
    state
}

fn folded(sheet: &mut Sheet, log: &[JournalLink], account: &AccountState) {
    let state = fold(log, account);
    let epochs: Vec<String> = state
        .epochs()
        .iter()
        .map(|epoch| epoch.id.to_string())
        .collect();
    let fields = json!({
        "account": account.id().to_string(),
        "account head": hex::encode(account.head().hash.as_bytes()),
        "space": state.space().to_string(),
        "length": state.length(),
        "head": hex::encode(state.head().hash.as_bytes()),
        "epochs": epochs,
        "stale before the last link": fold(&log[..4], account).is_stale(account),
        "stale": state.is_stale(account),
    });
    sheet.fact("after the five links", fields, |_| {});
}

fn refused_bodies(sheet: &mut Sheet, log: &[JournalLink], blobs: &[Option<Vec<u8>>]) {
    use daymark_wire::signing::Payload;
    let read = |bytes: &[u8]| LinkBody::<JournalContent>::from_bytes(bytes);
    let malformed = named(&DecodeError::Malformed { what: "link" });
    let none = links::altered(&log[3], |body| body.rests_on.clear());
    sheet.refused("link: rests on no head", &none, &malformed, read);
    let two = links::altered(&log[3], |body| body.rests_on = vec![head(1), head(2)]);
    sheet.refused("link: rests on two heads", &two, &malformed, read);

    let open = |bytes: &[u8]| links::read_travel(bytes)?.open::<JournalContent>();
    let mut swapped = log[1].to_travel(blobs[2].clone());
    let error = named(&LogError::WrongBlob);
    sheet.refused(
        "epoch: another blob beside it",
        &cbor::to_vec(&swapped),
        &error,
        open,
    );
    swapped.blob = Some(vec![0; MAX_BLOB_BYTES + 1]);
    let error = named(&LogError::Decode(DecodeError::TooLong {
        what: "blob",
        limit: MAX_BLOB_BYTES,
    }));
    sheet.refused(
        "epoch: a blob that is too long",
        &cbor::to_vec(&swapped),
        &error,
        open,
    );
    let as_account = |bytes: &[u8]| links::read_travel(bytes)?.open::<AccountContent>();
    let bytes = cbor::to_vec(&log[3].to_travel(None));
    let error = named(&LogError::OtherLog);
    sheet.refused(
        "rekey: taken for an account link",
        &bytes,
        &error,
        as_account,
    );
}

/// Links that are well formed and break a rule after the first `after` links of the log.
fn refused_links(sheet: &mut Sheet, log: &[JournalLink], account: &AccountState) {
    let mut check = |name: &str, after: usize, link: &JournalLink, error: LogError| {
        let (state, account) = (fold(&log[..after], account), account.clone());
        let name = format!("after {after} links: {name}");
        let bytes = cbor::to_vec(&link.to_travel(None));
        sheet.refused(&name, &bytes, &named(&error), move |bytes| {
            let link = links::read_travel(bytes)?.open::<JournalContent>()?;
            state.clone().apply(&link, &account)
        });
    };
    let (one, two) = (cast::device(1), cast::device(2));
    let space = SpaceId::from(log[0].log_id());
    let epoch = |alter: &dyn Fn(&mut EpochContent)| {
        let mut content = second_epoch(space).0;
        alter(&mut content);
        JournalContent::Epoch(content)
    };

    let skipped = by(
        &log[..4],
        &one,
        vec![head(3)],
        epoch(&|epoch| epoch.number = 3),
    );
    let error = LogError::OutOfPlace("epochs are numbered one after the other");
    check("epoch: a number left out", 4, &skipped, error);
    let fewer = epoch(&|epoch| epoch.recipients = vec![Recipient::Recovery]);
    let fewer = by(&log[..4], &one, vec![head(3)], fewer);
    check(
        "epoch: the device is left out",
        4,
        &fewer,
        LogError::WrongRecipients,
    );
    let still = by(&log[..4], &one, vec![head(2)], epoch(&|_| {}));
    check(
        "epoch: not for all that are active there",
        4,
        &still,
        LogError::WrongRecipients,
    );
    let of_space = epoch(&|epoch| epoch.forgets = vec![DocumentId::ZERO]);
    let of_space = by(&log[..4], &one, vec![head(3)], of_space);
    let error = LogError::OutOfPlace("what belongs to the space cannot be forgotten");
    check(
        "epoch: forgets what belongs to the space",
        4,
        &of_space,
        error,
    );

    let rekey = || {
        JournalContent::Rekey(Rekey {
            wrapping: cast::wrapping(5).public(),
            epoch: log[1].hash().epoch_id(),
            locked: false,
        })
    };
    let revoked = by(log, &two, vec![head(3)], rekey());
    check(
        "by a revoked device",
        5,
        &revoked,
        LogError::NoSuchDevice(two.id()),
    );
    let older = by(log, &one, vec![head(2)], rekey());
    check(
        "rests on older heads than the newest epoch",
        5,
        &older,
        LogError::OtherHeads,
    );
    let mut foreign = head(3);
    foreign.length = 2;
    let foreign = by(log, &one, vec![foreign], rekey());
    check(
        "rests on heads that never were",
        5,
        &foreign,
        LogError::OtherHeads,
    );
    let early = by(&log[..2], &two, vec![head(2)], rekey());
    let error = LogError::OutOfPlace("a device enters before it changes its key");
    check("rekey: before the device entered", 2, &early, error);

    let enter = |epoch: EpochId, n: u8| {
        JournalContent::Enter(Enter {
            device: two.id(),
            wrapping: cast::wrapping(n).public(),
            epoch,
            wraps: Hash::of(Domain::Blob, &[b"any"]),
        })
    };
    let old = by(&log[..2], &one, vec![head(2)], enter(EpochId::ZERO, 2));
    let error = LogError::OutOfPlace("a device enters the newest epoch");
    check("enter: another epoch than the newest", 2, &old, error);
    let newest = log[1].hash().epoch_id();
    let other = by(&log[..2], &one, vec![head(2)], enter(newest, 3));
    check(
        "enter: another key than the device stated",
        2,
        &other,
        LogError::BadStatement,
    );
    let again = JournalContent::Open {
        account: account.id(),
        wrapping: cast::wrapping(1).public(),
        nonce: Nonce::ZERO,
    };
    let again = by(log, &one, vec![head(3)], again);
    let error = LogError::OutOfPlace("a journal log has one open");
    check("open: a second one", 5, &again, error);
    let unsigned = by_root_resting(log, rekey());
    check("rekey: by root", 5, &unsigned, LogError::NotEntitled);
}

fn by_root_resting(log: &[JournalLink], content: JournalContent) -> JournalLink {
    let author = daymark_wire::logs::Author::Root;
    let body = links::body_after(log, author, vec![head(3)], content);
    daymark_wire::Signed::sign(body, cast::phrase().root_key().signing())
}
