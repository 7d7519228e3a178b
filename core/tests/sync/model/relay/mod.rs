//! An honest relay in memory (PROTOCOL sections 4, 5, 7 and 10). Cloned, it is a backup.

mod append;
mod logs;
mod push;
mod reply;

use super::{Answer, Caller};
use daymark_wire::{
    AccountId, ChainId, Generation, Hash, LogId, Record, Seq, SigningKey, SpaceId, VerifyingKey,
    invitation::InvitationToken,
    limits,
    logs::{BondStage, MadeFor, TravelLink},
    sync::{PushOutcome, SpaceReply, SyncReply, SyncRequest},
};
use logs::Logs;
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
    logs: Logs,
    spaces: BTreeMap<SpaceId, Chains>,
    /// Records of one reply: few, so that replies are many.
    pub(crate) page: usize,
    /// Links of one reply.
    pub(crate) links: usize,
}

/// The records of one space.
pub(crate) type Chains = BTreeMap<ChainId, Chain>;

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
            logs: Logs::default(),
            spaces: BTreeMap::new(),
            page: 1000,
            links: limits::MAX_LINKS_PER_SYNC,
        }
    }

    /// Restored from a backup, or emptied: it says itself that its history is another.
    pub(crate) fn in_new_generation(mut self) -> Self {
        let mut bytes = *self.generation.as_bytes();
        bytes[0] = bytes[0].wrapping_add(1);
        self.generation = Generation::from_bytes(bytes);
        self
    }

    pub(crate) fn made_for(&self) -> MadeFor {
        MadeFor {
            relay: relay_key(),
            generation: self.generation,
        }
    }

    /// What is kept of a space.
    pub(crate) fn chains(&mut self, space: SpaceId) -> &mut Chains {
        self.spaces.entry(space).or_default()
    }

    /// Links of an account log that are kept.
    pub(crate) fn length(&self, account: AccountId) -> u64 {
        self.logs.accounts[&account].length()
    }

    /// What the holder of an invitation is shown: the owner's account log and the *invite*, while it is open.
    pub(crate) fn show(&self, bond: SpaceId, token: &InvitationToken) -> Option<Vec<TravelLink>> {
        let state = self.logs.bonds.get(&bond)?;
        let open = state.stage() == BondStage::Invited && state.invite().secret == token.hash();
        let links = |log: LogId| self.logs.links[&log].clone();
        open.then(|| [links(state.owner().into()), links(bond.into())].concat())
    }

    pub(crate) fn answer(&mut self, caller: Caller, request: SyncRequest) -> Answer {
        let id = caller.account;
        let (logs, append) = match append::judge(self, id, &request.append) {
            Ok((logs, outcome)) => (logs, outcome),
            Err(outcome) if self.logs.accounts.contains_key(&id) => (None, outcome),
            Err(_) => return Answer::UnknownAccount,
        };
        let after = logs.as_ref().unwrap_or(&self.logs);
        let Some(account) = after.accounts.get(&id) else {
            return Answer::UnknownAccount;
        };
        if account.active(caller.device).is_err() {
            return Answer::Unauthorized;
        }
        let before = logs.map(|logs| std::mem::replace(&mut self.logs, logs));
        self.carry_out();
        let mut spaces = Vec::new();
        for asked in &request.spaces {
            spaces.push(self.in_space(id, asked, &request, before.as_ref()));
        }
        let (links, behind, cut) = self.links_for(id, &request, &append);
        for space in &mut spaces {
            space.more |= cut;
        }
        Answer::Reply(Box::new(SyncReply {
            generation: self.generation,
            append,
            links,
            behind,
            spaces,
        }))
    }

    fn in_space(
        &mut self,
        id: AccountId,
        asked: &daymark_wire::sync::SpaceRequest,
        request: &SyncRequest,
        before: Option<&Logs>,
    ) -> SpaceReply {
        let Some(space) = self.logs.space(asked.space, id) else {
            return SpaceReply::empty(asked.space);
        };
        let chains = self.spaces.entry(asked.space).or_default();
        let outcome = if asked.push.is_empty() {
            PushOutcome::Nothing
        } else if push::is_current(request, before, &space, id) {
            push::push(&space, chains, &asked.push)
        } else {
            PushOutcome::HeadsNotCurrent
        };
        reply::reply_to(&space, chains, asked, outcome, self.page)
    }

    /// What links do to what is kept of bonds: an end takes all of it, and what was forgotten goes at once.
    fn carry_out(&mut self) {
        for bond in self.logs.bonds.values() {
            let space = self.logs.bond(bond);
            let Some(chains) = self.spaces.get_mut(&space.id) else {
                continue;
            };
            if space.is_over() {
                chains.clear();
            }
            for (id, chain) in chains {
                if let Some(cut) = space.cut(*id).filter(|_| space.takes_content()) {
                    chain.records.truncate(usize::try_from(cut.0).unwrap());
                }
                for record in &mut chain.records {
                    if record.body().is_some() && space.is_forgotten(record.claimed()) {
                        *record = record.clone().into_stub();
                    }
                }
            }
        }
    }
}
