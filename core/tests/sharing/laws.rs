//! Laws: what is written reads the same; nothing makes a reader panic; names do not survive.

use crate::given::{prompt, sealed, tag, text};
use daymark_core::{
    journal::{Alias, Entry, Kind, Person, Title, When, Zone},
    sharing::{
        Aliases, CopyNumber, Parts, Preferences, Reply, Seen, ShareId, SharedContent, SharedCopy,
        Topic, Version, VersionError,
    },
};
use proptest::prelude::*;

fn share() -> impl Strategy<Value = ShareId> {
    any::<[u8; 16]>().prop_map(ShareId::from_bytes)
}

fn word() -> impl Strategy<Value = String> {
    "[a-c é🌿א\u{200f}]{0,6}[a-d]"
}

fn entries() -> impl Strategy<Value = Entry> {
    let named = (
        prop::collection::btree_set(word(), 0..4),
        prop::collection::btree_map(word(), any::<String>(), 0..4),
    );
    let at = (-99_999_999_999_i64..99_999_999_999_999, any::<bool>());
    (any::<String>(), word(), word(), named, at).prop_map(|(body, title, kind, named, at)| {
        let zone = Zone::parse(if at.1 { "Europe/London" } else { "-03:30" }).unwrap();
        let mut entry = Entry::new(When::from_milliseconds(at.0, zone).unwrap());
        entry.title = Title::parse(&title).unwrap();
        entry.kind = Kind::parse(&kind).unwrap();
        entry.text = text(&body);
        entry.tags = named.0.iter().map(|name| tag(name)).collect();
        let answers = named.1.iter();
        entry.answers = answers.map(|(q, a)| (prompt(q), text(a))).collect();
        entry
    })
}

fn chosen() -> impl Strategy<Value = Parts> {
    let names = vec!["title", "text", "answers", "tags", "time", "day", "kind"];
    let some = prop::sample::subsequence(names, 1..7);
    some.prop_map(|names| names.join(",").parse().unwrap())
}

fn versions() -> impl Strategy<Value = Version> {
    let copy = (share(), 1_u32..9, entries(), chosen());
    prop_oneof![
        copy.prop_filter_map("something is shared", |(share, number, entry, parts)| {
            let content = SharedContent::from_entry(&entry, &parts, &Aliases::default()).ok()?;
            let mut copy = CopyNumber::FIRST;
            for _ in 1..number {
                copy = copy.next()?;
            }
            Some(Version::SharedCopy(SharedCopy {
                share,
                number: copy,
                content,
            }))
        }),
        (share(), any::<String>()).prop_filter_map("a reply says something", |(share, text)| {
            Reply::new(share, &text).ok().map(Version::Reply)
        }),
        prop::collection::vec(word(), 0..5).prop_map(|not| {
            let topics = not.iter().map(|topic| Topic::parse(topic).unwrap());
            Version::Preferences(Preferences::new(topics).unwrap())
        }),
        share().prop_map(|share| Version::Seen(Seen { share })),
    ]
}

/// What holds of any bytes that are read.
fn assert_read_soundly(bytes: &[u8]) {
    if let Ok(version) = Version::from_bytes(bytes) {
        assert_eq!(version.to_bytes(), bytes, "one encoding of each");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_written_reads_the_same(version in versions()) {
        prop_assert_eq!(Version::from_bytes(&version.to_bytes()), Ok(version));
    }

    #[test]
    fn k11_no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        assert_read_soundly(&bytes);
        assert_read_soundly(&[&[0x82, bytes.first().copied().unwrap_or_default() % 5], &bytes[..]].concat());
    }

    #[test]
    fn j5_what_was_altered_reads_as_something_else_or_not_at_all(
        version in versions(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let honest = version.to_bytes();
        let mut bytes = honest.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        assert_read_soundly(&bytes);
        if bytes != honest {
            prop_assert_ne!(Version::from_bytes(&bytes), Ok(version));
        }
        let cut = cut.index(honest.len());
        prop_assert_eq!(Version::from_bytes(&honest[..cut]), Err(VersionError::Malformed));
    }

    /// RECOVERY's eighth rule, over all parts: no name that has an alias is left as a whole word.
    #[test]
    fn no_name_survives_in_any_part(
        entry in entries(), parts in chosen(), names in prop::collection::vec("[a-c]{1,2}( [ab])?", 1..4)
    ) {
        let people: Vec<_> = names.iter().map(|name| Person::parse(name).unwrap()).collect();
        let alias = Alias::parse("Q").unwrap();
        let aliases = Aliases::new(people.iter().map(|person| (person.clone(), alias.clone())));
        let Ok(content) = SharedContent::from_entry(&entry, &parts, &aliases) else {
            return Ok(());
        };
        for shown in shown(&content) {
            let again = aliases.replace(&shown);
            prop_assert_eq!(&*again, shown.as_str());
        }
        assert_read_soundly(&sealed(content));
    }
}

/// Every text of a content.
fn shown(content: &SharedContent) -> Vec<String> {
    let lines = content.title().into_iter().chain(content.kind());
    let lines = lines.chain(content.tags()).map(|line| line.as_str());
    let questions = content.answers().iter().map(|a| a.question.as_str());
    let answers = content.answers().iter().map(|a| a.answer.as_str());
    let text = content.text().map(|text| text.as_str());
    let all = lines.chain(questions).chain(answers).chain(text);
    all.map(str::to_owned).collect()
}
