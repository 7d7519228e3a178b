//! What a hostile supporter, or a hostile owner, puts into a `version` (threat J5).

use crate::given::{SHARE, content, entry, sealed};
use daymark_core::sharing::{
    MAX_REPLY_BYTES, MAX_VERSION_BYTES, Reply, Seen, SharedWhen, Version, VersionError,
};
use daymark_wire::logs::Role;
use minicbor::Encoder;

type Bytes = Encoder<Vec<u8>>;

/// A version of a kind, with whatever `fields` writes into its one field.
fn version(kind: u64, fields: impl FnOnce(&mut Bytes)) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    encoder.array(2).unwrap().u64(kind).unwrap();
    encoder.array(1).unwrap();
    fields(&mut encoder);
    encoder.into_writer()
}

fn reply(text: &str) -> Vec<u8> {
    version(1, |e| {
        e.array(2).unwrap().bytes(SHARE.as_bytes()).unwrap();
        e.str(text).unwrap();
    })
}

/// A copy whose content is written by hand.
fn copy(number: u32, content: impl FnOnce(&mut Bytes)) -> Vec<u8> {
    version(0, |e| {
        e.array(3).unwrap().bytes(SHARE.as_bytes()).unwrap();
        e.u32(number).unwrap();
        content(e);
    })
}

/// A content with nothing but these tags.
fn tags(e: &mut Bytes, tags: &[&str]) {
    e.array(6).unwrap();
    e.null()
        .unwrap()
        .null()
        .unwrap()
        .null()
        .unwrap()
        .null()
        .unwrap();
    e.array(0).unwrap().array(tags.len() as u64).unwrap();
    for tag in tags {
        e.str(tag).unwrap();
    }
}

fn malformed(bytes: &[u8]) {
    assert_eq!(
        Version::from_bytes(bytes),
        Err(VersionError::Malformed),
        "{bytes:02x?}"
    );
}

#[test]
fn j5_garbage_escapes_and_empty_replies_are_refused() {
    let honest = Version::Reply(Reply::new(SHARE, "hello\n\tyou").unwrap());
    assert_eq!(reply("hello\n\tyou"), honest.to_bytes());
    for text in ["", "\u{1b}[2J", "a\r\nb", "\u{0}", "\u{9b}31m", "a\u{7f}"] {
        malformed(&reply(text));
    }
    for bytes in [
        &[][..],
        &[0x82],
        &[0x82, 1],
        &[0x81, 1],
        &[0x83, 1, 0x80, 0],
        &[0xa0],
        &[0xff],
    ] {
        malformed(bytes);
    }
    let not_utf8 = version(1, |e| {
        e.array(2).unwrap().bytes(SHARE.as_bytes()).unwrap();
        e.writer_mut().extend([0x62, 0xc3, 0x28]);
    });
    malformed(&not_utf8);
}

#[test]
fn j5_bombs_and_floods_are_refused() {
    malformed(&reply(&"a".repeat(MAX_REPLY_BYTES + 1)));
    let flood = reply(&"a".repeat(MAX_VERSION_BYTES));
    assert!(matches!(
        Version::from_bytes(&flood),
        Err(VersionError::TooLong { .. })
    ));
    let names: Vec<String> = (100..201).map(|n| n.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert!(Version::from_bytes(&copy(1, |e| tags(e, &names[..100]))).is_ok());
    malformed(&copy(1, |e| tags(e, &names)));
    // A length that promises far more than there is, and a nest of arrays without end.
    let promised = [
        &version(2, |_| ())[..],
        &[0x81, 0x9b, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
    ]
    .concat();
    malformed(&promised);
    let mut nest = vec![0x82, 1];
    nest.resize(MAX_VERSION_BYTES, 0x81);
    malformed(&nest);
    nest.splice(
        ..2,
        [0x82, 3, 0x82, 0x81, 0x50]
            .into_iter()
            .chain(*SHARE.as_bytes()),
    );
    nest.truncate(MAX_VERSION_BYTES);
    malformed(&nest);
}

#[test]
fn what_could_hide_beside_a_copy_is_refused() {
    let honest = sealed(content(&entry(), "title, tags"));
    malformed(&[&honest[..], b"beside"].concat());
    assert!(Version::from_bytes(&copy(1, |e| tags(e, &["a", "b"]))).is_ok());
    // Out of order, twice, of indefinite length: not how it is written.
    for unusual in [&["b", "a"][..], &["a", "a"]] {
        let bytes = copy(1, |e| tags(e, unusual));
        assert_eq!(
            Version::from_bytes(&bytes),
            Err(VersionError::Later { kind: 0 })
        );
    }
    malformed(&copy(0, |e| tags(e, &["a"])));
    let indefinite = version(2, |e| {
        e.array(1).unwrap().begin_array().unwrap().end().unwrap();
    });
    malformed(&indefinite);
}

#[test]
fn a_time_that_is_none_is_refused() {
    let at = |milliseconds: i64, zone: &str| {
        copy(1, |e| {
            e.array(6).unwrap().null().unwrap().null().unwrap();
            e.array(2).unwrap().u8(1).unwrap().array(1).unwrap();
            e.array(2)
                .unwrap()
                .i64(milliseconds)
                .unwrap()
                .str(zone)
                .unwrap();
            e.null().unwrap().array(0).unwrap().array(0).unwrap();
        })
    };
    let Ok(Version::SharedCopy(read)) = Version::from_bytes(&at(-1, "Europe/London")) else {
        panic!("a time before 1970 is one");
    };
    assert!(matches!(read.content.when(), Some(SharedWhen::Time(_))));
    malformed(&at(i64::MAX, "UTC"));
    for zone in ["", "\u{1b}[0m", " UTC", "a b", "z"] {
        malformed(&at(0, zone));
    }
}

#[test]
fn what_a_later_version_writes_is_named_and_not_guessed() {
    let later = version(9, |e| {
        e.str("something new").unwrap();
    });
    let refused = Version::from_bytes(&later).unwrap_err();
    assert_eq!(refused, VersionError::Later { kind: 9 });
    assert!(refused.to_string().contains("newer version"));
    let one_field_more = version(3, |e| {
        e.array(2)
            .unwrap()
            .bytes(SHARE.as_bytes())
            .unwrap()
            .u8(7)
            .unwrap();
    });
    assert_eq!(
        Version::from_bytes(&one_field_more),
        Err(VersionError::Later { kind: 3 })
    );
    let another_kind_of_time = copy(1, |e| {
        e.array(6).unwrap().null().unwrap().null().unwrap();
        e.array(2).unwrap().u8(2).unwrap().array(0).unwrap();
        e.null().unwrap().array(0).unwrap().array(0).unwrap();
    });
    assert_eq!(
        Version::from_bytes(&another_kind_of_time),
        Err(VersionError::Later { kind: 0 })
    );
}

#[test]
fn j1_each_kind_has_one_side_that_writes_it() {
    let reply = Version::Reply(Reply::new(SHARE, "hello").unwrap());
    assert_eq!(reply.writer(), Role::Supporter);
    assert_eq!(
        Version::Seen(Seen { share: SHARE }).writer(),
        Role::Supporter
    );
    let copy = Version::from_bytes(&sealed(content(&entry(), "text"))).unwrap();
    assert_eq!(copy.writer(), Role::Owner);
}

#[test]
fn the_bytes_are_what_they_always_were() {
    let hex =
        |bytes: Vec<u8>| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    assert_eq!(
        hex(reply("hi")),
        "820181825051515151515151515151515151515151626869"
    );
    assert_eq!(
        hex(Version::Seen(Seen { share: SHARE }).to_bytes()),
        "820381815051515151515151515151515151515151"
    );
    let mut short = daymark_core::journal::Entry::new(entry().at);
    short.title = entry().title;
    short.tags = entry().tags;
    assert_eq!(
        hex(sealed(content(&short, "title, day, tags"))),
        format!(
            "82008183505151515151515151515151515151515101{}",
            concat!(
                "86",
                "7541",
                "2077616c6b2077697468206d7920736973746572",
                "f6",
                "8200811a01346280",
                "f6",
                "80",
                "8265",
                "63616e616c",
                "64",
                "7261696e"
            )
        )
    );
}
