//! After a sync: what bonds brought is checked, read and shown, and what is over is wiped.
//!
//! Whatever stops it, the next one goes on: each bond is taken in by one transaction, and nothing here rests on
//! having been done before.

use super::{Role, ShareError, SpaceId, Standing, bond::Bonds};
use crate::vault::{BondNotes, Vault, Writing};
use daymark_core::{
    sharing::{BondEntry, Closed, LedgerItem},
    sync::Wishes,
};
use daymark_wire::logs::{BondStage, EndReason};
use std::collections::BTreeSet;

/// What was taken in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TakenIn {
    /// Documents that are new here.
    pub(crate) received: usize,
    /// Documents that were kept apart: malformed, or not theirs to write.
    pub(crate) refused: usize,
    /// Shares that were published again, since they are kept up to date.
    pub(crate) published: usize,
    /// Whether something waits now for another sync.
    pub(crate) waits: bool,
}

impl Vault {
    /// Takes in what the last sync brought of all bonds. Where it changed something that has to be said, it waits
    /// for another sync then.
    ///
    /// # Errors
    /// [`ShareError::Vault`]; what was done before it stays done.
    pub(crate) async fn take_in_bonds(&self) -> Result<TakenIn, ShareError> {
        let mut taken = TakenIn::default();
        let ids: Vec<_> = {
            let mut reading = self.reading().await?;
            reading.ledger().await?.bonds().into_keys().collect()
        };
        for id in ids {
            let mut writing = self.writing().await?;
            let mut bonds = Bonds::load_one(&mut writing, id).await?;
            // What came of it waits until its log reads again.
            if bonds.bond(id)?.unreadable {
                continue;
            }
            let_go_of_other_answers(&mut writing, &mut bonds, id).await?;
            self.check_answer(&mut writing, &mut bonds, id).await?;
            self.note_outcome(&mut writing, &mut bonds, id).await?;
            writing.take_in_keys(id).await?;
            writing
                .take_in_versions(id, &bonds, self.device(), &mut taken)
                .await?;
            self.wipe_what_is_gone(&mut writing, &mut bonds, id).await?;
            taken.published += self.keep_updated(&mut writing, &mut bonds, id).await?;
            let wishes = bonds.wishes(&mut writing, id).await?;
            taken.waits |= wishes != Wishes::default() || writing.has_waiting_in(id).await?;
            writing.commit().await?;
        }
        self.clean_if_due().await?;
        Ok(taken)
    }

    /// The owner's device checks who answered (threat A2), where the invitation is not over for its person. Lets the
    /// secret go then, and where the bond's log says that it is over.
    async fn check_answer(
        &self,
        writing: &mut Writing,
        bonds: &mut Bonds,
        id: SpaceId,
    ) -> Result<(), ShareError> {
        let bond = bonds.bond(id)?;
        let (Some(logs), Some(secret)) = (&bond.logs, &bond.entry.secret) else {
            return Ok(());
        };
        let accepted = logs.accepted().filter(|_| bond.notes.end.is_none());
        let agreed = accepted.and_then(|accepted| accepted.agree(secret).ok());
        let without = BondEntry {
            secret: None,
            ..bond.entry.clone()
        };
        let entry = match &agreed {
            Some(agreed) => BondEntry {
                accept: Some(agreed.accept()),
                since: Some(bonds.now.timestamp()),
                ..without
            },
            None if bond.has_ended() => without,
            None => return Ok(()),
        };
        self.put_bond(writing, bonds, id, entry).await?;
        bonds.bond_mut(id)?.agreed = agreed;
        Ok(())
    }

    /// A no that holds, and an invitation that lapsed, are noted as what the owner's next link says. From then on it is
    /// over for all of the owner's devices, whatever a relay shows of an answer (rule B3). Only after a sync that
    /// showed none: what an honest relay took in time is agreed first.
    async fn note_outcome(
        &self,
        writing: &mut Writing,
        bonds: &mut Bonds,
        id: SpaceId,
    ) -> Result<(), ShareError> {
        let bond = bonds.bond(id)?;
        let stage = bond.logs.as_ref().map(|logs| logs.state().stage());
        if bond.entry.role != Role::Owner
            || bond.notes.end.is_some()
            || stage != Some(BondStage::Invited)
            || bond.lacks_answer()
        {
            return Ok(());
        }
        let declined = bond.notes.declined.zip(bond.entry.secret.as_ref());
        let why = if declined.is_some_and(|(no, secret)| secret.has_declined(id, &no)) {
            EndReason::Declined
        } else if bonds.logged(bond) == Standing::Lapsed {
            EndReason::Lapsed
        } else {
            return Ok(());
        };
        let entry = BondEntry {
            closed: Some(Closed {
                why,
                at: bonds.now.timestamp(),
            }),
            ..bond.entry.clone()
        };
        self.put_bond(writing, bonds, id, entry).await?;
        bonds.bond_mut(id)?.notes.end = Some(why);
        Ok(())
    }

    async fn put_bond(
        &self,
        writing: &mut Writing,
        bonds: &mut Bonds,
        id: SpaceId,
        entry: BondEntry,
    ) -> Result<(), ShareError> {
        let item = LedgerItem::Bond(id, entry.clone());
        self.put_ledger(writing, &mut bonds.ledger, &[item]).await?;
        bonds.bond_mut(id)?.entry = entry;
        Ok(())
    }
}

/// Of an answer that the journal knows to be another than the one that was checked nothing stays, nor what it made of
/// the log: the right one is still to come.
async fn let_go_of_other_answers(
    writing: &mut Writing,
    bonds: &mut Bonds,
    id: SpaceId,
) -> Result<(), ShareError> {
    let bond = bonds.bond(id)?;
    let Some(logs) = bond.logs.as_ref().filter(|_| bond.lacks_answer()) else {
        return Ok(());
    };
    let dropped = writing.drop_links(id.into(), logs.state().length()).await?;
    if dropped {
        let notes = BondNotes {
            forks: BTreeSet::new(),
            wiped: false,
            ..bond.notes.clone()
        };
        writing.put_bond_notes(id, &notes).await?;
        bonds.bond_mut(id)?.notes = notes;
    }
    Ok(())
}
