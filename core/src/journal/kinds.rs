//! The shipped kinds and areas: data, not code. A person may rename, hide, change or add to them.

/// A kind of entry with the questions that it offers; each answer may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindTemplate {
    /// The word that stands in the entry.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
    /// The questions, in the order in which they are offered.
    pub prompts: &'static [&'static str],
}

/// The kinds that a new journal offers.
pub const KINDS: &[KindTemplate] = &[
    KindTemplate {
        name: "note",
        about: "anything",
        prompts: &[],
    },
    KindTemplate {
        name: "moment",
        about: "a moment of hope, happiness, pride or belonging; an achievement of any size",
        prompts: &["What happened?", "What made it good?"],
    },
    KindTemplate {
        name: "check-in",
        about: "how today is",
        prompts: &[
            "In a word of my own",
            "Sleep",
            "Food",
            "Movement",
            "Routine",
            "Company",
            "Energy",
            "Worry",
        ],
    },
    KindTemplate {
        name: "setback",
        about: "when things falter",
        prompts: &[
            "What happened?",
            "What did I notice first?",
            "What helped, even a little?",
            "What would I like from others next time?",
        ],
    },
    KindTemplate {
        name: "goal",
        about: "taking a step toward where I want to be",
        prompts: &[
            "What do I want to have done by this time next year?",
            "How can I do it?",
            "Do I need support to do it?",
            "Who can support me?",
            "Small steps, each open, done or let go",
        ],
    },
    KindTemplate {
        name: "strategy",
        about: "the toolbox: what helps me cope",
        prompts: &[
            "What is it?",
            "When does it help?",
            "How do I start when everything is heavy?",
        ],
    },
    KindTemplate {
        name: "treatment",
        about: "medication, talking, art or other therapies",
        prompts: &[
            "What, since when, what changed?",
            "What does it help?",
            "Side effects",
            "Questions to ask next time",
        ],
    },
    KindTemplate {
        name: "learning",
        about: "understanding my condition, acceptance",
        prompts: &["What did I read or hear?", "What fits me, what does not?"],
    },
];

/// The areas that a new journal offers.
pub const AREAS: &[&str] = &[
    "hope",
    "acceptance",
    "control",
    "connection",
    "identity",
    "meaning",
    "treatment",
    "lifestyle",
    "stability",
];

/// The shipped template of that name.
#[must_use]
pub fn template(name: &str) -> Option<&'static KindTemplate> {
    KINDS.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Area, Kind, Prompt};

    #[test]
    fn what_is_shipped_can_be_written() {
        for kind in KINDS {
            assert!(Kind::parse(kind.name).is_ok());
            assert!(
                kind.prompts
                    .iter()
                    .all(|prompt| Prompt::parse(prompt).is_ok())
            );
        }
        assert!(AREAS.iter().all(|area| Area::parse(area).is_ok()));
    }

    #[test]
    fn the_default_kind_is_shipped_and_asks_nothing() {
        assert!(template(Kind::NOTE).unwrap().prompts.is_empty());
        assert_eq!(template("no such kind"), None);
    }
}
