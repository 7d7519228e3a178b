//! The logs that an account may see: its own, and in each of its bonds the bond's and the other side's.

use crate::{
    accounts::{Account, BondSeen},
    store::LogRow,
};
use daymark_wire::{
    LogId, SpaceId,
    logs::{AccountState, BondState, Head, JournalState, LogKind, Role},
};

/// One log, as far as it is shown.
#[derive(Debug)]
pub(super) struct LogSeen<'a> {
    pub(super) row: LogRow,
    pub(super) id: LogId,
    pub(super) kind: LogKind,
    pub(super) length: u64,
    /// The bond for which it is shown; none for the account's own.
    pub(super) bond: Option<SpaceId>,
    state: State<'a>,
}

#[derive(Debug)]
enum State<'a> {
    Account(&'a AccountState),
    Journal(&'a JournalState),
    Bond(&'a BondState),
}

impl LogSeen<'_> {
    /// Whether `head` is, or was, a head of it.
    pub(super) fn has_had(&self, head: Head) -> bool {
        match self.state {
            State::Account(account) => account.has_had(head),
            State::Journal(journal) => journal.has_had(head),
            State::Bond(bond) => bond.has_had(head),
        }
    }
}

/// Every log that an account may see, in an order in which each can be judged.
pub(super) fn seen<'a>(account: &'a Account, bonds: &'a [BondSeen]) -> Vec<LogSeen<'a>> {
    let mut logs = vec![of_account(account, account.state.length(), None)];
    logs.extend(account.journal.as_ref().map(|journal| LogSeen {
        row: journal.row,
        id: journal.state.space().into(),
        kind: LogKind::Journal,
        length: journal.state.length(),
        bond: None,
        state: State::Journal(&journal.state),
    }));
    for seen in bonds {
        let bond = Some(seen.bond.id());
        if let Some(other) = seen.other.as_deref() {
            let length = length_shown(seen, other);
            show(&mut logs, of_account(other, length, bond));
        }
        let space = &seen.bond.space;
        logs.push(LogSeen {
            row: space.row,
            id: space.state.space().into(),
            kind: LogKind::Bond,
            length: space.state.length(),
            bond,
            state: State::Bond(&space.state),
        });
    }
    logs
}

/// After the end nobody learns more of the other's devices than the bond's last link rests on.
fn length_shown(seen: &BondSeen, other: &Account) -> u64 {
    if !seen.bond.is_over() {
        return other.state.length();
    }
    let theirs = match seen.role {
        Role::Owner => Role::Supporter,
        Role::Supporter => Role::Owner,
    };
    let rests_on = seen.bond.space.state.rests_on(theirs);
    rests_on.map_or(0, |head| head.length)
}

fn of_account(account: &Account, length: u64, bond: Option<SpaceId>) -> LogSeen<'_> {
    LogSeen {
        row: account.log,
        id: account.state.id().into(),
        kind: LogKind::Account,
        length,
        bond,
        state: State::Account(&account.state),
    }
}

/// Two people may have several bonds: the account's log is shown once, as far as any of them shows it.
fn show<'a>(logs: &mut Vec<LogSeen<'a>>, log: LogSeen<'a>) {
    match logs.iter_mut().find(|shown| shown.id == log.id) {
        Some(shown) => shown.length = shown.length.max(log.length),
        None => logs.push(log),
    }
}
