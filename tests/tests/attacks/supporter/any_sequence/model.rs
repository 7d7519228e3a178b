//! What happens, and what each of the three has then: the owner's vault, the relay, the supporter's vault.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Entries that the owner has. The last is never shared.
pub(super) const ENTRIES: usize = 4;

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// Shared until so many days from then, or without an end; perhaps kept up to date.
    Share {
        entry: usize,
        days: Option<u64>,
        keep_updated: bool,
    },
    Edit {
        entry: usize,
    },
    ShareAgain {
        entry: usize,
    },
    Unshare {
        entry: usize,
    },
    Reply,
    End,
    Leave,
    /// For everybody.
    ADayPasses,
    OwnerSyncs,
    SupporterSyncs,
    OwnerRestarts,
    SupporterRestarts,
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let shared = 0..ENTRIES - 1;
    let days = prop::option::of(0..2_u64);
    prop_oneof![
        6 => (shared.clone(), days, any::<bool>()).prop_map(|(entry, days, keep_updated)| {
            Step::Share { entry, days, keep_updated }
        }),
        4 => (0..ENTRIES).prop_map(|entry| Step::Edit { entry }),
        3 => shared.clone().prop_map(|entry| Step::ShareAgain { entry }),
        3 => shared.prop_map(|entry| Step::Unshare { entry }),
        1 => Just(Step::Reply),
        1 => Just(Step::End),
        1 => Just(Step::Leave),
        2 => Just(Step::ADayPasses),
        7 => Just(Step::OwnerSyncs),
        6 => Just(Step::SupporterSyncs),
        1 => Just(Step::OwnerRestarts),
        1 => Just(Step::SupporterRestarts),
    ]
}

/// What somebody has of a share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Has {
    pub(super) text: String,
    /// The last day, counted from the first.
    pub(super) until: Option<u64>,
    pub(super) keep_updated: bool,
}

pub(super) type Shares = BTreeMap<usize, Has>;

/// What each of the three has, and who knows that it is over.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) day: u64,
    edits: usize,
    pub(super) texts: Vec<String>,
    pub(super) owner: Shares,
    pub(super) relay: Shares,
    pub(super) supporter: Shares,
    pub(super) owner_is_over: bool,
    relay_is_over: bool,
    pub(super) supporter_is_over: bool,
    /// Every text that ever reached the relay in the bond.
    pub(super) ever: BTreeSet<String>,
}

impl Model {
    pub(super) fn new_text(&mut self, entry: usize) -> String {
        self.edits += 1;
        let text = format!("qux{entry}canary{:04}", self.edits);
        self.texts.push(text.clone());
        text
    }

    /// What has passed its last day nobody has.
    pub(super) fn pass(&mut self) {
        let day = self.day;
        for shares in [&mut self.owner, &mut self.relay, &mut self.supporter] {
            shares.retain(|_, has| has.until.is_none_or(|until| day <= until));
        }
    }

    pub(super) fn owner_syncs(&mut self, current: &[String]) {
        self.relay_is_over |= self.owner_is_over;
        self.owner_is_over |= self.relay_is_over;
        if self.relay_is_over {
            self.owner.clear();
            self.relay.clear();
            return;
        }
        for (entry, has) in &mut self.owner {
            if has.keep_updated {
                has.text.clone_from(&current[*entry]);
            }
        }
        self.relay.clone_from(&self.owner);
        self.ever.extend(texts_of(&self.relay));
    }

    pub(super) fn supporter_syncs(&mut self) {
        self.relay_is_over |= self.supporter_is_over;
        self.supporter_is_over |= self.relay_is_over;
        if self.relay_is_over {
            self.relay.clear();
        }
        self.supporter.clone_from(&self.relay);
    }
}

pub(super) fn texts_of(shares: &Shares) -> BTreeSet<String> {
    shares.values().map(|has| has.text.clone()).collect()
}
