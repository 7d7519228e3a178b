//! What a text in an editor is for, so that whoever finds it after a kill knows where it belongs.

use daymark_client::{DocumentId, sharing::ShareId};
use std::{fmt, str::FromStr};

const ENTRY: &str = "entry";
const EDIT: &str = "edit";
const REPLY: &str = "reply";

/// See the module. As text: a word, and the id that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An entry of its own.
    Entry,
    /// Another text for an entry.
    Edit(DocumentId),
    /// A reply to something that was shared.
    Reply(ShareId),
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry => f.write_str(ENTRY),
            Self::Edit(entry) => write!(f, "{EDIT} {entry}"),
            Self::Reply(share) => write!(f, "{REPLY} {share}"),
        }
    }
}

/// Not a purpose that this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnknownPurpose;

impl FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(text: &str) -> Result<Self, UnknownPurpose> {
        let (word, id) = text.split_once(' ').unwrap_or((text, ""));
        match word {
            ENTRY if id.is_empty() => Ok(Self::Entry),
            EDIT => id.parse().map(Self::Edit).map_err(|_| UnknownPurpose),
            REPLY => id.parse().map(Self::Reply).map_err(|_| UnknownPurpose),
            _ => Err(UnknownPurpose),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_reads_back() {
        for purpose in [
            Purpose::Entry,
            Purpose::Edit(DocumentId::from_bytes([7; DocumentId::SIZE])),
            Purpose::Reply(ShareId::from_bytes([8; 16])),
        ] {
            assert_eq!(purpose.to_string().parse(), Ok(purpose));
        }
        for other in ["", "entry 07", "edit", "edit me", "letter"] {
            assert_eq!(other.parse::<Purpose>(), Err(UnknownPurpose), "{other}");
        }
    }
}
