//! A text as a person leaves it, with the reading that they began from.

use super::{Text, Title, splice};

/// What a text should read, and what it read when the person began.
///
/// Another device's words may come while an editor is open. Only what the person changed since they began is
/// put into the text as it is by then; where both changed the same place, both stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite<T> {
    began: Option<T>,
    wanted: T,
}

impl<T> Rewrite<T> {
    /// From one reading to another.
    #[must_use]
    pub const fn between(began: T, wanted: T) -> Self {
        let began = Some(began);
        Self { began, wanted }
    }

    /// All of it, whatever it reads by then.
    #[must_use]
    pub const fn whole(wanted: T) -> Self {
        let began = None;
        Self { began, wanted }
    }
}

impl<T> From<T> for Rewrite<T> {
    fn from(wanted: T) -> Self {
        Self::whole(wanted)
    }
}

impl Rewrite<Text> {
    /// What is to stand where `now` stands.
    pub(super) fn onto(&self, now: &str) -> String {
        let began = self.began.as_ref().map(Text::as_str);
        onto(began, self.wanted.as_str(), now)
    }
}

impl Rewrite<Title> {
    /// What is to stand where `now` stands.
    pub(super) fn onto(&self, now: &str) -> String {
        let began = self.began.as_ref().map(Title::as_str);
        onto(began, self.wanted.as_str(), now)
    }
}

fn onto(began: Option<&str>, wanted: &str, now: &str) -> String {
    match began {
        Some(began) => splice::rebased(began, wanted, now),
        None => wanted.to_owned(),
    }
}
