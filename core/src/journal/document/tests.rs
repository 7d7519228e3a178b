use super::*;
use crate::journal::{
    ContentNote, Prompt, Tag, Text, Title,
    entry::tests::{at, full},
};
use automerge::Change;
use daymark_wire::{DeviceId, limits::MAX_ENTRY_TEXT_BYTES};

pub(super) fn actor(byte: u8) -> Actor {
    Actor::new(DeviceId::from_bytes([byte; 16]), [byte; 8])
}

fn text(text: &str) -> Text {
    Text::parse(text).unwrap()
}

pub(super) fn note(content: &str) -> Entry {
    Entry {
        text: text(content),
        ..Entry::new(at("2021-03-04T21:10:00[Europe/London]"))
    }
}

pub(super) fn create(byte: u8, entry: &Entry) -> EntryDocument {
    EntryDocument::create(actor(byte), entry).unwrap().0
}

fn edit(document: &mut EntryDocument, byte: u8, step: Step) {
    document.edit(actor(byte), &step.into()).unwrap().unwrap();
}

/// Both as they are after each heard of the other.
fn merge(mut one: EntryDocument, mut other: EntryDocument) -> Entry {
    one.document.merge(&mut other.document).unwrap();
    other.document.merge(&mut one.document).unwrap();
    assert_eq!(one.entry(), other.entry());
    one.entry()
}

#[test]
fn it_prints_nothing_of_what_was_written() {
    let printed = format!("{:?}", create(1, &note("dear diary")));
    assert_eq!(printed, "EntryDocument([redacted])");
}

#[test]
fn what_is_created_reads_the_same_and_survives_saving() {
    for entry in [
        full(),
        note(""),
        note("a"),
        Entry::new(at("1969-01-01T00:00Z")),
    ] {
        let document = create(1, &entry);
        assert_eq!(document.entry(), entry);
        let loaded = Automerge::load(&document.save()).unwrap();
        assert_eq!(EntryDocument::from_automerge(loaded).entry(), entry);
    }
}

#[test]
fn the_change_holds_the_whole_entry_with_time_zero_and_no_message() {
    let (document, bytes) = EntryDocument::create(actor(1), &full()).unwrap();
    let change = Change::try_from(bytes.as_bytes()).unwrap();
    assert_eq!((change.timestamp(), change.message()), (0, None));
    assert_eq!(Actor::from_automerge(change.actor_id()), Some(actor(1)));
    assert_eq!(change.raw_bytes(), bytes.as_bytes());
    let mut other = Automerge::new();
    other.apply_changes([change]).unwrap();
    assert_eq!(
        EntryDocument::from_automerge(other).entry(),
        document.entry()
    );
}

#[test]
fn nine_hundred_characters_cost_little_more_than_themselves() {
    let sentence = "Slept badly, walked to the market anyway and sat by the canal a while. ";
    let content: String = sentence.chars().cycle().take(900).collect();
    let (document, bytes) = EntryDocument::create(actor(0xa7), &note(&content)).unwrap();
    let (change, saved) = (bytes.as_bytes().len(), document.save().len());
    println!("900 characters: change {change} bytes, saved document {saved} bytes");
    assert!(change <= 1_080, "{change} bytes");
}

#[test]
fn an_edit_that_changes_nothing_is_no_change() {
    let mut document = create(1, &full());
    let before = document.save();
    let same = Edit::between(&Entry::new(at("2000-01-01T00:00Z")), &full());
    assert_eq!(document.edit(actor(2), &same), Ok(None));
    assert_eq!(document.edit(actor(2), &Edit::new()), Ok(None));
    let absent = Step::RemoveTag(Tag::parse("absent").unwrap());
    assert_eq!(document.edit(actor(2), &absent.into()), Ok(None));
    assert_eq!(document.save(), before);
}

#[test]
fn every_field_can_be_changed_and_taken_away() {
    let mut document = create(1, &note("before"));
    let bare = document.entry();
    document
        .edit(actor(1), &Edit::between(&bare, &full()))
        .unwrap()
        .unwrap();
    assert_eq!(document.entry(), full());
    document
        .edit(actor(1), &Edit::between(&full(), &bare))
        .unwrap()
        .unwrap();
    assert_eq!(
        document.entry(),
        Entry {
            imported: full().imported,
            origin: full().origin,
            ..bare
        }
    );
}

#[test]
fn edits_of_one_text_in_two_places_are_both_kept() {
    let one = create(1, &note("I went to the park. It rained."));
    let (mut one, mut other) = (one.clone(), one);
    edit(
        &mut one,
        1,
        Step::Text(text("I went to the old park. It rained.").into()),
    );
    edit(
        &mut other,
        2,
        Step::Text(text("I went to the park. It rained hard 🌧.").into()),
    );
    assert_eq!(
        merge(one, other).text.as_str(),
        "I went to the old park. It rained hard 🌧."
    );
}

#[test]
fn titles_and_texts_first_written_at_once_are_all_shown() {
    let document = create(1, &note(""));
    let (mut one, mut other) = (document.clone(), document);
    edit(
        &mut one,
        1,
        Step::Title(Title::parse("Morning").unwrap().into()),
    );
    edit(&mut one, 1, Step::Text(text("by the canal").into()));
    edit(
        &mut other,
        2,
        Step::Title(Title::parse("Evening").unwrap().into()),
    );
    edit(&mut other, 2, Step::Text(text("at home").into()));
    let merged = merge(one, other);
    for part in ["Morning", "Evening"] {
        assert!(
            merged.title.as_str().contains(part),
            "{}",
            merged.title.as_str()
        );
    }
    let mut lines: Vec<_> = merged.text.as_str().split("\n\n").collect();
    lines.sort_unstable();
    assert_eq!(lines, ["at home", "by the canal"]);
}

#[test]
fn what_stood_twice_is_one_text_after_the_next_edit() {
    let document = create(1, &note(""));
    let (mut one, mut other) = (document.clone(), document);
    edit(&mut one, 1, Step::Text(text("one").into()));
    edit(&mut other, 2, Step::Text(text("two").into()));
    one.document.merge(&mut other.document).unwrap();
    edit(&mut one, 1, Step::Text(text("both").into()));
    assert_eq!(one.entry().text.as_str(), "both");
    // Typed elsewhere into the text that lost, before that was heard of: shown all the same.
    edit(&mut other, 2, Step::Text(text("two and more").into()));
    assert!(merge(one, other).text.as_str().contains(" and more"));
}

#[test]
fn what_came_since_an_edit_began_stays() {
    let mut document = create(1, &note("by the canal"));
    let began = document.entry();
    let prompt = Prompt::parse("Sleep").unwrap();
    edit(
        &mut document,
        2,
        Step::Text(text("by the canal, in the rain").into()),
    );
    edit(
        &mut document,
        2,
        Step::Title(Title::parse("Monday").unwrap().into()),
    );
    edit(
        &mut document,
        2,
        Step::Answer(prompt.clone(), text("six hours").into()),
    );
    let wanted = Entry {
        title: Title::parse("A walk").unwrap(),
        text: text("by the old canal"),
        answers: [(prompt.clone(), text("well"))].into(),
        ..began.clone()
    };
    let change = document.edit(actor(1), &Edit::between(&began, &wanted));
    assert!(change.unwrap().is_some());
    let entry = document.entry();
    assert_eq!(entry.text.as_str(), "by the old canal, in the rain");
    assert_eq!(entry.title.as_str(), "Monday A walk");
    assert_eq!(entry.answers[&prompt].as_str(), "six hours well");
}

#[test]
fn an_edit_that_began_from_a_text_written_twice_goes_into_what_is_shown() {
    let document = create(1, &note(""));
    let (mut one, mut other) = (document.clone(), document);
    edit(&mut one, 1, Step::Text(text("one").into()));
    edit(&mut other, 2, Step::Text(text("two").into()));
    one.document.merge(&mut other.document).unwrap();
    let began = one.entry();
    let shown = began.text.as_str().to_owned();
    edit(&mut one, 2, Step::Text(text(&format!("{shown}!")).into()));
    let wanted = Entry {
        text: text(&format!("So: {shown}")),
        ..began.clone()
    };
    one.edit(actor(1), &Edit::between(&began, &wanted))
        .unwrap()
        .unwrap();
    assert_eq!(one.entry().text.as_str(), format!("So: {shown}!"));
}

#[test]
fn the_same_entry_made_on_two_devices_is_not_doubled() {
    let (one, mut other) = (create(1, &full()), create(2, &full()));
    assert_eq!(merge(one.clone(), other.clone()), full());
    other.document.merge(&mut one.clone().document).unwrap();
    edit(&mut other, 2, Step::Text(text("edited after").into()));
    assert_eq!(merge(one, other).text.as_str(), "edited after");
}

#[test]
fn tags_added_at_once_stay_and_adding_wins_over_removing() {
    let tag = |name: &str| Tag::parse(name).unwrap();
    let document = create(
        1,
        &Entry {
            tags: [tag("both")].into(),
            ..note("x")
        },
    );
    let (mut one, mut other) = (document.clone(), document);
    edit(&mut one, 1, Step::AddTag(tag("one")));
    edit(&mut one, 1, Step::RemoveTag(tag("both")));
    edit(&mut one, 1, Step::AddTag(tag("both")));
    edit(&mut other, 2, Step::AddTag(tag("two")));
    edit(&mut other, 2, Step::RemoveTag(tag("both")));
    assert_eq!(
        merge(one, other).tags,
        ["both", "one", "two"].map(tag).into()
    );
}

#[test]
fn what_protects_wins() {
    let document = create(1, &note("x"));
    let (mut one, mut other) = (document.clone(), document);
    edit(&mut one, 1, Step::Sensitive(true));
    edit(&mut other, 2, Step::Sensitive(true));
    edit(&mut other, 2, Step::Sensitive(false));
    edit(
        &mut one,
        1,
        Step::ContentNote(Some(ContentNote::parse("loss").unwrap())),
    );
    edit(
        &mut other,
        2,
        Step::ContentNote(Some(ContentNote::parse("food").unwrap())),
    );
    let merged = merge(one, other);
    assert!(merged.sensitive);
    let shown = merged.content_note.unwrap();
    assert!(shown.as_str().contains("loss") && shown.as_str().contains("food"));
}

#[test]
fn an_edit_that_is_refused_leaves_the_document_as_it_was() {
    let mut document = create(1, &note(&"x".repeat(160_000)));
    let before = document.save();
    let rewrite = Step::Text(text(&"y".repeat(160_000)).into());
    let refused = document.edit(actor(1), &Edit::new().with(Step::Draft(true)).with(rewrite));
    assert_eq!(
        refused,
        Err(JournalError::TooMuchAtOnce {
            operations: 320_001,
            limit: MAX_OPERATIONS_PER_CHANGE
        })
    );
    assert_eq!(document.save(), before);
    assert!(
        document
            .edit(actor(1), &Step::Draft(true).into())
            .unwrap()
            .is_some()
    );
}

#[test]
fn text_and_answers_together_are_bounded_where_they_are_written() {
    let mut document = create(1, &note(&"x".repeat(MAX_ENTRY_TEXT_BYTES)));
    let answer = Step::Answer(Prompt::parse("Sleep").unwrap(), text("six hours").into());
    let refused = document.edit(actor(1), &answer.into());
    assert!(matches!(refused, Err(JournalError::TextTooLong { .. })));
    let tags = (0..101).map(|n| Step::AddTag(Tag::parse(&format!("t{n}")).unwrap()));
    let refused = document.edit(actor(1), &tags.collect());
    assert!(matches!(
        refused,
        Err(JournalError::TooMany { what: "tags", .. })
    ));
}

#[test]
fn a_document_that_was_edited_for_years_is_full_at_last() {
    assert_eq!(check_operations(0, MAX_OPERATIONS_PER_CHANGE), Ok(()));
    assert_eq!(
        check_operations(MAX_OPERATIONS_PER_DOCUMENT, 1),
        Err(JournalError::Full)
    );
    let mut document = create(1, &note("abc"));
    let after_first = operations(&document.document);
    edit(&mut document, 1, Step::Text(text("").into()));
    assert_eq!(operations(&document.document), after_first + 3);
}

#[test]
fn an_empty_or_strange_document_still_shows_something() {
    let entry = EntryDocument::from_automerge(Automerge::new()).entry();
    assert_eq!(entry, Entry::new(at("1970-01-01T00:00Z")));
    let mut strange = Automerge::new();
    let mut transaction = strange.transaction();
    for key in ["at", "zone", "kind", "day", "sensitive", "tag/\n", "later"] {
        transaction
            .put(automerge::ROOT, key, "\u{1b}strange")
            .unwrap();
    }
    transaction
        .put(automerge::ROOT, "text", "a plain string")
        .unwrap();
    transaction.commit();
    let entry = EntryDocument::from_automerge(strange).entry();
    assert_eq!(entry.text.as_str(), "a plain string");
    assert_eq!(
        (entry.sensitive, entry.tags.len(), entry.day),
        (false, 0, None)
    );
}
