//! The machines of bonds: made from the vault, and told what changed there beside the logs.

use super::{
    Driver, SyncError,
    driver::{Told, journal, machines},
    journal_logs,
};
use crate::{
    sharing::{ShareError, Updated},
    vault::{Vault, Writing},
};
use daymark_core::{
    account::Logs,
    bonds::AccountLog,
    sync::{Event, Machine},
};
use daymark_wire::{SpaceId, record::ExpiryDay};

/// How often in one sync bonds are taken in and said on what comes of that: an answer is checked, its keys opened,
/// what waited for it sent, what that replaces forgotten.
pub(super) const MAX_ROUNDS: usize = 6;

/// Machines for every bond whose links are here.
pub(super) async fn load(vault: &Vault, own: &Logs) -> Result<Vec<Machine>, SyncError> {
    let mut reading = vault.reading().await?;
    let all = reading.bonds_now().await.map_err(plain)?;
    let own = AccountLog::of_own(own);
    let mut made = Vec::with_capacity(all.len());
    for bond in all.into_values() {
        let means = (vault.device_key(), &**vault.random());
        let side = bond.into_side(own.clone());
        let replica = reading.replica(side.into(), means).await?;
        made.push(Machine::new(replica));
    }
    Ok(made)
}

impl Driver<'_> {
    /// Takes in what an exchange brought of bonds. Gives what the machines are to be told of it; none, when there is
    /// nothing.
    pub(super) async fn take_in_bonds(&mut self) -> Result<Option<Told>, SyncError> {
        if !std::mem::take(&mut self.bonds_changed) {
            return Ok(None);
        }
        self.keep_new_bonds().await?;
        if !self.has_bonds().await? && !self.may_have_bonds().await? {
            return Ok(None);
        }
        let unsent = self.vault.unsent().await?;
        self.vault.take_in_bonds().await.map_err(plain)?;
        self.quarantined = self.vault.reading().await?.quarantined().await?;
        let mut events = Vec::new();
        let written = std::mem::take(&mut self.ledger_written);
        if written || self.vault.unsent().await? > unsent {
            events.push(self.event_of_journal().await);
        }
        events.extend(self.events_of_bonds().await?);
        Ok((!events.is_empty()).then_some(Told::Together(events)))
    }

    /// Before a bond is sealed: a word that was deleted since something was shared never leaves, also where that was
    /// while an answer was awaited, or on another device (threat K1).
    pub(super) async fn update_what_waits_in(
        &mut self,
        writing: &mut Writing,
        bond: SpaceId,
    ) -> Result<Updated, SyncError> {
        let updated = self.vault.update_what_waits_in(writing, bond).await;
        let updated = updated.map_err(plain)?;
        self.bonds_changed |= updated.updated;
        self.ledger_written |= updated.updated;
        Ok(updated)
    }

    /// What this program, or another, wrote: of the journal, and of bonds.
    pub(super) async fn what_was_written(&mut self) -> Result<Told, SyncError> {
        self.bonds_changed = true;
        let mut events = vec![self.event_of_journal().await];
        if self.has_bonds().await? {
            events.extend(self.events_of_bonds().await?);
        }
        Ok(Told::Together(events))
    }

    /// Whether a day began since this was last asked: what was shared until then is over.
    pub(super) fn day_began(&mut self) -> bool {
        let today = day_of(self.vault);
        let began = std::mem::replace(&mut self.day, today) != today;
        self.bonds_brought |= began;
        began
    }

    /// Whether since this was last asked something of a bond came, or ended with its day.
    pub(super) fn take_bonds_brought(&mut self) -> bool {
        std::mem::take(&mut self.bonds_brought)
    }

    /// Whether there are machines besides the journal's.
    pub(super) async fn has_bonds(&self) -> Result<bool, SyncError> {
        Ok(machines(&*self.slot().await)?.iter().nth(1).is_some())
    }

    /// Whether this person may have bonds without machines: most journals have no ledger, and no edit of theirs waits
    /// for more than this question.
    async fn may_have_bonds(&self) -> Result<bool, SyncError> {
        let mut reading = self.vault.reading().await?;
        Ok(reading.may_have_bonds(self.ledger).await?)
    }

    /// What waits for the journal is sealed already, or is to be sealed now.
    async fn event_of_journal(&self) -> (SpaceId, Event) {
        let sealed = self.take_sealed().await;
        let event = if sealed.is_empty() {
            Event::Stored { waiting: true }
        } else {
            Event::Sealed(sealed)
        };
        (self.vault.journal(), event)
    }

    /// Bonds that another device of this account made, and whose links came.
    async fn keep_new_bonds(&self) -> Result<(), SyncError> {
        let mut slot = self.slot().await;
        let aside = slot.machines.as_mut().map(|machines| machines.take_aside());
        drop(slot);
        let aside = aside.unwrap_or_default();
        if aside.is_empty() {
            return Ok(());
        }
        let mut writing = self.vault.writing().await?;
        writing.put_new_bonds(&aside).await?;
        Ok(writing.commit().await?)
    }

    /// Tells each bond's machine what the vault says of it by now, and gives those occasion to speak for which
    /// something is new or waits. A bond without a machine gets one.
    async fn events_of_bonds(&self) -> Result<Vec<(SpaceId, Event)>, SyncError> {
        let mut reading = self.vault.reading().await?;
        let all = reading.bonds_now().await.map_err(plain)?;
        let mut slot = self.slot().await;
        let own = AccountLog::of_own(journal_logs(journal(&slot)?.replica())?);
        let machines = slot.machines.as_mut().ok_or(SyncError::MachineGone)?;
        let mut events = Vec::new();
        for (space, bond) in all {
            let Some(machine) = machines.machine_mut(space) else {
                let means = (self.vault.device_key(), &**self.vault.random());
                let side = bond.into_side(own.clone());
                let replica = reading.replica(side.into(), means).await?;
                machines.add(Machine::new(replica));
                let append = Vec::new();
                events.push((space, Event::Started { append }));
                continue;
            };
            let Some(side) = machine.replica().logs.as_bond() else {
                continue;
            };
            let (known, waits) = (bond.is_known_to(side), bond.waits);
            if !(known && bond.is_now(side))
                && let Some(side) = machine.bond_mut()
            {
                bond.tell(side);
            }
            if !known || waits {
                events.push((space, occasion()));
            }
        }
        Ok(events)
    }
}

/// The day by a vault's clock, as what expires is counted.
pub(super) fn day_of(vault: &Vault) -> ExpiryDay {
    ExpiryDay::of_second(vault.now_ms() / 1000)
}

/// News of nothing: a machine opens what it can open now, and says what waits.
fn occasion() -> Event {
    Event::News(Box::default())
}

/// What went wrong with sharing within a sync.
pub(super) fn plain(error: ShareError) -> SyncError {
    match error {
        ShareError::Vault(error) => error.into(),
        ShareError::Sync(error) => error,
        ShareError::Relay(error) => error.into(),
        _ => SyncError::Failed,
    }
}
