//! The hashes of one log's links, from which every head that it has had can be told.

use super::{Head, HeadHash};
use crate::Hash;

/// The hash of every link, in order. There is always a first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hashes {
    all: Vec<HeadHash>,
    last: Hash,
}

impl Hashes {
    pub(super) fn begin(first: Hash) -> Self {
        Self {
            all: vec![first.into()],
            last: first,
        }
    }

    pub(super) fn push(&mut self, link: Hash) {
        self.all.push(link.into());
        self.last = link;
    }

    pub(super) fn length(&self) -> u64 {
        self.all.len() as u64
    }

    pub(super) const fn last(&self) -> Hash {
        self.last
    }

    pub(super) fn head(&self) -> Head {
        Head {
            length: self.length(),
            hash: self.last.into(),
        }
    }

    pub(super) fn head_at(&self, length: u64) -> Option<Head> {
        let index = usize::try_from(length.checked_sub(1)?).ok()?;
        let hash = *self.all.get(index)?;
        Some(Head { length, hash })
    }

    pub(super) fn has_had(&self, head: Head) -> bool {
        self.head_at(head.length) == Some(head)
    }
}
