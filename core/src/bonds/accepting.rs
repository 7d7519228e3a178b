//! The supporter's side: considering an invitation, accepting or declining it, leaving.

use super::{
    AccountLog, Agreed, BegunEpoch, BondError, BondLogs, Invitation,
    epochs::{NewEpoch, begin_epoch},
    inviting::next_link,
    secret::Terms,
};
use crate::{
    keys::{DeviceKey, EpochSecret},
    random::Random,
};
use daymark_wire::{
    EpochId, LogId,
    invitation::Decline,
    logs::{Accept, AccountState, BondContent, BondLink, Invite, LogKind, MadeFor, TravelLink},
};

/// An invitation together with what the relay showed for it, which was checked against it. A person can be
/// shown this and asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    invitation: Invitation,
    logs: BondLogs,
}

/// What accepting came to, if the relay takes the links. Nothing of it counts before.
#[derive(Debug)]
pub struct Acceptance {
    /// *accept* and the first *epoch*, to be appended together.
    pub links: [TravelLink; 2],
    /// The logs with both links.
    pub logs: BondLogs,
    /// The first epoch.
    pub epoch: (EpochId, EpochSecret),
    /// That this side agreed.
    pub agreed: Agreed,
}

/// Checks what a relay showed for an invitation: the owner's account log and the bond log.
///
/// # Errors
/// [`BondError::ForgedLogs`], [`BondError::OtherOwner`], [`BondError::OtherHistory`], [`BondError::OtherBond`],
/// [`BondError::UsedInvitation`].
pub fn consider(invitation: Invitation, links: &[TravelLink]) -> Result<Offer, BondError> {
    let owner = owner_of(&invitation, links)?;
    let mut bond = links.iter().filter(|link| link.kind == LogKind::Bond);
    let invite = bond.next().ok_or(BondError::OtherBond)?;
    let opened: BondLink = invite.open().map_err(BondError::ForgedLogs)?;
    if opened.log_id() != LogId::from(invitation.bond()) {
        return Err(BondError::OtherBond);
    }
    let logs = BondLogs::of_supporter(invite, owner).map_err(BondError::ForgedLogs)?;
    let said = logs.state().invite();
    if said.secret != invitation.secret().token().hash() || said.relay != *invitation.relay() {
        return Err(BondError::OtherBond);
    }
    if bond.next().is_some() {
        return Err(BondError::UsedInvitation);
    }
    Ok(Offer { invitation, logs })
}

/// The owner's account log, which must be the one that the invitation names and at least as long.
fn owner_of(invitation: &Invitation, links: &[TravelLink]) -> Result<AccountLog, BondError> {
    let owner = AccountLog::fold(invitation.owner().into(), links)?;
    let owner = owner.ok_or(BondError::OtherOwner)?;
    if owner.state().has_had(invitation.owner_head()) {
        Ok(owner)
    } else {
        Err(BondError::OtherHistory)
    }
}

impl Offer {
    /// The invitation.
    #[must_use]
    pub const fn invitation(&self) -> &Invitation {
        &self.invitation
    }

    /// What the relay was told of it: when it lapses, where the bond will live.
    #[must_use]
    pub const fn invite(&self) -> &Invite {
        self.logs.state().invite()
    }

    /// The owner's account.
    #[must_use]
    pub fn owner(&self) -> Option<&AccountState> {
        self.logs.other()
    }

    /// Whether this account can accept at `now`, in seconds since 1970.
    ///
    /// # Errors
    /// [`BondError::OwnInvitation`], [`BondError::OtherRelay`], [`BondError::LapsedInvitation`].
    pub fn check(&self, own: &AccountState, now: u64) -> Result<(), BondError> {
        if own.id() == self.invitation.owner() {
            return Err(BondError::OwnInvitation);
        }
        let relay = self.invitation.relay().relay;
        if own.home().is_some_and(|home| home.relay != relay) {
            return Err(BondError::OtherRelay);
        }
        if now >= self.invite().expires {
            return Err(BondError::LapsedInvitation);
        }
        Ok(())
    }

    /// Accepts, and begins the first epoch. `own` has the bond's relay as its home by then, if it had none.
    ///
    /// # Errors
    /// As [`Self::check`]; [`BondError::Log`] when this device may not say so; [`BondError`] for the rest.
    pub fn accept(
        &self,
        own: &AccountState,
        now: u64,
        made_for: Option<MadeFor>,
        by: &DeviceKey,
        random: &Random,
    ) -> Result<Acceptance, BondError> {
        self.check(own, now)?;
        let mut logs = self.logs.clone();
        let accept = self.accept_link(own, by);
        logs.state().clone().apply(&accept, logs.accounts(own))?;
        let accept = accept.to_travel(None);
        logs.take(std::slice::from_ref(&accept), own);
        let agreed = logs.accepted().ok_or(BondError::NotAgreed)?.own(own.id())?;
        let BegunEpoch { link, epoch } = begin_epoch(
            &logs,
            &agreed,
            own,
            NewEpoch {
                made_for,
                ..NewEpoch::default()
            },
            by,
            random,
        )?;
        logs.take(std::slice::from_ref(&link), own);
        Ok(Acceptance {
            links: [accept, link],
            logs,
            epoch,
            agreed,
        })
    }

    fn accept_link(&self, own: &AccountState, by: &DeviceKey) -> BondLink {
        let shown = self.invitation.owner_head();
        let terms = Terms {
            invite: self.logs.state().invite_link(),
            owner: (self.invitation.owner(), shown),
            supporter: (own.id(), own.head()),
        };
        let content = BondContent::Accept(Accept {
            supporter: own.id(),
            owner: shown,
            mac: self.invitation.secret().accept_mac(&terms),
        });
        next_link(&self.logs, own, content, by)
    }

    /// The answer of somebody who declines, to be left at the relay with the token.
    #[must_use]
    pub fn decline(&self) -> Decline {
        self.invitation.secret().decline(self.invitation.bond())
    }
}

/// The link by which the supporter leaves.
///
/// # Errors
/// [`BondError::Log`]: it has ended already, or this device may not say so.
pub fn leave(logs: &BondLogs, own: &AccountState, by: &DeviceKey) -> Result<TravelLink, BondError> {
    let link = next_link(logs, own, BondContent::Leave, by);
    logs.state().clone().apply(&link, logs.accounts(own))?;
    Ok(link.to_travel(None))
}
