use super::{
    EntryDocument,
    tests::{actor, create, note},
};
use crate::journal::{
    Area, Day, Edit, Kind, Person, Prompt, Rewrite, Step, Tag, Text, Title, entry::tests::at,
};
use automerge::Automerge;
use proptest::prelude::*;

fn step() -> impl Strategy<Value = Step> {
    let name = || prop::sample::select(vec!["a", "b", "שלום", "🌿"]);
    let any_text = || "[a-c 🌿é\n]{0,12}".prop_map(|content| Text::parse(content).unwrap());
    prop_oneof![
        any_text().prop_map(|text| Step::Text(text.into())),
        (any_text(), any_text())
            .prop_map(|(began, wanted)| Step::Text(Rewrite::between(began, wanted))),
        (name(), any_text()).prop_map(|(prompt, answer)| Step::Answer(
            Prompt::parse(prompt).unwrap(),
            answer.into()
        )),
        (name(), name(), any_text()).prop_map(|(prompt, began, wanted)| Step::Answer(
            Prompt::parse(prompt).unwrap(),
            Rewrite::between(Text::parse(began).unwrap(), wanted)
        )),
        name().prop_map(|title| Step::Title(Title::parse(title).unwrap().into())),
        (name(), name()).prop_map(|(began, wanted)| Step::Title(Rewrite::between(
            Title::parse(began).unwrap(),
            Title::parse(wanted).unwrap()
        ))),
        name().prop_map(|tag| Step::AddTag(Tag::parse(tag).unwrap())),
        name().prop_map(|tag| Step::RemoveTag(Tag::parse(tag).unwrap())),
        name().prop_map(|area| Step::AddArea(Area::parse(area).unwrap())),
        name().prop_map(|person| Step::RemovePerson(Person::parse(person).unwrap())),
        name().prop_map(|kind| Step::Kind(Kind::parse(kind).unwrap())),
        any::<bool>().prop_map(Step::Sensitive),
        any::<bool>().prop_map(Step::Draft),
        prop::option::of(1_i16..9).prop_map(|year| {
            let day = |year: i16| Day::from(jiff::civil::date(2020 + year, 1, 1));
            Step::Day(year.map(day))
        }),
        (0_i64..9)
            .prop_map(|second| Step::At(at(&format!("2021-03-04T21:10:0{second}[Europe/London]")))),
    ]
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop::collection::vec(step(), 1..4);
    prop::collection::vec(edit.prop_map(Edit::from_iter), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A document and a plain entry are changed alike by the same edits.
    #[test]
    fn one_device_reads_what_it_wrote(edits in edits()) {
        let mut plain = note("start");
        let mut document = create(1, &plain);
        for edit in &edits {
            let changed = document.edit(actor(1), edit).unwrap();
            let before = plain.clone();
            edit.apply_to(&mut plain);
            prop_assert_eq!(document.entry(), plain.clone());
            prop_assert!(changed.is_some() || before == plain);
        }
    }

    /// Three devices that edit at once read the same in the end, whoever hears of whom first.
    #[test]
    fn concurrent_edits_converge_in_any_order(
        first in edits(), second in edits(), third in edits()
    ) {
        let start = create(1, &note("start"));
        let devices = [(1, first), (2, second), (3, third)].map(|(byte, edits)| {
            let mut device = start.clone();
            for edit in &edits {
                device.edit(actor(byte), edit).unwrap();
            }
            device
        });
        let merged = |order: [usize; 3]| {
            let mut all = Automerge::new();
            for device in order {
                all.merge(&mut devices[device].document.clone()).unwrap();
            }
            EntryDocument::from_automerge(all).entry()
        };
        let expected = merged([0, 1, 2]);
        prop_assert_eq!(&merged([2, 1, 0]), &expected);
        prop_assert_eq!(&merged([1, 0, 2]), &expected);
    }
}
