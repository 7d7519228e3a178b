//! Ids as people type them.

use daymark_client::{DocumentId, vault::Views};

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
    pub(crate) fn of(views: &Views) -> Self {
        let mut ids: Vec<DocumentId> = views.iter().map(|view| view.id).collect();
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
    let (one, other) = (one.to_string(), other.to_string());
    one.bytes()
        .zip(other.bytes())
        .take_while(|(a, b)| a == b)
        .count()
}
