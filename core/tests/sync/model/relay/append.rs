//! Whether links may be appended: all of a request's, or none (rules L3 to L6).

use super::{ModelRelay, logs::Logs};
use daymark_wire::{
    AccountId, LogId, SpaceId, cbor, limits,
    logs::{
        AccountContent, AccountState, BondAccounts, BondContent, BondLink, BondState, Content,
        EpochContent, JournalContent, JournalLink, JournalState, Link, LogError, LogKind,
        TravelLink,
    },
    sync::AppendOutcome,
    wrapping::Wraps,
};

/// The logs with the links, if there were any.
type Judged = Result<(Option<Logs>, AppendOutcome), AppendOutcome>;

pub(super) fn judge(relay: &ModelRelay, id: AccountId, links: &[TravelLink]) -> Judged {
    if links.is_empty() {
        return Ok((None, AppendOutcome::Nothing));
    }
    let mut judge = Judge {
        relay,
        id,
        logs: relay.logs.clone(),
    };
    for (index, link) in links.iter().enumerate() {
        let added = match link.kind {
            LogKind::Account => judge.account_link(link),
            LogKind::Journal => judge.journal_link(link),
            LogKind::Bond => judge.bond_link(link),
        };
        if let Err(why) = added {
            return Err(refusal(index, why));
        }
    }
    let last = links.len() - 1;
    let mut bonds = judge.logs.bonds.values();
    if bonds.any(|bond| bond.stage().is_active() && bond.newest_epoch().is_none()) {
        let why = LogError::OutOfPlace("a bond is accepted together with its first epoch");
        return Err(refusal(last, why));
    }
    if judge.logs.journals.contains_key(&id) {
        Ok((Some(judge.logs), AppendOutcome::Appended))
    } else {
        Err(AppendOutcome::NotNext)
    }
}

fn refusal(index: usize, why: LogError) -> AppendOutcome {
    match why {
        LogError::NotNext => AppendOutcome::NotNext,
        why => AppendOutcome::Refused {
            index: u32::try_from(index).unwrap(),
            why: why.to_string(),
        },
    }
}

struct Judge<'a> {
    relay: &'a ModelRelay,
    id: AccountId,
    logs: Logs,
}

impl Judge<'_> {
    fn account_link(&mut self, travel: &TravelLink) -> Result<(), LogError> {
        let link = travel.open::<AccountContent>()?;
        if link.log_id() != LogId::from(self.id) {
            return Err(LogError::OtherLog);
        }
        match self.logs.accounts.get_mut(&self.id) {
            Some(account) if link.claimed().position <= account.length() => {
                return stands(account.has_had(link.head()));
            }
            Some(account) => account.apply(&link)?,
            None => {
                let account = AccountState::begin(&link).map_err(|_| LogError::NotNext)?;
                self.logs.accounts.insert(self.id, account);
            }
        }
        self.store(&link, travel);
        Ok(())
    }

    fn journal_link(&mut self, travel: &TravelLink) -> Result<(), LogError> {
        let link: JournalLink = travel.open()?;
        let account = self.logs.accounts.get(&self.id).ok_or(LogError::NotNext)?;
        match self.logs.journals.get_mut(&self.id) {
            Some(journal) if link.claimed().position <= journal.length() => {
                stands(journal.has_had(link.head()))?;
                self.fill(&link, travel);
                return Ok(());
            }
            Some(journal) => journal.apply(&link, account)?,
            None => {
                let journal = JournalState::begin(&link, account)?;
                self.logs.journals.insert(self.id, journal);
            }
        }
        let rests_on = link.claimed().rests_on[0].length;
        let space = self.logs.journals[&self.id].space();
        match &link.claimed().content {
            JournalContent::Epoch(epoch) if epoch.made_for == Some(self.relay.made_for()) => {
                self.check_epoch(epoch, space, travel)?;
                self.check_current(self.id, rests_on)?;
            }
            JournalContent::Epoch(_) => {}
            _ => self.check_current(self.id, rests_on)?,
        }
        self.store(&link, travel);
        Ok(())
    }

    fn bond_link(&mut self, travel: &TravelLink) -> Result<(), LogError> {
        let link: BondLink = travel.open()?;
        let space = SpaceId::from(link.log_id());
        let Some(bond) = self.logs.bonds.get(&space) else {
            let (BondContent::Invite(invite), 1) =
                (&link.claimed().content, link.claimed().position)
            else {
                return Err(LogError::NotNext);
            };
            let owner = self.logs.accounts.get(&invite.owner);
            let bond = BondState::begin(&link, owner.ok_or(LogError::OtherHeads)?)?;
            if invite.owner != self.id {
                self.check_current(invite.owner, link.claimed().rests_on[0].length)?;
            }
            self.logs.bonds.insert(space, bond);
            self.store(&link, travel);
            return Ok(());
        };
        if link.claimed().position <= bond.length() {
            stands(bond.has_had(link.head()))?;
            self.fill(&link, travel);
            return Ok(());
        }
        let mut bond = bond.clone();
        let supporter = match &link.claimed().content {
            BondContent::Accept(accept) => Some(accept.supporter),
            _ => bond.stage().supporter(),
        };
        if self.id != bond.owner() && Some(self.id) != supporter {
            return Err(LogError::NotEntitled);
        }
        let account = |id: AccountId| self.logs.accounts.get(&id).ok_or(LogError::OtherHeads);
        let accounts = BondAccounts {
            owner: account(bond.owner())?,
            supporter: supporter.map(account).transpose()?,
        };
        bond.apply(&link, accounts)?;
        self.check_bond(&bond, &link, travel)?;
        self.logs.bonds.insert(space, bond);
        self.store(&link, travel);
        Ok(())
    }

    /// What holds for links of the present generation only (rules L3, L6).
    fn check_bond(
        &self,
        bond: &BondState,
        link: &BondLink,
        travel: &TravelLink,
    ) -> Result<(), LogError> {
        let of_now =
            bond.newest_epoch().and_then(|epoch| epoch.made_for) == Some(self.relay.made_for());
        let heads = &link.claimed().rests_on;
        match &link.claimed().content {
            BondContent::Invite(_) | BondContent::Accept(_) => return Ok(()),
            _ if !of_now => return Ok(()),
            BondContent::Epoch(epoch) => self.check_epoch(epoch, bond.space(), travel)?,
            BondContent::End { .. } | BondContent::Leave => {}
        }
        self.check_current(bond.owner(), heads[0].length)?;
        let supporter = bond.stage().supporter();
        supporter.map_or(Ok(()), |id| self.check_current(id, heads[1].length))
    }

    /// Its author knew all that was received, but of devices that it removes, and the wraps are there.
    fn check_epoch(
        &self,
        epoch: &EpochContent,
        space: SpaceId,
        travel: &TravelLink,
    ) -> Result<(), LogError> {
        if !has_promised(epoch, travel) {
            return Err(LogError::WrongBlob);
        }
        let none = super::Chains::new();
        let chains = self.relay.spaces.get(&space).unwrap_or(&none);
        let removed = |device| {
            let mut accounts = self.logs.accounts.values();
            let known = accounts.find_map(|account| account.device(device));
            known.is_some_and(|device| !device.is_active())
        };
        let has_all = chains
            .iter()
            .all(|(id, chain)| removed(id.device) || epoch.have.of(*id) >= chain.last());
        has_all.then_some(()).ok_or(LogError::NotNext)
    }

    /// A head that the account log has had since before this request.
    fn check_current(&self, account: AccountId, length: u64) -> Result<(), LogError> {
        let before = self.relay.logs.accounts.get(&account);
        let current = length >= before.map_or(0, AccountState::length);
        current.then_some(()).ok_or(LogError::NotNext)
    }

    fn store<C: Content>(&mut self, link: &Link<C>, travel: &TravelLink) {
        let links = self.logs.links.entry(link.log_id()).or_default();
        links.push(travel.clone());
    }

    fn fill<C: Content>(&mut self, link: &Link<C>, travel: &TravelLink) {
        let links = self.logs.links.get_mut(&link.log_id()).unwrap();
        let index = usize::try_from(link.claimed().position - 1).unwrap();
        if links[index].blob.is_none() {
            links[index].blob.clone_from(&travel.blob);
        }
    }
}

/// Whether the wraps lie beside that a link promises.
fn has_promised(epoch: &EpochContent, travel: &TravelLink) -> bool {
    let wraps = travel
        .blob
        .as_ref()
        .and_then(|blob| cbor::exactly::<Wraps>("wraps", blob, limits::MAX_BLOB_BYTES).ok());
    wraps.is_some_and(|wraps| {
        let recipients = wraps.wraps.iter().map(|wrap| wrap.recipient);
        recipients.eq(epoch.recipients.iter().copied())
    })
}

fn stands(same: bool) -> Result<(), LogError> {
    if same { Ok(()) } else { Err(LogError::NotNext) }
}
