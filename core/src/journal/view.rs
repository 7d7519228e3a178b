//! What a list or a search shows of one entry. Stored beside the document, so that ten thousand entries
//! are listed without opening one.
//!
//! Ten thousand views decode in about 3 ms if each is dropped before the next, and in five times that if
//! all are kept: search pack by pack.

use super::{Day, Entry, Query};
use daymark_wire::DocumentId;
use minicbor::{Decode, Encode};

/// An entry as it reads now, with its document's id and its day.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct View {
    /// The entry's document.
    #[n(0)]
    pub id: DocumentId,
    /// The person's own day, else that of the wall's calendar where and when it was written.
    #[n(1)]
    pub date: Day,
    /// The entry.
    #[n(2)]
    pub entry: Entry,
}

impl View {
    /// The view of an entry.
    #[must_use]
    pub fn new(id: DocumentId, entry: Entry) -> Self {
        Self {
            id,
            date: entry.effective_day(),
            entry,
        }
    }

    /// Whether the query finds it.
    #[must_use]
    pub fn matches(&self, query: &Query) -> bool {
        query.finds(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::entry::tests::full;

    #[test]
    fn a_view_round_trips_in_cbor_and_knows_its_day() {
        let view = View::new(DocumentId::from_bytes([7; 16]), full());
        assert_eq!(view.date.to_string(), "2021-03-03");
        let bytes = minicbor::to_vec(&view).unwrap();
        assert_eq!(minicbor::decode::<View>(&bytes).unwrap(), view);
    }
}
