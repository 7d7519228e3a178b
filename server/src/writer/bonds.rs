//! Links of a bond: written, and carried out at once (rules B4, B5).

use super::group::Group;
use crate::{
    accounts::{Account, Accounts, Bond, Members, Space},
    append::{Draft, NewLink},
    store::{ChainRow, StoreError, Writing},
};
use daymark_wire::{
    DocumentId,
    logs::{BondState, LogKind, Role},
};
use std::{collections::BTreeMap, sync::Arc};

impl Group {
    /// Writes the new links of one bond. `own` is the account that brought them.
    pub(super) async fn append_to_bond(
        &mut self,
        own: &mut Arc<Account>,
        draft: Draft,
        new: Vec<&NewLink>,
        writing: &mut Writing,
        accounts: &Accounts,
    ) -> Result<(), StoreError> {
        const ALONE: StoreError = StoreError::Corrupt("a bond without its accounts");
        let state = draft.state;
        let id = state.space();
        let epochs_before = draft
            .before
            .as_ref()
            .map_or(0, |bond| bond.space.state.epochs().len());
        let supporter_before = draft
            .before
            .as_ref()
            .and_then(|bond| bond.space.state.stage().supporter());
        let other = match state.role_of(own.state.id()) {
            Some(Role::Owner) => state.stage().supporter(),
            Some(Role::Supporter) => Some(state.owner()),
            None => return Err(ALONE),
        };
        let mut other = match other {
            Some(other) => Some(self.account(other, writing, accounts).await?.ok_or(ALONE)?),
            None => None,
        };
        let is_owner = state.owner() == own.state.id();
        let owner_row = match &other {
            Some(other) if !is_owner => other.row,
            _ => own.row,
        };
        let mut bond = match draft.before {
            Some(bond) => {
                let mut bond = Arc::unwrap_or_clone(bond);
                bond.space.set_state(state);
                bond
            }
            None => {
                let row = writing
                    .insert_log(id.into(), LogKind::Bond, owner_row)
                    .await?;
                writing.insert_bond(row, owner_row).await?;
                Bond {
                    space: Space::new(row, state, BTreeMap::new(), false),
                    declined: None,
                }
            }
        };
        for new in new {
            writing
                .insert_link((bond.space.row, own.row), new.position, &new.link)
                .await?;
        }
        let supporter = bond.space.state.stage().supporter();
        if supporter != supporter_before {
            let row = if is_owner {
                other.as_ref().map(|other| other.row)
            } else {
                Some(own.row)
            };
            writing
                .set_supporter(bond.space.row, row.ok_or(ALONE)?)
                .await?;
        }
        for account in [Some(&mut *own), other.as_mut()].into_iter().flatten() {
            if !account.bonds.contains(&id) {
                Arc::make_mut(&mut Arc::make_mut(account).bonds).insert(id);
            }
        }
        let theirs = other.as_deref().map(|other| &*other.state);
        let members = match (is_owner, theirs) {
            (true, supporter) => Members {
                owner: &own.state,
                supporter,
            },
            (false, Some(owner)) => Members {
                owner,
                supporter: Some(&own.state),
            },
            (false, None) => return Err(ALONE),
        };
        self.carry_out_in_bond(&mut bond, members, epochs_before, writing)
            .await?;
        self.bonds.insert(id, Arc::new(bond));
        self.sizes.less.insert(own.row);
        if let Some(other) = other {
            self.sizes.less.insert(other.row);
            self.accounts.insert(other.state.id(), other);
        }
        Ok(())
    }

    /// What new links do to what is stored: an end takes all of it, an epoch cuts and forgets.
    async fn carry_out_in_bond(
        &mut self,
        bond: &mut Bond,
        members: Members<'_>,
        epochs_before: usize,
        writing: &mut Writing,
    ) -> Result<(), StoreError> {
        if bond.is_over() {
            self.flush(writing).await?;
            writing.empty_bond(bond.space.row).await?;
            bond.space.chains.clear();
            bond.space.has_holes = false;
            bond.declined = None;
            self.deleted = true;
            return Ok(());
        }
        let state = Arc::clone(&bond.space.state);
        for epoch in state.epochs().iter().skip(epochs_before) {
            self.cut(&mut bond.space, members, writing).await?;
            if let Some(by) = epoch.bond.map(|bond| bond.by) {
                let chains = chains_that(by, &bond.space, members);
                self.forget(&chains, &epoch.forgets, writing).await?;
            }
        }
        Ok(())
    }

    async fn forget(
        &mut self,
        chains: &[ChainRow],
        documents: &[DocumentId],
        writing: &mut Writing,
    ) -> Result<(), StoreError> {
        if documents.is_empty() {
            return Ok(());
        }
        self.flush(writing).await?;
        self.deleted |= writing.forget_at_once(chains, documents).await? > 0;
        Ok(())
    }
}

/// The chains whose documents a side may forget: a supporter their own, the owner also replies (rule B5).
fn chains_that(by: Role, space: &Space<BondState>, members: Members<'_>) -> Vec<ChainRow> {
    let of = |device| members.device(device).map(|(role, _)| role);
    let chains = space.chains.iter();
    chains
        .filter(|(name, _)| by == Role::Owner || of(name.device) == Some(Role::Supporter))
        .map(|(_, chain)| chain.row)
        .collect()
}
