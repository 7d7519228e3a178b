//! How a bond stands for one of the two (rule B2): what its log says, together with what only this side knows:
//! its clock, its pins, whether the answer was checked.

use super::{BondLogs, Number};
use daymark_wire::{
    VerifyingKey,
    logs::{AccountState, BondLink, BondStage, BondState, EndReason, Role},
};

/// How a bond stands. Whether the other person is verified is beside it ([`Pin::is_verified`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has answered yet.
    Invited,
    /// Nobody answered in time.
    Lapsed,
    /// The person who was invited declined.
    Declined,
    /// The owner took the invitation back.
    TakenBack,
    /// Somebody accepted who cannot show that they hold the invitation (threat A2). Nothing is sealed.
    NotAgreed,
    /// Both agreed.
    Active,
    /// Both agreed, but nothing is sealed until a person has looked at it.
    Paused(Pause),
    /// One of the two ended it.
    Ended {
        /// Who.
        by: Role,
    },
}

/// Why a bond is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// The other person has a new root key. Verifying them again ends it.
    NewRoot,
    /// The bond log has two heads. Verifying them again ends it ([`super::Forks`]).
    ForkedLog,
    /// The bond log takes nothing but the end. Only inviting anew ends it.
    FullLog,
    /// What is stored of the bond's logs does not hold together. The relay may show them again.
    UnreadableLog,
    /// One's journal knows the answer, and the bond log that the relay showed does not hold it. A sync that brings
    /// it ends this.
    Withheld,
}

/// What this side knows besides the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Whether the answer was checked, by an [`super::Agreed`].
    pub agreed: bool,
    /// Whether the other person's root is another than the one pinned ([`Pin::is_new_root`]).
    pub new_root: bool,
    /// Whether another history of the bond log was shown than the person has looked at.
    pub forked: bool,
    /// Seconds since 1970, by this device's clock.
    pub now: u64,
}

impl Standing {
    /// How the bond stands.
    #[must_use]
    pub fn of(bond: &BondState, seen: Seen) -> Self {
        match bond.stage() {
            BondStage::Invited if seen.now >= bond.invite().expires => Self::Lapsed,
            BondStage::Invited => Self::Invited,
            BondStage::Closed { why } => Self::closed(why),
            // An end holds, whatever else was shown.
            BondStage::Ended { by, .. } => Self::Ended { by },
            BondStage::Active { .. } if !seen.agreed => Self::NotAgreed,
            BondStage::Active { .. } if seen.forked => Self::Paused(Pause::ForkedLog),
            BondStage::Active { .. } if bond.is_full() => Self::Paused(Pause::FullLog),
            BondStage::Active { .. } if seen.new_root => Self::Paused(Pause::NewRoot),
            BondStage::Active { .. } => Self::Active,
        }
    }

    /// How an invitation stands that its owner closed for this reason.
    #[must_use]
    pub const fn closed(why: EndReason) -> Self {
        match why {
            EndReason::Chosen => Self::TakenBack,
            EndReason::Declined => Self::Declined,
            EndReason::Lapsed => Self::Lapsed,
        }
    }

    /// Whether nothing more comes of it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(
            self,
            Self::Lapsed | Self::Declined | Self::TakenBack | Self::Ended { .. }
        )
    }

    /// Whether records may be sealed, as far as this side is concerned. The log has its own say (stale).
    #[must_use]
    pub const fn allows_sealing(self) -> bool {
        matches!(self, Self::Active)
    }
}

/// What this side remembers of the other person's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// The root key, as it was when they agreed or were last verified.
    pub root: VerifyingKey,
    /// The number that the two compared, if they did.
    pub verified: Option<Number>,
}

impl Pin {
    /// Pins the other person as they were when the two agreed: by the head that *accept* rests on, so the same on
    /// each device, whenever it hears of the answer and whatever that person's log says since. None before it.
    #[must_use]
    pub fn agreed(logs: &BondLogs) -> Option<Self> {
        let accept: BondLink = logs.bond_links().get(1)?.open().ok()?;
        let [owner, supporter] = accept.claimed().rests_on.as_slice() else {
            return None;
        };
        let head = match logs.role() {
            Role::Owner => supporter,
            Role::Supporter => owner,
        };
        Some(Self {
            root: *logs.other()?.root_at(head.length),
            verified: None,
        })
    }

    /// Pins the other person as they are when the two have compared this number.
    #[must_use]
    pub const fn verified(other: &AccountState, number: Number) -> Self {
        Self {
            root: *other.root(),
            verified: Some(number),
        }
    }

    /// Whether the other person has another root key now: the bond is paused until they are verified again.
    #[must_use]
    pub fn is_new_root(&self, other: &AccountState) -> bool {
        self.root != *other.root()
    }

    /// Whether they are still the one who was verified. Another account key on either side alone gives another
    /// number, and so takes this away.
    #[must_use]
    pub fn is_verified(&self, now: Option<Number>) -> bool {
        now.is_some() && self.verified == now
    }
}
