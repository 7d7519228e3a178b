//! What a request asks the writer to do, and what became of it.

use crate::{accounts::Account, live::Origin, problem::Problem, push::Prepared};
use daymark_wire::{
    AccountId, Hash, LogId, SpaceId,
    logs::{Author, Head, TravelLink},
    sync::{AppendOutcome, PushOutcome},
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::oneshot;

/// A request that writes, checked as far as it can be by itself.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) account: AccountId,
    pub(crate) author: Author,
    pub(crate) origin: Origin,
    /// The heads that the client knows once its own links stand.
    pub(crate) heads: BTreeMap<LogId, Head>,
    pub(crate) append: Vec<TravelLink>,
    /// The hash of the invite that a registration shows.
    pub(crate) invite: Option<Hash>,
    pub(crate) pushes: Vec<Push>,
    pub(crate) reply: oneshot::Sender<Result<Done, Problem>>,
}

/// Records for one space.
#[derive(Debug)]
pub(crate) struct Push {
    pub(crate) space: SpaceId,
    pub(crate) prepared: Prepared,
}

/// What is committed.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) append: AppendOutcome,
    /// One for each push, in order.
    pub(crate) pushes: Vec<PushOutcome>,
    /// The account as it stands with it; `None` if nothing of it was known or taken.
    pub(crate) account: Option<Arc<Account>>,
}
