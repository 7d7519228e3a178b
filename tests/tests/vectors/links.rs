//! Links of the cast: the next one of a log, and how a link stands in a file.

use crate::{
    cast,
    diagnostic::diagnostic,
    sheet::{Sheet, named},
};
use daymark_core::keys::DeviceKey;
use daymark_wire::{
    AccountId, Hash, LogId, Nonce, Signed, SigningKey, Suite, cbor,
    limits::{MAX_BLOB_BYTES, MAX_LINK_BYTES},
    logs::{
        AccountContent, AccountLink, Author, Content, Head, Link, LinkBody, LogError, NewDevice,
        NewDeviceStatement, TravelLink,
    },
};
use serde_json::json;

/// What a new device of the cast says of itself.
pub(crate) fn new_device(n: u8, account: AccountId) -> NewDevice {
    let statement = NewDeviceStatement {
        signing: cast::device(n).verifying_key(),
        wrapping: cast::wrapping(n).public().hash(),
        account,
        nonce: Nonce::from_bytes([0xb0 + n; 16]),
    };
    NewDevice::sign(statement, cast::device(n).signing())
}

/// The body of the link that follows `log`.
pub(crate) fn body_after<C: Content>(
    log: &[Link<C>],
    author: Author,
    rests_on: Vec<Head>,
    content: C,
) -> LinkBody<C> {
    LinkBody {
        suite: Suite::One,
        log: log.first().map_or(LogId::ZERO, Link::log_id),
        position: log.len() as u64 + 1,
        previous: log.last().map_or(Hash::ZERO, Link::hash),
        author,
        rests_on,
        content,
    }
}

/// Signs a link as a device.
pub(crate) fn by<C: Content>(
    log: &[Link<C>],
    device: &DeviceKey,
    rests_on: Vec<Head>,
    content: C,
) -> Link<C> {
    let author = Author::Device(device.id());
    Signed::sign(body_after(log, author, rests_on, content), device.signing())
}

/// Signs a link as root.
pub(crate) fn by_root<C: Content>(log: &[Link<C>], root: &SigningKey, content: C) -> Link<C> {
    Signed::sign(body_after(log, Author::Root, Vec::new(), content), root)
}

/// The account log up to its second device: genesis, add.
pub(crate) fn short_account_log() -> Vec<AccountLink> {
    let phrase = cast::phrase();
    let genesis = AccountContent::Genesis {
        root: phrase.root_key().verifying_key(),
        recovery: phrase.recovery_key().public(),
        device: new_device(1, AccountId::ZERO),
        account_key: cast::account_key().public(),
        home: Some(cast::home()),
    };
    let mut log = vec![by_root(&[], phrase.root_key().signing(), genesis)];
    let device = new_device(2, log[0].hash().account_id());
    let add = by(
        &log,
        &cast::device(1),
        Vec::new(),
        AccountContent::Add { device },
    );
    log.push(add);
    log
}

/// One link as it travels, with its parts to read.
pub(crate) fn link<C: Content + PartialEq + std::fmt::Debug>(
    sheet: &mut Sheet,
    name: &str,
    link: &Link<C>,
    blob: Option<Vec<u8>>,
) {
    let fields = json!({
        "signed": hex::encode(link.bytes()),
        "signed, diagnostic": diagnostic(link.bytes()),
        "signature label": hex::encode(C::CONTEXT.label()),
        "signature": hex::encode(link.signature().as_bytes()),
        "hash": hex::encode(link.hash().as_bytes()),
        "log": link.log_id().to_string(),
        "head": hex::encode(link.head().hash.as_bytes()),
    });
    let decode = |bytes: &[u8]| -> Result<TravelLink, LogError> {
        let travel = read_travel(bytes)?;
        let opened = travel.open::<C>()?;
        let again = cbor::to_vec(opened.claimed());
        assert_eq!(again, opened.bytes(), "what is signed has one encoding");
        Ok(travel)
    };
    sheet.value_with(name, link.to_travel(blob), cbor::to_vec, decode, fields);
}

/// Reads a link as it travels.
pub(crate) fn read_travel(bytes: &[u8]) -> Result<TravelLink, LogError> {
    let limit = MAX_LINK_BYTES + MAX_BLOB_BYTES + 128;
    Ok(cbor::exactly("travelling link", bytes, limit)?)
}

/// Links that are no links of content `C`, whatever the log: wrong suite, position, length.
pub(crate) fn refused_by_itself<C: Content + std::fmt::Debug>(sheet: &mut Sheet, good: &Link<C>) {
    use daymark_wire::{DecodeError, signing::Payload};
    let read = |bytes: &[u8]| LinkBody::<C>::from_bytes(bytes);
    let malformed = named(&DecodeError::Malformed { what: "link" });
    let bytes = good.bytes();
    let mut suite_two = bytes.to_vec();
    suite_two[1] = 2;
    let error = named(&DecodeError::UnknownSuite {
        what: "link",
        suite: 2,
    });
    sheet.refused("link: suite 2", &suite_two, &error, read);
    let mut suite_zero = bytes.to_vec();
    suite_zero[1] = 0;
    let error = named(&DecodeError::UnknownSuite {
        what: "link",
        suite: 0,
    });
    sheet.refused("link: suite 0", &suite_zero, &error, read);
    let trailing = [bytes, &[0]].concat();
    let error = named(&DecodeError::Trailing { what: "link" });
    sheet.refused("link: a byte after it", &trailing, &error, read);
    let cut = &bytes[..bytes.len() - 1];
    sheet.refused("link: a byte missing", cut, &malformed, read);
    let error = named(&DecodeError::TooLong {
        what: "link",
        limit: MAX_LINK_BYTES,
    });
    sheet.refused("link: too long", &vec![0; MAX_LINK_BYTES + 1], &error, read);
}

/// A body that says something else than `good`, as bytes.
pub(crate) fn altered<C: Content>(good: &Link<C>, alter: impl Fn(&mut LinkBody<C>)) -> Vec<u8> {
    let mut body: LinkBody<C> = cbor::exactly("link", good.bytes(), MAX_LINK_BYTES).unwrap();
    alter(&mut body);
    cbor::to_vec(&body)
}
