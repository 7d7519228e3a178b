//! What is in no byte of what a supporter, or an owner, is sent (threats K1, K2).

use crate::given::{
    ACTOR, DEVICE, SHARE, actor, aliases, content, entry, parts, prompt, rewrite, sealed, text,
};
use daymark_core::{
    journal::{EntryDocument, Title, View},
    sharing::{Parts, Preferences, Reply, Seen, SharedContent, Topic, Version},
};
use daymark_wire::DocumentId;

const AUTOMERGE_MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const ENTRY: DocumentId = DocumentId::from_bytes([0xe7; 16]);

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// As it is, and as it would be inside JSON or a debugger's output.
fn holds_text(bytes: &[u8], part: &str) -> bool {
    let (bytes, part) = (String::from_utf8_lossy(bytes), part.to_lowercase());
    bytes.to_lowercase().contains(&part)
}

/// Milliseconds as CBOR and as plain bytes, either way round; seconds too; and as a person writes them.
fn holds_time(bytes: &[u8], view: &View) -> bool {
    let milliseconds = view.entry.at.milliseconds();
    let numbers = [milliseconds, milliseconds / 1000];
    let shown = [
        view.entry.at.to_string(),
        view.entry.at.zone().to_string(),
        view.date.to_string(),
        view.entry.at.day().to_string(),
    ];
    let days = [view.date, view.entry.at.day()];
    numbers.iter().any(|number| {
        let (high, low) = (number.to_be_bytes(), number.to_le_bytes());
        holds(bytes, &high[2..])
            || holds(bytes, &low[..6])
            || holds(bytes, &high[4..]) && *number < i64::from(u32::MAX)
    }) || shown.iter().any(|text| holds_text(bytes, text))
        || days
            .iter()
            .any(|day| holds(bytes, &minicbor::to_vec(day).unwrap()))
}

/// What no byte of a version may hold, whatever was chosen.
fn assert_nothing_of_the_journal(bytes: &[u8]) {
    assert!(!holds(bytes, &AUTOMERGE_MAGIC));
    assert!(!holds(bytes, actor().as_bytes()));
    assert!(!holds(bytes, &ACTOR) && !holds(bytes, &DEVICE.prefix()));
    assert!(!holds(bytes, ENTRY.as_bytes()) && !holds_text(bytes, &ENTRY.to_string()));
    for private in [
        "source-42",
        "starred there",
        "weather",
        "connection",
        "jrnl",
    ] {
        assert!(!holds_text(bytes, private), "{private}");
    }
}

/// A document that was typed into, and its view: what a share begins from.
fn typed_and_deleted() -> View {
    let mut first = entry();
    first.text = text("By the canal, thinking of marzipan.");
    let (mut document, _) = EntryDocument::create(actor(), &first).unwrap();
    first.title = Title::parse("Marzipan and rain").unwrap();
    rewrite(&mut document, &first);
    first.title = entry().title;
    first.text = text("By the canal.");
    rewrite(&mut document, &first);
    assert!(holds_text(&document.save(), "marzipan"), "history keeps it");
    document.view(ENTRY)
}

#[test]
fn k1_a_word_typed_and_deleted_is_nowhere_in_a_copy() {
    let view = typed_and_deleted();
    for list in [
        "title, text",
        "title, text, answers, tags, time, kind",
        "day",
    ] {
        let bytes = sealed(content(&view.entry, list));
        assert!(!holds_text(&bytes, "marzipan"), "{list}");
        let Ok(Version::SharedCopy(read)) = Version::from_bytes(&bytes) else {
            panic!("a shared copy");
        };
        assert!(!format!("{read:?}").to_lowercase().contains("marzipan"));
    }
}

#[test]
fn k2_a_copy_holds_nothing_of_the_journal_and_no_time_unasked() {
    let view = typed_and_deleted();
    let unasked = SharedContent::from_entry(&view.entry, &Parts::default(), &aliases(&[]));
    let unasked = sealed(unasked.unwrap());
    assert_nothing_of_the_journal(&unasked);
    assert!(!holds_time(&unasked, &view));
    for not_chosen in [
        "canal, rain",
        "check-in",
        "seven hours",
        "Sleep",
        "the walk",
    ] {
        assert!(!holds_text(&unasked, not_chosen), "{not_chosen}");
    }
    let most = sealed(content(&view.entry, "title, text, answers, tags, kind"));
    assert_nothing_of_the_journal(&most);
    assert!(!holds_time(&most, &view));
}

#[test]
fn k2_the_search_for_times_finds_them_where_they_were_chosen() {
    let view = typed_and_deleted();
    for list in ["time", "day"] {
        assert!(
            holds_time(&sealed(content(&view.entry, list)), &view),
            "{list}"
        );
    }
}

#[test]
fn k2_only_the_day_says_nothing_of_the_hour() {
    let view = typed_and_deleted();
    let (day, mut noon) = (sealed(content(&view.entry, "text, day")), view.entry);
    noon.at = daymark_core::journal::When::parse("2021-03-03T12:00+05:00", None)
        .unwrap()
        .0;
    assert_eq!(sealed(content(&noon, "text, day")), day);
}

#[test]
fn k2_a_name_with_an_alias_is_in_no_byte_of_a_copy() {
    let view = typed_and_deleted();
    let aliases = aliases(&[("my sister", "M.")]);
    let chosen = parts("title, text, answers, tags, time, kind");
    let content = SharedContent::from_entry(&view.entry, &chosen, &aliases).unwrap();
    assert_eq!(content.title().unwrap().as_str(), "A walk with M.");
    assert!(!holds_text(&sealed(content), "sister"));
}

#[test]
fn k2_the_order_of_answers_says_nothing_of_the_names_in_their_questions() {
    let copy = |first: &str, second: &str| {
        let mut entry = entry();
        entry.answers = [
            (prompt(&format!("How was {first}?")), text("well")),
            (prompt(&format!("How was {second}?")), text("busy")),
        ]
        .into();
        let aliases = aliases(&[(first, "F."), (second, "F.")]);
        SharedContent::from_entry(&entry, &parts("answers"), &aliases).unwrap()
    };
    assert_eq!(copy("Anna", "Zoë"), copy("Zoë", "Anna"));
}

#[test]
fn k2_replies_and_what_else_a_supporter_sends_hold_what_they_say_and_no_more() {
    let share = SHARE.as_bytes();
    let reply = Version::Reply(Reply::new(SHARE, "Thank you.").unwrap());
    let not = Preferences::new([Topic::parse("food").unwrap()]).unwrap();
    // Each byte: the kind, how many fields, the share's id with its length, a text with its length.
    let expected = [
        (
            reply,
            [
                &[0x82, 1, 0x81, 0x82, 0x50],
                &share[..],
                &[0x6a],
                b"Thank you.",
            ]
            .concat(),
        ),
        (
            Version::Preferences(not),
            [&[0x82, 2, 0x81, 0x81, 0x81, 0x64], &b"food"[..]].concat(),
        ),
        (
            Version::Seen(Seen { share: SHARE }),
            [&[0x82, 3, 0x81, 0x81, 0x50], &share[..]].concat(),
        ),
    ];
    for (version, bytes) in expected {
        assert_eq!(version.to_bytes(), bytes);
        assert_nothing_of_the_journal(&bytes);
    }
}
