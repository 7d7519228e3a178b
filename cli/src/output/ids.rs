//! Ids as people type them.

use daymark_client::DocumentId;
use std::collections::BTreeSet;

/// The shortest beginning that is shown, in digits.
const MIN_DIGITS: usize = 4;

/// As many digits hardly ever mean two.
const SHORT_DIGITS: usize = 8;

/// The beginning of an id, long enough that it hardly ever means two.
pub(crate) fn short_id(id: impl ToString) -> String {
    beginning(id, SHORT_DIGITS)
}

/// Candidates that are named; a name that means more of them says next to nothing.
const MAX_NAMED: usize = 12;

/// What to do where the beginning of an id means several: each of them, with as many digits as tell them apart. Other
/// people choose the ids of what they send, so that may be more than are shown elsewhere.
pub(crate) fn more_of_the_id(candidates: &[impl ToString]) -> String {
    let named: Vec<_> = candidates
        .iter()
        .take(MAX_NAMED)
        .map(ToString::to_string)
        .collect();
    let more = match candidates.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let ids = told_apart(&named);
    format!("Give more of the id: {}{more}.", ids.join(", "))
}

/// The beginnings of ids, with as many digits as tell them apart.
pub(crate) fn told_apart(ids: &[String]) -> Vec<String> {
    let beginnings = |digits: usize| -> Vec<String> {
        let begins = |id: &String| id.chars().take(digits).collect();
        ids.iter().map(begins).collect()
    };
    let are_apart = |digits: &usize| {
        let different: BTreeSet<_> = beginnings(*digits).into_iter().collect();
        different.len() == ids.len()
    };
    let most = ids.iter().map(String::len).max().unwrap_or_default();
    beginnings((SHORT_DIGITS..most).find(are_apart).unwrap_or(most))
}

/// How many digits of each id are needed so that none is the beginning of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shortest(usize);

impl Shortest {
    /// For all entries of a vault.
    pub(crate) fn of(mut ids: Vec<DocumentId>) -> Self {
        ids.sort_unstable();
        let shared = |pair: &[DocumentId]| match pair {
            [one, next] => shared_digits(*one, *next),
            _ => 0,
        };
        let most = ids.windows(2).map(shared).max().unwrap_or(0);
        Self((most + 1).clamp(MIN_DIGITS, 2 * DocumentId::SIZE))
    }

    /// The beginning of an id.
    pub(crate) fn name(self, id: DocumentId) -> String {
        beginning(id, self.0)
    }
}

fn beginning(id: impl ToString, digits: usize) -> String {
    let mut text = id.to_string();
    text.truncate(digits);
    text
}

fn shared_digits(one: DocumentId, other: DocumentId) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let whole = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let differing = one.get(whole).zip(other.get(whole));
    let half = differing.is_some_and(|(a, b)| a >> 4 == b >> 4);
    2 * whole + usize::from(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_two_ids_share_are_counted() {
        let id = |text: &str| format!("{text:0<32}").parse::<DocumentId>().unwrap();
        for (one, other, shared) in [
            ("a", "b", 0),
            ("ab", "ac", 1),
            ("ab1", "ab2", 2),
            ("ab12", "ab13", 3),
            ("ab", "ab", 32),
        ] {
            assert_eq!(shared_digits(id(one), id(other)), shared, "{one} {other}");
        }
        assert_eq!(short_id(id("0123456789")), "01234567");
    }

    #[test]
    fn candidates_are_told_apart_also_where_somebody_chose_them_alike() {
        assert_eq!(
            more_of_the_id(&["0123456789ab", "01ffffffffff"]),
            "Give more of the id: 01234567, 01ffffff."
        );
        assert_eq!(
            more_of_the_id(&["0123456789ab", "01ffffffffff", "0123456788ab"]),
            "Give more of the id: 0123456789, 01ffffffff, 0123456788."
        );
        assert_eq!(
            more_of_the_id(&["0123456789", "0123456789"]),
            "Give more of the id: 0123456789, 0123456789."
        );
        let many: Vec<_> = (10..30).map(|n| n.to_string()).collect();
        assert!(more_of_the_id(&many).ends_with(", 20, 21 and 8 more."));
    }
}
