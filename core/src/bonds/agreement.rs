//! That the right person accepted (rule B3): `Accepted` is what the log says, `Agreed` what was checked.
//! Epochs are opened and begun with an [`Agreed`] only, so nothing is sealed for anybody else (threat A2).

use super::{BondError, BondLogs, InvitationSecret, secret::Terms};
use daymark_wire::{
    AccountId, Hash, SpaceId,
    logs::{Accept, BondContent, BondLink, BondState},
};

/// An *accept* as the log shows it. The relay could have made an account and put it there: nobody has checked
/// yet whether who signed it holds the invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    bond: SpaceId,
    accept: Hash,
    terms: Terms,
    mac: Hash,
}

/// That an *accept* was checked, by one of the three ways below. Holds for one *accept* of one bond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    bond: SpaceId,
    supporter: AccountId,
    accept: Hash,
}

impl Accepted {
    /// The *accept* of a log that was folded; none while nobody has accepted.
    pub(super) fn of(logs: &BondLogs) -> Option<Self> {
        let mut links = logs.bond_links().iter();
        links.find_map(|link| Self::by(logs.state(), &link.open().ok()?))
    }

    /// What a link of this bond says; none, where it is no *accept*.
    pub(super) fn by(bond: &BondState, link: &BondLink) -> Option<Self> {
        let BondContent::Accept(accept) = &link.claimed().content else {
            return None;
        };
        Some(Self {
            bond: bond.space(),
            accept: link.hash(),
            terms: terms(bond, link, accept)?,
            mac: accept.mac,
        })
    }

    /// Who accepted, as they say.
    #[must_use]
    pub const fn supporter(&self) -> AccountId {
        self.terms.supporter.0
    }

    /// The owner checks that it was made with the invitation's secret, and for exactly these accounts and heads.
    ///
    /// # Errors
    /// [`BondError::NotAgreed`].
    pub fn agree(&self, secret: &InvitationSecret) -> Result<Agreed, BondError> {
        if secret.has_accepted(&self.terms, &self.mac) {
            Ok(self.agreed())
        } else {
            Err(BondError::NotAgreed)
        }
    }

    /// The owner checked it before, and noted the hash of the link ([`Agreed::accept`]).
    ///
    /// # Errors
    /// [`BondError::NotAgreed`] when it is another link.
    pub fn remember(&self, accept: Hash) -> Result<Agreed, BondError> {
        if accept == self.accept {
            Ok(self.agreed())
        } else {
            Err(BondError::NotAgreed)
        }
    }

    /// The supporter's own: their device signed it, as the log's folding has checked.
    ///
    /// # Errors
    /// [`BondError::NotAgreed`] when somebody else accepted.
    pub fn own(&self, account: AccountId) -> Result<Agreed, BondError> {
        if account == self.supporter() {
            Ok(self.agreed())
        } else {
            Err(BondError::NotAgreed)
        }
    }

    const fn agreed(&self) -> Agreed {
        Agreed {
            bond: self.bond,
            supporter: self.supporter(),
            accept: self.accept,
        }
    }
}

impl Agreed {
    /// Who accepted.
    #[must_use]
    pub const fn supporter(&self) -> AccountId {
        self.supporter
    }

    /// The hash of the *accept* link, by which a journal remembers that it was checked.
    #[must_use]
    pub const fn accept(&self) -> Hash {
        self.accept
    }

    /// Whether it is about the *accept* of these logs.
    pub(super) fn check(&self, logs: &BondLogs) -> Result<(), BondError> {
        match logs.accepted() {
            Some(accepted) if accepted.agreed() == *self => Ok(()),
            _ => Err(BondError::NotAgreed),
        }
    }
}

fn terms(bond: &BondState, link: &BondLink, accept: &Accept) -> Option<Terms> {
    let [_, supporter] = link.claimed().rests_on.as_slice() else {
        return None;
    };
    Some(Terms {
        invite: bond.invite_link(),
        owner: (bond.owner(), accept.owner),
        supporter: (accept.supporter, *supporter),
    })
}
