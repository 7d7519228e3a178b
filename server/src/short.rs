//! Ids in the log: enough to follow one, not enough to name it elsewhere.

use std::fmt;

/// The first four bytes of an id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Short([u8; 4]);

impl Short {
    /// Abbreviates an id.
    pub(crate) fn of(id: &[u8; 16]) -> Self {
        let [first, second, third, fourth, ..] = *id;
        Self([first, second, third, fourth])
    }
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", hex::encode(self.0))
    }
}
