//! A bond as the relay has it in mind: a space of two accounts.

use super::{Account, Members, Space};
use daymark_wire::{
    AccountId, Hash, SpaceId,
    invitation::Decline,
    logs::{AccountState, BondStage, BondState, Role},
};
use std::sync::Arc;

/// One bond. It does not hold its accounts, which change without it.
#[derive(Debug, Clone)]
pub(crate) struct Bond {
    pub(crate) space: Space<BondState>,
    /// Somebody who holds the invitation said no.
    pub(crate) declined: Option<Decline>,
}

impl Bond {
    /// Its name.
    pub(crate) fn id(&self) -> SpaceId {
        self.space.state.space()
    }

    /// Which side an account is on; none for everybody else.
    pub(crate) fn role_of(&self, account: AccountId) -> Option<Role> {
        self.space.state.role_of(account)
    }

    /// The account of the other side, as one of the two sees it.
    pub(crate) fn other(&self, role: Role) -> Option<AccountId> {
        match role {
            Role::Owner => self.space.state.stage().supporter(),
            Role::Supporter => Some(self.space.state.owner()),
        }
    }

    /// Whether it is over: nothing but its log is kept.
    pub(crate) fn is_over(&self) -> bool {
        self.space.state.stage().is_over()
    }

    /// Whether it waits for the answer of whoever shows a token of this hash.
    pub(crate) fn is_open_to(&self, token: Hash, now: u64) -> bool {
        self.space.state.invite().secret == token && self.is_open(now)
    }

    /// Whether it waits for an answer.
    pub(crate) fn is_open(&self, now: u64) -> bool {
        let state = &self.space.state;
        state.stage() == BondStage::Invited
            && self.declined.is_none()
            && now < state.invite().expires
    }
}

/// A bond with both its accounts, as one of the two sees it.
#[derive(Debug, Clone)]
pub(crate) struct BondSeen {
    pub(crate) bond: Arc<Bond>,
    pub(crate) role: Role,
    pub(crate) other: Option<Arc<Account>>,
}

impl BondSeen {
    /// The devices that write in it; `own` is the account that sees it. `None` when the other is not at hand.
    pub(crate) fn members<'a>(&'a self, own: &'a AccountState) -> Option<Members<'a>> {
        let other = self.other.as_deref().map(|other| &*other.state);
        match self.role {
            Role::Owner => Some(Members {
                owner: own,
                supporter: other,
            }),
            Role::Supporter => Some(Members {
                owner: other?,
                supporter: Some(own),
            }),
        }
    }
}
