//! One pairing mailbox.

use super::Asker;
use daymark_wire::{
    AccountId, limits,
    mailbox::{MailboxMessage, Side, Taker},
};
use std::sync::Arc;
use thiserror::Error;
use tokio::sync::Notify;

/// Two devices' messages.
#[derive(Debug)]
pub(super) struct Mailbox {
    pub(super) account: AccountId,
    /// When it is gone, in seconds since 1970.
    pub(super) ends: u64,
    /// Rings when somebody said something.
    pub(super) changed: Arc<Notify>,
    taker: Option<Taker>,
    trusted: Vec<MailboxMessage>,
    new: Vec<MailboxMessage>,
}

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum NotSaid {
    #[error("A pairing message with this number was another.")]
    Another,
    #[error("A pairing message before this one is missing.")]
    OutOfOrder,
    #[error("A pairing has no more messages than this.")]
    TooMany,
}

impl Mailbox {
    pub(super) fn new(account: AccountId, ends: u64) -> Self {
        Self {
            account,
            ends,
            changed: Arc::default(),
            taker: None,
            trusted: Vec::new(),
            new: Vec::new(),
        }
    }

    /// Whether this one may speak here. The first of the new side takes the mailbox.
    pub(super) fn lets_in(&mut self, asker: Asker) -> bool {
        match asker {
            Asker::Trusted(account) => account == self.account,
            Asker::New(taker) => *self.taker.get_or_insert(taker) == taker,
        }
    }

    /// Takes a message; the same again changes nothing.
    pub(super) fn say(&mut self, side: Side, message: &MailboxMessage) -> Result<(), NotSaid> {
        let said = match side {
            Side::Trusted => &mut self.trusted,
            Side::New => &mut self.new,
        };
        let number = usize::try_from(message.number).map_err(|_| NotSaid::TooMany)?;
        if let Some(before) = said.get(number) {
            return if before == message {
                Ok(())
            } else {
                Err(NotSaid::Another)
            };
        }
        if number >= limits::MAX_MAILBOX_MESSAGES {
            return Err(NotSaid::TooMany);
        }
        if number != said.len() {
            return Err(NotSaid::OutOfOrder);
        }
        said.push(message.clone());
        self.changed.notify_waiters();
        Ok(())
    }

    /// What the other side said beyond the first `heard` messages.
    pub(super) fn beyond(&self, side: Side, heard: u32) -> Vec<MailboxMessage> {
        let others = match side {
            Side::Trusted => &self.new,
            Side::New => &self.trusted,
        };
        let heard = usize::try_from(heard).unwrap_or(usize::MAX);
        others.iter().skip(heard).cloned().collect()
    }
}
