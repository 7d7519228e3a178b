use super::*;
use crate::{
    formats::lines::tests::Broken,
    journal::{Clock, ContentNote, JournalError, Prompt, Text, Title, View},
};
use daymark_wire::{DocumentId, limits::MAX_ENTRY_TEXT_BYTES};
use std::io::BufReader;

fn zone() -> Zone {
    Zone::parse("Europe/London").unwrap()
}

fn read(input: &[u8]) -> Vec<Result<Item, Skipped>> {
    Reader::new(input, zone()).collect()
}

fn all(input: &str) -> Vec<Entry> {
    read(input.as_bytes())
        .into_iter()
        .map(|item| item.unwrap().entry)
        .collect()
}

fn note(entry: &Entry) -> &str {
    entry.imported.as_ref().unwrap().note.as_str()
}

fn tags(entry: &Entry) -> Vec<&str> {
    entry.tags.iter().map(Tag::as_str).collect()
}

const TEXT: &str = "[2020-06-28 18:22] A walk *\nBy the @canal, with @Kew/Gardens.\n\n[not a date] here\n\n\
                    [2020-06-29 06:05:07 PM] One line. And more #hope!\n";

#[test]
fn the_text_file_is_read() {
    let entries = all(TEXT);
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].title.as_str(), "A walk");
    let body = "By the @canal, with @Kew/Gardens.\n\n[not a date] here";
    assert_eq!(entries[0].text.as_str(), body);
    assert_eq!(
        entries[0].at.to_string(),
        "2020-06-28T18:22:00+01:00[Europe/London]"
    );
    assert_eq!(note(&entries[0]), "Starred in jrnl.");
    assert_eq!(tags(&entries[0]), ["Kew/Gardens", "canal"]);
    assert_eq!(entries[1].title.as_str(), "One line.");
    assert_eq!(entries[1].text.as_str(), " And more #hope!");
    assert_eq!(entries[1].at.wall().to_string(), "2020-06-29T18:05:07");
    assert_eq!((note(&entries[1]), tags(&entries[1])), ("", vec!["hope"]));
}

#[test]
fn the_json_export_is_read() {
    let entries = all(r##" {"tags": {"@canal": 1}, "entries": [
            {"title": "A walk", "body": "By the @canal.", "date": "2020-06-28", "time": "18:22",
             "tags": ["@canal", "#hope"], "starred": true, "uuid": "AB12", "creator": {"device": "x"}},
            {"title": "", "body": "", "date": "2020-06-29", "time": "", "extra": null}]}"##);
    assert_eq!(entries[0].title.as_str(), "A walk");
    assert_eq!(tags(&entries[0]), ["canal", "hope"]);
    assert_eq!(
        note(&entries[0]),
        "creator: {\"device\":\"x\"}\nStarred in jrnl."
    );
    assert_eq!(
        entries[0]
            .imported
            .as_ref()
            .unwrap()
            .id
            .as_ref()
            .unwrap()
            .as_str(),
        "AB12"
    );
    assert_eq!(entries[1].at.wall().to_string(), "2020-06-29T00:00:00");
    assert!(entries[1].text.is_empty() && note(&entries[1]).is_empty());
}

#[test]
fn both_formats_name_the_same_entry_alike() {
    let text = "[2020-06-28 18:22] Was it good? It was.\n";
    let json = r#"{"entries":[{"title":"Was it good?","body":"It was.","date":"2020-06-28","time":"18:22"}]}"#;
    let source = |input: &str| read(input.as_bytes())[0].clone().unwrap().source;
    assert_eq!(source(text), source(json));
    assert_eq!(source(text), source(text));
}

#[test]
fn times_that_the_clock_skipped_or_showed_twice_are_remarked() {
    let entries = all("[2021-03-28 01:30] Spring\n\n[2021-10-31 01:30] Autumn\n");
    assert_eq!(entries[0].at.wall().to_string(), "2021-03-28T02:30:00");
    assert!(note(&entries[0]).contains("does not exist in Europe/London"));
    assert!(note(&entries[1]).contains("is twice in Europe/London"));
    assert_eq!(
        When::from_wall(entries[1].at.wall(), zone()).unwrap().1,
        Clock::Repeated
    );
}

#[test]
fn one_bad_entry_never_stops_the_rest() {
    let json = r#"{"entries": [
        {"title": 3, "date": "2020-06-28"},
        {"title": "no date"},
        {"title": "t", "date": "2020-06-31", "time": "10:00"},
        {"title": "t", "date": "2020-06-30", "time": "25:00"},
        {"title": "good", "date": "2020-06-30", "time": "10:00 am"}]}"#;
    let found: Vec<_> = read(json.as_bytes())
        .into_iter()
        .map(|item| item.map(|item| item.line))
        .collect();
    let skipped = |line, why| Err(Skipped { line, why });
    assert_eq!(
        found,
        [
            skipped(2, FormatError::NotJson),
            skipped(3, FormatError::Missing { field: "date" }),
            skipped(4, FormatError::NotATime),
            skipped(5, FormatError::NotATime),
            Ok(6)
        ]
    );
}

#[test]
fn text_before_the_first_entry_is_named_once() {
    let found = read("\u{feff}\n\nstray\nmore\n[2020-06-28 18:22] Good".as_bytes());
    assert_eq!(
        found[0],
        Err(Skipped {
            line: 3,
            why: FormatError::Stray
        })
    );
    assert_eq!(found[1].as_ref().unwrap().entry.title.as_str(), "Good");
    assert_eq!(found.len(), 2);
    assert_eq!(read(b" \n "), []);
}

#[test]
fn a_zone_that_is_not_known_here_is_said_at_each_entry() {
    let found: Vec<_> =
        Reader::new(TEXT.as_bytes(), Zone::parse("Mars/Olympus").unwrap()).collect();
    let why: FormatError = JournalError::NotAZone.into();
    assert_eq!(
        found,
        [
            Err(Skipped {
                line: 1,
                why: why.clone()
            }),
            Err(Skipped { line: 6, why })
        ]
    );
}

#[test]
fn bytes_that_are_no_text_are_shown_and_remarked() {
    let found = read(b"[2020-06-28 18:22] Caf\xe9\nbody");
    let entry = &found[0].as_ref().unwrap().entry;
    assert_eq!(entry.title.as_str(), "Caf\u{fffd}");
    assert!(note(entry).contains("no text in UTF-8"));
}

#[test]
fn long_texts_and_titles_keep_every_word() {
    let body = "word ".repeat(MAX_ENTRY_TEXT_BYTES / 4);
    let title = "t".repeat(2000);
    let entries = all(&format!("[2020-06-28 18:22] {title}\n{body}"));
    assert_eq!(entries.len(), 2);
    let together: String = entries.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(together, format!("{title}\n\n{}", body.trim_end()));
    assert!(note(&entries[0]).contains("The title did not fit"));
    assert!(note(&entries[1]).contains("Part 2 of 2"));
}

#[test]
fn an_entry_beyond_all_bounds_ends_early_and_says_so() {
    let mut input = b"[2020-06-28 18:22] Endless\n".to_vec();
    (0..12).for_each(|_| {
        input.extend(std::iter::repeat_n(b'x', 1024 * 1024));
        input.push(b'\n');
    });
    input.extend_from_slice(b"[2020-06-29 18:22] Next\n");
    let found = read(&input);
    assert_eq!(
        found[0],
        Err(Skipped {
            line: 11,
            why: FormatError::TooLong
        })
    );
    assert!(note(&found[1].as_ref().unwrap().entry).contains("ends early"));
    assert_eq!(
        found.last().unwrap().as_ref().unwrap().entry.title.as_str(),
        "Next"
    );
}

#[test]
fn an_input_that_breaks_off_is_said_once() {
    let mut reader = Reader::new(BufReader::new(Broken), zone());
    assert!(matches!(
        reader.next(),
        Some(Err(Skipped {
            why: FormatError::Input(_),
            ..
        }))
    ));
    assert_eq!(reader.next(), None);
}

fn view() -> View {
    let mut entry = all("[2021-03-04 21:10] A walk\nBy the @canal.\n")[0].clone();
    entry.tags.insert(Tag::parse("kew gardens").unwrap());
    entry.content_note = Some(ContentNote::parse("loss").unwrap());
    let answer = Text::parse("[2021-03-04 21:10] six hours").unwrap();
    entry
        .answers
        .insert(Prompt::parse("Sleep").unwrap(), answer);
    View::new(DocumentId::from_bytes([7; 16]), entry)
}

#[test]
fn the_text_file_is_written_and_read_back() {
    let mut untitled = view();
    untitled.entry.title = Title::default();
    let mut writer = TextWriter::new(Vec::new());
    writer.entry(&view()).unwrap();
    writer.entry(&untitled).unwrap();
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    let body = "Content note: loss\n\nBy the @canal.\n\nSleep\n\n [2021-03-04 21:10] six hours\n\n@kew_gardens";
    assert!(text.starts_with(&format!(
        "[2021-03-04 21:10] A walk\n{body}\n\n[2021-03-04 21:10] By the"
    )));
    let back = all(&text);
    assert_eq!(back.len(), 2);
    assert_eq!(
        (back[0].title.as_str(), back[0].text.as_str()),
        ("A walk", body)
    );
    assert_eq!(tags(&back[0]), ["canal", "kew_gardens"]);
}

#[test]
fn the_json_is_written_and_read_back() {
    let mut writer = JsonWriter::new(Vec::new()).unwrap();
    writer.entry(&view()).unwrap();
    writer.entry(&view()).unwrap();
    let json = writer.finish().unwrap();
    let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(
        value["tags"],
        serde_json::json!({"@canal": 2, "@kew_gardens": 2})
    );
    assert_eq!(value["entries"][0]["date"], "2021-03-04");
    assert_eq!(
        value["entries"][0]["uuid"],
        "07070707070707070707070707070707"
    );
    let back = read(&json);
    assert_eq!(back.len(), 2);
    let entry = &back[0].as_ref().unwrap().entry;
    assert_eq!(entry.title.as_str(), "A walk");
    assert!(entry.text.as_str().contains("six hours"));
    let empty = JsonWriter::new(Vec::new()).unwrap().finish().unwrap();
    assert_eq!(read(&empty), []);
}

mod laws {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Title, text and minute come back from both formats.
        #[test]
        fn what_is_written_is_read_the_same(
            title in "[a-z🌿ש][a-z 🌿ש]{0,20}[a-z]", text in "([a-z🌿ש][a-z 🌿ש]{0,9}[a-z]\n{1,2}){0,5}[a-z]",
            minutes in 0_i64..30_000_000
        ) {
            let at = When::from_milliseconds(minutes * 60_000, zone()).unwrap();
            let (at, clock) = When::from_wall(at.wall(), zone()).unwrap();
            prop_assume!(clock == Clock::Exact);
            let mut entry = Entry::new(at);
            entry.title = Title::parse(&title).unwrap();
            entry.text = Text::parse(text).unwrap();
            let view = View::new(DocumentId::ZERO, entry.clone());
            let mut plain = TextWriter::new(Vec::new());
            plain.entry(&view).unwrap();
            let mut json = JsonWriter::new(Vec::new()).unwrap();
            json.entry(&view).unwrap();
            for written in [plain.finish().unwrap(), json.finish().unwrap()] {
                let back = read(&written)[0].clone().unwrap().entry;
                prop_assert_eq!(
                    (back.title, back.text, back.at), (entry.title.clone(), entry.text.clone(), entry.at.clone())
                );
            }
        }

        #[test]
        fn no_input_makes_it_panic(
            input in "(\\{\"entries\":\\[)?(.{0,20}|\\[2020-06-28 18:22\\].{0,9}\n)(\\{\"date\":\".{0,9})?.{0,9}"
        ) {
            read(input.as_bytes()).into_iter().for_each(drop);
        }
    }
}
