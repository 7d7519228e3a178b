//! Bond links (rules L3, L6, B2, B3): they rest on the account logs of two people.

use super::{Fault, Judge, has_all, refusal, stands};
use crate::accounts::{Bond, Members};
use daymark_wire::{
    AccountId, ChainId, Generation, LogId, limits,
    logs::{
        AccountState, BondContent, BondLink, BondState, Content, EndReason, EpochState, LinkBody,
        LogError, LogKind, MadeFor, Role, TravelLink,
    },
};
use std::{collections::BTreeMap, sync::Arc};

/// What a request's bond links are judged on, besides its own account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beside {
    /// The bonds that are there, of those that the links name and of those of the account.
    pub(crate) bonds: BTreeMap<LogId, Arc<Bond>>,
    /// The other accounts that they rest on.
    pub(crate) accounts: BTreeMap<AccountId, Arc<AccountState>>,
    /// Histories that were this relay's before it was restored.
    pub(crate) past: Arc<[Generation]>,
    /// Seconds since 1970.
    pub(crate) now: u64,
}

/// A bond as it grows link by link.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) state: BondState,
    /// As it was, if it was there.
    pub(crate) before: Option<Arc<Bond>>,
    /// Some link of it does not stand already.
    pub(crate) has_new: bool,
}

/// The accounts that bond links name themselves.
pub(crate) fn named(links: &[TravelLink]) -> impl Iterator<Item = (LogId, Option<AccountId>)> {
    let bonds = links.iter().filter(|link| link.kind == LogKind::Bond);
    bonds.filter_map(|link| {
        let link = link.open::<BondContent>().ok()?;
        let account = match &link.claimed().content {
            BondContent::Invite(invite) => Some(invite.owner),
            BondContent::Accept(accept) => Some(accept.supporter),
            BondContent::End { .. } | BondContent::Leave | BondContent::Epoch(_) => None,
        };
        Some((link.log_id(), account))
    })
}

impl Judge<'_> {
    pub(super) fn bond_link(&mut self, travel: &TravelLink, here: MadeFor) -> Result<(), Fault> {
        let index = self.count();
        let link = travel.open::<BondContent>()?;
        let log = link.log_id();
        let Some(mut draft) = self.draft(log, &link)? else {
            let draft = self.invite(&link, here)?;
            self.check_current_bond(&draft, &link, here)?;
            self.bonds.insert(log, draft);
            self.note(index, &link, travel);
            return Ok(());
        };
        if link.claimed().position <= draft.state.length() {
            let same = stands(draft.state.has_had(link.head()));
            self.bonds.insert(log, draft);
            return same;
        }
        self.check_accept(&draft, &link)?;
        let supporter = match &link.claimed().content {
            BondContent::Accept(accept) => Some(accept.supporter),
            _ => draft.state.stage().supporter(),
        };
        let members = self.members(draft.state.owner(), supporter)?;
        draft.state.apply(&link, members)?;
        self.check_lapse(&draft, &link)?;
        draft.has_new = true;
        self.check_current_bond(&draft, &link, here)?;
        self.bonds.insert(log, draft);
        self.note(index, &link, travel);
        Ok(())
    }

    /// The bond so far. Who is on neither side is told nothing of it, unless they come to accept; they may bring
    /// the *invite*, too.
    fn draft(&mut self, log: LogId, link: &BondLink) -> Result<Option<Draft>, Fault> {
        if let Some(draft) = self.bonds.remove(&log) {
            return Ok(Some(draft));
        }
        let is_first = link.claimed().position == 1;
        let accepts = match &link.claimed().content {
            BondContent::Accept(accept) => accept.supporter == self.id,
            _ => false,
        };
        let may_see = |bond: &Bond| {
            let may_accept = (accepts || is_first) && bond.is_open(self.beside.now);
            may_accept || bond.role_of(self.id).is_some()
        };
        match self.beside.bonds.get(&log) {
            Some(bond) if may_see(bond) => Ok(Some(Draft {
                state: (*bond.space.state).clone(),
                before: Some(Arc::clone(bond)),
                has_new: false,
            })),
            None if is_first => Ok(None),
            Some(_) if is_first => Err(Fault::NoInvitation),
            _ if accepts => Err(Fault::NoInvitation),
            _ => Err(LogError::NotNext.into()),
        }
    }

    fn invite(&self, link: &BondLink, here: MadeFor) -> Result<Draft, Fault> {
        let owner = match &link.claimed().content {
            BondContent::Invite(invite) if invite.relay.relay != here.relay => {
                return Err(Fault::OtherRelay);
            }
            BondContent::Invite(invite) => invite.owner,
            _ => return Err(LogError::OutOfPlace("a bond log begins with an invite").into()),
        };
        let state = BondState::begin(link, self.account_of(owner)?)?;
        Ok(Draft {
            state,
            before: None,
            has_new: true,
        })
    }

    /// Nobody accepts what lapsed or was declined. An owner who offers an *accept* again agreed to it before.
    fn check_accept(&self, draft: &Draft, link: &BondLink) -> Result<(), Fault> {
        let accepts = matches!(link.claimed().content, BondContent::Accept(_));
        if !accepts || draft.state.owner() == self.id {
            return Ok(());
        }
        let declined = draft
            .before
            .as_ref()
            .is_some_and(|bond| bond.declined.is_some());
        if declined || self.beside.now >= draft.state.invite().expires {
            return Err(Fault::NoInvitation);
        }
        Ok(())
    }

    /// Nothing lapses before its time: the clock of a device that is ahead would end for all what is open still.
    fn check_lapse(&self, draft: &Draft, link: &BondLink) -> Result<(), Fault> {
        let lapses = BondContent::End {
            why: EndReason::Lapsed,
        };
        if link.claimed().content == lapses && self.beside.now < draft.state.invite().expires {
            return Err(Fault::HasTime);
        }
        Ok(())
    }

    fn account_of(&self, id: AccountId) -> Result<&AccountState, Fault> {
        let account = if id == self.id {
            self.account.as_ref()
        } else {
            self.beside.accounts.get(&id).map(|account| &**account)
        };
        account.ok_or(Fault::OtherAccount)
    }

    fn members(
        &self,
        owner: AccountId,
        supporter: Option<AccountId>,
    ) -> Result<Members<'_>, Fault> {
        let supporter = supporter.map(|id| self.account_of(id)).transpose()?;
        Ok(Members {
            owner: self.account_of(owner)?,
            supporter,
        })
    }

    /// How long an account log was before this request.
    fn length_before(&self, account: AccountId) -> u64 {
        if account == self.id {
            return self.account_length;
        }
        let other = self.beside.accounts.get(&account);
        other.map_or(0, |account| account.length())
    }

    /// Rules L3 and L6, where a link is of the present generation.
    fn check_current_bond(
        &self,
        draft: &Draft,
        link: &BondLink,
        here: MadeFor,
    ) -> Result<(), Fault> {
        let body = link.claimed();
        let state = &draft.state;
        let is_epoch = matches!(body.content, BondContent::Epoch(_));
        let members = self.members(state.owner(), state.stage().supporter())?;
        if is_epoch && chains_of_nobody(state, members) > limits::MAX_CHAINS_OF_NOBODY {
            return Err(Fault::ChainsOfNobody);
        }
        let again = self.is_offered_again(draft, link, here);
        if !again && !self.rests_on_current(state, body) {
            return Err(Fault::NotCurrent);
        }
        let was_made_before = again && self.is_of_the_past(draft, here);
        if is_epoch && !was_made_before && !knows_all(draft, members) {
            return Err(Fault::NotCurrent);
        }
        Ok(())
    }

    /// Whether a link rests on heads that stand. Whoever ends a bond, and an owner who takes something back, need not
    /// know what the other's account says since: it could go on each time. Where that changes who has the keys, the
    /// bond is stale until another epoch.
    fn rests_on_current(&self, state: &BondState, body: &LinkBody<BondContent>) -> bool {
        let owner = state.owner();
        let accounts = [owner, state.stage().supporter().unwrap_or(owner)];
        let counts = match body.content {
            BondContent::End { .. } => [true, false],
            BondContent::Leave => [false, true],
            BondContent::Epoch(_) if takes_back(state) => [true, false],
            _ => [true, true],
        };
        let mut heads = body.rests_on.iter().zip(accounts).zip(counts);
        heads.all(|((head, account), counts)| !counts || head.length >= self.length_before(account))
    }

    /// Whether the newest epoch was made for a history that this relay had before. Any other generation is one that
    /// its author made up, or did not know: what they had is asked all the same.
    fn is_of_the_past(&self, draft: &Draft, here: MadeFor) -> bool {
        let made_for = draft.state.newest_epoch().and_then(|epoch| epoch.made_for);
        made_for.is_some_and(|made_for| {
            made_for.relay == here.relay && self.beside.past.contains(&made_for.generation)
        })
    }

    /// Whether a link is of another generation, or none: then the heads that it rests on need not stand. An epoch
    /// says which it was made for; *accept* is judged by the epoch that comes with it, *end* and *leave* by the
    /// one before them. An *invite* is of none, but from its owner only: in a stranger's hands one on an old
    /// head may be by a device that the owner has removed.
    fn is_offered_again(&self, draft: &Draft, link: &BondLink, here: MadeFor) -> bool {
        let newest = draft.state.newest_epoch();
        match link.claimed().content {
            BondContent::Invite(_) => draft.state.owner() == self.id,
            BondContent::Accept(_) => true,
            BondContent::End { .. } | BondContent::Leave | BondContent::Epoch(_) => {
                newest.and_then(|epoch| epoch.made_for) != Some(here)
            }
        }
    }

    /// What holds of each bond together: *accept* comes with the first epoch, the newest epoch with its keys,
    /// and an account has no more of them than it may.
    pub(super) fn check_bonds(&self) -> Result<(), super::Refusal> {
        for (log, draft) in &self.bonds {
            let of_bond = || self.new.iter().filter(|new| new.log == *log);
            let last = of_bond().next_back().map_or(0, |new| new.index);
            let newest = draft.state.newest_epoch();
            if draft.state.stage().is_active() && newest.is_none() {
                return Err(refusal(last, &Fault::AcceptWithoutEpoch));
            }
            let newest_at = newest.map_or(0, |epoch: &EpochState| epoch.position);
            for new in of_bond().filter(|new| new.position >= newest_at) {
                let broken = |error: LogError| refusal(new.index, &error.into());
                let link = new.link.open::<BondContent>().map_err(broken)?;
                // After the end nobody keeps keys.
                let needs_keys = !draft.state.stage().is_over();
                if needs_keys && link.claimed().content.blob().is_some() && new.link.blob.is_none()
                {
                    return Err(broken(LogError::WrongBlob));
                }
            }
            if draft.state.role_of(self.id).is_none() {
                return Err(refusal(last, &LogError::NotEntitled.into()));
            }
        }
        self.check_counts()
    }

    fn check_counts(&self) -> Result<(), super::Refusal> {
        let grows = |draft: &&Draft| {
            let before = draft.before.as_ref();
            draft.has_new && before.is_none_or(|bond| bond.role_of(self.id).is_none())
        };
        if !self.bonds.values().any(|draft| grows(&draft)) {
            return Ok(());
        }
        let drafts = self.bonds.values().map(|draft| &draft.state);
        let beside = self.beside.bonds.iter();
        let rest = beside
            .filter(|(log, _)| !self.bonds.contains_key(log))
            .map(|(_, bond)| &*bond.space.state);
        let (mut bonds, mut open) = (0, 0);
        for state in drafts.chain(rest) {
            let role = state.role_of(self.id);
            if role.is_none() || state.stage().is_over() {
                continue;
            }
            bonds += 1;
            let waits =
                state.stage().supporter().is_none() && self.beside.now < state.invite().expires;
            open += usize::from(waits && role == Some(Role::Owner));
        }
        let index = self.new.last().map_or(0, |new| new.index);
        if bonds > limits::MAX_BONDS {
            return Err(refusal(index, &Fault::TooManyBonds));
        }
        if open > limits::MAX_OPEN_INVITATIONS {
            return Err(refusal(index, &Fault::TooManyInvitations));
        }
        Ok(())
    }
}

/// Whether the newest epoch's author knew all that was received.
fn knows_all(draft: &Draft, members: Members<'_>) -> bool {
    let known = draft.state.newest_epoch().zip(draft.before.as_ref());
    known.is_none_or(|(epoch, before)| has_all(epoch, &before.space.chains, members))
}

/// Whether the newest epoch is one with which the owner takes something back. A supporter whose
/// account goes on just before each time must not stand between the owner and this.
fn takes_back(state: &BondState) -> bool {
    state.newest_epoch().is_some_and(|epoch| {
        let by = epoch.bond.map(|bond| bond.by);
        by == Some(Role::Owner) && !epoch.forgets.is_empty()
    })
}

/// How many chains the newest epoch of a bond names that are of no device of its accounts.
fn chains_of_nobody(state: &BondState, members: Members<'_>) -> usize {
    let Some(epoch) = state.newest_epoch() else {
        return 0;
    };
    let named = epoch.have.iter();
    let of_nobody = |name: &ChainId| members.device(name.device).is_none();
    named.filter(|(name, _)| of_nobody(name)).count()
}
