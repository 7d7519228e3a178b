//! Ids as people type them.

use daymark_client::DocumentId;

/// The shortest beginning that is shown, in digits.
const MIN_DIGITS: usize = 4;

/// The beginning of an id, long enough that it hardly ever means two.
pub(crate) fn short_id(id: DocumentId) -> String {
    beginning(id, 8)
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

fn beginning(id: DocumentId, digits: usize) -> String {
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
}
