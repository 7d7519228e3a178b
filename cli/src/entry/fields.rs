//! An entry's fields as options, the same for `add` and `edit`.

use super::{TimeArgs, time::Told};
use crate::error::CliError;
use clap::Args;
use daymark_client::journal::{
    Area, ContentNote, Day, Edit, Entry, Kind, Person, Step, Tag, Title, When,
};
use jiff::Timestamp;

/// What can be said about an entry beside its text.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "About the entry")]
pub(crate) struct FieldArgs {
    /// One line above it
    #[arg(long, value_parser = Title::parse)]
    title: Option<Title>,
    /// What sort of entry: note, moment, check-in, setback, goal, strategy, treatment, learning, or a
    /// word of your own
    #[arg(long)]
    kind: Option<Kind>,
    /// A word to find it by; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<Tag>,
    /// A part of life that it is about, like hope or connection; may be given several times
    #[arg(long = "area", value_name = "AREA")]
    areas: Vec<Area>,
    /// Somebody who is in it; may be given several times
    #[arg(long = "person", value_name = "PERSON")]
    people: Vec<Person>,
    #[command(flatten)]
    time: TimeArgs,
    /// Your own day for it, where that is not the clock's: 2 a.m. can still be yesterday
    #[arg(long, value_name = "DAY", value_parser = or_none::<Day>)]
    day: Option<OrNone<Day>>,
    /// What to know before reading it
    #[arg(long, value_name = "TEXT", value_parser = or_none::<ContentNote>)]
    content_note: Option<OrNone<ContentNote>>,
    /// Keep it out of sight in lists
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    sensitive: Option<bool>,
    /// Never bring it back unasked
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    do_not_bring_back: Option<bool>,
    /// Not finished yet
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    draft: Option<bool>,
}

/// What can be taken away from an entry.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Taking away")]
pub(crate) struct RemovalArgs {
    /// Take this tag away
    #[arg(long = "no-tag", value_name = "TAG")]
    no_tags: Vec<Tag>,
    /// Take this area away
    #[arg(long = "no-area", value_name = "AREA")]
    no_areas: Vec<Area>,
    /// Take this person away
    #[arg(long = "no-person", value_name = "PERSON")]
    no_people: Vec<Person>,
}

/// A value; given empty, it means that there is none.
#[derive(Debug, Clone)]
struct OrNone<T>(Option<T>);

fn or_none<T: std::str::FromStr>(given: &str) -> Result<OrNone<T>, T::Err> {
    if given.is_empty() {
        Ok(OrNone(None))
    } else {
        given.parse().map(|value| OrNone(Some(value)))
    }
}

impl FieldArgs {
    /// A new entry with these fields, without its text; whether its time is twice on the clock.
    pub(crate) fn entry(&self, now: Timestamp) -> Result<(Entry, bool), CliError> {
        let Told { when, repeated } = self.time.of_new(now)?;
        let mut entry = Entry::new(when);
        self.steps(None)
            .into_iter()
            .for_each(|step| step.apply_to(&mut entry));
        Ok((entry, repeated))
    }

    /// The edit that these fields mean for an entry that was at a time; whether the new time is twice on
    /// the clock.
    pub(crate) fn edit(
        &self,
        removals: &RemovalArgs,
        was: &When,
        now: Timestamp,
    ) -> Result<(Edit, bool), CliError> {
        let told = self.time.of_known(was, now)?;
        let repeated = told.as_ref().is_some_and(|told| told.repeated);
        let mut steps = self.steps(told.map(|told| told.when));
        steps.extend(removals.no_tags.iter().cloned().map(Step::RemoveTag));
        steps.extend(removals.no_areas.iter().cloned().map(Step::RemoveArea));
        steps.extend(removals.no_people.iter().cloned().map(Step::RemovePerson));
        Ok((steps.into_iter().collect(), repeated))
    }

    /// Whether an edit was asked for beside the text.
    pub(crate) fn say_something(&self, removals: &RemovalArgs) -> bool {
        !self.time.is_empty()
            || !self.steps(None).is_empty()
            || !removals.no_tags.is_empty()
            || !removals.no_areas.is_empty()
            || !removals.no_people.is_empty()
    }

    fn steps(&self, at: Option<When>) -> Vec<Step> {
        let mut steps: Vec<Step> = at.map(Step::At).into_iter().collect();
        steps.extend(self.title.clone().map(|title| Step::Title(title.into())));
        steps.extend(self.kind.clone().map(Step::Kind));
        steps.extend(self.tags.iter().cloned().map(Step::AddTag));
        steps.extend(self.areas.iter().cloned().map(Step::AddArea));
        steps.extend(self.people.iter().cloned().map(Step::AddPerson));
        steps.extend(self.day.clone().map(|OrNone(day)| Step::Day(day)));
        steps.extend(
            self.content_note
                .clone()
                .map(|OrNone(note)| Step::ContentNote(note)),
        );
        steps.extend(self.sensitive.map(Step::Sensitive));
        steps.extend(self.do_not_bring_back.map(Step::DoNotBringBack));
        steps.extend(self.draft.map(Step::Draft));
        steps
    }
}
