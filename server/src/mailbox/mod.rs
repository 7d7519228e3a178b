//! Pairing mailboxes (rule Q2), in memory.
//!
//! A mailbox lives two minutes, so a relay that restarts simply loses it: both sides are told that it is gone
//! and the person shows a new code. Nothing of a pairing is ever on the relay's disk (threat A4).
//!
//! ```text
//! (none) ─ trusted side asks ─► open ─ first taker ─► taken ─ two minutes ─► gone ─► (none)
//! ```
//!
//! One that is gone is remembered for a while, so that a late question does not open it anew.

mod one;

use crate::problem::Problem;
use daymark_wire::{
    AccountId, limits,
    mailbox::{MailboxId, MailboxReply, MailboxRequest, Side, Taker},
    problem::Code,
};
use one::{Mailbox, NotSaid};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// How long one request may wait for the other side. Proxies cut quiet connections at 30 seconds or more.
const MAX_WAIT: Duration = Duration::from_secs(20);

/// How long a mailbox that is gone is remembered, in seconds.
const REMEMBERED_SECONDS: u64 = 10 * 60;

/// Mailboxes of one account, those that are gone included: a person pairs one device at a time.
const MAX_OF_ACCOUNT: usize = 16;

/// All mailboxes, about 130 KB each at their fullest.
const MAX_OF_ALL: usize = 1024;

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asker {
    /// A device of the account, by its signature.
    Trusted(AccountId),
    /// Whoever took the mailbox, or is about to.
    New(Taker),
}

impl Asker {
    const fn side(self) -> Side {
        match self {
            Self::Trusted(_) => Side::Trusted,
            Self::New(_) => Side::New,
        }
    }
}

/// All mailboxes of the relay.
#[derive(Debug, Default)]
pub(crate) struct Mailboxes(Mutex<HashMap<MailboxId, Mailbox>>);

impl Mailboxes {
    /// Says what the request says, and gives what the other side said, waiting for it a while.
    pub(crate) async fn ask(
        &self,
        id: MailboxId,
        asker: Asker,
        request: &MailboxRequest,
        now: u64,
    ) -> Result<MailboxReply, Problem> {
        let wait = Duration::from_millis(request.wait_ms.into()).min(MAX_WAIT);
        let until = Instant::now() + wait;
        let changed = self.say(id, asker, request, now)?;
        loop {
            // Listens before it looks, so that nothing said in between is missed.
            let heard = changed.notified();
            tokio::pin!(heard);
            heard.as_mut().enable();
            let reply = self.hear(id, asker, request.heard)?;
            if !reply.messages.is_empty() || tokio::time::timeout_at(until, heard).await.is_err() {
                return Ok(reply);
            }
        }
    }

    fn say(
        &self,
        id: MailboxId,
        asker: Asker,
        request: &MailboxRequest,
        now: u64,
    ) -> Result<Arc<Notify>, Problem> {
        let mut all = self.all();
        all.retain(|_, mailbox| now < mailbox.ends.saturating_add(REMEMBERED_SECONDS));
        if let (Asker::Trusted(account), false) = (asker, all.contains_key(&id)) {
            let mine = all.values().filter(|mailbox| mailbox.account == account);
            if mine.count() >= MAX_OF_ACCOUNT || all.len() >= MAX_OF_ALL {
                return Err(Problem::new(
                    Code::RateLimited,
                    "Too many pairings at once; try again in some minutes.",
                ));
            }
            let ends = now.saturating_add(limits::MAILBOX_SECONDS);
            all.insert(id, Mailbox::new(account, ends));
        }
        let mailbox = all.get_mut(&id).filter(|mailbox| now < mailbox.ends);
        let mailbox = mailbox.ok_or_else(gone)?;
        if !mailbox.lets_in(asker) {
            return Err(gone());
        }
        if let Some(message) = &request.say {
            mailbox.say(asker.side(), message).map_err(not_said)?;
        }
        Ok(Arc::clone(&mailbox.changed))
    }

    fn hear(&self, id: MailboxId, asker: Asker, heard: u32) -> Result<MailboxReply, Problem> {
        let all = self.all();
        let mailbox = all.get(&id).ok_or_else(gone)?;
        Ok(MailboxReply {
            messages: mailbox.beyond(asker.side(), heard),
        })
    }

    fn all(&self) -> MutexGuard<'_, HashMap<MailboxId, Mailbox>> {
        // Each change is one step, so a poisoned lock guards a whole map.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One answer for a mailbox that never was, is over, or was taken by another.
fn gone() -> Problem {
    Problem::new(
        Code::MailboxGone,
        "This pairing is over or was taken by another device. Show a new code.",
    )
}

fn not_said(why: NotSaid) -> Problem {
    Problem::new(Code::BadRequest, why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use daymark_wire::mailbox::MailboxMessage;

    const ACCOUNT: AccountId = AccountId::from_bytes([1; 16]);
    const TRUSTED: Asker = Asker::Trusted(ACCOUNT);
    const ID: MailboxId = MailboxId::from_bytes([2; 16]);

    fn new_side(n: u8) -> Asker {
        Asker::New(Taker::from_bytes([n; 16]))
    }

    fn request(say: Option<(u32, &[u8])>) -> MailboxRequest {
        MailboxRequest {
            taker: None,
            say: say.map(|(number, sealed)| MailboxMessage {
                number,
                sealed: sealed.to_vec(),
            }),
            heard: 0,
            wait_ms: 0,
        }
    }

    fn code(result: Result<MailboxReply, Problem>) -> Option<Code> {
        result.err().map(|problem| problem.code)
    }

    #[tokio::test]
    async fn the_two_sides_hear_each_other() {
        let all = Mailboxes::default();
        all.ask(ID, TRUSTED, &request(Some((0, b"one"))), 0)
            .await
            .unwrap();
        let heard = all
            .ask(ID, new_side(1), &request(Some((0, b"two"))), 1)
            .await
            .unwrap();
        assert_eq!(heard.messages[0].sealed, b"one");
        let heard = all.ask(ID, TRUSTED, &request(None), 2).await.unwrap();
        assert_eq!(heard.messages[0].sealed, b"two");
    }

    #[tokio::test]
    async fn h1_one_taker_takes_it_and_may_ask_again_and_no_other_may() {
        let all = Mailboxes::default();
        all.ask(ID, TRUSTED, &request(None), 0).await.unwrap();
        all.ask(ID, new_side(1), &request(None), 0).await.unwrap();
        all.ask(ID, new_side(1), &request(None), 0).await.unwrap();
        let other = all.ask(ID, new_side(2), &request(None), 0).await;
        assert_eq!(code(other), Some(Code::MailboxGone));
        let other = Asker::Trusted(AccountId::from_bytes([9; 16]));
        let other = all.ask(ID, other, &request(None), 0).await;
        assert_eq!(code(other), Some(Code::MailboxGone));
    }

    #[tokio::test]
    async fn h1_after_two_minutes_it_is_gone_and_not_opened_anew() {
        let all = Mailboxes::default();
        let unknown = all.ask(ID, new_side(1), &request(None), 0).await;
        assert_eq!(code(unknown), Some(Code::MailboxGone));
        all.ask(ID, TRUSTED, &request(None), 0).await.unwrap();
        let late = limits::MAILBOX_SECONDS;
        for asker in [TRUSTED, new_side(1)] {
            let late = all.ask(ID, asker, &request(None), late).await;
            assert_eq!(code(late), Some(Code::MailboxGone));
        }
    }

    #[tokio::test]
    async fn l3_messages_and_mailboxes_are_bounded() {
        let all = Mailboxes::default();
        for n in 0..limits::MAX_MAILBOX_MESSAGES {
            let say = request(Some((u32::try_from(n).unwrap(), b"m")));
            all.ask(ID, TRUSTED, &say, 0).await.unwrap();
        }
        let over = u32::try_from(limits::MAX_MAILBOX_MESSAGES).unwrap();
        let refused = all.ask(ID, TRUSTED, &request(Some((over, b"m"))), 0).await;
        assert_eq!(code(refused), Some(Code::BadRequest));
        let other = all.ask(ID, TRUSTED, &request(Some((0, b"other"))), 0).await;
        assert_eq!(code(other), Some(Code::BadRequest));
        for n in 1..u8::try_from(MAX_OF_ACCOUNT).unwrap() {
            let id = MailboxId::from_bytes([100 + n; 16]);
            all.ask(id, TRUSTED, &request(None), 0).await.unwrap();
        }
        let id = MailboxId::from_bytes([99; 16]);
        let refused = all.ask(id, TRUSTED, &request(None), 0).await;
        assert_eq!(code(refused), Some(Code::RateLimited));
    }
}
