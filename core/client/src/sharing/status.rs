//! What waits in bonds, and what is wrong with them: for the status of the vault.

use super::{
    Pause, SpaceId, Standing,
    bond::{Bond, Bonds},
    error::standing_says,
};
use crate::vault::{BondNotes, Reading, VaultError};
use daymark_core::{journal::Person, sync::Fault};
use daymark_wire::{EpochId, LogId};
use std::{collections::BTreeSet, fmt};

/// A bond of which something is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondStatus {
    /// The bond.
    pub bond: SpaceId,
    /// What this person calls the other.
    pub name: Person,
    /// Copies, replies and the like that no relay has taken.
    pub waiting: usize,
    /// Documents that the other side is not to have any more, and has until the next sync.
    pub taking_back: usize,
    /// Whether an end that was asked for here waits for the next sync.
    pub ending: bool,
    /// Whether some of it waits for the relay's next minute, as of the last sync: this device said as much in the
    /// bond as a relay takes in one, or it was the other side's turn.
    pub held_up: bool,
    /// What is wrong with it, until somebody does something about it.
    pub fault: Option<BondFault>,
}

/// Why nothing is sent in a bond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BondFault {
    /// Somebody answered who cannot show that they hold the invitation.
    NotAgreed,
    /// A person has to look at it first.
    Paused(Pause),
    /// The relay goes on with another history of it than this device, which its person has looked at.
    OtherHistory,
    /// No key of this account opens the bond's newest epoch.
    LockedOut,
    /// Members changed on either side, and nobody began an epoch since.
    Stale,
    /// This person accepted, and no relay has shown what became of it: each sync brings it again.
    AnswerWaits,
    /// This person accepted, and the relay refused it.
    AnswerRefused,
}

impl BondFault {
    /// The stable code that scripts see.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAgreed => "not-agreed",
            Self::Paused(Pause::NewRoot) => "paused-new-keys",
            Self::Paused(Pause::ForkedLog) => "paused-forked-log",
            Self::Paused(Pause::FullLog) => "paused-full-log",
            Self::Paused(Pause::UnreadableLog) => "paused-unreadable-log",
            Self::Paused(Pause::Withheld) => "paused-withheld-log",
            Self::OtherHistory => "other-history",
            Self::LockedOut => "locked-out",
            Self::Stale => "stale",
            Self::AnswerWaits => "answer-waits",
            Self::AnswerRefused => "answer-refused",
        }
    }
}

impl fmt::Display for BondFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAgreed => standing_says(&Standing::NotAgreed),
            Self::Paused(why) => standing_says(&Standing::Paused(*why)),
            Self::AnswerWaits => {
                "you accepted, and the relay has not shown whether it took that: sync, or leave them to withdraw it"
            },
            Self::AnswerRefused => {
                "you accepted, and the relay refused it: try the invitation again, or leave them to withdraw it"
            },
            Self::OtherHistory => {
                "the relay showed another history of it than this device goes on from: nothing is sent; if it stays, \
                 end it and invite anew"
            }
            Self::LockedOut => "its newest keys do not open here: nothing of it is sent or read",
            Self::Stale => {
                "new keys are needed, since the devices of one of you changed: nothing of it is sent until a sync \
                 brought them"
            }
        })
    }
}

impl BondStatus {
    const fn says_something(&self) -> bool {
        self.waiting > 0
            || self.taking_back > 0
            || self.ending
            || self.held_up
            || self.fault.is_some()
    }
}

impl Reading {
    /// Each bond of which something is to be said, by name.
    pub(crate) async fn bonds_status(&mut self) -> Result<Vec<BondStatus>, VaultError> {
        let bonds = Bonds::load(self).await?;
        let (held_up, faults) = (self.held_up().await?, self.faults().await?);
        let mut all = Vec::new();
        for (id, bond) in &bonds.all {
            let opened = self.epochs_of(*id).await?.into_keys().collect();
            let status = BondStatus {
                bond: *id,
                name: bond.entry.name.clone(),
                waiting: self.outbox_length_of(*id).await?,
                taking_back: bonds.wishes(self, *id).await?.forget.len(),
                ending: bond.is_ending(),
                held_up: held_up.contains(id),
                fault: fault(&bonds, bond, &opened).or_else(|| {
                    let log = LogId::from(*id);
                    let is_open = bonds.standing(bond) == Standing::Active;
                    let is_forked = is_open && faults.contains(&Fault::ForkedView { log });
                    is_forked.then_some(BondFault::OtherHistory)
                }),
            };
            if status.says_something() {
                all.push(status);
            }
        }
        all.extend(bonds.pending.iter().filter_map(answering));
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }
}

/// What becomes of an answer that this person gave.
fn answering((bond, notes): (&SpaceId, &BondNotes)) -> Option<BondStatus> {
    let answer = notes.acceptance.as_ref()?;
    Some(BondStatus {
        bond: *bond,
        name: Person::parse(&answer.name).ok()?,
        waiting: 0,
        taking_back: 0,
        ending: false,
        held_up: false,
        fault: Some(match answer.is_refused {
            true => BondFault::AnswerRefused,
            false => BondFault::AnswerWaits,
        }),
    })
}

fn fault(bonds: &Bonds, bond: &Bond, opened: &BTreeSet<EpochId>) -> Option<BondFault> {
    let logs = bond.logs.as_ref();
    let newest = logs.and_then(|logs| logs.state().newest_epoch());
    let is_stale = || logs.is_some_and(|logs| logs.state().is_stale(logs.accounts(&bonds.own)));
    match bonds.standing(bond) {
        Standing::NotAgreed => Some(BondFault::NotAgreed),
        Standing::Paused(why) => Some(BondFault::Paused(why)),
        Standing::Active if newest.is_some_and(|epoch| !opened.contains(&epoch.id)) => {
            Some(BondFault::LockedOut)
        }
        Standing::Active if newest.is_some() && is_stale() => Some(BondFault::Stale),
        _ => None,
    }
}
