//! What the status says of bonds.

use super::*;
use crate::sharing::{BondFault, Pause};
use daymark_core::sharing::{BondEntry, LedgerItem};

impl Side {
    /// The only fault.
    async fn fault(&self) -> Option<BondFault> {
        let bonds = self.vault.status().await.unwrap().bonds;
        bonds.iter().find_map(|bond| bond.fault)
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_bond_is_named() {
    let couple = Couple::accepted().await;
    let owner = &couple.owner;
    assert_eq!(couple.supporter.fault().await, None);
    couple.tell_owner().await;
    assert_eq!(
        owner.fault().await,
        Some(BondFault::LockedOut),
        "not opened yet"
    );
    owner.open_epoch(couple.bond).await;
    assert_eq!(owner.fault().await, None);
    let mut writing = owner.vault.writing().await.unwrap();
    writing.note_shown(couple.bond, None, true).await.unwrap();
    writing.commit().await.unwrap();
    let fault = owner.fault().await.unwrap();
    assert_eq!(fault, BondFault::Paused(Pause::ForkedLog));
    assert_eq!(fault.code(), "paused-forked-log");
    let status = owner.vault.status().await.unwrap();
    assert_eq!(status.bonds[0].name, person("a supporter"));
}

#[tokio::test]
async fn an_answer_that_does_not_hold_is_named() {
    let couple = Couple::accepted().await;
    let owner = &couple.owner;
    let name = person("another");
    let other = owner.vault.invite(&name, None, in_a_week()).await.unwrap();
    let mut writing = owner.vault.writing().await.unwrap();
    let mut bonds = Bonds::load(&mut writing).await.unwrap();
    let entry = BondEntry {
        secret: Some(other.secret()),
        ..bonds.all.get(&couple.bond).unwrap().entry.clone()
    };
    let items = [LedgerItem::Bond(couple.bond, entry)];
    let put = owner
        .vault
        .put_ledger(&mut writing, &mut bonds.ledger, &items);
    assert!(put.await.unwrap());
    writing.commit().await.unwrap();
    couple.tell_owner().await;
    assert_eq!(owner.fault().await, Some(BondFault::NotAgreed));
}
