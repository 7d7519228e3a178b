//! Inviting somebody, and ending a bond: the owner's way in, and the way out on either side.

use super::{Invitation, Role, ShareError, SpaceId, bond::Bonds};
use crate::vault::{Reading, Vault, VaultError, Writing};
use daymark_core::{
    bonds,
    journal::{OwnerName, Person},
    sharing::{BondEntry, LedgerItem},
};
use daymark_wire::logs::EndReason;
use jiff::Timestamp;

impl Vault {
    /// Invites somebody whom this person calls `name`; `shown_as` is how they want to be shown to them. What is
    /// given is to be handed over past the relay, and is shown once. It can be accepted after the next sync.
    ///
    /// # Errors
    /// [`ShareError::NameTaken`]; [`ShareError::Passed`]; [`ShareError::Bond`] where the journal was never synced
    /// with a relay (`BondError::NoHome`); [`ShareError::Vault`].
    pub async fn invite(
        &self,
        name: &Person,
        shown_as: Option<&OwnerName>,
        expires: Timestamp,
    ) -> Result<Invitation, ShareError> {
        let mut writing = self.writing().await?;
        let mut known = Bonds::load(&mut writing).await?;
        known.check_name(name)?;
        let expires = u64::try_from(expires.as_second()).unwrap_or_default();
        if expires <= known.now.seconds() {
            return Err(ShareError::Passed);
        }
        let (device, random) = (self.device_key(), self.random());
        let invited = bonds::invite(&known.own, shown_as, expires, device, random)?;
        let bond = invited.logs.space();
        let secret = Some(invited.invitation.secret());
        let entry = BondEntry::new(Role::Owner, name.clone(), secret);
        let item = LedgerItem::Bond(bond, entry);
        self.put_ledger(&mut writing, &mut known.ledger, &[item])
            .await?;
        // The next sync brings it to the relay, which has less of this log than this device.
        let links = [(bond.into(), 1, &invited.link)];
        writing.put_links(links.into_iter()).await?;
        writing.commit().await?;
        Ok(invited.invitation)
    }

    /// The owner ends a bond, or takes an invitation back. Nothing of it is shown or sent from now on; the other
    /// side hears of it with the next sync.
    ///
    /// # Errors
    /// [`ShareError::OtherSide`], [`ShareError::NotActive`] where it is over already, [`ShareError::Vault`].
    pub async fn end_bond(&self, bond: SpaceId) -> Result<(), ShareError> {
        let mut writing = self.writing().await?;
        let (mut bonds, entry) = self
            .wish_for_the_end(&mut writing, bond, Role::Owner)
            .await?;
        let mut items = Vec::new();
        for (id, mut share) in bonds.ledger.shares_with(bond) {
            if share.ended.is_none() {
                share.ended = Some(bonds.now.timestamp());
                items.push(LedgerItem::Share(id, share));
            }
        }
        items.push(LedgerItem::Bond(bond, entry));
        self.put_ledger(&mut writing, &mut bonds.ledger, &items)
            .await?;
        writing.drop_waiting(bond).await?;
        writing.commit().await?;
        Ok(())
    }

    /// The supporter leaves. What was shared with them is gone from here at once. An answer of which nothing was heard
    /// is withdrawn: it is brought no more, and a bond that came of it all the same is one only there.
    ///
    /// # Errors
    /// As [`Self::end_bond`].
    pub async fn leave_bond(&self, bond: SpaceId) -> Result<(), ShareError> {
        if self.reading().await?.is_pending(bond).await? {
            return self.let_go_of(bond).await;
        }
        let mut writing = self.writing().await?;
        let (mut bonds, entry) = self
            .wish_for_the_end(&mut writing, bond, Role::Supporter)
            .await?;
        let item = LedgerItem::Bond(bond, entry);
        self.put_ledger(&mut writing, &mut bonds.ledger, &[item])
            .await?;
        writing.wipe_bond(bond).await?;
        writing.commit().await?;
        Ok(self.clean_if_due().await?)
    }

    /// Gives what the ledger is to say: by it the person's other devices know, whatever they are shown of the bond.
    async fn wish_for_the_end(
        &self,
        writing: &mut Writing,
        id: SpaceId,
        role: Role,
    ) -> Result<(Bonds, BondEntry), ShareError> {
        let bonds = Bonds::load(writing).await?;
        let bond = bonds.of_side(id, role)?;
        let standing = bonds.standing(bond);
        if standing.is_over() {
            return Err(ShareError::NotActive(standing));
        }
        let mut notes = bond.notes.clone();
        notes.end = Some(EndReason::Chosen);
        writing.put_bond_notes(id, &notes).await?;
        let entry = BondEntry {
            ended: Some(bonds.now.timestamp()),
            ..bond.entry.clone()
        };
        Ok((bonds, entry))
    }
}

impl Reading {
    /// Whether this person accepted an invitation of which nothing was heard since.
    async fn is_pending(&mut self, bond: SpaceId) -> Result<bool, VaultError> {
        let is_known = self.ledger().await?.bond(bond).is_some();
        let notes = self.bond_notes().await?.remove(&bond);
        Ok(!is_known && notes.is_some_and(|notes| notes.acceptance.is_some()))
    }
}
