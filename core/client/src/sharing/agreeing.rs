//! The number that the two people compare.

use super::{Number, ShareError, SpaceId, bond::Bonds};
use crate::vault::{BondNotes, Vault};
use daymark_core::{
    bonds::Pin,
    sharing::{BondEntry, LedgerItem},
};
use std::collections::BTreeSet;

impl Vault {
    /// The number of a bond, the same on both sides exactly when both see the same keys.
    ///
    /// # Errors
    /// [`ShareError::NotActive`] while nobody has accepted, or after the end; [`ShareError::Vault`].
    pub async fn number(&self, bond: SpaceId) -> Result<Number, ShareError> {
        let bonds = Bonds::load(&mut self.reading().await?).await?;
        bonds.number_to_compare(bond)
    }

    /// The person compared this number with the other. Ends a pause for new keys, and one for other histories of the
    /// bond's log that were shown so far: what is known here of it goes on.
    ///
    /// # Errors
    /// [`ShareError::OtherNumber`] when it is not the one here: nothing is noted then. As [`Self::number`].
    pub async fn verify(&self, bond: SpaceId, compared: &Number) -> Result<(), ShareError> {
        let mut writing = self.writing().await?;
        let mut bonds = Bonds::load(&mut writing).await?;
        let number = bonds.number_to_compare(bond)?;
        if number != *compared {
            return Err(ShareError::OtherNumber);
        }
        let known = bonds.bond(bond)?;
        let other = known.logs.as_ref().and_then(|logs| logs.other());
        let entry = BondEntry {
            pin: other.map(|other| Pin::verified(other, number)),
            looked_at: known
                .entry
                .looked_at
                .union(&known.notes.forks)
                .copied()
                .collect(),
            ..known.entry.clone()
        };
        let was_forked = !known.notes.forks.is_empty();
        let notes = BondNotes {
            forks: BTreeSet::new(),
            ..known.notes.clone()
        };
        let item = LedgerItem::Bond(bond, entry);
        self.put_ledger(&mut writing, &mut bonds.ledger, &[item])
            .await?;
        if was_forked {
            writing.put_bond_notes(bond, &notes).await?;
        }
        writing.commit().await?;
        Ok(())
    }

    /// Takes back that the number was compared; false when it was not.
    ///
    /// # Errors
    /// [`ShareError::UnknownSupporter`], [`ShareError::Vault`].
    pub async fn unverify(&self, bond: SpaceId) -> Result<bool, ShareError> {
        let mut writing = self.writing().await?;
        let mut bonds = Bonds::load(&mut writing).await?;
        let known = &bonds.bond(bond)?.entry;
        let pin = known.pin.map(|pin| Pin {
            verified: None,
            ..pin
        });
        let entry = BondEntry {
            pin,
            ..known.clone()
        };
        let item = LedgerItem::Bond(bond, entry);
        let changed = self
            .put_ledger(&mut writing, &mut bonds.ledger, &[item])
            .await?;
        writing.commit().await?;
        Ok(changed)
    }
}

impl Bonds {
    /// Of somebody whose answer was checked: the number of anybody else is not to be compared.
    fn number_to_compare(&self, id: SpaceId) -> Result<Number, ShareError> {
        let bond = self.bond(id)?;
        let standing = self.standing(bond);
        let number = self.number(bond).filter(|_| bond.agreed.is_some());
        match number {
            Some(number) if !standing.is_over() => Ok(number),
            _ => Err(ShareError::NotActive(standing)),
        }
    }
}
