//! The logs that a space rests on, and what sync asks of either kind: a journal's two, or a bond's three.
//!
//! There are these two kinds and no third, so each question is one `match` that shows both answers side by
//! side; what a bond needs more than a line for is in its own files.
//!
//! - `bond`: a bond as one of the two knows it, and how it stands.
//! - `wishes`: what a bond's own device appends: the end, or an epoch that is needed or forgets.
//! - `heads`: how far each log is known; which links are taken, which are offered again.
//! - `epochs`: which there are, and what opens them.
//! - `signed`: whether a link that was signed can still stand at its place.
//! - `gone`: which bodies may rightly be gone: forgotten, expired, or after the end.

mod bond;
mod epochs;
mod gone;
mod heads;
mod signed;
mod wishes;

pub use bond::BondSide;
pub use wishes::Wishes;
pub(super) use wishes::{Means, Wanted};

use crate::account::Logs;
use daymark_wire::{
    ChainId, DeviceId, DocumentId, RecordKind, Seq, SpaceId,
    logs::{AccountState, DeviceState, EpochState, Role},
};

/// The logs of a journal or of a bond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpaceLogs {
    /// The account log and the journal log.
    Journal(Box<Logs>),
    /// Both account logs and the bond log.
    Bond(Box<BondSide>),
}

impl From<Logs> for SpaceLogs {
    fn from(logs: Logs) -> Self {
        Self::Journal(Box::new(logs))
    }
}

impl From<BondSide> for SpaceLogs {
    fn from(side: BondSide) -> Self {
        Self::Bond(Box::new(side))
    }
}

impl SpaceLogs {
    /// The space.
    #[must_use]
    pub const fn space(&self) -> SpaceId {
        match self {
            Self::Journal(logs) => logs.space(),
            Self::Bond(side) => side.logs.space(),
        }
    }

    /// One's own account.
    #[must_use]
    pub const fn account(&self) -> &AccountState {
        match self {
            Self::Journal(logs) => logs.account(),
            Self::Bond(side) => side.own.state(),
        }
    }

    /// A journal's logs; none for a bond.
    #[must_use]
    pub const fn as_journal(&self) -> Option<&Logs> {
        match self {
            Self::Journal(logs) => Some(logs),
            Self::Bond(_) => None,
        }
    }

    /// A bond; none for a journal.
    #[must_use]
    pub const fn as_bond(&self) -> Option<&BondSide> {
        match self {
            Self::Bond(side) => Some(side),
            Self::Journal(_) => None,
        }
    }

    /// As [`Self::as_bond`], to tell it what changed beside the logs.
    pub const fn as_bond_mut(&mut self) -> Option<&mut BondSide> {
        match self {
            Self::Bond(side) => Some(side),
            Self::Journal(_) => None,
        }
    }

    /// A device that is or was a member, of either person.
    pub(super) fn device(&self, id: DeviceId) -> Option<&DeviceState> {
        match self {
            Self::Journal(logs) => logs.account().device(id),
            Self::Bond(side) => Some(side.accounts().device(id)?.1),
        }
    }

    /// The last place that stands of a chain whose device was removed (rule L8); none before an epoch rests on
    /// the removal.
    pub(super) fn cut(&self, chain: ChainId) -> Option<Seq> {
        let revoked = self.device(chain.device)?.revoked_at?;
        let role = match self {
            Self::Journal(_) => Role::Owner,
            Self::Bond(side) => side.role_of(chain.device)?,
        };
        let rests_on_it = |epoch: &&EpochState| {
            let head = epoch.head_of(role);
            head.is_some_and(|head| head.length >= revoked)
        };
        Some(self.epochs().iter().find(rests_on_it)?.have.of(chain))
    }

    /// What content is here: a journal's changes, a bond's versions.
    pub(super) const fn content_kind(&self) -> RecordKind {
        match self {
            Self::Journal(_) => RecordKind::Change,
            Self::Bond(_) => RecordKind::Version,
        }
    }

    /// Whether records of this kind belong in the space.
    pub(super) fn takes(&self, kind: RecordKind) -> bool {
        kind.is_of_the_space() || kind == self.content_kind()
    }

    /// Whether records are kept: of a bond none before both agreed, and none once it is over, or is to be.
    pub(super) fn takes_records(&self) -> bool {
        match self {
            Self::Journal(_) => true,
            Self::Bond(side) => side.is_open(),
        }
    }

    /// Whether nothing may be sealed until someone begins an epoch (rule L7).
    #[must_use]
    pub fn is_stale(&self) -> bool {
        match self {
            Self::Journal(logs) => logs.journal().is_stale(logs.account()),
            Self::Bond(side) => side.is_stale(),
        }
    }

    /// Whether records may be sealed and sent.
    pub(super) fn takes_content(&self) -> bool {
        match self {
            Self::Journal(_) => !self.is_stale(),
            Self::Bond(side) => side.takes_content(),
        }
    }

    /// Whether nothing is sent, whatever was sealed: a bond that is over or to be ended, paused or not agreed.
    pub(super) fn is_at_rest(&self) -> bool {
        match self {
            Self::Journal(_) => false,
            Self::Bond(side) => side.is_at_rest(),
        }
    }

    /// Whether the person wants a document forgotten, whatever a relay has taken of that.
    pub(super) fn is_to_be_forgotten(&self, document: DocumentId) -> bool {
        let bond = self.as_bond();
        bond.is_some_and(|side| side.wishes.forget.contains(&document))
    }

    /// Whether the space is over: nothing is sealed, sent or asked.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        match self {
            Self::Journal(_) => false,
            Self::Bond(side) => side.is_over(),
        }
    }
}
