//! One commit's worth of requests: judged in turn, each on what those before it left.

use super::{Done, Job, Rates};
use crate::{
    accounts::{Account, Accounts, key_of},
    append,
    live::{Hub, News, NewsOf},
    problem::Problem,
    settings::Registration,
    store::{ChainRow, RecordRow, StoreError, Writing},
};
use daymark_wire::{AccountId, Seq, logs::MadeFor, sync::AppendOutcome};
use std::{collections::BTreeMap, sync::Arc};

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
    pub(super) here: MadeFor,
    pub(super) now: u64,
    accounts: BTreeMap<AccountId, Arc<Account>>,
    pub(super) rows: Vec<RecordRow>,
    pub(super) holes: Vec<(ChainRow, Seq)>,
    news: Vec<NewsOf>,
    pub(super) written: usize,
}

impl Group {
    pub(super) fn new(registration: Registration, here: MadeFor, now: u64) -> Self {
        Self {
            registration,
            here,
            now,
            accounts: BTreeMap::new(),
            rows: Vec::new(),
            holes: Vec::new(),
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
    pub(super) fn into_shown(self) -> (Vec<Arc<Account>>, Vec<NewsOf>) {
        (self.accounts.into_values().collect(), self.news)
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
        let appended = match self.judge_links(&job, before.as_deref(), rates) {
            Ok(appended) => appended,
            Err(problem) => return Ok(Err(problem)),
        };
        let mut news = News::new(job.origin, shared.hub.listens(job.account));
        let (append, mut account) = match appended {
            Ok(None) => (AppendOutcome::Nothing, before),
            Err(refusal) => (refusal.outcome(), before),
            Ok(Some(appended)) => {
                if before.is_none()
                    && let Err(problem) = self.registers(&job, writing).await?
                {
                    return Ok(Err(problem));
                }
                news.links = appended.new.iter().map(|new| new.link.clone()).collect();
                let account = self.append(before, appended, writing).await?;
                (AppendOutcome::Appended, Some(account))
            }
        };
        let mut pushes = Vec::with_capacity(job.pushes.len());
        for pushed in job.pushes {
            let outcome = self
                .push(&mut account, pushed, &job.heads, writing, &mut news)
                .await?;
            pushes.push(outcome);
        }
        if let Some(account) = &account {
            self.accounts.insert(job.account, Arc::clone(account));
            if !news.is_empty() {
                self.news.push(news.of(Arc::clone(account)));
            }
        }
        Ok(Ok(Done {
            append,
            pushes,
            account,
        }))
    }

    /// An account as the requests before left it.
    async fn account(
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
