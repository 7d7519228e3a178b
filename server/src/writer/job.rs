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
    /// What a registration shows.
    pub(crate) invite: Option<Shown>,
    pub(crate) pushes: Vec<Push>,
    pub(crate) reply: oneshot::Sender<Result<Done, Problem>>,
}

/// What lets an account in, by its hash.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shown {
    /// An operator's invite.
    Invite(Hash),
    /// An invitation to a bond.
    Invitation(Hash),
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
