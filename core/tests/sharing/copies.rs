//! What a copy holds, for each choice of parts.

use crate::given::{SHARE, aliases, content, entry, parts, prompt, sealed, tag, text};
use daymark_core::{
    journal::{Entry, Kind, Text, Title},
    sharing::{Aliases, CopyNumber, SharedContent, SharedWhen, SharingError, Version},
};

fn questions(content: &SharedContent) -> Vec<&str> {
    let answers = content.answers().iter();
    answers.map(|answer| answer.question.as_str()).collect()
}

#[test]
fn unasked_a_copy_holds_title_and_text_alone() {
    let chosen = SharedContent::from_entry(&entry(), &parts("title, text"), &Aliases::default());
    let unasked =
        SharedContent::from_entry(&entry(), &Default::default(), &Aliases::default()).unwrap();
    assert_eq!(unasked, chosen.unwrap());
    assert_eq!(unasked.title().unwrap().as_str(), entry().title.as_str());
    assert_eq!(unasked.text().unwrap().as_str(), entry().text.as_str());
    assert_eq!((unasked.when(), unasked.kind()), (None, None));
    assert!(unasked.answers().is_empty() && unasked.tags().is_empty());
}

#[test]
fn each_part_is_there_when_it_was_chosen() {
    let all = content(&entry(), "title, text, answers, tags, time, kind");
    assert_eq!(questions(&all), ["Sleep", "What helped, even a little?"]);
    assert_eq!(all.when(), Some(&SharedWhen::Time(entry().at)));
    assert_eq!(all.kind().unwrap().as_str(), "check-in");
    let tags: Vec<_> = all.tags().iter().map(|tag| tag.as_str()).collect();
    assert_eq!(tags, ["canal", "rain"]);
    let day = content(&entry(), "day");
    assert_eq!(day.when(), Some(&SharedWhen::Day(entry().effective_day())));
    assert_eq!((day.title(), day.text()), (None, None));
}

#[test]
fn one_answer_can_be_chosen_by_its_question_in_any_case() {
    let one = content(&entry(), "answer:\"what helped, even a LITTLE?\"");
    assert_eq!(questions(&one), ["What helped, even a little?"]);
    let absent = parts("text, answer:Food, answer:sleep");
    assert_eq!(absent.unanswered(&entry()), [&prompt("Food")]);
}

#[test]
fn a_choice_that_leaves_nothing_is_refused() {
    let mut empty = Entry::new(entry().at);
    empty.tags = entry().tags;
    let nothing = SharedContent::from_entry(&empty, &parts("title, text, answers"), &aliases(&[]));
    assert_eq!(nothing, Err(SharingError::Nothing));
    assert!(SharedContent::from_entry(&empty, &parts("title, tags"), &aliases(&[])).is_ok());
}

#[test]
fn names_are_replaced_in_every_part() {
    let mut entry = entry();
    entry.title = Title::parse("ANNA and I").unwrap();
    entry.text = text("Anna's idea.\r\nHannah came too, said\nanna.");
    entry.tags = ["anna", "with Anna"].map(tag).into();
    entry.kind = Kind::parse("visit of Anna").unwrap();
    entry.answers = [
        (prompt("How was Anna?"), text("Anna was well")),
        (prompt("How was Zoë?"), text("busy")),
    ]
    .into();
    let chosen = parts("title, text, answers, tags, kind, time");
    let aliases = aliases(&[("Anna", "A."), ("Zoë", "A.")]);
    let content = SharedContent::from_entry(&entry, &chosen, &aliases).unwrap();
    assert_eq!(content.title().unwrap().as_str(), "A. and I");
    let expected = "A.'s idea.\nHannah came too, said\nA..";
    assert_eq!(content.text().unwrap().as_str(), expected);
    assert_eq!(content.kind().unwrap().as_str(), "visit of A.");
    // Two questions that read the same now are still two.
    assert_eq!(questions(&content), ["How was A.?", "How was A.?"]);
    let shown = String::from_utf8_lossy(&sealed(content)).to_lowercase();
    assert!(!shown.replace("hannah", "").contains("anna"));
}

#[test]
fn a_preview_points_to_names_inside_longer_words() {
    let mut entry = entry();
    entry.title = Title::parse("Annas garden").unwrap();
    entry.tags = [tag("annalike"), tag("anna")].into();
    let aliases = aliases(&[("Anna", "A.")]);
    let content = |list| SharedContent::from_entry(&entry, &parts(list), &aliases).unwrap();
    let longer: Vec<_> = content("title, tags")
        .longer_words(&aliases)
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(longer, ["Annas", "annalike"]);
    assert!(content("text, answers").longer_words(&aliases).is_empty());
}

#[test]
fn what_a_preview_showed_is_what_is_sealed_byte_for_byte() {
    let previewed = content(&entry(), "title, text, day");
    let bytes = sealed(previewed.clone());
    assert!(
        bytes
            .windows(previewed.to_bytes().len())
            .any(|w| w == previewed.to_bytes())
    );
    let Ok(Version::SharedCopy(read)) = Version::from_bytes(&bytes) else {
        panic!("a shared copy");
    };
    assert_eq!((read.share, read.number), (SHARE, CopyNumber::FIRST));
    assert_eq!(read.content, previewed);
    assert_eq!(read.content.digest(), previewed.digest());
}

#[test]
fn a_digest_tells_whether_anything_that_was_chosen_changed() {
    let before = content(&entry(), "title, text").digest();
    let mut edited = entry();
    edited.tags.clear();
    edited.answers.clear();
    assert_eq!(content(&edited, "title, text").digest(), before);
    edited.text = text("By the canal.");
    assert_ne!(content(&edited, "title, text").digest(), before);
}

#[test]
fn what_aliases_make_too_long_is_refused() {
    let mut long = entry();
    long.text = Text::parse("Al ".repeat(80_000)).unwrap();
    let aliases = aliases(&[("Al", "a friend from long ago")]);
    let refused = SharedContent::from_entry(&long, &parts("text"), &aliases).unwrap_err();
    assert!(matches!(
        refused,
        SharingError::TooLong {
            what: "shared text",
            ..
        }
    ));
    assert!(SharedContent::from_entry(&long, &parts("text"), &Aliases::default()).is_ok());
}
