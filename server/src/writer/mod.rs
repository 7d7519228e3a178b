//! The one who writes: takes what waits, judges it, writes it, commits once, then answers everybody.
//!
//! ```text
//! requests ─► channel ─► gather ─► judge ─► rows ─► commit ─► show snapshot, answer, tell live sockets
//! ```
//!
//! A commit costs as much as writing hundreds of rows, so requests that arrive while one is under way share
//! the next. Nothing is seen by anybody before it is durable: a group works on its own copies of the accounts,
//! which are shown after the commit and dropped if it fails.

mod bonds;
mod declining;
mod group;
mod job;
mod keeping;
mod linking;
mod quota;
mod rates;
mod told;

pub(crate) use declining::Declining;
pub(crate) use job::{Done, Job, Push, Shown as ShownInvite};

use crate::{
    accounts::Accounts,
    clock::Clock,
    damage::Damage,
    live::Hub,
    nonces::{KEPT_SECONDS, Nonces},
    problem::Problem,
    settings::Registration,
    store::{FolderLock, Identity, StoreError, Writing},
};
use group::{Group, Shared, Shown};
use rates::Rates;
use std::{sync::Arc, time::Duration};
use tokio::sync::{mpsc, oneshot};

/// Requests that wait for the writer. Beyond them, a request waits before it is judged.
pub(crate) const WAITING: usize = 256;

/// Answers to invitations that wait for the writer.
pub(crate) const DECLINES_WAITING: usize = 16;

/// Records of one commit: enough that a commit is cheap, few enough that nobody waits long.
const GROUP_RECORDS: usize = 2048;

/// How often nonces of reading requests are written when nothing else is.
const TICK: Duration = Duration::from_secs(1);

/// How often the writer looks for what is due, in ticks.
const TICKS_A_ROUND: u32 = 60;

/// The writer task's parts.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) writing: Writing,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) nonces: Arc<Nonces>,
    pub(crate) damage: Arc<Damage>,
    pub(crate) identity: Identity,
    pub(crate) registration: Registration,
    /// Bytes that an account may keep.
    pub(crate) quota: u64,
    pub(crate) clock: Clock,
    /// What was deleted stands in the write-ahead log still: it is emptied at the next tick.
    pub(crate) to_empty: bool,
    /// Nobody else writes as long as this one may.
    pub(crate) _lock: FolderLock,
}

/// A judged request, its answer, and where it goes.
type Answer = (
    oneshot::Sender<Result<Done, Problem>>,
    Result<Done, Problem>,
);

impl Writer {
    /// Works until it is told to finish; what waits then is still done.
    pub(crate) async fn run(
        mut self,
        mut jobs: mpsc::Receiver<Job>,
        mut declines: mpsc::Receiver<Declining>,
        mut finish: oneshot::Receiver<()>,
    ) -> Result<(), StoreError> {
        let mut rates = Rates::default();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut ticks = 0;
        loop {
            tokio::select! {
                biased;
                job = jobs.recv() => match job {
                    Some(first) => self.commit(first, &mut jobs, &mut rates).await,
                    None => break,
                },
                Some(declining) = declines.recv() => self.decline(declining).await,
                _ = &mut finish, if !jobs.is_closed() => jobs.close(),
                () = self.damage.found() => {
                    if let Err(error) = self.let_go_of_damaged().await {
                        tracing::error!(%error, "what is damaged could not be let go");
                    }
                }
                _ = tick.tick() => {
                    ticks += 1;
                    if let Err(error) = self.tidy(ticks % TICKS_A_ROUND == 1).await {
                        tracing::error!(%error, "tidying failed");
                    }
                }
            }
        }
        self.tidy(false).await?;
        self.writing.close().await
    }

    /// One group of requests, one commit.
    async fn commit(&mut self, first: Job, jobs: &mut mpsc::Receiver<Job>, rates: &mut Rates) {
        let mut group = Group::new(
            (self.registration, self.quota),
            &self.identity,
            self.clock.now(),
        );
        let mut answers: Vec<Answer> = Vec::new();
        let mut next = Some(first);
        let written: Result<(), StoreError> = async {
            self.writing.begin().await?;
            while let Some(mut job) = next.take() {
                // A request whose sender is gone is done all the same: it may be on its way again.
                let (unused, _) = oneshot::channel();
                let reply = std::mem::replace(&mut job.reply, unused);
                let shared = Shared {
                    accounts: &self.accounts,
                    hub: &self.hub,
                };
                match group.take(job, &mut self.writing, &shared, rates).await {
                    Ok(answer) => answers.push((reply, answer)),
                    Err(error) => {
                        answers.push((reply, Err(Problem::unavailable())));
                        return Err(error);
                    }
                }
                if group.records() < GROUP_RECORDS {
                    next = jobs.try_recv().ok();
                }
            }
            group.flush(&mut self.writing).await?;
            group.count(&mut self.writing).await?;
            self.writing.insert_nonces(&self.nonces.pending()).await?;
            self.writing.commit().await
        }
        .await;
        match written {
            Ok(()) => self.show(group, answers),
            Err(error) => self.fail(error, answers).await,
        }
    }

    fn show(&mut self, group: Group, answers: Vec<Answer>) {
        let requests = answers.len();
        let records = group.written();
        self.to_empty |= group.deleted;
        let Shown {
            accounts,
            bonds,
            news,
        } = group.into_shown();
        self.accounts.show(accounts, bonds);
        for (reply, answer) in answers {
            // The one who asked may be gone.
            let _ = reply.send(answer);
        }
        for news in news {
            self.hub.tell(news);
        }
        tracing::debug!(requests, records, "committed");
    }

    /// Whether a failed commit is on disk is not known, so everything is loaded again.
    async fn fail(&mut self, error: StoreError, answers: Vec<Answer>) {
        let problem = Problem::from(error);
        if let Err(error) = self.writing.roll_back().await {
            tracing::warn!(%error, "nothing to roll back");
        }
        self.accounts.withdraw();
        for (reply, _) in answers {
            let _ = reply.send(Err(problem.clone()));
        }
    }

    /// What readers found damaged becomes holes. The accounts are loaded again with them.
    async fn let_go_of_damaged(&mut self) -> Result<(), StoreError> {
        let damaged = self.damage.take();
        self.writing.begin().await?;
        let written: Result<(), StoreError> = async {
            for (_, damaged) in &damaged {
                self.writing.let_go(damaged).await?;
            }
            self.writing.commit().await
        }
        .await;
        if written.is_err() {
            self.writing.roll_back().await?;
        }
        self.accounts.withdraw();
        written
    }

    /// Nonces of requests that only read; every so often also what is due to go.
    async fn tidy(&mut self, round: bool) -> Result<(), StoreError> {
        let nonces = self.nonces.pending();
        let to_empty = self.to_empty;
        if nonces.is_empty() && !round && !to_empty {
            return Ok(());
        }
        let now = self.clock.now();
        self.writing.begin().await?;
        let written: Result<u64, StoreError> = async {
            self.writing.insert_nonces(&nonces).await?;
            let mut deleted = 0;
            if round {
                let since = now.saturating_sub(KEPT_SECONDS);
                self.writing.delete_nonces(since).await?;
                deleted = self.writing.carry_out_forgets(now).await?
                    + self.writing.carry_out_expiries(now).await?;
            }
            self.writing.commit().await?;
            Ok(deleted)
        }
        .await;
        match written {
            Ok(0) if !to_empty => Ok(()),
            Ok(deleted) => {
                // How much each account keeps is another number now.
                self.accounts.withdraw();
                tracing::info!(deleted, "what was forgotten, or has had its day, is gone");
                self.writing.empty_log().await?;
                self.to_empty = false;
                Ok(())
            }
            Err(error) => {
                self.writing.roll_back().await?;
                Err(error)
            }
        }
    }
}
