//! An honest relay in memory (PROTOCOL sections 2 to 4). Cloned, it is a backup.

mod append;
mod push;
mod reply;

use super::{Answer, Caller};
use daymark_wire::{
    AccountId, ChainId, Generation, Hash, LogId, Record, Seq, SigningKey, VerifyingKey,
    logs::{AccountState, JournalState, MadeFor, TravelLink},
    sync::{SyncReply, SyncRequest},
};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The key of every relay here, so that a device may be moved from one to another.
pub(crate) fn relay_key() -> VerifyingKey {
    SigningKey::from_seed(&Zeroizing::new([9; 32])).verifying_key()
}

/// See the module.
#[derive(Clone)]
pub(crate) struct ModelRelay {
    pub(crate) generation: Generation,
    pub(crate) accounts: BTreeMap<AccountId, Kept>,
    /// Records of one reply: few, so that replies are many.
    pub(crate) page: usize,
}

/// What is kept of one account.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) account: AccountState,
    pub(crate) journal: JournalState,
    pub(crate) links: Vec<(LogId, TravelLink)>,
    pub(crate) chains: BTreeMap<ChainId, Chain>,
}

/// One chain's records, from place 1.
#[derive(Clone, Default)]
pub(crate) struct Chain {
    pub(crate) records: Vec<Record>,
    /// Where it ends, as another goes on for it.
    pub(crate) ends: Option<Seq>,
}

impl Chain {
    fn last(&self) -> Seq {
        Seq(self.records.len() as u64)
    }

    fn head(&self) -> Hash {
        self.records.last().map_or(Hash::ZERO, Record::hash)
    }

    fn at(&self, seq: Seq) -> Option<&Record> {
        let index = usize::try_from(seq.0).ok()?.checked_sub(1)?;
        self.records.get(index)
    }
}

impl ModelRelay {
    pub(crate) fn new() -> Self {
        Self {
            generation: Generation::from_bytes([1; 16]),
            accounts: BTreeMap::new(),
            page: 1000,
        }
    }

    /// Restored from a backup, or emptied: it says itself that its history is another.
    pub(crate) fn in_new_generation(mut self) -> Self {
        let mut bytes = *self.generation.as_bytes();
        bytes[0] = bytes[0].wrapping_add(1);
        self.generation = Generation::from_bytes(bytes);
        self
    }

    fn made_for(&self) -> MadeFor {
        MadeFor {
            relay: relay_key(),
            generation: self.generation,
        }
    }

    pub(crate) fn answer(&mut self, caller: Caller, request: SyncRequest) -> Answer {
        let here = self.made_for();
        let kept = self.accounts.get(&caller.account);
        let (kept, append) = match append::judge(kept, caller.account, &request.append, here) {
            Ok((kept, outcome)) => (kept, outcome),
            Err(outcome) => match kept {
                Some(kept) => (kept.clone(), outcome),
                None => return Answer::UnknownAccount,
            },
        };
        if kept.account.active(caller.device).is_err() {
            return Answer::Unauthorized;
        }
        let before = self.accounts.insert(caller.account, kept);
        let kept = self.accounts.get_mut(&caller.account).unwrap();
        let is_current = push::is_current(&request.known, before.as_ref(), kept);
        let mut spaces = Vec::new();
        for space in &request.spaces {
            spaces.push(if space.space == kept.journal.space() {
                let outcome = kept.push(&space.push, is_current);
                kept.reply_to(space, outcome, self.page)
            } else {
                daymark_wire::sync::SpaceReply::empty(space.space)
            });
        }
        let (links, behind) = kept.links_for(&request);
        Answer::Reply(Box::new(SyncReply {
            generation: self.generation,
            append,
            links,
            behind,
            spaces,
        }))
    }
}
