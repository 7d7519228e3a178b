//! People in an entry have privacy too: each name that has an alias is replaced by it in what is shared.

use super::words::{Folded, folded, is_accent};
use crate::journal::{Alias, Person};
use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::Range,
};

/// Names that are looked for at the beginning of longer words have at least so many letters.
const FEWEST_LETTERS: usize = 3;

/// The aliases of people, ready to be put in place of their names.
#[derive(Clone, Default)]
pub struct Aliases {
    /// By a name's first letter; the longest name first.
    names: BTreeMap<char, Vec<Name>>,
}

#[derive(Clone)]
struct Name {
    letters: Vec<char>,
    alias: Alias,
}

impl Aliases {
    /// Aliases by name. Of two names that differ only in case the first stands.
    #[must_use]
    pub fn new(people: impl IntoIterator<Item = (Person, Alias)>) -> Self {
        let mut names: BTreeMap<char, Vec<Name>> = BTreeMap::new();
        for (person, alias) in people {
            let letters = folded(person.as_str());
            let Some(first) = letters.first() else {
                continue;
            };
            let same_letter = names.entry(*first).or_default();
            if !same_letter.iter().any(|name| name.letters == letters) {
                same_letter.push(Name { letters, alias });
            }
        }
        for same_letter in names.values_mut() {
            same_letter.sort_by_key(|name| Reverse(name.letters.len()));
        }
        Self { names }
    }

    /// The text with each name replaced that stands there as a whole word.
    ///
    /// From left to right, of several names that begin at one place the longest; what was put in is not
    /// looked at again. Neither case nor how accents are written matters. `'s` after a name stays.
    #[must_use]
    pub fn replace<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.names.is_empty() {
            return Cow::Borrowed(text);
        }
        let letters = Folded::new(text);
        let (mut replaced, mut copied, mut at) = (String::new(), 0, 0);
        while at < letters.len() {
            let Some((place, name)) = self.name_at(&letters, at) else {
                at += 1;
                continue;
            };
            replaced.push_str(text.get(copied..place.start).unwrap_or_default());
            replaced.push_str(name.alias.as_str());
            copied = place.end;
            at += name.letters.len();
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        replaced.push_str(text.get(copied..).unwrap_or_default());
        Cow::Owned(replaced)
    }

    /// Words that begin with a name and go on (`Annas`), or are a name without its accents (`Zoe`): not replaced, so
    /// a preview points to them. Names of fewer than three letters begin too many words.
    #[must_use]
    pub fn longer_words<'t>(&self, text: &'t str) -> BTreeSet<&'t str> {
        let letters = Folded::new(text);
        let begins = |at: usize| {
            let candidates = self.names.get(&letters.word_begins(at)?)?;
            let found = candidates
                .iter()
                .map(|name| &name.letters)
                .find(|name| name.len() >= FEWEST_LETTERS && letters.has_letters(at, name))?;
            let end = letters.word_end(at + found.len());
            let place = letters.place(at, end - at)?;
            (end > at + found.len()).then_some(text.get(place)?)
        };
        let mut words: BTreeSet<_> = (0..letters.len()).filter_map(begins).collect();
        words.extend(self.without_accents(text));
        words
    }

    /// Words that are a name, or begin with one, but for accents.
    fn without_accents<'t>(&self, text: &'t str) -> BTreeSet<&'t str> {
        let letters = Folded::bare(text);
        let mut words = BTreeSet::new();
        for at in 0..letters.len() {
            let names = letters
                .word_begins(at)
                .and_then(|first| self.names.get(&first));
            for name in names.into_iter().flatten() {
                let bare = name.letters.iter().copied();
                let bare: Vec<_> = bare.filter(|letter| !is_accent(*letter)).collect();
                let end = letters.word_end(at + bare.len());
                let is_whole = end == at + bare.len();
                if !letters.has_letters(at, &bare) || !is_whole && bare.len() < FEWEST_LETTERS {
                    continue;
                }
                let word = letters
                    .place(at, end - at)
                    .and_then(|place| text.get(place));
                let is_other = |word: &&str| !folded(word).starts_with(&name.letters);
                words.extend(word.filter(is_other));
            }
        }
        words
    }

    /// Whether a text says one of the names, whole.
    #[must_use]
    pub fn says_a_name(&self, text: &str) -> bool {
        let letters = Folded::new(text);
        (0..letters.len()).any(|at| self.name_at(&letters, at).is_some())
    }

    fn name_at(&self, letters: &Folded, at: usize) -> Option<(Range<usize>, &Name)> {
        let candidates = self.names.get(&letters.word_begins(at)?)?;
        let name = candidates
            .iter()
            .find(|name| letters.has_word(at, &name.letters))?;
        Some((letters.place(at, name.letters.len())?, name))
    }
}

/// Whether two names are one, in whatever case and however their accents are written: one alias stands for both.
#[must_use]
pub fn is_same_name(one: &Person, other: &Person) -> bool {
    folded_name(one.as_str()) == folded_name(other.as_str())
}

/// A name, or how it begins, as it is compared: in no case, its accents apart from their letters.
#[must_use]
pub fn folded_name(name: &str) -> String {
    folded(name).into_iter().collect()
}

/// Whether the alias says the name that it stands for.
#[must_use]
pub fn alias_says_name(person: &Person, alias: &Alias) -> bool {
    Folded::new(alias.as_str()).contains(&folded(person.as_str()))
}

/// Shows how many there are: names and aliases are private.
impl fmt::Debug for Aliases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count: usize = self.names.values().map(Vec::len).sum();
        write!(f, "Aliases({count})")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(in crate::sharing) fn aliases(pairs: &[(&str, &str)]) -> Aliases {
        Aliases::new(pairs.iter().map(|(name, alias)| {
            let person = Person::parse(name).unwrap();
            (person, Alias::parse(alias).unwrap())
        }))
    }

    #[test]
    fn names_are_replaced_as_whole_words_in_any_case() {
        let aliases = aliases(&[("Anna", "my sister"), ("Zoë", "Z.")]);
        for (text, expected) in [
            ("Anna rang.", "my sister rang."),
            ("With ANNA and zoe\u{308}!", "With my sister and Z.!"),
            ("Anna's garden, Zoë’s tea", "my sister's garden, Z.’s tea"),
            ("Hannah and Annan stay", "Hannah and Annan stay"),
            ("Anna", "my sister"),
            ("Anna Anna", "my sister my sister"),
        ] {
            assert_eq!(aliases.replace(text), expected);
        }
    }

    #[test]
    fn of_several_names_the_longest_is_meant() {
        let aliases = aliases(&[("Anna", "A."), ("Anna Maria", "M."), ("Maria", "X.")]);
        assert_eq!(
            aliases.replace("Anna Maria, Anna, Maria, anna\nmaria"),
            "M., A., X., M."
        );
    }

    #[test]
    fn an_alias_that_holds_a_name_is_not_replaced_again() {
        let aliases = aliases(&[("Ben", "Anna's friend"), ("Anna", "Ben's friend")]);
        assert_eq!(
            aliases.replace("Anna met Ben"),
            "Ben's friend met Anna's friend"
        );
    }

    #[test]
    fn a_name_given_twice_has_one_alias() {
        let aliases = aliases(&[("Anna", "A."), ("ANNA", "B.")]);
        assert_eq!(aliases.replace("anna"), "A.");
        assert_eq!(format!("{aliases:?}"), "Aliases(1)");
    }

    #[test]
    fn an_alias_that_says_its_name_is_noticed() {
        let says = |person, alias| {
            alias_says_name(
                &Person::parse(person).unwrap(),
                &Alias::parse(alias).unwrap(),
            )
        };
        assert!(says("Anna", "my friend anna"));
        assert!(says("Anna", "Anna"));
        assert!(!says("Anna", "Hannah"));
    }

    #[test]
    fn words_that_begin_with_a_name_are_pointed_to() {
        let aliases = aliases(&[
            ("Anna", "A."),
            ("Al", "B."),
            ("Anna Maria", "M."),
            ("안나야", "N."),
        ]);
        let text = "Annas Garten, annal; Hannah, also Anna, Anna Marias, 안나야가";
        let longer: Vec<_> = aliases.longer_words(text).into_iter().collect();
        assert_eq!(longer, ["Anna Marias", "Annas", "annal", "안나야가"]);
        assert!(aliases.longer_words("Anna's").is_empty());
    }

    #[test]
    fn names_without_their_accents_are_pointed_to() {
        let aliases = aliases(&[("Zoë", "Z."), ("Al", "B."), ("André Ó", "C.")]);
        let text = "Zoe and zoes, ZOË, Zoëtrope, Àl, andre O";
        let pointed: Vec<_> = aliases.longer_words(text).into_iter().collect();
        assert_eq!(pointed, ["Zoe", "Zoëtrope", "andre O", "zoes", "Àl"]);
        assert_eq!(
            aliases.replace(text),
            "Zoe and zoes, Z., Zoëtrope, Àl, andre O"
        );
    }

    #[test]
    fn a_text_that_says_a_name_is_known() {
        let aliases = aliases(&[("Anna", "A.")]);
        assert!(aliases.says_a_name("ANNA's friend"));
        assert!(!aliases.says_a_name("Hannah"));
    }

    /// Names of one to three words out of few letters, so that they overlap; aliases share no letter.
    fn people() -> impl Strategy<Value = Vec<(Person, Alias)>> {
        let name = "[aAbéÉ]{1,3}( [aBb]{1,2}){0,2}".prop_map(|name| Person::parse(&name).unwrap());
        let alias = "[xyz]{1,4}".prop_map(|alias| Alias::parse(&alias).unwrap());
        prop::collection::vec((name, alias), 0..6)
    }

    /// Texts full of these names, near names and things between them.
    fn text() -> impl Strategy<Value = String> {
        prop::collection::vec(
            prop_oneof![
                "[aAbéÉ]{1,4}",
                "[ ,.'’_\n-]{1,2}",
                "e\u{301}",
                "[cd 🌿1]{0,2}",
            ],
            0..24,
        )
        .prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_name_that_has_an_alias_survives_as_a_whole_word(people in people(), text in text()) {
            let words = Folded::new(&Aliases::new(people.clone()).replace(&text));
            for (person, _) in people {
                prop_assert!(!words.contains(&folded(person.as_str())));
            }
        }

        #[test]
        fn a_text_without_names_is_unchanged(people in people(), text in any::<String>()) {
            let letters = Folded::new(&text);
            let names = people.iter().any(|(person, _)| letters.contains(&folded(person.as_str())));
            prop_assume!(!names);
            prop_assert_eq!(Aliases::new(people).replace(&text), text.as_str());
        }

        #[test]
        fn what_stands_between_names_stays(before in "[cd .]{0,5} ", after in " [cd .]{0,5}") {
            let aliases = aliases(&[("Anna", "A.")]);
            let text = format!("{before}anna{after}");
            prop_assert_eq!(aliases.replace(&text), format!("{before}A.{after}"));
        }
    }
}
