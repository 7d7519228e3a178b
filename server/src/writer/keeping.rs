//! Records of a request: judged, and written when the group is full.

use super::{Push, group::Group};
use crate::{
    accounts::Account,
    live::News,
    push::{self, Effect, Stored, Verdict},
    store::{LogRow, RecordRow, StoreError, Writing},
};
use daymark_wire::{LogId, logs::Head, record::Place, sync::PushOutcome};
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
        let overlaps = push::overlaps(journal, &pushed.prepared);
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
        let account = Arc::make_mut(current);
        let Some(journal) = account.journal.as_mut() else {
            return Ok(PushOutcome::Nothing);
        };
        let verdict = push::judge(journal, &account.state, pushed.prepared, &stored, || {
            writing.new_chain_row()
        });
        let Verdict { outcome, effects } = verdict;
        let space = journal.row;
        news.note(pushed.space, &effects);
        self.write(space, effects, writing).await?;
        Ok(outcome)
    }

    async fn write(
        &mut self,
        space: LogRow,
        effects: Vec<Effect>,
        writing: &mut Writing,
    ) -> Result<(), StoreError> {
        for effect in effects {
            match effect {
                Effect::Open { row, chain } => writing.insert_chain(row, space, chain).await?,
                Effect::End { row, last } => writing.end_chain(row, last).await?,
                Effect::Keep { row, record } => self.rows.push(RecordRow::new(row, record)),
                Effect::Hole { row, seq } => self.holes.push((row, seq)),
                Effect::Fill { row, record } => {
                    writing.fill(RecordRow::new(row, record)).await?;
                }
                Effect::Clear { row, last } => {
                    writing.cut_chain(row, last).await?;
                }
            }
        }
        Ok(())
    }

    /// Writes the rows that wait.
    pub(super) async fn flush(&mut self, writing: &mut Writing) -> Result<(), StoreError> {
        self.written += self.rows.len();
        writing
            .insert_records(std::mem::take(&mut self.rows))
            .await?;
        writing.insert_holes(&std::mem::take(&mut self.holes)).await
    }
}

/// Whether a request knows the newest links of the account and of its journal (rule S1).
fn are_current(heads: &BTreeMap<LogId, Head>, account: &Account) -> bool {
    account
        .logs()
        .all(|(_, log, head)| heads.get(&log) == Some(&head))
}
