//! Links of a request: judged, counted, written, and carried out.

use super::{Job, Rates, ShownInvite, group::Group};
use crate::{
    accounts::{Account, Accounts, Members, Space, SpaceLog},
    append::{self, Appended, Beside, NewLink, Refusal},
    problem::Problem,
    settings::Registration,
    store::{StoreError, Writing},
};
use daymark_wire::{
    AccountId, Hash, LogId, SpaceId,
    logs::{Author, JournalContent, LogKind},
    problem::Code,
};
use std::{collections::BTreeMap, sync::Arc};

/// Seconds from a forget to the deletion of its bodies (rule F1): a thief's forget can be undone until then.
const FORGET_AFTER: u64 = 72 * 60 * 60;

impl Group {
    /// Judges the links of a request. An inner refusal is part of the reply.
    pub(super) fn judge_links(
        &self,
        job: &Job,
        before: Option<&Account>,
        beside: &Beside,
        rates: &mut Rates,
    ) -> Result<Result<Option<Appended>, Refusal>, Problem> {
        if job.append.is_empty() {
            return Ok(Ok(None));
        }
        let appended = match append::judge(job.account, before, &job.append, self.here, beside) {
            Ok(appended) => appended,
            Err(Refusal::UnknownAccount) => return Err(Problem::unknown_account()),
            Err(refusal) => {
                if let (Refusal::NotNext, Some(account)) = (&refusal, before) {
                    let bonds = append::named(&job.append).map(|(bond, _)| bond);
                    bonds
                        .filter(|bond| account.bonds.contains(&SpaceId::from(*bond)))
                        .for_each(|bond| rates.note_late(bond, job.account, self.now));
                }
                return Ok(Err(refusal));
            }
        };
        if before.is_some_and(|account| !self.has_room_for_links(account, &appended)) {
            return Ok(Err(Refusal::NoRoom));
        }
        // A registration, or a whole log offered again, is not held up.
        if let Some(account) = before
            && !self.note_links(account, &appended, rates)
        {
            return Ok(Err(Refusal::NotNow));
        }
        Ok(Ok(Some(appended)))
    }

    /// Counts the links of a request, whoever brings them (rule L11). `false` where one has to wait; then none counts.
    fn note_links(&self, account: &Account, appended: &Appended, rates: &mut Rates) -> bool {
        let own = account.state.id();
        let counted: Vec<_> = appended
            .new
            .iter()
            .filter_map(|new| match new.author {
                Author::Device(device) => Some((device, counts_in(new, own))),
                Author::Root => None,
            })
            .collect();
        let sides: Vec<_> = appended
            .new
            .iter()
            .filter_map(|new| Some((new.log, side_of(new, appended, own)?)))
            .collect();
        let now = self.now;
        if counted.iter().any(|at| !rates.allows(*at, now))
            || sides
                .iter()
                .any(|(bond, side)| !rates.may_bring(*bond, *side, now))
        {
            return false;
        }
        counted.into_iter().for_each(|at| rates.note(at, now));
        let sides = sides.into_iter();
        sides.for_each(|(bond, side)| rates.note_newest(bond, side, now));
        true
    }

    /// Whether a new account may come in: with an operator's invite, which is used up, or with an invitation to a
    /// bond that it accepts, of somebody whom the operator let in. Whoever came with an invitation themselves brings
    /// nobody: else accounts, each with room of its own, would come without end.
    pub(super) async fn registers(
        &self,
        job: &Job,
        appended: &Appended,
        writing: &mut Writing,
        accounts: &Accounts,
    ) -> Result<Result<(), Problem>, StoreError> {
        match self.registration {
            Registration::Open => return Ok(Ok(())),
            Registration::Closed => {
                return Ok(Err(Problem::new(
                    Code::RegistrationClosed,
                    "This relay registers nobody.",
                )));
            }
            Registration::Invite => {}
        }
        let holds = match job.invite {
            Some(ShownInvite::Invite(invite)) => {
                writing.spend_invite(invite, job.account, self.now).await?
            }
            Some(ShownInvite::Invitation(token)) => match accepted_of(appended, token) {
                Some(owner) => {
                    let owner = self.account(owner, writing, accounts).await?;
                    owner.is_some_and(|owner| !owner.is_guest)
                }
                None => false,
            },
            None => false,
        };
        let refused = || Problem::new(Code::BadInvite, "The invite is unknown, used or expired.");
        Ok(if holds { Ok(()) } else { Err(refused()) })
    }

    /// Writes links and gives the account with them.
    pub(super) async fn append(
        &mut self,
        before: Option<Arc<Account>>,
        (appended, is_guest): (Appended, bool),
        writing: &mut Writing,
        accounts: &Accounts,
    ) -> Result<Arc<Account>, StoreError> {
        let id = appended.account.id();
        let mut account = match before {
            Some(account) => Arc::unwrap_or_clone(account),
            None => {
                let row = writing.insert_account(id, self.now, is_guest).await?;
                let log = writing.insert_log(id.into(), LogKind::Account, row).await?;
                Account {
                    row,
                    log,
                    state: Arc::new(appended.account.clone()),
                    journal: None,
                    is_guest,
                    bytes: 0,
                    bonds: Arc::default(),
                }
            }
        };
        account.state = Arc::new(appended.account);
        if let Some(state) = appended.journal {
            match &mut account.journal {
                Some(journal) => journal.set_state(state),
                None => {
                    let space = LogId::from(state.space());
                    let row = writing
                        .insert_log(space, LogKind::Journal, account.row)
                        .await?;
                    account.journal = Some(Space::new(row, state, BTreeMap::new(), false));
                }
            }
        }
        let own = appended.new.iter();
        for new in own.filter(|new| new.link.kind != LogKind::Bond) {
            let log = account.logs().find(|(_, log, _)| *log == new.log);
            let (row, ..) = log.ok_or(StoreError::Corrupt("a link without its log"))?;
            let of = (row, account.row);
            writing.insert_link(of, new.position, &new.link).await?;
        }
        Self::count_links(&mut account, &appended.new, writing).await?;
        self.carry_out(&mut account, &appended.new, writing).await?;
        let mut account = Arc::new(account);
        for (log, draft) in appended
            .bonds
            .into_iter()
            .filter(|(_, draft)| draft.has_new)
        {
            let links = appended.new.iter().filter(|new| new.log == log);
            self.append_to_bond(&mut account, draft, links.collect(), writing, accounts)
                .await?;
        }
        Ok(account)
    }

    /// What new journal links do to what is stored: cuts, forgets, wraps that nobody needs any more.
    async fn carry_out(
        &mut self,
        account: &mut Account,
        new: &[NewLink],
        writing: &mut Writing,
    ) -> Result<(), StoreError> {
        let Some(journal) = &mut account.journal else {
            return Ok(());
        };
        for new in new.iter().filter(|new| new.link.kind == LogKind::Journal) {
            let Ok(link) = new.link.open::<JournalContent>() else {
                continue;
            };
            match &link.claimed().content {
                JournalContent::Epoch(epoch) => {
                    let due = self.now.saturating_add(FORGET_AFTER);
                    writing
                        .insert_forgets(journal.row, &epoch.forgets, due)
                        .await?;
                    let members = Members {
                        owner: &account.state,
                        supporter: None,
                    };
                    self.cut(journal, members, writing).await?;
                    self.sizes.less.insert(account.row);
                }
                JournalContent::Rekey(rekey) => {
                    // The keys of older epochs are wrapped under this one by now (rule F3).
                    let newest = journal.state.newest_epoch();
                    if let Some(epoch) = newest.filter(|epoch| epoch.id == rekey.epoch) {
                        writing.delete_blobs(journal.row, epoch.position).await?;
                        self.sizes.less.insert(account.row);
                    }
                }
                JournalContent::Open { .. } | JournalContent::Enter(_) => {}
            }
        }
        Ok(())
    }

    /// Deletes what removed devices wrote beyond their cut (rule L8).
    pub(super) async fn cut<L: SpaceLog>(
        &mut self,
        space: &mut Space<L>,
        members: Members<'_>,
        writing: &mut Writing,
    ) -> Result<(), StoreError> {
        self.flush(writing).await?;
        let state = Arc::clone(&space.state);
        for (name, chain) in &mut space.chains {
            let cut = state.cut(members, *name);
            if let Some(cut) = cut.filter(|cut| *cut < chain.last) {
                chain.hash = writing.cut_chain(chain.row, cut).await?;
                chain.last = cut;
            }
        }
        Ok(())
    }
}

/// The log in which a link counts (rule L11): its own, and the account's for an *invite*, with which a log begins.
fn counts_in(new: &NewLink, account: AccountId) -> LogId {
    if new.position == 1 {
        account.into()
    } else {
        new.log
    }
}

/// Whose link of a bond it is. Root signs for the account that brings it; a device that is not this account's is
/// the other side's.
fn side_of(new: &NewLink, appended: &Appended, own: AccountId) -> Option<AccountId> {
    let state = &appended.bonds.get(&new.log)?.state;
    let is_own = match new.author {
        Author::Root => true,
        Author::Device(device) => appended.account.device(device).is_some(),
    };
    if is_own || state.owner() != own {
        return Some(if is_own { own } else { state.owner() });
    }
    state.stage().supporter()
}

/// Whose invitation of this token these links accept. That it is open was judged with them.
fn accepted_of(appended: &Appended, token: Hash) -> Option<AccountId> {
    let id = appended.account.id();
    let accepts = |draft: &&append::Draft| {
        let accepted = draft.state.stage().supporter() == Some(id);
        draft.has_new && accepted && draft.state.invite().secret == token
    };
    let accepted = appended.bonds.values().find(accepts);
    accepted.map(|draft| draft.state.owner())
}
