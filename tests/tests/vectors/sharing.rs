//! `sharing.json`: what a `version` record of a bond holds, and a shared content's digest (PROTOCOL section 6).

use crate::sheet::{Sheet, bytes_of, named};
use daymark_core::{
    journal::{Day, Entry, Kind, Prompt, Tag, Text, Title, When},
    sharing::{
        Aliases, CopyNumber, Parts, Preferences, Reply, Seen, ShareId, SharedContent, SharedCopy,
        Topic, Version, VersionError,
    },
};
use minicbor::Encoder;
use serde_json::json;

const SHARE: ShareId = ShareId::from_bytes([0xa7; 16]);

#[test]
fn what_is_shared_is_frozen() {
    let mut sheet = Sheet::new(
        "sharing.json",
        "What a `version` record holds: shared copies, replies, preferences, acknowledgements",
    );
    copies(&mut sheet);
    answers_back(&mut sheet);
    refused(&mut sheet);
    sheet.close();
}

fn entry() -> Entry {
    let at = When::parse("2021-03-04T21:10+00:00[Europe/London]", None)
        .unwrap()
        .0;
    let mut entry = Entry::new(at);
    entry.kind = Kind::parse("check-in").unwrap();
    entry.title = Title::parse("A quiet evening").unwrap();
    entry.text = Text::parse("Soup, and a walk.\n\tSlept well after.").unwrap();
    entry.day = Some("2021-03-03".parse::<Day>().unwrap());
    entry.tags = ["walking", "evenings"]
        .map(|tag| Tag::parse(tag).unwrap())
        .into();
    entry.answers = [("Sleep", "long"), ("Food", "soup")]
        .map(|(question, answer)| {
            let question = Prompt::parse(question).unwrap();
            (question, Text::parse(answer).unwrap())
        })
        .into();
    entry
}

fn content(parts: &str) -> SharedContent {
    let parts: Parts = parts.parse().unwrap();
    SharedContent::from_entry(&entry(), &parts, &Aliases::default()).unwrap()
}

fn copy(number: CopyNumber, parts: &str) -> Version {
    Version::SharedCopy(SharedCopy {
        share: SHARE,
        number,
        content: content(parts),
    })
}

fn copies(sheet: &mut Sheet) {
    let second = CopyNumber::FIRST.next().unwrap();
    for (name, number, parts) in [
        ("copy: title and text", CopyNumber::FIRST, "title, text"),
        ("copy: the day alone", CopyNumber::FIRST, "day"),
        (
            "copy: everything, the second",
            second,
            "title, text, answers, tags, time, kind",
        ),
        ("copy: one answer", CopyNumber::FIRST, "answer:\"Sleep\""),
    ] {
        let digest = hex::encode(content(parts).digest().as_bytes());
        let fields = json!({
            "parts": parts,
            "content": hex::encode(content(parts).to_bytes()),
            "digest": digest,
        });
        let copy = copy(number, parts);
        sheet.value_with(name, copy, Version::to_bytes, Version::from_bytes, fields);
    }
}

fn answers_back(sheet: &mut Sheet) {
    let mut add = |name: &str, version: Version| {
        sheet.value(name, version, Version::to_bytes, Version::from_bytes);
    };
    let reply = Reply::new(SHARE, "Thank you for showing me.\nSoup sounds right.").unwrap();
    add("reply", Version::Reply(reply));
    let topics = ["evenings", "food"].map(|topic| Topic::parse(topic).unwrap());
    let preferences = Preferences::new(topics).unwrap();
    add("preferences", Version::Preferences(preferences));
    add(
        "preferences: none",
        Version::Preferences(Preferences::default()),
    );
    add("seen", Version::Seen(Seen { share: SHARE }));
}

/// A reply's bytes, item by item.
fn reply(text: &str) -> Vec<u8> {
    let mut e = Encoder::new(Vec::new());
    e.array(2).unwrap().u64(1).unwrap();
    e.array(1).unwrap().array(2).unwrap();
    e.bytes(SHARE.as_bytes()).unwrap().str(text).unwrap();
    e.into_writer()
}

fn refused(sheet: &mut Sheet) {
    let mut check = |name: &str, bytes: &[u8], error: VersionError| {
        sheet.refused(name, bytes, &named(&error), Version::from_bytes);
    };
    let good = reply("Thank you.");
    assert!(Version::from_bytes(&good).is_ok());
    let malformed = VersionError::Malformed;
    check("nothing", &[], malformed);
    check("cut", &good[..good.len() - 1], malformed);
    check(
        "a byte after it",
        &[good.as_slice(), &[0]].concat(),
        malformed,
    );
    check("a text that is empty", &reply(""), malformed);
    check("a text with an escape", &reply("\u{1b}[2J"), malformed);
    let mut later = good.clone();
    later[1] = 4;
    check(
        "a kind of a later version",
        &later,
        VersionError::Later { kind: 4 },
    );
    // The same items, with a longer form of the array's length.
    let longer = [&[0x98, 0x02], &good[1..]].concat();
    check("another encoding", &longer, VersionError::Later { kind: 1 });
    let zero = {
        let mut bytes = copy(CopyNumber::FIRST, "day").to_bytes();
        let after_the_share = 5 + 16 + 1;
        assert_eq!(bytes[after_the_share - 1], 1, "the number");
        bytes[after_the_share - 1] = 0;
        bytes
    };
    check("copy: number 0", &zero, malformed);
    let unsorted = {
        let mut e = Encoder::new(Vec::new());
        e.array(2).unwrap().u64(2).unwrap();
        e.array(1).unwrap().array(1).unwrap().array(2).unwrap();
        e.str("food").unwrap().str("evenings").unwrap();
        e.into_writer()
    };
    check(
        "preferences: out of order",
        &unsorted,
        VersionError::Later { kind: 2 },
    );
}

/// The digest stands for the bytes: SHA-256 of a label and the content.
#[test]
fn the_digest_is_of_the_contents_bytes() {
    let content = content("title, text");
    let input = [
        b"daymark/1/shared-content\0".as_slice(),
        &content.to_bytes(),
    ]
    .concat();
    let digest = ring::digest::digest(&ring::digest::SHA256, &input);
    assert_eq!(digest.as_ref(), content.digest().as_bytes());
    assert_eq!(
        bytes_of(&json!(hex::encode(digest.as_ref()))),
        digest.as_ref()
    );
}
