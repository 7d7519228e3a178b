//! The other links of a bond log (rule B2): rightly signed ones that were shown for places where others are known.
//! They pause the bond until the person verifies the other one again: from then on these pause it no more.

use daymark_wire::Hash;
use std::collections::BTreeSet;

/// Other links that are kept of a bond until somebody looks at them: one is enough to pause it, and a supporter can
/// sign any number.
const MAX_UNSEEN: usize = 16;

/// Other links of one bond's log, by their hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forks {
    unseen: BTreeSet<Hash>,
    looked_at: BTreeSet<Hash>,
}

impl Forks {
    /// Those that were shown, and those that the person looked at, on any of their devices.
    #[must_use]
    pub fn new(shown: &BTreeSet<Hash>, looked_at: &BTreeSet<Hash>) -> Self {
        let mut forks = Self {
            unseen: BTreeSet::new(),
            looked_at: looked_at.clone(),
        };
        shown.iter().for_each(|link| forks.show(*link));
        forks
    }

    /// Whether there is one that the person has not looked at: nothing is sealed.
    #[must_use]
    pub fn pause(&self) -> bool {
        !self.unseen.is_empty()
    }

    /// Those that the person has not looked at.
    #[must_use]
    pub const fn unseen(&self) -> &BTreeSet<Hash> {
        &self.unseen
    }

    /// One was shown.
    pub fn show(&mut self, link: Hash) {
        if !self.looked_at.contains(&link) && self.unseen.len() < MAX_UNSEEN {
            self.unseen.insert(link);
        }
    }

    /// Takes what somebody else knows of the same log.
    pub fn join(&mut self, other: &Self) {
        self.looked_at.extend(&other.looked_at);
        let shown = std::mem::take(&mut self.unseen);
        let shown = shown.union(&other.unseen);
        shown.for_each(|link| self.show(*link));
    }

    /// Whether nothing of another is new here.
    #[must_use]
    pub fn know(&self, other: &Self) -> bool {
        other.looked_at.is_subset(&self.looked_at) && other.unseen.is_subset(&self.unseen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links<const N: usize>(numbers: [u8; N]) -> BTreeSet<Hash> {
        numbers.map(|n| Hash::from_bytes([n; 32])).into()
    }

    #[test]
    fn b2_what_was_looked_at_pauses_no_more_and_another_does() {
        let mut forks = Forks::new(&links([1, 2]), &links([]));
        assert!(forks.pause());
        let told = Forks::new(&links([]), &links([1, 2]));
        assert!(!forks.know(&told), "that somebody looked is news");
        forks.join(&told);
        assert!(forks.know(&told) && !forks.pause());
        forks.show(Hash::from_bytes([2; 32]));
        assert!(!forks.pause());
        forks.show(Hash::from_bytes([3; 32]));
        assert!(forks.pause());
    }

    #[test]
    fn j5_however_many_are_shown_few_are_kept_and_the_next_one_is_seen() {
        let mut forks = Forks::default();
        (0..=u8::MAX).for_each(|n| forks.show(Hash::from_bytes([n; 32])));
        assert_eq!(forks.unseen().len(), MAX_UNSEEN);
        let looked_at = forks.unseen().clone();
        let mut forks = Forks::new(&looked_at, &looked_at);
        assert!(!forks.pause());
        forks.show(Hash::from_bytes([u8::MAX; 32]));
        assert!(forks.pause());
    }
}
