//! How much an account may keep (threat J5, L3).

use super::group::Group;
use crate::{
    accounts::{Account, Space},
    push::{Effect, Prepared},
    settings::GUEST_QUOTA,
    store::{AccountRow, StoreError, Writing},
};
use daymark_wire::DeviceId;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What a group changes in how much accounts keep.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    more: BTreeMap<AccountRow, u64>,
    /// Those of which something was deleted.
    pub(super) less: BTreeSet<AccountRow>,
}

impl Group {
    /// Whether an account may keep what it brings of its own devices, as far as it is not there yet.
    pub(super) fn has_room<L>(
        &self,
        account: &Account,
        space: &Space<L>,
        pushed: &Prepared,
    ) -> bool {
        let quota = if account.is_guest {
            self.quota.min(GUEST_QUOTA)
        } else {
            self.quota
        };
        let new = pushed.records.iter().filter(|placed| {
            let place = placed.record.place();
            let is_there = space
                .chains
                .get(&place.chain)
                .is_some_and(|chain| place.seq <= chain.last);
            !is_there && is_of(account, place.chain.device)
        });
        let new: u64 = new.map(|placed| placed.record.size() as u64).sum();
        new == 0 || account.bytes.saturating_add(new) <= quota
    }

    /// Counts what an account keeps more.
    pub(super) fn count_kept(&mut self, account: &mut Arc<Account>, effects: &[Effect]) {
        let kept = effects.iter().filter_map(|effect| match effect {
            Effect::Keep { record, .. } if is_of(account, record.place().chain.device) => {
                Some(record.size() as u64)
            }
            Effect::Fill { record, .. } if is_of(account, record.place().chain.device) => {
                record.body().map(|body| body.len() as u64)
            }
            _ => None,
        });
        let kept: u64 = kept.sum();
        if kept > 0 {
            let more = self.sizes.more.entry(account.row).or_default();
            *more = more.saturating_add(kept);
            let account = Arc::make_mut(account);
            account.bytes = account.bytes.saturating_add(kept);
        }
    }

    /// Writes how much accounts keep more, and reads it where something was deleted.
    pub(super) async fn count(&mut self, writing: &mut Writing) -> Result<(), StoreError> {
        let Sizes { more, less } = std::mem::take(&mut self.sizes);
        for (account, bytes) in more {
            writing.add_bytes(account, bytes).await?;
        }
        if less.is_empty() {
            return Ok(());
        }
        for account in self.accounts.values_mut() {
            if less.contains(&account.row) {
                Arc::make_mut(account).bytes = writing.bytes_of(account.row).await?;
            }
        }
        Ok(())
    }
}

fn is_of(account: &Account, device: DeviceId) -> bool {
    account.state.device(device).is_some()
}
