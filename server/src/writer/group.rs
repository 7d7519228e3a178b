//! One commit's worth of requests: judged in turn, each on what those before it left.

use super::{Done, Job, Rates, ShownInvite, quota::Sizes, told::Told};
use crate::{
    accounts::{Account, Accounts, Bond, key_of},
    append::{self, Beside},
    live::{Hub, News, NewsOf},
    problem::Problem,
    settings::Registration,
    store::{ChainRow, Identity, RecordRow, StoreError, Writing},
};
use daymark_wire::{
    AccountId, Generation, Seq, SpaceId, logs::MadeFor, record::ExpiryDay, sync::AppendOutcome,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What a group shares with everybody: looked into, not changed before the commit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shared<'a> {
    pub(super) accounts: &'a Accounts,
    pub(super) hub: &'a Hub,
}

/// Accounts as this group leaves them, rows that wait to be written, and what to tell afterwards.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) registration: Registration,
    /// Bytes that an account may keep.
    pub(super) quota: u64,
    pub(super) sizes: Sizes,
    pub(super) here: MadeFor,
    /// Generations of this relay before the present one.
    past: Arc<[Generation]>,
    pub(super) now: u64,
    pub(super) accounts: BTreeMap<AccountId, Arc<Account>>,
    pub(super) bonds: BTreeMap<SpaceId, Arc<Bond>>,
    pub(super) rows: Vec<RecordRow>,
    pub(super) holes: Vec<(ChainRow, Seq)>,
    pub(super) expiries: Vec<(ChainRow, Seq, ExpiryDay)>,
    /// Something was deleted that is to be nowhere any more.
    pub(super) deleted: bool,
    news: Vec<NewsOf>,
    pub(super) written: usize,
}

/// What a commit leaves to show and to tell.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) accounts: Vec<Arc<Account>>,
    pub(super) bonds: Vec<Arc<Bond>>,
    pub(super) news: Vec<NewsOf>,
}

impl Group {
    pub(super) fn new(
        (registration, quota): (Registration, u64),
        identity: &Identity,
        now: u64,
    ) -> Self {
        Self {
            registration,
            quota,
            sizes: Sizes::default(),
            here: identity.made_for(),
            past: identity.past(),
            now,
            accounts: BTreeMap::new(),
            bonds: BTreeMap::new(),
            rows: Vec::new(),
            holes: Vec::new(),
            expiries: Vec::new(),
            deleted: false,
            news: Vec::new(),
            written: 0,
        }
    }

    /// Records that this group keeps so far.
    pub(super) fn records(&self) -> usize {
        self.written + self.rows.len()
    }

    /// Records that this group wrote.
    pub(super) const fn written(&self) -> usize {
        self.written
    }

    /// What to show and tell after the commit.
    pub(super) fn into_shown(self) -> Shown {
        Shown {
            accounts: self.accounts.into_values().collect(),
            bonds: self.bonds.into_values().collect(),
            news: self.news,
        }
    }

    /// Judges one request and writes what stands of it. A problem means that nothing of it was written.
    pub(super) async fn take(
        &mut self,
        job: Job,
        writing: &mut Writing,
        shared: &Shared<'_>,
        rates: &mut Rates,
    ) -> Result<Result<Done, Problem>, StoreError> {
        let before = self.account(job.account, writing, shared.accounts).await?;
        if !may_speak(&job, before.as_deref()) {
            return Ok(Err(Problem::unauthorized()));
        }
        let beside = self
            .beside(&job, before.as_deref(), writing, shared.accounts)
            .await?;
        let appended = match self.judge_links(&job, before.as_deref(), &beside, rates) {
            Ok(appended) => appended,
            Err(problem) => return Ok(Err(problem)),
        };
        let mut told = Told::new(job.origin);
        let mut news = News::new(job.origin, shared.hub.listens(job.account));
        let (append, mut account) = match appended {
            Ok(None) => (AppendOutcome::Nothing, before),
            Err(refusal) => (refusal.outcome(), before),
            Ok(Some(appended)) => {
                if before.is_none()
                    && let Err(problem) = self
                        .registers(&job, &appended, writing, shared.accounts)
                        .await?
                {
                    return Ok(Err(problem));
                }
                news.links = appended.new.iter().map(|new| new.link.clone()).collect();
                told.note_links(&appended);
                let shown = matches!(job.invite, Some(ShownInvite::Invitation(_)));
                let is_guest = shown && self.registration == Registration::Invite;
                let account = self
                    .append(before, (appended, is_guest), writing, shared.accounts)
                    .await?;
                (AppendOutcome::Appended, Some(account))
            }
        };
        let mut pushes = Vec::with_capacity(job.pushes.len());
        for pushed in job.pushes {
            let space = pushed.space;
            let is_bond = account
                .as_ref()
                .is_some_and(|account| account.bonds.contains(&space));
            let outcome = match &mut account {
                Some(account) if is_bond => {
                    let heads = &job.heads;
                    let news = told.of(space);
                    self.push_to_bond(account, pushed, heads, writing, (shared, rates, news))
                        .await?
                }
                _ => {
                    self.push(&mut account, pushed, &job.heads, writing, &mut news)
                        .await?
                }
            };
            pushes.push(outcome);
        }
        if let Some(account) = &account {
            self.accounts.insert(job.account, Arc::clone(account));
            if !news.is_empty() {
                self.news.push(news.of(Arc::clone(account)));
            }
            let (writing, accounts) = (&mut *writing, shared.accounts);
            self.tell_of_bonds(told, account, writing, accounts).await?;
        }
        Ok(Ok(Done {
            append,
            pushes,
            account,
        }))
    }

    /// What both sides of each bond are told.
    async fn tell_of_bonds(
        &mut self,
        told: Told,
        own: &Arc<Account>,
        writing: &mut Writing,
        accounts: &Accounts,
    ) -> Result<(), StoreError> {
        for (space, news) in told.bonds {
            let Some(bond) = self.bond(space, writing, accounts).await? else {
                continue;
            };
            let role = bond.role_of(own.state.id());
            if let Some(other) = role.and_then(|role| bond.other(role))
                && let Some(other) = self.account(other, writing, accounts).await?
                && !news.is_empty()
            {
                self.news.push(news.clone().of(other));
            }
            // Their own devices have the links already, with those of the journal.
            let records = news.without_links();
            if !records.is_empty() {
                self.news.push(records.of(Arc::clone(own)));
            }
        }
        Ok(())
    }

    /// What the bond links of a request are judged on.
    async fn beside(
        &self,
        job: &Job,
        before: Option<&Account>,
        writing: &mut Writing,
        accounts: &Accounts,
    ) -> Result<Beside, StoreError> {
        let mut beside = Beside {
            now: self.now,
            past: Arc::clone(&self.past),
            ..Beside::default()
        };
        let mut spaces: BTreeSet<SpaceId> = BTreeSet::new();
        let mut others: BTreeSet<AccountId> = BTreeSet::new();
        for (log, named) in append::named(&job.append) {
            spaces.insert(log.into());
            others.extend(named);
        }
        if spaces.is_empty() {
            return Ok(beside);
        }
        spaces.extend(before.iter().flat_map(|account| account.bonds.iter()));
        for space in spaces {
            let Some(bond) = self.bond(space, writing, accounts).await? else {
                continue;
            };
            others.insert(bond.space.state.owner());
            others.extend(bond.space.state.stage().supporter());
            beside.bonds.insert(space.into(), bond);
        }
        others.remove(&job.account);
        for id in others {
            if let Some(account) = self.account(id, writing, accounts).await? {
                beside.accounts.insert(id, Arc::clone(&account.state));
            }
        }
        Ok(beside)
    }

    /// A bond as the requests before left it.
    pub(super) async fn bond(
        &self,
        id: SpaceId,
        writing: &mut Writing,
        accounts: &Accounts,
    ) -> Result<Option<Arc<Bond>>, StoreError> {
        if let Some(bond) = self.bonds.get(&id) {
            return Ok(Some(Arc::clone(bond)));
        }
        if let Some(bond) = accounts.bond_at_hand(id) {
            return Ok(Some(bond));
        }
        Ok(writing.bond(id).await?.map(Arc::new))
    }

    /// An account as the requests before left it.
    pub(super) async fn account(
        &self,
        id: AccountId,
        writing: &mut Writing,
        accounts: &Accounts,
    ) -> Result<Option<Arc<Account>>, StoreError> {
        if let Some(account) = self.accounts.get(&id) {
            return Ok(Some(Arc::clone(account)));
        }
        if let Some(account) = accounts.at_hand(id) {
            return Ok(Some(account));
        }
        Ok(writing.account(id).await?.map(Arc::new))
    }
}

/// Whether the author may ask, as the account stands now or with the request's own links: a device that was
/// revoked since the request was let in may not.
fn may_speak(job: &Job, before: Option<&Account>) -> bool {
    if let Some(account) = before
        && account.key_of(job.author).is_some()
    {
        return true;
    }
    append::preview(job.account, before, &job.append)
        .is_some_and(|account| key_of(&account, job.author).is_some())
}
