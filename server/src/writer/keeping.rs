//! Records of a request: judged, and written when the group is full.

use super::{
    Push, Rates,
    group::{Group, Shared},
};
use crate::{
    accounts::{Account, Bond, BondSeen, Members, Space, SpaceLog},
    live::News,
    push::{self, Effect, Stored, Verdict, Who},
    store::{AccountRow, ChainRow, LogRow, RecordRow, StoreError, Writing},
};
use daymark_wire::{
    DeviceId, LogId, Record,
    logs::{Head, Role},
    record::{ExpiryDay, Place},
    sync::PushOutcome,
};
use std::{collections::BTreeMap, sync::Arc};

impl Group {
    /// Judges the records of one space. `account` stands with them afterwards.
    pub(super) async fn push(
        &mut self,
        account: &mut Option<Arc<Account>>,
        pushed: Push,
        heads: &BTreeMap<LogId, Head>,
        writing: &mut Writing,
        news: &mut News,
    ) -> Result<PushOutcome, StoreError> {
        let space = pushed.space;
        let Some(current) = account.as_mut() else {
            return Ok(PushOutcome::Nothing);
        };
        let journal = current.journal.as_ref();
        let Some(journal) = journal.filter(|journal| journal.state.space() == pushed.space) else {
            return Ok(PushOutcome::Nothing);
        };
        if !are_current(heads, current) {
            return Ok(PushOutcome::HeadsNotCurrent);
        }
        if journal.state.is_stale(&current.state) {
            return Ok(PushOutcome::Stale);
        }
        let before = Arc::clone(current);
        let account = Arc::make_mut(current);
        let members = Members {
            owner: &account.state,
            supporter: None,
        };
        let Some(journal) = account.journal.as_mut() else {
            return Ok(PushOutcome::Nothing);
        };
        let Verdict { outcome, effects } = self
            .take_records(journal, (members, None, 0), pushed, writing)
            .await?;
        if !self.has_room(&before, &effects) {
            *current = before;
            return Ok(PushOutcome::QuotaExceeded);
        }
        news.note(space, &effects);
        let (space, row) = (journal.row, account.row);
        self.count_kept(current, &effects);
        self.write(space, |_| row, effects, writing).await?;
        Ok(outcome)
    }

    /// Judges the records of one bond, which `account` is in.
    pub(super) async fn push_to_bond(
        &mut self,
        account: &mut Arc<Account>,
        pushed: Push,
        heads: &BTreeMap<LogId, Head>,
        writing: &mut Writing,
        (shared, rates, news): (&Shared<'_>, &mut Rates, &mut News),
    ) -> Result<PushOutcome, StoreError> {
        let space = pushed.space;
        let Some(mut bond) = self.bond(space, writing, shared.accounts).await? else {
            return Ok(PushOutcome::Nothing);
        };
        let Some(role) = bond.role_of(account.state.id()).filter(|_| !bond.is_over()) else {
            return Ok(PushOutcome::Nothing);
        };
        let other = match bond.other(role) {
            Some(other) => self.account(other, writing, shared.accounts).await?,
            None => None,
        };
        let seen = BondSeen {
            bond: Arc::clone(&bond),
            role,
            other,
        };
        let Some(members) = seen.members(&account.state) else {
            return Ok(PushOutcome::Nothing);
        };
        if !are_current_in_bond(heads, &bond, members) {
            return Ok(PushOutcome::HeadsNotCurrent);
        }
        if !bond.space.state.takes_content(members) {
            return Ok(PushOutcome::Stale);
        }
        let (log, side) = (LogId::from(space), account.state.id());
        if !rates.may_bring(log, side, self.now) {
            return Ok(PushOutcome::NotNow);
        }
        let changed = Arc::make_mut(&mut bond);
        let others_room = seen.other.as_deref().map_or(0, |other| self.room_of(other));
        let who = (members, Some(role), others_room);
        let Verdict { outcome, effects } = self
            .take_records(&mut changed.space, who, pushed, writing)
            .await?;
        if !self.has_room(account, &effects) {
            return Ok(PushOutcome::QuotaExceeded);
        }
        if !effects.is_empty() {
            rates.note_records(log, side, self.now);
        }
        news.note(space, &effects);
        let row = bond.space.row;
        self.bonds.insert(space, bond);
        self.count_kept(account, &effects);
        let (own, mut theirs) = (account.row, account.row);
        if let Some(mut other) = seen.other {
            theirs = other.row;
            self.count_kept(&mut other, &effects);
            self.accounts.insert(other.state.id(), other);
        }
        let state = Arc::clone(&account.state);
        let of = |device| {
            if state.device(device).is_some() {
                own
            } else {
                theirs
            }
        };
        self.write(row, of, effects, writing).await?;
        Ok(outcome)
    }

    /// Records of a space of either kind, which stands with them afterwards.
    async fn take_records<L: SpaceLog>(
        &mut self,
        space: &mut Space<L>,
        (members, by, others_room): (Members<'_>, Option<Role>, u64),
        pushed: Push,
        writing: &mut Writing,
    ) -> Result<Verdict, StoreError> {
        let overlaps = push::overlaps(space, &pushed.prepared);
        let mut stored = Stored::new();
        if !overlaps.is_empty() {
            self.flush(writing).await?;
        }
        for (chain, row, from, to) in overlaps {
            let headers = writing.headers(row, from, to).await?;
            stored.extend(
                headers
                    .into_iter()
                    .map(|(seq, header)| (Place { chain, seq }, header)),
            );
        }
        let now = self.now;
        let who = Who {
            members,
            by,
            others_room,
            now,
        };
        Ok(push::judge(space, who, pushed.prepared, &stored, || {
            writing.new_chain_row()
        }))
    }

    async fn write(
        &mut self,
        space: LogRow,
        account_of: impl Fn(DeviceId) -> AccountRow,
        effects: Vec<Effect>,
        writing: &mut Writing,
    ) -> Result<(), StoreError> {
        for effect in effects {
            match effect {
                Effect::Open { row, chain } => {
                    let of = (space, account_of(chain.device));
                    writing.insert_chain(row, of, chain).await?;
                }
                Effect::End { row, last } => writing.end_chain(row, last).await?,
                Effect::Keep { row, record } => {
                    self.note_expiry(row, &record);
                    self.rows.push(RecordRow::new(row, record));
                }
                Effect::Hole { row, seq } => self.holes.push((row, seq)),
                Effect::Fill { row, record } => {
                    self.note_expiry(row, &record);
                    writing.fill(RecordRow::new(row, record)).await?;
                }
                Effect::Clear { row, last } => {
                    writing.cut_chain(row, last).await?;
                }
            }
        }
        Ok(())
    }

    fn note_expiry(&mut self, row: ChainRow, record: &Record) {
        let header = record.claimed();
        if header.expires != ExpiryDay::default() && record.body().is_some() {
            self.expiries.push((row, header.seq, header.expires));
        }
    }

    /// Writes the rows that wait.
    pub(super) async fn flush(&mut self, writing: &mut Writing) -> Result<(), StoreError> {
        self.written += self.rows.len();
        writing
            .insert_records(std::mem::take(&mut self.rows))
            .await?;
        writing
            .insert_holes(&std::mem::take(&mut self.holes))
            .await?;
        for (chain, seq, day) in std::mem::take(&mut self.expiries) {
            writing.insert_expiry(chain, seq, day).await?;
        }
        Ok(())
    }
}

/// Whether a request knows the newest links of a bond and of both its accounts.
fn are_current_in_bond(heads: &BTreeMap<LogId, Head>, bond: &Bond, members: Members<'_>) -> bool {
    let accounts = [Some(members.owner), members.supporter];
    let mut accounts = accounts.into_iter().flatten();
    heads.get(&LogId::from(bond.id())) == Some(&bond.space.state.head())
        && accounts.all(|account| heads.get(&LogId::from(account.id())) == Some(&account.head()))
}

/// Whether a request knows the newest links of the account and of its journal (rule S1).
fn are_current(heads: &BTreeMap<LogId, Head>, account: &Account) -> bool {
    account
        .logs()
        .all(|(_, log, head)| heads.get(&log) == Some(&head))
}
