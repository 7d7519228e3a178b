use super::*;
use crate::{
    formats::{FormatError, Item, Skipped},
    journal::{Entry, JournalError, Text, View},
};
use daymark_wire::{DocumentId, limits::MAX_ENTRY_TEXT_BYTES};

const HEADER: &str = "{\"type\":\"journal\",\"schema\":1,\"app\":\"daymark\"}\n";

fn written(views: &[View]) -> String {
    let mut writer = Writer::new(Vec::new()).unwrap();
    views.iter().for_each(|view| writer.entry(view).unwrap());
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

fn read(input: &str) -> Vec<Result<Item, Skipped>> {
    Reader::new(input.as_bytes()).collect()
}

fn one(line: &str) -> Entry {
    let mut items = read(line);
    assert_eq!(items.len(), 1);
    items.pop().unwrap().unwrap().entry
}

fn why(line: &str) -> FormatError {
    read(line).pop().unwrap().unwrap_err().why
}

fn note(entry: &Entry) -> &str {
    entry.imported.as_ref().unwrap().note.as_str()
}

#[test]
fn the_form_of_a_line() {
    let line = concat!(
        r#"{"type":"entry","id":"07070707070707070707070707070707","#,
        r#""origin":"08080808080808080808080808080808","kind":"moment","#,
        r#""title":"A walk","text":"By the canal\n🌿","at":"2021-03-04T01:10:00+00:00[Europe/London]","#,
        r#""day":"2021-03-03","tags":["kew"],"areas":["hope"],"people":["a supporter"],"#,
        r#""content_note":"loss","sensitive":true,"do_not_bring_back":true,"draft":true,"#,
        r#""answers":{"Sleep":"six hours"},"imported":{"from":"jrnl","id":"1","note":"starred"}}"#,
        "\n"
    );
    let item = read(line).pop().unwrap().unwrap();
    assert_eq!(item.document, Some(DocumentId::from_bytes([7; 16])));
    assert_eq!(
        item.source.as_str(),
        "daymark/id/08080808080808080808080808080808"
    );
    let view = View::new(DocumentId::from_bytes([7; 16]), item.entry);
    assert_eq!(written(&[view]), format!("{HEADER}{line}"));
}

#[test]
fn defaults_are_left_out() {
    let entry = one(r#"{"type":"entry","at":"2021-03-04T21:10Z"}"#);
    let expected = r#"{"type":"entry","id":"00000000000000000000000000000000","at":"2021-03-04T21:10:00+00:00[UTC]"}"#;
    assert_eq!(
        written(&[View::new(DocumentId::ZERO, entry)]),
        format!("{HEADER}{expected}\n")
    );
}

#[test]
fn unknown_fields_are_kept_where_they_are_seen() {
    let entry = one(
        r#"{"type":"entry","at":"2021-03-04T21:10Z","mood":"calm","n":null,"w":{"c":1},"imported":{"from":"x","extra":2}}"#,
    );
    assert_eq!(note(&entry), "extra: 2\nmood: calm\nw: {\"c\":1}");
}

#[test]
fn what_does_not_fit_is_remarked_and_the_entry_is_read() {
    let line = format!(
        r#"{{"type":"entry","at":"2021-03-28T01:30[Europe/London]","id":"x","kind":"","day":"soon","tags":["a\nb"],"title":"{}","text":"t","answers":{{"":"a"}},"content_note":"x\ny","imported":{{"id":"7","note":"n"}}}}"#,
        "t".repeat(2000)
    );
    let entry = one(&line);
    assert!(entry.title.is_empty() && entry.text.as_str().ends_with("t\n\nt"));
    assert_eq!(entry.content_note.as_ref().unwrap().as_str(), "x y");
    for remark in [
        "kind: ",
        "day: soon",
        "tag: a\nb",
        ": a",
        "7",
        "id: x",
        "does not exist",
        "title",
    ] {
        assert!(note(&entry).contains(remark), "{remark}");
    }
}

#[test]
fn one_bad_line_never_stops_the_rest() {
    let good = r#"{"type":"entry","at":"2021-03-04T21:10Z"}"#;
    let input = format!("\u{feff}{HEADER}\n{{\n{good}\n{{\"type\":\"page\"}}\n{good}");
    let found: Vec<_> = read(&input)
        .into_iter()
        .map(|item| item.map(|item| item.line))
        .collect();
    let skipped = |line, why| Err(Skipped { line, why });
    assert_eq!(
        found,
        [
            skipped(3, FormatError::NotJson),
            Ok(4),
            skipped(5, FormatError::UnknownType),
            Ok(6)
        ]
    );
}

#[test]
fn each_reason_to_skip_is_named() {
    assert_eq!(
        why(r#"{"type":"entry"}"#),
        FormatError::Missing { field: "at" }
    );
    assert_eq!(
        why(r#"{"type":"entry","at":"soon"}"#),
        JournalError::NotATime.into()
    );
    assert_eq!(
        why(r#"{"type":"entry","at":"2021-03-04T21:10"}"#),
        JournalError::NoZone.into()
    );
    assert_eq!(why(r#"{"type":"entry","at":3}"#), FormatError::NotJson);
    let long = "x".repeat(MAX_ENTRY_TEXT_BYTES + 1);
    let line =
        format!(r#"{{"type":"entry","at":"2021-03-04T21:10Z","answers":{{"Sleep":"{long}"}}}}"#);
    assert!(matches!(
        why(&line),
        FormatError::Journal(JournalError::TextTooLong { .. })
    ));
}

#[test]
fn a_newer_schema_is_refused_whole() {
    let good = r#"{"type":"entry","at":"2021-03-04T21:10Z"}"#;
    let found = read(&format!("{{\"type\":\"journal\",\"schema\":2}}\n{good}"));
    assert_eq!(
        found,
        [Err(Skipped {
            line: 1,
            why: FormatError::Newer { schema: 2 }
        })]
    );
}

#[test]
fn a_text_that_is_too_long_becomes_several_entries() {
    let long = "x".repeat(MAX_ENTRY_TEXT_BYTES + 1);
    let line = format!(r#"{{"type":"entry","at":"2021-03-04T21:10Z","text":"{long}"}}"#);
    let items: Vec<_> = read(&line).into_iter().map(Result::unwrap).collect();
    assert_eq!(items.len(), 2);
    assert!(note(&items[1].entry).starts_with("Part 2 of 2"));
    assert_ne!(items[0].source, items[1].source);
}

mod laws {
    use super::*;
    use crate::journal::{
        Area, ContentNote, Day, ImportNote, Imported, Kind, Person, Prompt, SourceName, Tag, Title,
        When, Zone,
    };
    use proptest::{collection, option, prelude::*, sample};

    fn name() -> impl Strategy<Value = String> {
        "[a-zé🌿ש][a-zA-Z\"\\\\ :{}\\[\\]é🌿ש]{0,9}[a-z]"
    }

    fn set<T: Ord + std::fmt::Debug>(
        parse: fn(&str) -> Result<T, JournalError>,
    ) -> impl Strategy<Value = std::collections::BTreeSet<T>> {
        collection::btree_set(name().prop_map(move |name| parse(&name).unwrap()), 0..4)
    }

    fn text() -> impl Strategy<Value = Text> {
        ".{0,40}(\r\n|\n|\u{0}|\u{1b}\\[)?.{0,20}".prop_map(|text| Text::parse(text).unwrap())
    }

    fn when() -> impl Strategy<Value = When> {
        let zones = sample::select(vec![
            "UTC",
            "Europe/London",
            "America/St_Johns",
            "+05:45",
            "-00:01:15",
            "Etc/GMT+5",
            "Mars/X",
        ]);
        (-60_000_000_000_000_i64..200_000_000_000_000, zones)
            .prop_map(|(ms, zone)| When::from_milliseconds(ms, Zone::parse(zone).unwrap()).unwrap())
    }

    fn imported() -> impl Strategy<Value = Option<Imported>> {
        let some = (name(), option::of(name()), ".{0,20}").prop_map(|(from, id, note)| Imported {
            from: SourceName::parse(&from).unwrap(),
            id: id.map(|id| SourceName::parse(&id).unwrap()),
            note: ImportNote::keep(note),
        });
        option::of(some)
    }

    prop_compose! {
        fn entry()(
            at in when(),
            kind in name(),
            title in option::of(name()),
            text in text(),
            day in option::of(1_i8..29),
            tags in set(Tag::parse),
            areas in set(Area::parse),
            people in set(Person::parse),
            note in option::of(name()),
            flags in any::<[bool; 3]>(),
            answers in collection::btree_map(name(), text(), 0..3),
            imported in imported(),
            origin in option::of(1_u8..),
        ) -> Entry {
            let [sensitive, do_not_bring_back, draft] = flags;
            let answers = answers.into_iter().filter(|(_, answer)| !answer.is_empty());
            Entry {
                at, text, tags, areas, people, sensitive, do_not_bring_back, draft, imported,
                kind: Kind::parse(&kind).unwrap(),
                title: Title::parse(&title.unwrap_or_default()).unwrap(),
                day: day.map(|day| Day::from(jiff::civil::date(2021, 2, day))),
                content_note: note.map(|note| ContentNote::parse(&note).unwrap()),
                answers: answers.map(|(k, v)| (Prompt::parse(&k).unwrap(), v)).collect(),
                origin: origin.map(|n| DocumentId::from_bytes([n; 16])),
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_the_same(entries in collection::vec(entry(), 0..6)) {
            let id = |n: usize| DocumentId::from_bytes([n as u8 + 1; 16]);
            let views: Vec<_> =
                entries.into_iter().enumerate().map(|(n, entry)| View::new(id(n), entry)).collect();
            let items: Vec<_> = read(&written(&views)).into_iter().map(Result::unwrap).collect();
            prop_assert_eq!(items.len(), views.len());
            for (item, view) in items.iter().zip(&views) {
                prop_assert_eq!(item.document, Some(view.id));
                let origin = view.entry.origin.or(Some(view.id));
                prop_assert_eq!(&item.entry, &Entry { origin, ..view.entry.clone() });
            }
        }

        #[test]
        fn no_input_makes_it_panic(input in "(\\{\"type\":\"entry\",\"at\":)?.{0,60}\n?.{0,20}") {
            read(&input).into_iter().for_each(drop);
        }
    }
}
