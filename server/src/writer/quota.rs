//! How much an account may keep (threat J5, L3).

use super::group::Group;
use crate::{
    accounts::Account,
    append::{Appended, NewLink},
    push::Effect,
    settings::{GUEST_QUOTA, LINK_RESERVE},
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
    /// Whether an account may keep what a push leaves of its own devices. What is there already needs no room.
    pub(super) fn has_room(&self, account: &Account, effects: &[Effect]) -> bool {
        let more = kept(account, effects);
        more == 0 || more <= self.room_of(account)
    }

    /// Bytes that an account may keep more.
    pub(super) fn room_of(&self, account: &Account) -> u64 {
        self.quota_of(account).saturating_sub(account.bytes)
    }

    /// Whether an account may keep the links that it brings, whoever signed them. Those that are the end of a bond
    /// make room: they are never refused.
    pub(super) fn has_room_for_links(&self, account: &Account, appended: &Appended) -> bool {
        let ends = |log| {
            let draft = appended.bonds.get(log);
            draft.is_some_and(|draft| draft.state.stage().is_over())
        };
        let lasting = appended.new.iter().filter(|new| !ends(&new.log));
        let more: u64 = lasting.map(NewLink::size).sum();
        let most = self.quota_of(account).saturating_add(LINK_RESERVE);
        more == 0 || account.bytes.saturating_add(more) <= most
    }

    /// Counts links at once: what lies beside them may go again in the same request.
    pub(super) async fn count_links(
        account: &mut Account,
        new: &[NewLink],
        writing: &mut Writing,
    ) -> Result<(), StoreError> {
        let more: u64 = new.iter().map(NewLink::size).sum();
        if more == 0 {
            return Ok(());
        }
        account.bytes = account.bytes.saturating_add(more);
        writing.add_bytes(account.row, more).await
    }

    fn quota_of(&self, account: &Account) -> u64 {
        if account.is_guest {
            self.quota.min(GUEST_QUOTA)
        } else {
            self.quota
        }
    }

    /// Counts what an account keeps more.
    pub(super) fn count_kept(&mut self, account: &mut Arc<Account>, effects: &[Effect]) {
        let kept = kept(account, effects);
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

/// Bytes that a push adds to what is kept of an account's devices. A body that comes after its header counts, too.
fn kept(account: &Account, effects: &[Effect]) -> u64 {
    let kept = effects.iter().filter_map(|effect| match effect {
        Effect::Keep { record, .. } if is_of(account, record.place().chain.device) => {
            Some(record.size() as u64)
        }
        Effect::Fill { record, .. } if is_of(account, record.place().chain.device) => {
            record.body().map(|body| body.len() as u64)
        }
        _ => None,
    });
    kept.sum()
}

fn is_of(account: &Account, device: DeviceId) -> bool {
    account.state.device(device).is_some()
}
