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
    let other = [Hash::from_bytes([1; 32])].into();
    let mut writing = owner.vault.writing().await.unwrap();
    writing
        .note_shown(couple.bond, None, &other, false)
        .await
        .unwrap();
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

/// The owner has the links of the bond without those that they rest on.
async fn unreadable() -> (Couple, Vec<TravelLink>) {
    let couple = Couple::accepted().await;
    let of_bond = couple.supporter.links(couple.bond.into()).await;
    let owner = &couple.owner;
    owner.take_links(couple.bond.into(), &of_bond).await;
    let fault = BondFault::Paused(Pause::UnreadableLog);
    assert_eq!(owner.fault().await, Some(fault));
    (couple, of_bond)
}

#[tokio::test]
async fn a_bond_whose_links_do_not_hold_together_stops_nothing_and_is_read_again_once_they_do() {
    let (couple, of_bond) = unreadable().await;
    let owner = &couple.owner;
    owner.vault.take_in_bonds().await.unwrap();
    let another = person("another");
    let invited = owner.vault.invite(&another, None, in_a_week()).await;
    invited.unwrap();
    // The relay shows it whole.
    let theirs = couple.supporter.vault.account();
    let mut shown = couple.supporter.links(theirs.into()).await;
    shown.extend(of_bond);
    let mut writing = owner.vault.writing().await.unwrap();
    writing.put_new_bonds(&shown).await.unwrap();
    writing.commit().await.unwrap();
    owner.vault.take_in_bonds().await.unwrap();
    assert_eq!(owner.standing(couple.bond).await, Standing::Active);
    // Another history of their account takes nothing's place.
    let other = side().await;
    let other = other.links(other.vault.account().into()).await;
    owner.take_links(theirs.into(), &other).await;
    assert_eq!(owner.standing(couple.bond).await, Standing::Active);
}

#[tokio::test]
async fn a_bond_whose_links_do_not_hold_together_can_be_ended() {
    let (couple, _) = unreadable().await;
    couple.owner.vault.end_bond(couple.bond).await.unwrap();
    let by = daymark_wire::logs::Role::Owner;
    let standing = couple.owner.standing(couple.bond).await;
    assert_eq!(standing, Standing::Ended { by });
}
