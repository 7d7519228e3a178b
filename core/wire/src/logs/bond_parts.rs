//! The two people of a bond, how far they have come, and the two account logs that their links rest on.

use super::{AccountState, DeviceState, EndReason};
use crate::{AccountId, DeviceId};

/// One of the two people of a bond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Whose journal it is: shares, and invited.
    Owner,
    /// Receives, and may reply.
    Supporter,
}

/// How far an agreement has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BondStage {
    /// Nobody has accepted yet.
    Invited,
    /// Both agreed.
    Active {
        /// Who accepted.
        supporter: AccountId,
    },
    /// The owner took the invitation back, or noted that it was declined or lapsed. Nobody had accepted.
    Closed {
        /// Why.
        why: EndReason,
    },
    /// It was agreed, and one of them ended it.
    Ended {
        /// Who had accepted.
        supporter: AccountId,
        /// The owner by *end*, the supporter by *leave*.
        by: Role,
    },
}

impl BondStage {
    /// Who accepted, if anybody did.
    #[must_use]
    pub const fn supporter(&self) -> Option<AccountId> {
        match self {
            Self::Active { supporter } | Self::Ended { supporter, .. } => Some(*supporter),
            Self::Invited | Self::Closed { .. } => None,
        }
    }

    /// Whether both agreed and neither ended it.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Active { .. })
    }

    /// Whether nothing stands after this.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Closed { .. } | Self::Ended { .. })
    }
}

/// The two account logs that a bond's links rest on.
#[derive(Debug, Clone, Copy)]
pub struct BondAccounts<'a> {
    /// The owner's.
    pub owner: &'a AccountState,
    /// The supporter's. Needed from *accept* on.
    pub supporter: Option<&'a AccountState>,
}

impl<'a> BondAccounts<'a> {
    /// One side's.
    #[must_use]
    pub const fn of(self, role: Role) -> Option<&'a AccountState> {
        match role {
            Role::Owner => Some(self.owner),
            Role::Supporter => self.supporter,
        }
    }

    /// A device of either side, active or not, and whose it is.
    #[must_use]
    pub fn device(self, id: DeviceId) -> Option<(Role, &'a DeviceState)> {
        [Role::Owner, Role::Supporter]
            .into_iter()
            .find_map(|role| Some((role, self.of(role)?.device(id)?)))
    }
}
