//! What a person changes in an entry.

use super::{
    Area, ContentNote, Day, Entry, Imported, Kind, Person, Prompt, Rewrite, Tag, Text, Title, When,
};
use daymark_wire::DocumentId;
use std::collections::BTreeSet;

/// One thing to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Its time and zone.
    At(When),
    /// Its kind.
    Kind(Kind),
    /// Its title, as it should read.
    Title(Rewrite<Title>),
    /// Its text, as it should read. Only what differs is written.
    Text(Rewrite<Text>),
    /// The person's own day, or none.
    Day(Option<Day>),
    /// The answer to a question, as it should read; an empty one takes it away.
    Answer(Prompt, Rewrite<Text>),
    /// What to know before reading it, or nothing.
    ContentNote(Option<ContentNote>),
    /// Whether it is sensitive.
    Sensitive(bool),
    /// Whether it must not be brought back.
    DoNotBringBack(bool),
    /// Whether it is unfinished.
    Draft(bool),
    /// One more tag.
    AddTag(Tag),
    /// One tag less.
    RemoveTag(Tag),
    /// One more area.
    AddArea(Area),
    /// One area less.
    RemoveArea(Area),
    /// One more person.
    AddPerson(Person),
    /// One person less.
    RemovePerson(Person),
    /// Where it came from.
    Imported(Imported),
    /// The document that it was first written in.
    Origin(DocumentId),
}

/// Steps that are made together, as one change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit(Vec<Step>);

impl Edit {
    /// No step yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// With one more step.
    #[must_use]
    pub fn with(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// The steps that lead from one reading of an entry to another.
    ///
    /// Give the reading that the person began with, not a newer one: then what another device changed
    /// meanwhile stays, within a text too.
    #[must_use]
    pub fn between(before: &Entry, after: &Entry) -> Self {
        let mut steps = Vec::new();
        plain_fields(&mut steps, before, after);
        answers(&mut steps, before, after);
        sets(
            &mut steps,
            &before.tags,
            &after.tags,
            Step::AddTag,
            Step::RemoveTag,
        );
        sets(
            &mut steps,
            &before.areas,
            &after.areas,
            Step::AddArea,
            Step::RemoveArea,
        );
        sets(
            &mut steps,
            &before.people,
            &after.people,
            Step::AddPerson,
            Step::RemovePerson,
        );
        Self(steps)
    }

    /// The steps, in the order in which they are made.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes the steps on a plain entry.
    pub fn apply_to(&self, entry: &mut Entry) {
        for step in &self.0 {
            step.apply_to(entry);
        }
    }
}

impl Step {
    /// Makes this step on a plain entry.
    pub fn apply_to(&self, entry: &mut Entry) {
        match self.clone() {
            Self::At(at) => entry.at = at,
            Self::Kind(kind) => entry.kind = kind,
            Self::Title(title) => entry.title = Title::found(&title.onto(entry.title.as_str())),
            Self::Text(text) => entry.text = Text::found(text.onto(entry.text.as_str())),
            Self::Day(day) => entry.day = day,
            Self::Answer(prompt, answer) => {
                let now = entry.answers.remove(&prompt).unwrap_or_default();
                let reads = answer.onto(now.as_str());
                if !reads.is_empty() {
                    entry.answers.insert(prompt, Text::found(reads));
                }
            }
            Self::ContentNote(note) => entry.content_note = note,
            Self::Sensitive(set) => entry.sensitive = set,
            Self::DoNotBringBack(set) => entry.do_not_bring_back = set,
            Self::Draft(set) => entry.draft = set,
            Self::AddTag(tag) => entry.tags.extend([tag]),
            Self::RemoveTag(tag) => entry.tags.retain(|kept| *kept != tag),
            Self::AddArea(area) => entry.areas.extend([area]),
            Self::RemoveArea(area) => entry.areas.retain(|kept| *kept != area),
            Self::AddPerson(person) => entry.people.extend([person]),
            Self::RemovePerson(person) => entry.people.retain(|kept| *kept != person),
            Self::Imported(imported) => entry.imported = Some(imported),
            Self::Origin(document) => entry.origin = Some(document),
        }
    }

    /// Whether it can make an entry longer than it was.
    pub(super) const fn may_grow(&self) -> bool {
        matches!(
            self,
            Self::Text(_)
                | Self::Answer(..)
                | Self::AddTag(_)
                | Self::AddArea(_)
                | Self::AddPerson(_)
        )
    }
}

impl From<Step> for Edit {
    fn from(step: Step) -> Self {
        Self(vec![step])
    }
}

impl FromIterator<Step> for Edit {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

fn plain_fields(steps: &mut Vec<Step>, before: &Entry, after: &Entry) {
    fn field<T: Clone + PartialEq>(
        steps: &mut Vec<Step>,
        before: &T,
        after: &T,
        step: fn(T) -> Step,
    ) {
        if before != after {
            steps.push(step(after.clone()));
        }
    }
    field(steps, &before.at, &after.at, Step::At);
    field(steps, &before.kind, &after.kind, Step::Kind);
    rewrite(steps, &before.title, &after.title, Step::Title);
    rewrite(steps, &before.text, &after.text, Step::Text);
    field(steps, &before.day, &after.day, Step::Day);
    field(
        steps,
        &before.content_note,
        &after.content_note,
        Step::ContentNote,
    );
    field(steps, &before.sensitive, &after.sensitive, Step::Sensitive);
    field(
        steps,
        &before.do_not_bring_back,
        &after.do_not_bring_back,
        Step::DoNotBringBack,
    );
    field(steps, &before.draft, &after.draft, Step::Draft);
    if let (true, Some(imported)) = (before.imported != after.imported, &after.imported) {
        steps.push(Step::Imported(imported.clone()));
    }
    if let (true, Some(origin)) = (before.origin != after.origin, after.origin) {
        steps.push(Step::Origin(origin));
    }
}

fn answers(steps: &mut Vec<Step>, before: &Entry, after: &Entry) {
    let none = Text::default();
    let answer = |entry: &Entry, prompt| entry.answers.get(prompt).unwrap_or(&none).clone();
    let prompts = before.answers.keys().chain(after.answers.keys());
    for prompt in prompts.collect::<BTreeSet<_>>() {
        let (before, after) = (answer(before, prompt), answer(after, prompt));
        rewrite(steps, &before, &after, |answer| {
            Step::Answer(prompt.clone(), answer)
        });
    }
}

fn rewrite<T: Clone + PartialEq>(
    steps: &mut Vec<Step>,
    before: &T,
    after: &T,
    step: impl FnOnce(Rewrite<T>) -> Step,
) {
    if before != after {
        steps.push(step(Rewrite::between(before.clone(), after.clone())));
    }
}

fn sets<T: Clone + Ord>(
    steps: &mut Vec<Step>,
    before: &BTreeSet<T>,
    after: &BTreeSet<T>,
    add: fn(T) -> Step,
    remove: fn(T) -> Step,
) {
    steps.extend(after.difference(before).cloned().map(add));
    steps.extend(before.difference(after).cloned().map(remove));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::entry::tests::{at, full};

    #[test]
    fn nothing_lies_between_an_entry_and_itself() {
        assert!(Edit::between(&full(), &full()).is_empty());
    }

    #[test]
    fn only_what_differs_becomes_a_step() {
        let mut after = full();
        after.tags = [Tag::parse("kew").unwrap(), Tag::parse("new").unwrap()].into();
        after.answers.clear();
        after.sensitive = false;
        let edit = Edit::between(&full(), &after);
        let expected = [
            Step::Sensitive(false),
            Step::Answer(
                Prompt::parse("Sleep").unwrap(),
                Rewrite::between(Text::parse("six hours").unwrap(), Text::default()),
            ),
            Step::AddTag(Tag::parse("new").unwrap()),
            Step::RemoveTag(Tag::parse("évasion").unwrap()),
        ];
        assert_eq!(edit.steps(), expected);
    }

    #[test]
    fn from_nothing_every_field_is_a_step() {
        let nothing = Entry::new(at("2000-01-01T00:00Z"));
        assert_eq!(Edit::between(&nothing, &full()).steps().len(), 16);
    }
}
